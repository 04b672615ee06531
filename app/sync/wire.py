"""What a phone sends, read with care: a body that is not what it should be costs nobody anything."""

import hashlib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from app.core.compact import canonical
from app.core.errors import N_, Invalid, TooLarge
from app.core.ids import derived_id, read_id
from app.sync.rules import MOST_DEVICE_MS

MOST_CHANGES = 500
MOST_BYTES = 4 * 1024 * 1024
MOST_AFTER = 200
DEEPEST = 12
_BIG = 2**63
# what a change needs stands before it: a place, its visit, what was seen, how it ended, the notice
RANKS = {
    "premises_new": 0, "report_new": 1, "visit_start": 1, "answer": 2, "note": 2, "readings": 2, "outcome": 3,
    "photo_announced": 3, "choose": 4, "finish": 5, "visit_discard": 6, "notice_issue": 7,
}  # fmt: skip
VERSIONS = {"answer": "result", "note": "note", "readings": "readings", "outcome": "outcome"}
_BROKEN = N_("This change cannot be read. It stays on the phone; save a rescue file and tell the administrator.")


class Change(NamedTuple):
    """One change as the phone recorded it. `content` is the SHA-256 of what it says."""

    id: UUID
    key: str  # the id as versions name it
    kind: str
    inspection_id: UUID | None
    item_id: UUID | None
    fields: dict[str, Any]
    after: tuple[str, ...]
    device_at: int
    offset_ms: int | None
    seq: int
    content: bytes

    @property
    def order(self) -> tuple[int, int]:
        return RANKS[self.kind], self.seq

    def beside(self) -> "Change":
        """The same under the id that other content of a known id is kept by."""
        other = derived_id(self.id, self.content.hex())
        return self._replace(id=other, key=str(other))


class Unreadable(NamedTuple):
    """Something among the changes that is none; `id` is what the phone called it."""

    id: str
    message: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request: whose phone, its clock, and the changes in the order they came."""

    device_id: UUID | None
    sent_at_ms: int | None
    changes: list[Change | Unreadable]


def read_envelope(body: bytes) -> Envelope:
    """Read a request's body. Raises Invalid when it is no list of changes, TooLarge."""
    if len(body) > MOST_BYTES:
        raise TooLarge(N_("This is too much for one sending. Send fewer changes at once."))
    said, ids = read_json(body), Ids()
    changes = said.get("changes") if isinstance(said, dict) else None
    if not isinstance(changes, list):
        raise Invalid(_BROKEN)
    if len(changes) > MOST_CHANGES:
        raise TooLarge(N_("This is too much for one sending. Send fewer changes at once."))
    read = [read_change(raw, ids) for raw in changes]
    return Envelope(read_id(said.get("device")), _integer(said.get("sent_at_ms")), read)


def read_json(body: bytes) -> Any:
    """JSON without what databases cannot keep. Raises Invalid."""
    try:
        said = json.loads(body, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):  # a UnicodeDecodeError is a ValueError
        raise Invalid(_BROKEN) from None
    low = body.lower()
    return _clean(said, 0) if b"\\u0000" in low or b"\\ud" in low or low.count(b"[[[[") else said


class Ids(dict[Any, UUID | None]):
    """Ids by what was sent: the changes of a visit name the same few again and again."""

    def __missing__(self, raw: Any) -> UUID | None:
        found = self[raw] = read_id(raw)
        return found


def read_change(raw: Any, ids: Ids) -> Change | Unreadable:
    """One change; Unreadable when a part of it is not what it should be."""
    try:
        return _read_change(raw, ids)
    except (RecursionError, TypeError):  # a list or an object where an id should be has no hash
        return Unreadable(str(raw.get("id", ""))[:80], _BROKEN)


def _read_change(raw: Any, ids: Ids) -> Change | Unreadable:
    if not isinstance(raw, dict):
        return Unreadable("", _BROKEN)
    id_, kind, fields = read_id(raw.get("id")), raw.get("kind"), raw.get("fields") or {}
    device_at, after = _integer(raw.get("device_at")), raw.get("after") or []
    inspection_id, item_id = ids[raw.get("inspection_id")], ids[raw.get("item_id")]
    if (
        id_ is None
        or kind not in RANKS
        or not isinstance(fields, dict)
        or device_at is None
        or not 0 <= device_at <= MOST_DEVICE_MS
        or not _is_after(after)
        or (kind != "premises_new" and inspection_id is None)
        or ((kind in VERSIONS or kind == "choose") and item_id is None)
    ):
        return Unreadable(str(raw.get("id", ""))[:80], _BROKEN)
    seq, offset = _integer(raw.get("seq")) or 0, _integer(raw.get("offset_ms"))
    said = [kind, raw.get("inspection_id"), raw.get("item_id"), fields, after, device_at]
    if offset is not None and abs(offset) > MOST_DEVICE_MS:
        offset = None
    content = content_of(said)
    return Change(id_, str(id_), kind, inspection_id, item_id, fields, tuple(after), device_at, offset, seq, content)


def content_of(said: Any) -> bytes:
    """SHA-256 of the one form JSON has with sorted keys and no blanks."""
    return hashlib.sha256(canonical(said).encode("utf-8", "surrogatepass")).digest()


def text_of(fields: dict[str, Any], name: str, most: int) -> str:
    """A text field, trimmed to what the page's form would take; anything else is empty."""
    value = fields.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def number_of(fields: dict[str, Any], name: str, most: float) -> float | None:
    """A finite number within ±`most`; None for anything else."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -most <= value <= most else None


def ids_of(values: Any) -> list[UUID]:
    """The ids among `values`."""
    return [found for value in values if (found := read_id(value))] if isinstance(values, list) else []


def strings_of(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _is_after(after: Any) -> bool:
    return (
        isinstance(after, list)
        and len(after) <= MOST_AFTER
        and all(isinstance(one, str) and len(one) <= 40 for one in after)
    )


def _integer(raw: Any) -> int | None:
    if type(raw) is not int and (isinstance(raw, bool) or not isinstance(raw, int | float)):
        return None
    return round(raw) if -_BIG < raw < _BIG else None


def _no_number(_name: str) -> None:
    raise ValueError("not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not JSON")
    return number


def _clean(value: Any, depth: int) -> Any:
    """NUL characters go, halves of characters become U+FFFD; what is nested absurdly deep is refused."""
    if depth > DEEPEST:
        raise Invalid(_BROKEN)
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_clean(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {_clean(name, depth + 1): _clean(one, depth + 1) for name, one in value.items()}
    return value


def in_order(changes: Iterable[Change]) -> list[Change]:
    """So that what a change needs comes before it, whatever the order of sending."""
    return sorted(changes, key=lambda change: change.order)
