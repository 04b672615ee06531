"""Everybody's own list of reminders, and the administrators' log."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.county_routes import own_county
from app.core import clock
from app.core.ids import new_id
from app.core.roles import INSPECTORS, Role
from app.notices.queries import get_notice
from app.reminders import cli, options, pages, panels, queries, services, words
from app.reminders.rules import State
from app.web.access import allow, current_person, signed_in
from app.web.changes import carry_out, change_id

__all__ = ["bp", "options"]
bp = Blueprint("reminders", __name__, cli_group=None)
bp.cli.add_command(cli.group)
_HELPERS = (pages.sentence, pages.url, pages.state_word, pages.state_kind, pages.why, pages.recipient, pages.channel)
for _helper in _HELPERS:
    bp.add_app_template_global(_helper, f"reminder_{_helper.__name__}")
bp.add_app_template_global(words.heading, "reminder_heading")
panels.add()


@bp.get("/reminders")
@signed_in
def index() -> str:
    """What the reader is reminded of and has not put away."""
    person = current_person()
    page = queries.mine(person.id, request.args.get("after", ""))
    doubtful = queries.uncertain(person, clock.now()) if person.is_any(*INSPECTORS) else []
    return render_template("reminders/index.html", page=page, doubtful=doubtful)


@bp.post("/reminders/<uuid:reminder_id>/done")
@signed_in
def done(reminder_id: UUID) -> Response:
    """Put one away: off the list, kept in the log."""
    person = current_person()
    carry_out(change_id(), lambda: services.put_away(reminder_id, person.id, clock.now()), lambda: None)
    return redirect(url_for("reminders.index"), 303)


@bp.post("/reminders/<uuid:reminder_id>/again")
@allow(*INSPECTORS, Role.ADMINISTRATOR)
def again(reminder_id: UUID) -> Response:
    """Have one sent again of which nobody knows whether it arrived; twice is once."""
    person, now = current_person(), clock.now()
    carry_out(change_id(), lambda: services.send_uncertain(reminder_id, by=person, now=now), lambda: False)
    flash(_("It goes out with the next run, if it still holds."), "ok")
    from_log = "log" in request.form and person.is_any(Role.ADMINISTRATOR)
    return redirect(url_for("reminders.log" if from_log else "reminders.index"), 303)


@bp.post("/notices/<uuid:notice_id>/remind")
@allow(*INSPECTORS)
def remind(notice_id: UUID) -> Response:
    """One more reminder about a notice, once a day."""
    person, asked = current_person(), change_id() or new_id()

    def work() -> None:
        services.ask_again(asked, get_notice(notice_id, person), by=person, now=clock.now())

    carry_out(asked, work, lambda: None)
    flash(_("The reminder goes out with the next run, not in quiet hours."), "ok")
    return redirect(url_for("notices.show", notice_id=notice_id), 303)


@bp.get("/reminders/log")
@allow(Role.ADMINISTRATOR)
def log() -> str:
    """What was said in the county, and what became of it."""
    state = State(request.args["state"]) if request.args.get("state") in set(State) else None
    page = queries.log(own_county().id, request.args.get("after", ""), state)
    return render_template("reminders/log.html", page=page, state=state, State=State)
