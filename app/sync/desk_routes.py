"""The outbox as people see it: what is still on phones, what to choose between, what a closed account left."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.accounts.queries import person_in
from app.core import clock
from app.core.errors import N_, Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import INSPECTORS, Role
from app.inspections.queries import get_inspection
from app.sync import held, releasing, waiting
from app.sync.conflicts import Conflict, conflicts_of
from app.sync.receiving import Sending, receive
from app.sync.rules import Status
from app.sync.wire import Change, content_of
from app.sync.words import kind_word
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate

bp = Blueprint("sync_desk", __name__)


@bp.get("/incomplete")
@allow(Role.COORDINATOR, Role.SUPERVISOR)
def incomplete() -> str:
    """Visits of the area whose photos have not all arrived."""
    return render_template("sync/incomplete.html", rows=waiting.missing_in(current_person().region))


@bp.post("/inspections/<uuid:inspection_id>/conflicts")
@allow(*INSPECTORS)
def choose(inspection_id: UUID) -> Response:
    """One of the versions of a field holds from now on; all of them stay kept."""
    person = current_person()
    visit = get_inspection(inspection_id, person)
    conflict = _conflict(visit.id)
    chosen = next((s for s in conflict.sides if str(s.change.id) == request.form.get("version")), None)
    if chosen is None:
        raise Invalid(N_("This choice names no field. Reload the page and choose again."))
    now = round(clock.now().timestamp() * 1000)
    fields = {"field": conflict.field, "value": chosen.change.value}
    after = tuple(conflict.answer.heads[conflict.field])
    id_ = change_id() or new_id()
    content = content_of(["choose", str(visit.id), str(conflict.answer.item_id), fields, list(after)])
    made = Change(
        id_, str(id_), "choose", visit.id, conflict.answer.item_id, fields, after, now, 0, 0, content
    )
    (told,) = receive(Sending([made], person, None))
    done = told.status in {Status.RECEIVED, Status.DUPLICATE}
    flash(_("Chosen. The other version stays kept.") if done else translate(told.message, dict(told.params)), "ok")
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)


def _conflict(visit_id: UUID) -> Conflict:
    """The conflict the form is about. Raises Invalid when it is over."""
    item, name = request.form.get("item_id"), request.form.get("field")
    for conflict in conflicts_of(visit_id):
        if (str(conflict.answer.item_id), conflict.field) == (item, name):
            return conflict
    raise Invalid(N_("There is nothing to choose here any more. Reload the page."))


@bp.get("/held")
@allow(Role.SUPERVISOR)
def held_works() -> str:
    """What accounts left on phones when they were closed."""
    return render_template("sync/held.html", works=held.held_in(current_person().region))


@bp.get("/held/<uuid:person_id>")
@allow(Role.SUPERVISOR)
def held_work(person_id: UUID) -> str:
    """What one account left, before it is decided about."""
    person = person_in(current_person().region, person_id)
    visits = releasing.by_visit(held.held_of(person.id))
    return render_template("sync/held_work.html", person=person, visits=visits, kind_word=kind_word)


@bp.post("/held/<uuid:person_id>/release")
@allow(Role.SUPERVISOR)
def release(person_id: UUID) -> Response:
    """Take the work in, in the name of whoever recorded it."""
    done, left = releasing.release(_held_by(person_id), by=current_person(), change_id=change_id())
    said = _("%(count)s entries taken in.", count=done)
    if left:
        said += " " + _("%(count)s could not be taken in; they stay here with the reason.", count=left)
    flash(said, "ok")
    return redirect(url_for("sync_desk.held_works"), 303)


@bp.post("/held/<uuid:person_id>/set-aside")
@allow(Role.SUPERVISOR)
def set_aside(person_id: UUID) -> Response:
    """Keep the work without applying it."""
    person, by = _held_by(person_id), current_person()
    carry_out(change_id(), lambda: held.set_aside(person, by=by, change_id=change_id()), lambda: 0)
    flash(_("Set aside. It stays kept and is not applied."), "ok")
    return redirect(url_for("sync_desk.held_works"), 303)


def _held_by(person_id: UUID) -> Person:
    person = person_in(current_person().region, person_id)
    if not isinstance(person, Person):
        raise NotFound
    return person


from app.sync import rescue_routes  # noqa: E402

__all__ = ["bp", "rescue_routes"]
