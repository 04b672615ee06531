"""Photos of the outbox, in as many parts as the line needs."""

import re
from uuid import UUID

from flask import request
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from app.core.errors import N_, Invalid
from app.reports.services import REPORTERS
from app.sync import parts, photos
from app.sync.blueprint import bp, reply
from app.web.access import allow, current_person
from app.web.i18n import translate

_NUMBER = re.compile(r"\d{1,12}")


@bp.get("/sync/photos/<uuid:photo_id>")
@allow(*REPORTERS, lean=True)
def photo_progress(photo_id: UUID) -> Response:
    """How much of an announced photo is here."""
    photo = photos.expected(photo_id)
    if photo is not None:
        photos.refuse_other_areas(photo, current_person())
    return not_announced() if photo is None else told(photos.progress_of(photo))


@bp.route("/sync/photos/<uuid:photo_id>", methods=["PUT"])
@allow(*REPORTERS, lean=True)
def take_photo(photo_id: UUID) -> Response:
    """The photo's bytes from X-Offset on; what arrives of a line that breaks is kept."""
    photo = _expected(photo_id)
    if photo is None:
        parts.drain(request.stream)
        return not_announced()
    return put_part(photo)


def put_part(photo: RowMapping) -> Response:
    """Take what this request brings of `photo`."""
    offset, length = number("X-Offset"), number("X-Length")
    if length != photo["size"] or request.headers.get("X-SHA256", photo["sha256"]) != photo["sha256"]:
        parts.drain(request.stream)
        return reply(409, error=translate(N_("These bytes are not those of the photo that was announced.")), offset=0)
    try:
        progress = photos.take_part(photo, request.stream, offset=offset)
    except Invalid as error:
        words = {"error": translate(error.message, error.params), "hint": translate(error.hint)}
        return reply(422, refused=True, received=False, **words)
    sent = request.content_length or 0
    is_behind = not progress.received and progress.offset != offset + sent
    return told(progress, 409 if is_behind else 200)


def _expected(photo_id: UUID) -> RowMapping | None:
    photo = photos.expected(photo_id)
    if photo is not None:
        photos.refuse_strangers(photo, current_person())
    return photo


def not_announced() -> Response:
    return reply(404, waiting=True, error=translate(N_("The server does not expect this photo yet.")))


def told(progress: photos.Progress, status: int = 200) -> Response:
    facts = {"received": progress.received, "offset": progress.offset}
    return reply(status, **facts, **({"sha256": progress.sha256} if progress.sha256 else {}))


def number(name: str) -> int:
    raw = request.headers.get(name, "0" if name == "X-Offset" else "")
    if not _NUMBER.fullmatch(raw):
        raise Invalid(N_("The request could not be understood. Go back and try again."))
    return int(raw)
