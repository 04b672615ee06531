"""Everybody's own list of reminders, and the administrators' log."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.county_routes import own_county
from app.core import clock
from app.core.roles import Role
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
    page = queries.mine(current_person().id, request.args.get("after", ""))
    return render_template("reminders/index.html", page=page)


@bp.post("/reminders/<uuid:reminder_id>/done")
@signed_in
def done(reminder_id: UUID) -> Response:
    """Put one away: off the list, kept in the log."""
    person = current_person()
    carry_out(change_id(), lambda: services.put_away(reminder_id, person.id, clock.now()), lambda: None)
    return redirect(url_for("reminders.index"), 303)


@bp.get("/reminders/log")
@allow(Role.ADMINISTRATOR)
def log() -> str:
    """What was said in the county, and what became of it."""
    state = State(request.args["state"]) if request.args.get("state") in set(State) else None
    page = queries.log(own_county().id, request.args.get("after", ""), state)
    return render_template("reminders/log.html", page=page, state=state, State=State)
