"""Faces and plates on a photo are covered for the public by drawing over them; the original is never touched."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import N_, Invalid, NotAllowed
from app.core.ids import new_id
from app.core.roles import INSPECTORS
from app.core.storage import storage
from app.inspections import queries as visits
from app.inspections.models import InspectionPhoto
from app.notices.public import sent_view
from app.photos.covering import read_boxes
from app.photos.public import cover_photo, ensure_public_view, take_back
from app.photos.views import View
from app.retention import pages
from app.retention.blueprint import bp
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate


@bp.get("/photos/<uuid:photo_id>/cover")
@allow(*INSPECTORS)
def cover(photo_id: UUID) -> str:
    """Draw over what the public is not to see."""
    return _page(_photo(photo_id))


@bp.post("/photos/<uuid:photo_id>/cover")
@allow(*INSPECTORS)
def save_cover(photo_id: UUID) -> Any:
    """Keep exactly these rectangles: drawn ones (`box`) and ticked squares (`cell`)."""
    row, person, change = _photo(photo_id), current_person(), change_id() or new_id()
    try:
        boxes = read_boxes(text.split(",") for name in ("box", "cell") for text in request.form.getlist(name))

        def work() -> None:
            cover_photo(change, _photo(photo_id).photo, boxes, by=person.id, now=clock.now())

        carry_out(change, work, lambda: None)
    except Invalid as error:
        return _page(row, translate(error.message, error.params)), 422
    said = _("Covered for the public: %(count)s", count=len(boxes)) if boxes else _("Nothing is covered.")
    flash(said, "ok")
    return redirect(url_for("retention.cover", photo_id=photo_id), 303)


@bp.post("/photos/<uuid:photo_id>/cover/undo")
@allow(*INSPECTORS)
def undo_cover(photo_id: UUID) -> Response:
    """Take the drawing back that the form showed: what was covered before it holds again."""
    _photo(photo_id)
    try:
        cover_id = UUID(request.form.get("cover", ""))
    except ValueError:
        raise Invalid(N_("The request has a broken id. Reload the page and try again.")) from None
    person = current_person()

    def work() -> None:
        take_back(cover_id, _photo(photo_id).photo, by=person.id, now=clock.now())

    carry_out(change_id(), work, lambda: None)
    flash(_("Taken back."), "ok")
    return redirect(url_for("retention.cover", photo_id=photo_id), 303)


@bp.get("/photos/<uuid:photo_id>/covered.jpg")
@allow(*INSPECTORS)
def covered(photo_id: UUID) -> Response:
    """The photo as the public sees it."""
    key, _version = ensure_public_view(_photo(photo_id).photo, View.PRINT, storage=storage())
    return sent_view(key, keep=False)


def _photo(photo_id: UUID) -> InspectionPhoto:
    """A photo this person may cover: supervisors of the area, and who was there. Raises NotFound, NotAllowed."""
    row, person = visits.get_photo(photo_id, current_person()), current_person()
    if not (person.is_supervisor or row.inspection.is_worked_on_by(person)):
        raise NotAllowed(N_("Only those who were there and supervisors cover something on a photo."))
    return row


def _page(row: InspectionPhoto, error: str = "") -> str:
    return render_template("retention/cover.html", page=pages.cover_page(row), error=error)
