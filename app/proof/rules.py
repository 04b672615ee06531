"""Pure decisions of a verification: what may be found, and whether records follow each other. No database, no clock."""

import enum
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from app.core.compact import canonical

BACK = timedelta(
    minutes=10
)  # by which one record may be earlier than the one before it: who waits for the lock
MOST_SAID = 5000  # signs of a text in a finding
LEAST_KEPT = timedelta(days=180)  # of what records tell: no county decides on less (app/retention/options.py)
MOST_KEPT = 1000  # findings of one verification that are kept whole; the others are counted
# what reading a value raises that no writer of ours leaves
UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)
_MOST_TRIED = 40  # records that do not follow and are tried in each other's places


class Kind(enum.StrEnum):
    """What a verification finds."""

    RECORD_CHANGED = "record_changed"
    RECORD_EMPTIED = "record_emptied"  # its contents, and no record says that they were forgotten
    RECORD_REMOVED = "record_removed"
    RECORD_INSERTED = "record_inserted"
    RECORD_MOVED = "record_moved"
    CHAIN_SHORTER = "chain_shorter"  # than somebody has seen it: cut off, or an old backup
    CHAIN_REWRITTEN = "chain_rewritten"  # a known head has another hash now
    ROW_CHANGED = "row_changed"
    ROW_REMOVED = "row_removed"
    ROW_INSERTED = "row_inserted"
    FILE_MISSING = "file_missing"
    FILE_SIZE = "file_size"
    FILE_CHANGED = "file_changed"
    FILE_SWAPPED = "file_swapped"  # for another file we know
    TABLE_CHANGED = "table_changed"  # not as the program knows it, or something else changes its rows
    CONTENT_CHANGED = "content_changed"  # what was frozen is not what its digest says
    CLOCK_BACK = "clock_back"
    CERTIFICATE = "certificate"
    PLACE_SILENT = "place_silent"  # a second place that cannot be read
    PLACE_CUT = "place_cut"  # a second place that no longer holds what was sent there
    PLACE_ODD = "place_odd"  # a second place that holds what is no head
    NOT_CHECKABLE = "not_checkable"
    NOT_NEEDED = "not_needed"  # a file that nobody refers to

    @property
    def level(self) -> "Level":
        if self in (Kind.CLOCK_BACK, Kind.CERTIFICATE, Kind.PLACE_SILENT, Kind.PLACE_CUT, Kind.PLACE_ODD):
            return Level.WARNING
        return Level.NOTE if self in (Kind.NOT_CHECKABLE, Kind.NOT_NEEDED) else Level.DIFFERENCE


class Level(enum.StrEnum):
    """Only differences make a verification fail."""

    DIFFERENCE = "difference"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Found:
    """One finding. `table` and `key` name the object, `seq` and `at` the last record that stood for it."""

    kind: Kind
    table: str = ""
    key: str = ""
    seq: int | None = None
    at: str = ""  # UTC as it is stored
    expected: str = ""
    found: str = ""
    detail: str = ""  # another place, another file, a number of them

    @property
    def level(self) -> Level:
        return self.kind.level

    def readable(self) -> "Found":
        """With texts that can be printed and kept, whatever stood in the database."""
        said = (self.table, self.key, self.at, self.expected, self.found, self.detail)
        if all(type(one) is str and one.isprintable() and len(one) <= MOST_SAID for one in said):
            return self
        table, key, at, expected, found, detail = map(_printable, said)
        return replace(self, table=table, key=key, at=at, expected=expected, found=found, detail=detail)


def _printable(value: Any) -> str:
    text = str(value)[:MOST_SAID]
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


@dataclass
class Tally:
    """Findings of one verification: the first MOST_KEPT whole, all counted."""

    kept: list[Found] = field(default_factory=list)
    counts: dict[Level, int] = field(default_factory=lambda: dict.fromkeys(Level, 0))

    def add(self, found: Found) -> None:
        self.counts[found.level] += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(found.readable())

    @property
    def differences(self) -> int:
        return self.counts[Level.DIFFERENCE]


_quick: Callable[[Any], bytes] = orjson.dumps  # what `canonical` writes, where all is text, None and whole numbers


