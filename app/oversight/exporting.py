"""A selection of photos as a ZIP that is written while it is sent: originals, a table of facts, a list of hashes.

Memory stays flat: one chunk of one original at a time. Photos are stored, not compressed; they are compressed already.
"""

import csv
import hashlib
import io
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from stat import S_IFREG
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from stream_zip import ZIP_AUTO, stream_zip

from app.accounts.regions import Region, within
from app.core import clock
from app.core.database import db
from app.core.errors import N_, AppError
from app.core.storage import Storage
from app.inspections.models import Answer, InspectionPhoto, Review
from app.oversight.rules import cell
from app.photos.models import Photo
from app.web.i18n import both

CHUNK = 256 * 1024  # bytes
MODE = S_IFREG | 0o644
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
}
REVIEWS = {
    Review.WAITING: N_("Not reviewed"),
    Review.REVIEWED: N_("Reviewed"),
    Review.SENT_BACK: N_("Sent back"),
    Review.ANSWERED: N_("Answered"),
}
SEVERITIES = {"A": N_("A critical"), "B": N_("B major"), "C": N_("C minor")}
SUMS, MANIFEST = "SHA256SUMS", "manifest.csv"

log = logging.getLogger("xuncha.export")
Member = tuple[str, datetime, int, Any, Iterable[bytes]]


@dataclass(frozen=True)
class Entry:
    """One photo to be packed: its name inside the ZIP, where its bytes lie, and its line of the table."""

    name: str
    storage_key: str
    sha256: str
    size: int
    received_at: datetime
    line: tuple[object, ...]


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


def entries(ids: Sequence[UUID], region: Region) -> list[Entry]:
    """What is packed for these photos, as far as they lie in `region`; newest first."""
    found: list[Entry] = []
    for start in range(0, len(ids), 500):
        rows = db.session.scalars(
            select(InspectionPhoto)
            .where(InspectionPhoto.photo_id.in_(ids[start : start + 500]), within(InspectionPhoto, region))
            .options(
                joinedload(InspectionPhoto.photo).defer(Photo.exif),
                joinedload(InspectionPhoto.premises),
                joinedload(InspectionPhoto.inspector),
                joinedload(InspectionPhoto.answer).load_only(Answer.id).joinedload(Answer.item),
            )
        ).unique()
        found += [_entry(row) for row in rows]
        db.session.expunge_all()
    found.sort(key=lambda entry: entry.received_at, reverse=True)
    return found


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
    return Entry(name, photo.storage_key, photo.sha256, photo.size, row.received_at, line)


def zip_of(
    packed: Sequence[Entry], headings: Sequence[str], storage: Storage, now: datetime
) -> Iterator[bytes]:
    """The bytes of the ZIP. Needs neither request nor database: it runs while the answer is on its way."""
    stored: Callable[[], Any] = lambda: zlib.compressobj(wbits=-zlib.MAX_WBITS, level=0)  # noqa: E731
    return iter(stream_zip(_members(packed, headings, storage, now), get_compressobj=stored))


def _members(
    packed: Sequence[Entry], headings: Sequence[str], storage: Storage, now: datetime
) -> Iterator[Member]:
    sums: list[tuple[str, str]] = []
    table = [list(headings)]
    for entry in packed:
        state = "missing"
        try:
            file = storage.open(entry.storage_key)
        except (AppError, OSError):
            log.exception('"photo %s is not in the store"', entry.name)
        else:
            digest = hashlib.sha256()
            with file:
                chunks = _read(file, digest)
                yield entry.name, entry.received_at, MODE, ZIP_AUTO(entry.size, level=0), chunks
            state = "ok" if digest.hexdigest() == entry.sha256 else "damaged"
            sums.append((digest.hexdigest(), entry.name))
        told = (state, both(STATES[state]))
        table.append([cell(value) for value in (entry.name, entry.sha256, entry.size, *told, *entry.line)])
    manifest = _csv(table)
    sums.append((hashlib.sha256(manifest).hexdigest(), MANIFEST))
    yield MANIFEST, now, MODE, ZIP_AUTO(len(manifest), level=0), [manifest]
    listed = "".join(f"{digest}  {name}\n" for digest, name in sums).encode()
    yield SUMS, now, MODE, ZIP_AUTO(len(listed), level=0), [listed]


def _read(file: Any, digest: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        yield chunk


def _csv(table: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with the mark that makes Excel and WPS read Chinese."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_MINIMAL).writerows(table)
    return out.getvalue().encode("utf-8-sig")


def _moment(at: datetime | None) -> str:
    return "" if at is None else clock.local(at).isoformat(sep=" ", timespec="seconds")


def _position(latitude: float | None, longitude: float | None) -> str:
    return "" if latitude is None or longitude is None else f"{latitude:.6f}, {longitude:.6f}"
