"""What goes into a ZIP of photos: for each its name inside, where its bytes lie, and its line of the table.

Gathered in portions and put on disk, so that twenty thousand photos take no more memory than twenty (packing.py).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.regions import Region, within
from app.core import clock
from app.core.database import db
from app.core.errors import N_
from app.inspections.models import Answer, InspectionPhoto, Review
from app.photos.models import Photo
from app.web.i18n import both

PORTION = 500  # photos read at once
ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "image/heif": "heif",
}
# a machine reads the keys, a person the words beside them, in both languages
STATES = {
    "ok": N_("Whole, as received"),
    "damaged": N_("The file no longer has the hash it was received with"),
    "missing": N_("The file is missing"),
    "removed": N_("Deleted after its period"),
}
REVIEWS = {
    Review.WAITING: N_("Not reviewed"),
    Review.REVIEWED: N_("Reviewed"),
    Review.SENT_BACK: N_("Sent back"),
    Review.ANSWERED: N_("Answered"),
}
SEVERITIES = {"A": N_("A critical"), "B": N_("B major"), "C": N_("C minor")}


@dataclass(frozen=True)
class Entry:
    """One photo to be packed. `line` is its part of the table, `facts` its part of the manifest."""

    name: str
    storage_key: str  # "": deleted after its period
    sha256: str
    size: int
    received_at: datetime
    line: tuple[object, ...]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Spool:
    """The photos of one export, newest first, as lines on disk; read once."""

    file: IO[bytes]
    photos: int
    bytes: int

    def entries(self) -> Iterator[Entry]:
        with self.file:
            self.file.seek(0)
            for line in self.file:
                told = json.loads(line)
                at = datetime.fromisoformat(told.pop("received_at"))
                yield Entry(received_at=at, line=tuple(told.pop("line")), **told)


def columns() -> list[str]:
    """The table's headings in the page's language."""
    return [
        _("File"),
        "SHA-256",
        _("Size in bytes"),
        _("State of the file"),
        _("State of the file in words"),
        _("Received by the server"),
        _("Phone's clock"),
        _("Camera's clock (EXIF)"),
        _("Premises"),
        _("Address"),
        _("Inspection or patrol"),
        _("Item"),
        _("What is looked at"),
        _("Severity"),
        _("Severity in words"),
        _("Taken by"),
        _("On a notice"),
        _("Review"),
        _("Review in words"),
        _("Remark"),
        _("Answer to the remark"),
        _("Phone's position"),
        _("Accuracy in metres"),
        _("Camera's position (EXIF)"),
        _("Device"),
        _("Original name"),
        _("Photo"),
    ]


def spooled(ids: Sequence[UUID], region: Region) -> Spool:
    """What is packed for these photos, as far as they lie in `region`, newest first."""
    file, photos, total = TemporaryFile(), 0, 0  # noqa: SIM115 - the one who reads it closes it
    for start in range(0, len(ids), PORTION):
        for entry in _entries(ids[start : start + PORTION], region):
            told = {**vars(entry), "received_at": entry.received_at.isoformat()}
            file.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
            photos, total = photos + 1, total + entry.size
        db.session.expunge_all()
    return Spool(file, photos, total)


def in_order(ids: Sequence[UUID]) -> list[UUID]:
    """Chosen photos, newest first."""
    at: dict[UUID, datetime] = {}
    for start in range(0, len(ids), PORTION):
        some = select(InspectionPhoto.photo_id, InspectionPhoto.received_at)
        at |= dict(
            db.session.execute(some.where(InspectionPhoto.photo_id.in_(ids[start : start + PORTION]))).tuples().all()
        )
    return sorted(at, key=lambda one: (at[one], one), reverse=True)


def _entries(ids: Sequence[UUID], region: Region) -> list[Entry]:
    rows = db.session.scalars(
        select(InspectionPhoto)
        .where(InspectionPhoto.photo_id.in_(ids), within(InspectionPhoto, region))
        .options(
            joinedload(InspectionPhoto.photo).defer(Photo.exif),
            joinedload(InspectionPhoto.premises),
            joinedload(InspectionPhoto.inspector),
            joinedload(InspectionPhoto.answer).load_only(Answer.id).joinedload(Answer.item),
        )
        .order_by(InspectionPhoto.received_at.desc(), InspectionPhoto.photo_id.desc())
    )
    return [_entry(row) for row in rows.unique()]


def _entry(row: InspectionPhoto) -> Entry:
    photo, item = row.photo, row.answer.item if row.answer else None
    ending = ENDINGS.get(photo.media_type, "bin")
    at = clock.local(row.received_at)
    name = f"photos/{at:%Y-%m-%d}/{at:%H%M%S}-{photo.short_hash}-{row.photo_id.hex[:8]}.{ending}"
    line = (
        _moment(row.received_at),
        _moment(photo.captured_at),
        _moment(photo.taken_at),
        row.premises.name,
        row.premises.address,
        str(row.inspection_id),
        item.code if item else "",
        item.title_zh if item else "",
        row.severity,
        both(SEVERITIES.get(row.severity, "")),
        row.inspector.name,
        _("yes") if row.on_notice else _("no"),
        str(row.review),
        both(REVIEWS[row.review]),
        row.remark,
        row.reply,
        _position(photo.latitude, photo.longitude),
        photo.accuracy_m,
        _position(photo.exif_latitude, photo.exif_longitude),
        photo.device,
        photo.original_name,
        str(row.photo_id),
    )
    key = photo.storage_key if photo.removed_at is None else ""
    return Entry(name, key, photo.sha256, photo.size, row.received_at, line, _facts(row))


def _facts(row: InspectionPhoto) -> dict[str, Any]:
    """The same for machines."""
    photo, item = row.photo, row.answer.item if row.answer else None
    return {
        "photo": str(row.photo_id),
        "inspection": str(row.inspection_id),
        "premises": {"id": str(row.premises_id), "name": row.premises.name, "address": row.premises.address},
        "item": {"code": item.code, "title": item.title_zh} if item else None,
        "severity": row.severity,
        "taken_by": row.inspector.name,
        "on_notice": row.on_notice,
        "review": {"state": row.review.value, "remark": row.remark, "reply": row.reply},
        "received_at": row.received_at.isoformat(),
        "phone_at": photo.captured_at.isoformat() if photo.captured_at else None,
        "camera_at": photo.taken_at.isoformat() if photo.taken_at else None,
        "phone_position": _pair(photo.latitude, photo.longitude),
        "phone_accuracy_m": photo.accuracy_m,
        "camera_position": _pair(photo.exif_latitude, photo.exif_longitude),
        "device": photo.device,
        "original_name": photo.original_name,
        "media_type": photo.media_type,
    }


def _pair(latitude: float | None, longitude: float | None) -> list[float] | None:
    return None if latitude is None or longitude is None else [latitude, longitude]


def _moment(at: datetime | None) -> str:
    return "" if at is None else clock.local(at).isoformat(sep=" ", timespec="seconds")


def _position(latitude: float | None, longitude: float | None) -> str:
    return "" if latitude is None or longitude is None else f"{latitude:.6f}, {longitude:.6f}"
