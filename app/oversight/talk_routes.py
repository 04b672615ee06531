"""The conversation about a photo: a page for both sides; scripts add to it without leaving it."""

from uuid import UUID

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed
from app.core.ids import new_id
from app.core.roles import INSPECTORS
from app.inspections.models import InspectionPhoto
from app.inspections.queries import get_photo
from app.oversight import talking
from app.oversight.blueprint import bp
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import is_htmx, respond


@bp.get("/photo-log/<uuid:photo_id>/talk")
@allow(*INSPECTORS)
def talk(photo_id: UUID) -> str:
    """What was said about this photo, and room to say more."""
    return render_template("oversight/talk.html", row=_row(photo_id), said=_said(photo_id))


@bp.post("/photo-log/<uuid:photo_id>/talk")
@allow(*INSPECTORS)
def say(photo_id: UUID) -> str | Response | tuple[str, int]:
    """One message more."""
    text, change = request.form.get("text", ""), change_id() or new_id()

    def work() -> None:
        talking.say(change, _row(photo_id), text, by=current_person(), now=clock.now())

    try:
        carry_out(change, work, lambda: None)
    except Invalid as error:
        db.session.rollback()
        row = _row(photo_id)
        page = "oversight/_talk.html" if is_htmx() else "oversight/talk.html"
        return render_template(page, row=row, said=_said(photo_id), error=error, text=text), error.status
    url = url_for("oversight.talk", photo_id=photo_id, _anchor="talk")
    return respond("oversight/_talk.html", url, row=_row(photo_id), said=_said(photo_id))


@bp.post("/photo-log/<uuid:photo_id>/talk/read")
@allow(*INSPECTORS)
def read(photo_id: UUID) -> str | Response:
    """The messages were seen."""
    carry_out(None, lambda: talking.mark_read(_row(photo_id), by=current_person(), now=clock.now()), lambda: 0)
    if is_htmx():
        return Response(status=204)
    return respond("oversight/_talk.html", url_for("oversight.talk", photo_id=photo_id, _anchor="talk"))


def _row(photo_id: UUID) -> InspectionPhoto:
    row = get_photo(photo_id, current_person())
    if not talking.may_talk(row, current_person()):
        raise NotAllowed(N_("Only the people on this visit and supervisors write here."))
    return row


def _said(photo_id: UUID) -> list[talking.Said]:
    return talking.conversation(_row(photo_id), current_person())
