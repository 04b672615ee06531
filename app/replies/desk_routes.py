"""The staff's side of replies: decide, give more time, look again on site."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import N_, Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import INSPECTORS, STAFF
from app.core.storage import storage
from app.inspections import queries as visits
from app.inspections.forms import StartForm
from app.inspections.models import Inspection
from app.inspections.starting import chosen_fellows, read_start
from app.notices import queries as notices
from app.notices.forms import parse_id
from app.notices.models import Turn
from app.notices.public import sent_view
from app.notices.routes import show_page
from app.photos.views import View, ensure_view
from app.replies import desk_ending, desk_options, desk_panels, desk_photos, desk_words, verifying
from app.replies.deciding import Decision, decide
from app.replies.deciding_rules import Act
from app.replies.desk_ending import Happened, Report
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import go_to
from app.web.i18n import translate

__all__ = ["bp", "desk_options"]

bp = Blueprint("replies", __name__)
bp.add_app_template_global(desk_words.step_word)
bp.add_app_template_global(desk_words.step_tag)
verifying.add()
desk_panels.add()

DONE = {
    Act.ACCEPT: N_("Accepted. The point is closed."),
    Act.LOOK: N_("The reply is taken; the point is to be seen on site."),
    Act.REJECT: N_("Rejected. The owner reads why and may reply again."),
    Act.EXTEND: N_("More time is given. The owner sees the new date."),
}


@bp.post("/notices/<uuid:notice_id>/again")
@allow(*INSPECTORS)
def look_again(notice_id: UUID) -> Response:
    """Begin the re-inspection of a notice and open it; who has one running goes on with that."""
    person, form = current_person(), StartForm()
    notice = notices.get_notice(notice_id, person)
    inspection_id = parse_id(request.form.get("inspection_id")) or change_id() or new_id()
    running = verifying.again_running(notice.inspection_id, person)
    if running is not None:
        return go_to(url_for("inspections.show", inspection_id=running.id))

    def work() -> Inspection:
        again = notices.get_notice(notice_id, person)
        fellows = chosen_fellows(form.fellows.data or [], person, again.premises)
        return verifying.begin(
            inspection_id, again, by=person, start=read_start(form), fellows=fellows, change_id=change_id()
        )

    carry_out(change_id(), work, lambda: visits.get_inspection(inspection_id, person))
    return go_to(url_for("inspections.show", inspection_id=inspection_id))


@bp.post("/notices/<uuid:notice_id>/points/<uuid:finding_id>")
@allow(*INSPECTORS)
def decide_point(notice_id: UUID, finding_id: UUID) -> Response | tuple[str, int]:
    """Accept on the photo, see it on site, reject with a reason, or give more time."""
    person = current_person()
    notice = notices.get_notice(notice_id, person)
    decision = _decision()

    def work() -> Turn:
        notices.get_notice(notice_id, person)
        return decide(notice_id, finding_id, decision, by=person, now=clock.now())

    try:
        carry_out(change_id(), work, lambda: None)
    except Invalid as error:
        said = {"act": decision.act.value, "reason": decision.reason, "due_on": request.form.get("due_on", "")}
        g.replies_problem = said | {"finding_id": finding_id, "message": translate(error.message, error.params)}
        return show_page(notices.get_notice(notice.id, person)), error.status
    flash(translate(DONE[decision.act]), "ok")
    return go_to(url_for("notices.show", notice_id=notice_id, _anchor="points"))


@bp.post("/notices/<uuid:notice_id>/ended")
@allow(*INSPECTORS)
def ended(notice_id: UUID) -> Response | tuple[str, int]:
    """The place has closed, or changed hands: end its open points, or go on to a notice for the new operator."""
    person, form = current_person(), request.form
    notices.get_notice(notice_id, person)
    happened = form.get("happened", "")
    if happened not in set(Happened):
        raise Invalid(N_("Choose what became of the place."))
    texts = {name: form.get(name, "") for name in ("reason", "person_in_charge", "phone")}
    report = Report(change_id() or new_id(), Happened(happened), ends_points=form.get("then") != "carry", **texts)

    def work() -> Sequence[UUID]:
        return desk_ending.record(notices.get_notice(notice_id, person), report, by=person, now=clock.now())

    try:
        left = carry_out(change_id(), work, lambda: desk_ending.open_points(notice_id))
    except Invalid as error:
        g.ending_problem = texts | {"happened": happened, "message": translate(error.message, error.params)}
        return show_page(notices.get_notice(notice_id, person)), error.status
    notice = notices.get_notice(notice_id, person)
    if report.ends_points or not left:
        flash(_("Recorded. The open points have ended."), "ok")
        return go_to(url_for("notices.show", notice_id=notice_id, _anchor="points"))
    chosen: dict[str, Any] = {"replaces": notice_id, "reason": report.reason, "findings": [str(one) for one in left]}
    return go_to(url_for("notices.new", inspection_id=notice.inspection_id, kind=notice.kind, **chosen))


def _decision() -> Decision:
    act = request.form.get("act", "")
    if act not in set(Act):
        raise Invalid(N_("Choose what shall happen with the reply."))
    due_on = None
    if raw := request.form.get("due_on", ""):
        try:
            due_on = date.fromisoformat(raw)
        except ValueError:
            raise Invalid(N_("This date is not a date. Choose it again."), field="due_on") from None
    seen = parse_id(request.form.get("seen"))
    return Decision(change_id() or new_id(), Act(act), request.form.get("reason", "").strip(), due_on, seen)


@bp.get("/replies/photos/<uuid:reply_photo_id>/<any(small, plain):view>.jpg")
@allow(*STAFF)
def photo(reply_photo_id: UUID, view: str) -> Response:
    """A photo of an owner's reply, for those who may see its notice."""
    row = desk_photos.reply_photo(reply_photo_id, current_person())
    # asked for again each time: signed out, a phone may not show it any more
    return sent_view(ensure_view(row.photo, View(view), storage=storage()), keep=False)


@bp.get("/replies/photos/<uuid:reply_photo_id>")
@allow(*STAFF)
def served(reply_photo_id: UUID) -> str:
    """Where the picture of a reply served before, as far as the reader may know."""
    person = current_person()
    row = desk_photos.reply_photo(reply_photo_id, person)
    if row.reply_id is None:
        raise NotFound
    uses = desk_photos.uses_of(row, person)
    title = _("Where this picture served before")
    return render_template("replies/desk_photo.html", row=row, uses=uses, title=title)
