"""A verification: chain, database and files held against each other, in flat memory, while the service goes on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.core import clock, ledger
from app.core.settings import Settings
from app.core.storage import Storage
from app.proof import anchoring, files, frozen, rows, tables
from app.proof.heads import Heads, remembered, sent_to
from app.proof.reading import Snapshot, snapshot
from app.proof.rules import LEAST_KEPT, UNREADABLE, Found, Kind, Tally, Walk
from app.proof.shelf import Shelf, shelf
from app.seals import certificate
from app.seals.rules import Standing


@dataclass(frozen=True)
class Wish:
    """What is to be verified. `since`: only what came after this record; `files`: whether files are looked at."""

    quick: bool = False
    since: int = 0
    files: bool = True

    @property
    def whole(self) -> bool:
        return self.since == 0


@dataclass(frozen=True)
class Result:
    """What came of it."""

    records: int
    rows: int
    files: int
    head: tuple[int, str]
    tally: Tally

    @property
    def found(self) -> Sequence[Found]:
        return self.tally.kept

    @property
    def verdict(self) -> str:
        """The last line of the command."""
        count = self.tally.differences
        said = f"{count} difference{'' if count == 1 else 's'}"
        return f"verified: {self.records} records, {self.rows} rows, {self.files} files; {said}"


EVERYTHING = Wish()


def verify(settings: Settings, storage: Storage, wish: Wish = EVERYTHING) -> Result:
    """Read everything as it stands at one moment. Writes nothing but a temporary file."""
    tally = Tally()
    with shelf(settings.data_dir / "tmp") as sorter:
        with snapshot() as look:
            readable = not tables.compare(look, tally.add)  # else only records and rows: the rest needs all tables
            walk = _chain(look, sorter, tally, wish)
            heads = Heads(look, walk.seq)
            heads.take(remembered(look) if readable else ())
            heads.take(anchoring.kept(settings, sent_to(look) if readable else {}, tally.add))
            count = rows.compare(look, sorter, tally.add, whole=wish.whole)
            tell = _unless_told(tally)
            if readable:
                frozen.papers(look, heads, tell)
            if readable and wish.whole and not wish.quick:
                frozen.visits(look, tell)
            numbers = {found.seq for found in tally.kept if found.table == "audit_records"}
            heads.tell(tally.add, lambda seq: seq in numbers)
            if wish.files and readable:
                files.gather(look, sorter)
        lying = files.compare(storage, sorter, tally.add, quick=wish.quick) if wish.files and readable else 0
        _moments(sorter, tally)
    _certificate(settings, tally)
    return Result(walk.count, count, lying, (walk.seq, walk.hash.hex()), tally)


def _chain(look: Snapshot, sorter: Shelf, tally: Tally, wish: Wish) -> Walk:
    """The records one after the other; what they bind goes to the shelf."""
    first = look.record(wish.since) if wish.since else None
    start = (first.seq, first.hash if isinstance(first.hash, bytes) else b"") if first else (0, ledger.START)
    for record in look.outside():
        tally.add(
            Found(Kind.RECORD_INSERTED, "audit_records", str(record.id), at=str(record.at), detail="no_place")
        )
    walk = Walk(start, list(_forgotten(look)), tally.add, sorter.keep)
    walk.along(look.records(start[0]))
    return walk


def _forgotten(look: Snapshot) -> list[tuple[int, int]]:
    """Which records' contents were forgotten, as records say; what was younger then than any period never was."""
    text = '"after"' if look.is_sqlite else '"after"::text'
    found = []
    for after, at in look.rows(f"SELECT {text}, at FROM audit_records WHERE action = 'contents_forgotten'"):
        try:
            said = json.loads(after)
            found.append((int(said["first"]), min(int(said["last"]), _oldest_kept(look, at))))
        except UNREADABLE:
            continue
    return found


def _oldest_kept(look: Snapshot, at: Any) -> int:
    """The last record that could be forgotten at that moment; a day more, for clocks that differ."""
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    before = ledger.plain(moment - LEAST_KEPT + timedelta(days=1))
    query = "SELECT seq FROM audit_records WHERE at < ? AND seq > 0 ORDER BY at DESC LIMIT 1"
    return next((int(row[0]) for row in look.rows(query, before)), 0)


def _unless_told(tally: Tally) -> Callable[[Found], None]:
    """What was frozen in a row that was changed is told with the row."""
    told = {(found.table, found.key) for found in tally.kept}

    def tell(found: Found) -> None:
        if (found.table, found.key) not in told:
            tally.add(found)

    return tell


def _moments(sorter: Shelf, tally: Tally) -> None:
    """Complete what was found by the last record that stood for it, and that one's moment."""
    nameless = {(one.table, one.key) for one in tally.kept if one.seq is None and one.table and one.key}
    numbers = sorter.last_of(nameless)
    completed = [
        replace(one, seq=numbers[one.table, one.key])
        if one.seq is None and (one.table, one.key) in numbers
        else one
        for one in tally.kept
    ]
    wanted = sorted({one.seq for one in completed if one.seq is not None and not one.at})
    with snapshot() as look:
        moments: dict[int, Any] = {}
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ", ".join("?" * len(some))
            moments |= dict(look.rows(f"SELECT seq, CAST(at AS TEXT) FROM audit_records WHERE seq IN ({marks})", *some))
    tally.kept[:] = [
        one if one.at or one.seq is None else replace(one, at=str(moments.get(one.seq, "")))
        for one in completed
    ]


def _certificate(settings: Settings, tally: Tally) -> None:
    """An expired or unreadable certificate signs no paper any more; what it signed stays as it is."""
    seal = certificate.present(settings, clock.now())
    if seal.standing not in (Standing.EXPIRED, Standing.UNREADABLE, Standing.NOT_YET):
        return
    own = seal.certificate.own if seal.certificate else None
    until = own.not_valid_after_utc.isoformat(sep=" ") if own else ""
    name = seal.certificate.name if seal.certificate else ""
    tally.add(Found(Kind.CERTIFICATE, key=name, at=until, found=seal.standing.value))
