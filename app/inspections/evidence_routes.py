"""Photos and signatures of a visit: taken in one by one, shown to those who may see the visit."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from app.checklists.models import ChecklistItem
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import N_, AppError, Invalid, NotFound, TooLarge
from app.core.ids import new_id
from app.core.roles import INSPECTORS, STAFF
from app.core.settings import settings
from app.core.storage import storage
from app.inspections import queries, services
from app.inspections.blueprint import bp
from app.inspections.models import Inspection, InspectionPhoto
from app.inspections.strips import strip_of
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.queries import known_sha
from app.photos.rules import PhotoMeta
from app.photos.views import View, read_view, view_key
from app.web.access import allow, current_person
from app.web.i18n import translate

MOST_NAMED = 5  # refused photos whose names are said


@bp.post("/inspections/<uuid:inspection_id>/photos/<uuid:photo_id>")
@allow(*INSPECTORS)
def receive(inspection_id: UUID, photo_id: UUID) -> Response:
    """One photo of the place in general, as the request's body."""
    return _receive_body(queries.get_inspection(inspection_id, current_person()), None, photo_id)


@bp.post("/inspections/<uuid:inspection_id>/items/<uuid:item_id>/photos/<uuid:photo_id>")
@allow(*INSPECTORS)
def receive_for_item(inspection_id: UUID, item_id: UUID, photo_id: UUID) -> Response:
    """One photo of an item, as the request's body."""
    inspection = queries.get_inspection(inspection_id, current_person())
    return _receive_body(inspection, queries.get_item(inspection, item_id), photo_id)


@bp.post("/inspections/<uuid:inspection_id>/photos")
@allow(*INSPECTORS)
def upload(inspection_id: UUID) -> Response:
    """Photos from a plain form, for browsers without scripts."""
    return _receive_form(queries.get_inspection(inspection_id, current_person()), None)


@bp.post("/inspections/<uuid:inspection_id>/items/<uuid:item_id>/photos")
@allow(*INSPECTORS)
def upload_for_item(inspection_id: UUID, item_id: UUID) -> Response:
    """Photos of an item from a plain form."""
    inspection = queries.get_inspection(inspection_id, current_person())
    return _receive_form(inspection, queries.get_item(inspection, item_id))


@bp.get("/inspections/photos/<uuid:photo_id>/<any(small,large,plain,original):view>.jpg")
@allow(*STAFF)
def photo(photo_id: UUID, view: str) -> Response:
    """A photo of the reader's region; `original` gives the untouched bytes as a download."""
    row = queries.get_photo(photo_id, current_person())
    if view == "original":
        return _original(row)
    strip = strip_of(row) if view == "large" else None
    tag = view_key(row.photo, View(view), strip)
    return _picture(tag, lambda: read_view(row.photo, View(view), storage=storage(), strip=strip), "image/jpeg")


@bp.get("/inspections/<uuid:inspection_id>/signature.png")
@allow(*STAFF)
def signature(inspection_id: UUID) -> Response:
    """The signature drawn at the end of a visit."""
    inspection = queries.read_inspection(inspection_id, current_person())
    if not inspection.signature_key:
        raise NotFound
    return _picture(inspection.signature_key, lambda: storage().read(inspection.signature_key), "image/png")


def _picture(name: str, content: Callable[[], Any], media_type: str) -> FlaskResponse:
    """`content` under its unchanging `name`, asked for again each time: signed out, a phone may not show it any more.

    What the phone has kept is not read, let alone sent, again (304).
    """
    tag = hashlib.sha256(name.encode()).hexdigest()[:20]
    known = request.if_none_match.contains(tag)
    response = FlaskResponse(None if known else content(), 304 if known else 200, mimetype=media_type)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _receive_body(inspection: Inspection, item: ChecklistItem | None, photo_id: UUID) -> Response:
    """Stream the body to the storage, then record it; the answer names the hash the server has."""
    if not request.content_length:
        raise Invalid(N_("This file is empty."), hint=N_("Send it again; if that does not help, take it again."))
    row = _keep(inspection, item, photo_id, request.stream, meta_from_headers(request.headers))
    response = jsonify(
        id=str(row.photo_id),
        sha256=row.photo.sha256,
        size=row.photo.size,
        thumb=url_for("inspections.photo", photo_id=row.photo_id, view="small"),
    )
    response.status_code = 201
    return response


