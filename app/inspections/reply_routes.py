"""The page on which a photo that was sent back is answered."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import db
from app.core.errors import AppError, Invalid
from app.core.ids import derived_id, new_id
from app.core.roles import INSPECTORS
from app.core.settings import settings
from app.core.storage import storage
from app.inspections import queries
from app.inspections.blueprint import bp
from app.inspections.forms import ReplyForm
from app.inspections.models import InspectionPhoto, Review
from app.inspections.reviewing import may_reply, reply_to_review
from app.photos.intake import Limits, Received, receive_photo, record_photo
from app.photos.queries import known_sha
from app.photos.rules import PhotoMeta
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id


@bp.route("/inspections/photos/<uuid:photo_id>/answer", methods=["GET", "POST"])
@allow(*INSPECTORS)
def reply(photo_id: UUID) -> str | Response | tuple[str, int]:
    """What the supervisor wants, and the answer to it: words, a new photo, or both."""
    row, form = queries.get_photo(photo_id, current_person()), ReplyForm()
    if request.method == "POST":
        try:
            if not form.validate():
                return _page(row, form), 422
            _answer(row, form.reply.data or "")
        except Invalid as error:
            db.session.rollback()
            return _page(queries.get_photo(photo_id, current_person()), form, error), error.status
        flash(_("Answered. The supervisor looks at it again."), "ok")
        return redirect(url_for("oversight.start"), 303)
    if row.review is not Review.SENT_BACK or not may_reply(row, current_person()):
        return redirect(url_for("inspections.show", inspection_id=row.inspection_id), 303)
    return _page(row, form)


def _answer(row: InspectionPhoto, words: str) -> None:
    person, change = current_person(), change_id()
    new_photo_id = derived_id(change, "photo") if change else new_id()  # the same request again is the same photo
    received = _received(new_photo_id)
    meta = PhotoMeta.from_form(request.form, original_name=_file_name())

    def work() -> None:
        again = queries.get_photo(row.photo_id, person)
        photo = record_photo(received, photo_id=new_photo_id, by=person.id, meta=meta) if received else None
        reply_to_review(again, words, by=person, photo=photo, change_id=change)

    carry_out(change, work, lambda: None)


def _received(photo_id: UUID) -> Received | None:
    """The new photo's bytes, kept outside any transaction; None where no photo was chosen."""
    file = request.files.get("photo")
    if file is None or not file.filename:
        return None
    known = known_sha(photo_id)
    db.session.rollback()  # nothing is held while the bytes are looked at
    received = receive_photo(file.stream, storage=storage(), limits=Limits.of(settings()), known_sha=known)
    file.stream.seek(0)
    return received


def _file_name() -> str:
    file = request.files.get("photo")
    return (file.filename or "") if file else ""


def _page(row: InspectionPhoto, form: ReplyForm, error: AppError | None = None) -> str:
    return render_template("inspections/reply.html", row=row, form=form, error=error)