class Record(NamedTuple):
    """An audit record as it is stored: texts and numbers, UUIDs as 32 digits, moments as SQLite has them."""

    seq: Any
    id: Any
    at: Any
    action: Any
    object_type: Any
    object_id: Any
    person_id: Any
    change_id: Any
    request_id: Any
    address: Any
    before: Any
    after: Any
    note: Any
    content: Any
    rows: Any
    hash: Any


def content_digest(record: Record) -> bytes:
    """Of what a record tells (app/core/ledger.py says the same of what it writes)."""
    told = record[9:13]
    for text in told:
        if text.__class__ is not str and text is not None:
            return hashlib.sha256(canonical(told).encode()).digest()
    return hashlib.sha256(_quick(told)).digest()  # texts alone: the same bytes in half the time


def record_hash(record: Record, seq: int, previous: bytes) -> bytes:
    """Of the facts in the order of their names; TypeError where one is of another kind than the ledger writes."""
    _seq, key, at, action, kind, obj, person, change, request, _a, _b, _c, _n, content, rows, _h = record
    for text in (key, at, action, kind, obj, person, change, request):
        if text.__class__ is not str and text is not None:
            raise TypeError(f"not as a record has it: {text!r}")
    said = {
        "action": action, "at": at, "change_id": change, "content": content.hex(), "id": key, "object_id": obj,
        "object_type": kind, "person_id": person, "previous": previous.hex(), "request_id": request,
        "rows": hashlib.sha256(rows.encode()).hexdigest() if rows else "", "seq": seq,
    }  # fmt: skip
    return hashlib.sha256(_quick(said)).digest()


def is_empty(record: Record) -> bool:
    """Whether its contents were forgotten, or taken away."""
    return not (record.address or record.before is not None or record.after is not None or record.note)


@dataclass
class _Odd:
    """A record that does not follow. `previous`: the hash that stands before its place now."""

    record: Record
    previous: bytes
    after_gap: bool
    finding: Found


