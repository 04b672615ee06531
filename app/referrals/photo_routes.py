"""Photos of a referral: taken in one by one while it is not out, shown to those who may see it."""

from typing import Any
from uuid import UUID

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.database import db, transaction
from app.core.errors import N_, Invalid
from app.core.ids import new_id
from app.core.roles import INSPECTORS
from app.core.settings import settings
from app.core.storage import storage
from app.inspections.evidence_routes import meta_from_headers
from app.notices.public import sent_view
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.queries import known_sha
from app.photos.rules import PhotoMeta
from app.photos.views import View, ensure_view
from app.referrals import queries, services
from app.referrals.blueprint import READERS, bp
from app.referrals.models import ReferralPhoto
from app.web.access import allow, current_person


@bp.post("/referrals/<uuid:referral_id>/photos/<uuid:photo_id>")
@allow(*INSPECTORS)
def receive(referral_id: UUID, photo_id: UUID) -> Response:
    """One photo as the request's body."""
    queries.get_referral(referral_id, current_person())
    if not request.content_length:
        raise Invalid(N_("This file is empty."), hint=N_("Send it again; if that does not help, take it again."))
    row = _keep(referral_id, photo_id, request.stream, meta_from_headers(request.headers))
    thumb = url_for("referrals.photo", referral_id=referral_id, photo_id=row.photo_id, view="small")
    response = jsonify(id=str(row.photo_id), sha256=row.photo.sha256, size=row.photo.size, thumb=thumb)
    response.status_code = 201
    return response


@bp.post("/referrals/<uuid:referral_id>/photos")
@allow(*INSPECTORS)
def upload(referral_id: UUID) -> Response:
    """Photos from a plain form, for browsers without scripts."""
    queries.get_referral(referral_id, current_person())
    files = [file for file in request.files.getlist("photos") if file.filename]
    if not files:
        raise Invalid(N_("No photo was chosen."), hint=N_("Choose a photo, then send it."))
    for file in files:
        meta = PhotoMeta.from_form(request.form, original_name=file.filename)
        _keep(referral_id, new_id(), file.stream, meta)
    return redirect(url_for("referrals.edit", referral_id=referral_id), 303)


@bp.post("/referrals/<uuid:referral_id>/photos/<uuid:photo_id>/leave-out")
@allow(*INSPECTORS)
def leave_out(referral_id: UUID, photo_id: UUID) -> Response:
    """Leave a photo out of the evidence; it stays where it came from."""
    person = current_person()
    with transaction():
        services.drop_photo(queries.get_referral(referral_id, person), photo_id, by=person)
    return redirect(url_for("referrals.edit", referral_id=referral_id), 303)


@bp.get("/referrals/<uuid:referral_id>/photos/<uuid:photo_id>/<any(small,plain):view>.jpg")
@allow(*READERS)
def photo(referral_id: UUID, photo_id: UUID, view: str) -> Response:
    """A derived view of a photo of the evidence."""
    row = queries.photo_of(referral_id, photo_id, current_person())
    return sent_view(ensure_view(row, View(view), storage=storage()), keep=False)


def _keep(referral_id: UUID, photo_id: UUID, stream: Any, meta: PhotoMeta) -> ReferralPhoto:
    """Bytes first and outside any transaction, so that a slow phone never holds the database."""
    person = current_person()
    referral = queries.get_referral(referral_id, person)
    services.check_worker(referral, person)
    before = known_sha(photo_id)
    if before is None:
        services.refuse_unless_editable(referral)
    db.session.rollback()  # nothing is held while the body arrives
    received = receive_photo(stream, storage=storage(), limits=Limits.of(settings()), known_sha=before)
    with transaction():
        again = queries.get_referral(referral_id, person)
        kept = record_photo(received, photo_id=photo_id, by=person.id, meta=meta)
        return services.attach_photo(again, kept, by=person)
