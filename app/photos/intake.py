"""An upload becomes evidence, in two steps so that a slow phone never holds the database:

    received = receive_photo(request.stream, storage=…, limits=…, known_sha=queries.known_sha(photo_id))
    with transaction():
        photo = record_photo(received, photo_id=photo_id, by=person.id, meta=meta)

The first streams, hashes, decodes and keeps the bytes, outside any transaction; the second writes the row.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, AppError, Invalid, Refused
from app.core.settings import Settings
from app.core.storage import Incoming, Readable, Storage, StoredFile
from app.photos.decode import Picture, examine
from app.photos.exif import facts_from
from app.photos.models import Photo
from app.photos.rules import PhotoMeta


@dataclass(frozen=True)
class Limits:
    """How much is taken."""

    max_bytes: int
    max_pixels: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(settings.photo_max_bytes, settings.photo_max_pixels)


@dataclass(frozen=True)
class Received:
    """Bytes that are kept and proven to be a whole photo, not recorded yet."""

    file: StoredFile
    picture: Picture
    storage: Storage


def receive_photo(
    stream: Readable, *, storage: Storage, limits: Limits, known_sha: str | None = None
) -> Received:
    """Take in one photo: stream it to a temporary file, decode it completely, keep it under its hash.

    `known_sha` is the hash recorded before under this upload's id, if any: other bytes under the same id are refused
    before they are kept. Whatever is refused leaves nothing behind. Raises TooLarge, NotAPhoto, BrokenPhoto,
    TooManyPixels, StorageFull, Refused, Invalid (empty).
    """
    with storage.receive(stream, max_bytes=limits.max_bytes) as incoming:
        return accept(incoming, storage=storage, limits=limits, known_sha=known_sha)


def accept(incoming: Incoming, *, storage: Storage, limits: Limits, known_sha: str | None = None) -> Received:
    """The same for a file that is here already, whole."""
    if incoming.size == 0:
        raise Invalid(
            N_("This file is empty."), hint=N_("Send it again; if that does not help, take it again.")
        )
    _hold_to(known_sha, incoming.sha256)
    picture = examine(incoming.path, max_pixels=limits.max_pixels)
    return Received(incoming.keep(), picture, storage)


def record_photo(
    received: Received, *, photo_id: UUID, by: UUID | None, meta: PhotoMeta, zone: str | None = None
) -> Photo:
    """Write the row of a received photo; the same id with the same bytes again gives the same row.

    `by` is the person's id (None: an owner through a notice's reply); `zone` the IANA time zone assumed for cameras
    that name none. Raises Refused (409) when the id stands for other bytes. Flushes.
    """
    known = db.session.get(Photo, photo_id)
    if known is None:
        try:
            with db.session.begin_nested():
                photo = _photo(received, photo_id, by, meta, zone or clock.DEFAULT_ZONE)
                db.session.add(photo)
        except IntegrityError:  # the same request arrived twice at once, and the other was first
            known = db.session.get(Photo, photo_id)
            if known is None:
                raise
        else:
            hold_bytes(received)
            audit.record("photo_kept", photo, by=by, after={"sha256": photo.sha256, "size": photo.size})
            db.session.flush()
            return photo
    _hold_to(known.sha256, received.file.sha256)
    if known.removed_at is not None:
        raise Refused(N_("This photo was deleted after its period; it is not taken in again."))
    return known


def hold_bytes(received: Received) -> None:
    """Bytes that lay there without a record may have been swept before this one was written (core.orphans)."""
    if received.file.was_there and not received.storage.exists(received.file.key):
        raise AppError(
            N_("The file store was being tidied up at this moment."), status=503, hint=N_("Send the photo once more.")
        )


def _hold_to(known_sha: str | None, sha256: str) -> None:
    if known_sha is not None and known_sha != sha256:
        raise Refused(
            N_("Another photo was already received under this number."),
            hint=N_("Remove this photo from the list and add it again."),
        )


def _photo(received: Received, photo_id: UUID, by: UUID | None, meta: PhotoMeta, zone: str) -> Photo:
    return Photo(**columns_of(received, photo_id=photo_id, by=by, meta=meta, zone=zone))


def columns_of(
    received: Received, *, photo_id: UUID, by: UUID | None, meta: PhotoMeta, zone: str | None = None
) -> dict[str, Any]:
    """The row of a received photo as values by column."""
    file, picture = received.file, received.picture
    facts = facts_from(picture.exif, zone or clock.DEFAULT_ZONE)
    return dict(  # noqa: C408 - reads like the row
        id=photo_id,
        sha256=file.sha256,
        size=file.size,
        storage_key=file.key,
        media_type=picture.media_type.value,
        width=picture.width,
        height=picture.height,
        exif=picture.exif,
        taken_at=facts.taken_at,
        taken_zone_assumed=facts.zone_assumed,
        exif_latitude=facts.latitude,
        exif_longitude=facts.longitude,
        device=facts.device,
        captured_at=meta.captured_at,
        clock_offset_ms=meta.clock_offset_ms,
        latitude=meta.latitude,
        longitude=meta.longitude,
        accuracy_m=meta.accuracy_m,
        purpose=meta.purpose,
        source=meta.source,
        original_name=meta.original_name,
        received_at=clock.now(),
        uploaded_by_id=by,
    )