class Walk:
    """Goes along the chain record by record; memory does not grow with it.

    `forgotten` are ranges (first, last) that records say were forgotten. `keep(seq, rows)` takes what records bind.
    """

    def __init__(
        self,
        start: tuple[int, bytes],
        forgotten: Sequence[tuple[int, int]],
        tell: Callable[[Found], None],
        keep: Callable[[int, str], None],
    ) -> None:
        self.tell, self.keep, self.forgotten = tell, keep, forgotten
        self.seq, self.hash = start
        self.count, self.at = 0, ""
        self._before = b""  # the hash before the last one
        self._other: bytes | None = None  # what the last record's hash should be, where it is not
        self._shift = 0  # places by which records stand too far
        self._odd: list[_Odd] = []

    def along(self, records: Iterable[Record]) -> None:
        """All of `records`, in the order of their numbers."""
        keep = self.keep
        for record in records:
            seq, stored = record.seq, record.hash
            gap = seq != self.seq + 1
            if gap and type(seq) is not int:
                self._placeless(record)
                continue
            finding = None
            expected = self._hash(record, seq - self._shift, self.hash)
            told = _content(record)
            if gap or not expected or expected != stored:
                finding = self._unlike(record, expected, gap=gap)
            if not told or told != record.content:
                self._contents(record, finding)
            at = record.at if isinstance(record.at, str) else self.at
            if at < self.at and finding is None and self._other is None:
                self._clock(record)
            stored = stored if isinstance(stored, bytes) else b""
            self._before, self.hash, self.seq, self.at = self.hash, stored, seq, at
            self._other = expected if finding else None
            self.count += 1
            if record.rows:
                keep(seq, record.rows)
        self._settle()

    def _placeless(self, record: Record) -> None:
        """Its number is none."""
        self.count += 1
        at = str(record.at)
        self.tell(Found(Kind.RECORD_INSERTED, "audit_records", str(record.id), at=at, detail="no_place"))
        if record.rows:
            self.keep(self.seq, record.rows)

    def _unlike(self, record: Record, expected: bytes, *, gap: bool) -> Found | None:
        seq, stored = record.seq, record.hash
        if gap:
            self._gap(seq)
        elif self._other is not None and self._fits(record, seq - self._shift, self._other):
            return None  # the one before it has another hash than it had; that is told already
        elif self._is_shifted(record):
            return None
        known = expected.hex() if not gap else ""
        kind = Kind.RECORD_CHANGED if stored and record.content else Kind.RECORD_INSERTED
        found = Found(kind, "audit_records", str(record.id), seq, str(record.at), known, _hex(stored))
        if len(self._odd) < _MOST_TRIED:
            self._odd.append(_Odd(record, self.hash, after_gap=gap, finding=found))
        elif not gap:
            self.tell(found)
        return None if gap else found

    def _is_shifted(self, record: Record) -> bool:
        """Whether one before it was put in, or taken out and the numbers closed up."""
        last = self._odd[-1] if self._odd else None
        if last is None or last.record.seq != record.seq - 1:
            return False
        true = record.seq - self._shift
        if self._fits(last.record, true, record.hash):
            return False  # the two stand in each other's places
        if self._fits(record, true - 1, self._before):
            last.finding = replace(last.finding, kind=Kind.RECORD_INSERTED)
            self._shift += 1
            return True
        if self._fits(record, true + 1, self.hash):
            last.finding = replace(last.finding, kind=Kind.RECORD_REMOVED, key="", detail="closed_up")
            self._shift -= 1
            return True
        return False

    def _gap(self, seq: int) -> None:
        first, last = self.seq + 1, seq - 1
        many = f"{first}–{last}" if last > first else f"{first}"
        hole = Record._make([first, *[None] * 14, last])  # what is not there: from, to
        missing = Found(Kind.RECORD_REMOVED, "audit_records", "", first, self.at, detail=many)
        self._odd.append(_Odd(hole, self.hash, after_gap=False, finding=missing))

    def _contents(self, record: Record, finding: Found | None) -> None:
        if is_empty(record) and any(
            first <= record.seq - self._shift <= last for first, last in self.forgotten
        ):
            return
        kind = Kind.RECORD_EMPTIED if is_empty(record) else Kind.RECORD_CHANGED
        if finding is None:
            self.tell(
                Found(
                    kind,
                    "audit_records",
                    str(record.id),
                    record.seq,
                    str(record.at),
                    _hex(record.content),
                    detail="contents",
                )
            )

    def _clock(self, record: Record) -> None:
        try:
            back = datetime.fromisoformat(self.at) - datetime.fromisoformat(record.at)
        except (TypeError, ValueError):
            return
        if back > BACK:
            self.tell(
                Found(
                    Kind.CLOCK_BACK, "audit_records", str(record.id), record.seq, record.at, self.at, record.at
                )
            )

    # ---- the end: who stands in whose place

    def _settle(self) -> None:
        gaps = [odd for odd in self._odd if odd.record.id is None]
        others = [odd for odd in self._odd if odd.record.id is not None]
        places = {odd.record.seq: odd.previous for odd in (*gaps, *others)}
        hashes = {odd.record.hash for odd in others} | set(places.values())
        settled: set[int] = set()
        for odd in others:
            if any(self._fits(odd.record, odd.record.seq - self._shift, before) for before in hashes):
                continue  # it stands where it stood; the one before it does not
            place = next(self._true_places(odd.record, places, hashes), None)
            if place is not None:
                settled.add(place)
                self.tell(
                    replace(
                        odd.finding,
                        kind=Kind.RECORD_MOVED,
                        seq=place,
                        expected=str(place),
                        found=str(odd.record.seq),
                    )
                )
            elif not odd.after_gap:
                self.tell(odd.finding)
        moved = {odd.record.seq for odd in others}
        for gap in gaps:
            first, last = gap.record.seq, gap.record.hash
            if settled and (first in settled or (last + 1 in moved and last - first > 0)):
                continue  # it stands elsewhere, or there is no more than the way to where it was put
            self.tell(gap.finding)
        self._odd = []

    def _true_places(self, record: Record, places: Mapping[int, bytes], hashes: set[bytes]) -> Iterator[int]:
        for place, stands_before in places.items():
            if place != record.seq:
                for before in (stands_before, *hashes):
                    if self._fits(record, place, before):
                        yield place
                        break

    def _fits(self, record: Record, seq: int, previous: bytes) -> bool:
        """Whether a record has the hash that it would have in this place."""
        found = self._hash(record, seq, previous)
        return found != b"" and found == record.hash

    @staticmethod
    def _hash(record: Record, seq: int, previous: bytes) -> bytes:
        """b"" where its values are such that it can have none."""
        try:
            return record_hash(record, seq, previous)
        except UNREADABLE:
            return b""


def _content(record: Record) -> bytes:
    try:
        return content_digest(record)
    except UNREADABLE:
        return b""


def _hex(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value or "")
