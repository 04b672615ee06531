"""Pages of signals: the supervisor's list, one signal, one's own, and what is on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, flash, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import N_, Invalid
from app.core.ids import new_id
from app.core.roles import INSPECTORS, Role
from app.photos.likeness_index import when_compared
from app.signals import cli, likeness, merging, options, pages, panels, queries, services, soon, words
from app.signals.forms import NoteForm
from app.signals.models import State
from app.signals.rules import Kind
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import go_to
from app.web.i18n import translate

__all__ = ["bp", "options"]
bp = Blueprint("signals", __name__, cli_group=None)
bp.cli.add_command(cli.group)
for _helper in (
    words.title,
    words.sentence,
    words.causes,
    words.state_word,
    words.state_tag,
    words.no_verdict,
):
    bp.add_app_template_global(_helper, f"signal_{_helper.__name__}")
panels.add()
merging.add()
when_compared(likeness.compared)


@bp.record_once
def _watch(state: BlueprintSetupState) -> None:
    app = state.app
    assert isinstance(app, Flask)
    soon.init(app)


@bp.get("/signals")
@allow(*queries.READERS)
def index() -> str:
    """Signals of the area, the newest first."""
    return render_template(
        "signals/index.html", list=pages.list_page(request.args, current_person()), kinds=list(Kind)
    )


@bp.get("/signals/mine")
@allow(*INSPECTORS)
def mine() -> str:
    """Signals about one's own visits that nobody has decided yet."""
    return render_template(
        "signals/mine.html", page=queries.mine(current_person(), request.args.get("after", ""))
    )


@bp.get("/signals/kinds")
@allow(*queries.READERS)
def kinds() -> str:
    """What is off, on trial or shown, its thresholds, and how much was found lately."""
    person = current_person()
    rows = pages.kind_rows(person.region.county_id, person.region, clock.now())
    may_change = person.is_any(Role.ADMINISTRATOR)
    return render_template(
        "signals/kinds.html", rows=rows, Mode=options.Mode, modes=options.MODES, may_change=may_change
    )


@bp.get("/signals/<uuid:signal_id>")
@allow(*INSPECTORS, Role.ADMINISTRATOR)
def show(signal_id: UUID) -> str:
    """One signal: the two things side by side."""
    return _page(signal_id, NoteForm())


@bp.post("/signals/<uuid:signal_id>/decision")
@allow(Role.SUPERVISOR)
def decide(signal_id: UUID) -> Any:
    """Explained or confirmed, with a note."""
    raw = request.form.get("decision")
    if raw not in {State.EXPLAINED, State.CONFIRMED}:
        queries.get_signal(signal_id, current_person())
        raise Invalid(N_("Say whether it is explained or found to be so."))
    state = State(raw)

    def work(signal: Any, word_id: UUID) -> None:
        note = request.form.get("note", "")
        services.decide(signal, state, note, by=current_person(), word_id=word_id, now=clock.now())

    said = {State.EXPLAINED: N_("Kept as explained."), State.CONFIRMED: N_("Kept as found to be so.")}[state]
    return _say(signal_id, work, translate(said), url_for("signals.index"))


@bp.post("/signals/<uuid:signal_id>/explanation")
@allow(*INSPECTORS)
def explain(signal_id: UUID) -> Any:
    """Who was there says how it came about."""

    def work(signal: Any, word_id: UUID) -> None:
        services.explain(
            signal, request.form.get("note", ""), by=current_person(), word_id=word_id, now=clock.now()
        )

    return _say(
        signal_id,
        work,
        _("Thank you. The supervisor reads it."),
        url_for("signals.show", signal_id=signal_id),
    )


def _say(
    signal_id: UUID, work: Callable[[Any, UUID], None], said: str, onward: str
) -> Response | tuple[str, int]:
    """Write one word about a signal, once however often it is sent."""
    person, form = current_person(), NoteForm()
    queries.get_signal(signal_id, person)
    if not form.validate():
        return _page(signal_id, form), 422
    change = change_id()
    carry_out(change, lambda: work(queries.get_signal(signal_id, person), change or new_id()), lambda: None)
    flash(said, "ok")
    return go_to(onward)


def _page(signal_id: UUID, form: NoteForm) -> str:
    person = current_person()
    page = pages.signal_page(queries.get_signal(signal_id, person), person)
    return render_template("signals/show.html", page=page, form=form)
