"""A phone says which photo it will send: the visit counts it as present, and waits for the bytes with this hash."""

import re
from typing import Any

from app.core.errors import N_, Invalid, Refused
from app.core.ids import derived_id
from app.inspections.models import LATE
from app.photos.models import Purpose
from app.sync.book import Book, Visit
from app.sync.rules import Status
from app.sync.visits import item_of
from app.sync.wire import Change, ids_of, number_of, text_of

LARGEST = 200 * 1024 * 1024  # bytes; the photo itself is held to the installation's own limit when it arrives
_SHA256 = re.compile(r"[0-9a-f]{64}")
OTHER = N_("Another photo was already announced under this number. Take this photo again.")


def announce(book: Book, visit: Visit, change: Change) -> Status:
    """Expect the photo. The same announcement under another change id is no fault. Raises Invalid, Refused.

    After the end of the visit a new one is LATE: its bytes are taken, too, and it stands beside the record.
    """
    row = _row(book, visit, change)
    known = book.announced.get(row["photo_id"])
    if known is not None:
        if known != (visit.id, row["sha256"]):
            raise Refused(OTHER)
        return Status.RECEIVED
    book.announced[row["photo_id"]] = (visit.id, row["sha256"])
    if not visit.is_open:
        row["meta"][LATE] = "yes"
        book.photos.append(row)
        return Status.LATE
    if row["item_id"] is not None:
        item = item_of(visit, row["item_id"])
        row["answer_id"] = derived_id(visit.id, str(item.id))
        if row["answer_id"] not in visit.answers:
            held = book.new_answer(visit, item, row["answer_id"])
            held.values["answered_at"], held.values["received_at"] = book.now, book.now
    book.photos.append(row)
    visit.received.append(change.key)
    return Status.RECEIVED


def read_announcement(change: Change) -> dict[str, Any]:
    """What a phone says of a photo it will send. Raises Invalid."""
    fields, ids = change.fields, ids_of([change.fields.get("photo_id")])
    sha256, size = fields.get("sha256"), number_of(fields, "size", LARGEST)
    if not ids or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or size is None or size < 1:
        raise Invalid(N_("This photo was announced without its number, its size or its hash."))
    purpose = fields.get("purpose")
    known_purpose = isinstance(purpose, str) and purpose in set(Purpose)
    return {
        "photo_id": ids[0],
        "sha256": sha256,
        "size": round(size),
        "purpose": purpose if known_purpose else Purpose.OTHER.value,
        "meta": _meta(change),
    }


def _row(book: Book, visit: Visit, change: Change) -> dict[str, Any]:
    return read_announcement(change) | {
        "inspection_id": visit.id,
        "answer_id": None,
        "item_id": change.item_id,
        "person_id": book.person.id,
        "device_id": book.device_id,
        "announced_at": book.now,
        "arrived_at": None,
        "problem": "",
    }


def _meta(change: Change) -> dict[str, str]:
    """As an upload form would say it (photos.rules.PhotoMeta.from_form reads it when the bytes are there)."""
    meta = {name: text_of(change.fields, name, 200) for name in ("captured_at", "source", "purpose")}
    meta["original_name"] = text_of(change.fields, "name", 250)
    for name, most in (("latitude", 90), ("longitude", 180), ("accuracy_m", 1_000_000)):
        value = number_of(change.fields, name, most)
        meta[name] = "" if value is None else repr(value)
    meta["clock_offset_ms"] = "" if change.offset_ms is None else str(change.offset_ms)
    return meta
