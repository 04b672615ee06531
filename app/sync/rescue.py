"""A rescue file: all that waited on a phone, as an uncompressed tar. It goes the same way as what the phone sends.

The file may come from anywhere, so it is read by hand and only as the phone writes it: plain files named
manifest.json and photos/<id>, nothing packed, linked or sparse.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID

from app.accounts.models import Person
from app.accounts.queries import person_in
from app.core.errors import N_, AppError, Invalid, NotAllowed
from app.core.ids import derived_id
from app.core.settings import settings
from app.sync import photos
from app.sync.book import Told
from app.sync.receiving import Sending, receive
from app.sync.rules import Status
from app.sync.wire import Change, Ids, Unreadable, in_order, read_change, read_json

BLOCK = 512
LARGEST = 1 << 30  # bytes of a whole file
MOST_MEMBERS, MOST_CHANGES, LARGEST_MANIFEST = 5_000, 50_000, 64 << 20
AT_ONCE = 400
_OCTAL = re.compile(rb"[0-7]+")
_NOT_OURS = N_("This is not a rescue file, or it is damaged. Save it again on the phone.")


@dataclass(frozen=True)
class Member:
    """A file inside: its name, and where its bytes lie."""

    name: str
    start: int
    size: int


@dataclass
class Outcome:
    """What became of the file."""

    person: Person
    changes: list[tuple[Change | Unreadable, Told]] = field(default_factory=list)
    photos: list[tuple[UUID, str, str]] = field(default_factory=list)  # id, status, message

    def counted(self) -> dict[str, int]:
        """How many changes and photos ended how."""
        ends = [told.status.value for _change, told in self.changes] + [status for _id, status, _text in self.photos]
        return {end: ends.count(end) for end in dict.fromkeys(ends)}


def members(file: BinaryIO) -> Iterator[Member]:
    """The files of an uncompressed tar. Raises Invalid for anything a phone does not write."""
    end = file.seek(0, io.SEEK_END)
    place = count = 0
    while place + BLOCK <= end:
        file.seek(place)
        header = file.read(BLOCK)
        if header == bytes(BLOCK):
            return
        size = _size(header)
        count += 1
        if count > MOST_MEMBERS or place + BLOCK + size > end:
            raise Invalid(_NOT_OURS)
        yield Member(header[:100].rstrip(b"\0").decode("ascii", "replace"), place + BLOCK, size)
        place += BLOCK + (size + BLOCK - 1) // BLOCK * BLOCK


def _size(header: bytes) -> int:
    """Bytes of the file after this header; only plain files with a right checksum count."""
    digits = header[124:136].strip(b"\0 ")
    checksum = header[148:156].strip(b"\0 ")
    plain = header[257:262] == b"ustar" and header[156:157] in {b"0", b"\0"}
    if not plain or not _OCTAL.fullmatch(digits) or not _OCTAL.fullmatch(checksum):
        raise Invalid(_NOT_OURS)
    if sum(header[:148]) + 8 * 32 + sum(header[156:]) != int(checksum, 8):
        raise Invalid(_NOT_OURS)
    return int(digits, 8)


def take_file(file: BinaryIO, *, by: Person) -> Outcome:
    """Take everything in, in the name of whoever recorded it. Raises Invalid, NotAllowed."""
    inside = {member.name: member for member in members(file)}
    manifest = _manifest(file, inside)
    outcome = Outcome(_author(manifest, by))
    device_id = Ids()[manifest.get("device")]
    known = Ids()
    changes = [read_change(raw, known) for raw in _rows(manifest, "changes")]
    pictures = {}
    for row in _rows(manifest, "photos"):
        photo_id = known[row.get("id")] if isinstance(row, dict) and isinstance(row.get("id"), str) else None
        member = inside.get(f"photos/{photo_id}")
        if photo_id is not None and member is not None:
            pictures[photo_id] = member
            changes.append(_announcement(file, member, photo_id, row, known))
    _send(outcome, changes, device_id)
    for photo_id, member in pictures.items():
        outcome.photos.append((photo_id, *_take_photo(file, member, photo_id)))
    return outcome


def _manifest(file: BinaryIO, inside: dict[str, Member]) -> dict[str, Any]:
    member = inside.get("manifest.json")
    if member is None or member.size > LARGEST_MANIFEST:
        raise Invalid(_NOT_OURS)
    file.seek(member.start)
    said = read_json(file.read(member.size))
    if not isinstance(said, dict):
        raise Invalid(_NOT_OURS)
    return said


def _rows(manifest: dict[str, Any], name: str) -> list[Any]:
    rows = manifest.get(name)
    if not isinstance(rows, list) or len(rows) > MOST_CHANGES:
        raise Invalid(_NOT_OURS)
    return rows


def _author(manifest: dict[str, Any], by: Person) -> Person:
    """Oneself, or for a supervisor anybody of the area."""
    said = manifest.get("person")
    raw = said.get("id") if isinstance(said, dict) else None
    who = Ids()[raw] if isinstance(raw, str) else None
    if who is None:
        raise Invalid(_NOT_OURS)
    if who == by.id:
        return by
    if not by.is_supervisor:
        raise NotAllowed(N_("This file was saved by somebody else. They, or a supervisor, can hand it in."))
    return person_in(by.region, who)


def _announcement(
    file: BinaryIO, member: Member, photo_id: UUID, row: dict[str, Any], known: Ids
) -> Change | Unreadable:
    """A photo is announced by its bytes; one that the phone had announced itself stays as it was announced."""
    facts = {name: row.get(name) for name in ("name", "type", "purpose", "captured_at", "source")}
    facts |= {name: row.get(name) for name in ("latitude", "longitude", "accuracy_m")}
    said = {"photo_id": str(photo_id), "sha256": _hash(file, member), "size": member.size, **facts}
    raw = {
        "id": str(derived_id(photo_id, "rescue", str(said["sha256"]))),
        "kind": "photo_announced",
        "inspection_id": row.get("inspection_id"),
        "item_id": row.get("item_id"),
        "fields": said,
        "device_at": row.get("device_at") or 0,
        "offset_ms": row.get("offset_ms"),
        "seq": row.get("seq"),
    }
    return read_change(raw, known)


def _send(outcome: Outcome, changes: list[Change | Unreadable], device_id: UUID | None) -> None:
    """In several transactions, what is needed first before what needs it."""
    readable = in_order(change for change in changes if isinstance(change, Change))
    for start in range(0, len(readable), AT_ONCE):
        part = readable[start : start + AT_ONCE]
        told = receive(Sending(part, outcome.person, device_id))
        outcome.changes += list(zip(part, told, strict=True))
    for change in changes:
        if isinstance(change, Unreadable):
            outcome.changes.append((change, Told(change.id, Status.REFUSED, change.message)))


def _take_photo(file: BinaryIO, member: Member, photo_id: UUID) -> tuple[str, str]:
    """What became of its bytes, and why."""
    if member.size > settings().photo_max_bytes:
        return Status.REFUSED.value, N_("This is too large to be taken.")
    photo = photos.expected(photo_id)
    if photo is None:
        return Status.WAITING.value, N_("The server does not expect this photo yet.")
    try:
        progress = photos.take_whole(photo, Slice(file, member))
    except AppError as error:
        return Status.REFUSED.value, error.message
    if not progress.received:
        return Status.REFUSED.value, N_("These bytes are not those of the photo that was announced.")
    return Status.RECEIVED.value, ""


class Slice:
    """The bytes of one member, read piece by piece."""

    def __init__(self, file: BinaryIO, member: Member) -> None:
        self._file, self._place, self._end = file, member.start, member.start + member.size

    def read(self, size: int = -1, /) -> bytes:
        left = self._end - self._place
        self._file.seek(self._place)
        piece = self._file.read(left if size < 0 else min(size, left))
        self._place += len(piece)
        return piece


def _hash(file: BinaryIO, member: Member) -> str:
    digest, part = hashlib.sha256(), Slice(file, member)
    while piece := part.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