def _receive_form(inspection: Inspection, item: ChecklistItem | None) -> Response:
    files = [file for file in request.files.getlist("photos") if file.filename]
    if not files:
        raise Invalid(N_("No photo was chosen."), hint=N_("Choose a photo, then send it."))
    refused = []
    for file in files:
        meta = PhotoMeta.from_form(request.form, original_name=file.filename)
        try:
            _keep(inspection, item, new_id(), file.stream, meta)
        except (Invalid, TooLarge) as error:  # about this file alone: the others are not sent again because of it
            if len(files) == 1:
                raise
            refused.append((meta.original_name, error))
    _say(len(files) - len(refused), refused)
    anchor = f"item-{item.code}" if item else "strip-scene"
    return redirect(url_for("inspections.show", inspection_id=inspection.id, _anchor=anchor), 303)


def _say(received: int, refused: Sequence[tuple[str, AppError]]) -> None:
    """What became of several photos. The message travels in a cookie, so it names the first few."""
    if not refused:
        return
    if received:
        flash(_("%(count)s photos received.", count=received), "ok")
    for name, error in refused[:MOST_NAMED]:
        problem = translate(error.message, error.params)
        flash(_("%(name)s: %(problem)s", name=name[:40], problem=problem), "error")
    if len(refused) > MOST_NAMED:
        flash(_("%(count)s more were refused.", count=len(refused) - MOST_NAMED), "error")


def _keep(
    inspection: Inspection, item: ChecklistItem | None, photo_id: UUID, stream: Any, meta: PhotoMeta
) -> InspectionPhoto:
    """Bytes first and outside any transaction, so that a slow phone never holds the database."""
    person = current_person()
    before = known_sha(photo_id)
    if before is None:
        services.refuse_unless_open(inspection, person)
    db.session.rollback()  # nothing is held while the body arrives
    received = receive_photo(stream, storage=storage(), limits=Limits.of(settings()), known_sha=before)
    with transaction():
        again = queries.get_inspection(inspection.id, person)
        kept = record_photo(received, photo_id=photo_id, by=person.id, meta=meta)
        return services.attach_photo(again, kept, item, by=person)


def meta_from_headers(headers: Headers) -> PhotoMeta:
    """What upload.js says beside the bytes. X-Clock-Offset: seconds the phone is ahead of the server."""
    latitude, longitude, accuracy = (*headers.get("X-Position", "").split(","), "", "", "")[:3]
    try:
        offset = str(float(headers.get("X-Clock-Offset", "")) * 1000)
    except ValueError:
        offset = ""
    return PhotoMeta.from_form(
        {
            "captured_at": headers.get("X-Captured-At", ""),
            "clock_offset_ms": offset,
            "latitude": latitude,
            "longitude": longitude,
            "accuracy_m": accuracy,
            "purpose": headers.get("X-Purpose", ""),
            "source": headers.get("X-Source", ""),
        },
        original_name=unquote(headers.get("X-File-Name", "")),
    )


def _original(row: InspectionPhoto) -> Response:
    if row.photo.removed_at is not None:
        raise AppError(
            N_("This photo was deleted after its period on %(day)s."), status=410,
            hint=N_("Its record stays, with its hash and times."), day=f"{clock.local(row.photo.removed_at):%Y-%m-%d}",
        )  # fmt: skip
    store, key = storage(), row.photo.storage_key  # the context is gone while the bytes are read

    def chunks() -> Any:
        with store.open(key) as file:
            while chunk := file.read(1 << 20):
                yield chunk

    response = _picture(key, chunks, row.photo.media_type)
    if response.status_code == 304:
        return response
    ending = row.photo.media_type.rsplit("/", 1)[-1].replace("jpeg", "jpg")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.photo.short_hash}.{ending}"'
    response.headers["Content-Length"] = str(row.photo.size)
    return response
