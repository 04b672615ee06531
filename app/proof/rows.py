"""Rows against the chain: each row as it stands beside what the chain said last of it."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import combinations
from typing import Any

from app.core import ledger, watching
from app.core.compact import canonical
from app.core.watching import Watched
from app.proof.reading import Snapshot
from app.proof.rules import Found, Kind
from app.proof.shelf import Said, Shelf

_MOST_ADDED = 4  # columns that a table may have got since a row was bound, tried one by one
Tell = Callable[[Found], None]
Places = tuple[int, ...]


def compare(look: Snapshot, shelf: Shelf, tell: Tell, *, whole: bool) -> int:
    """Every bound table; how many rows were looked at. `whole`: the chain was read from its beginning."""
    count, seen = 0, set()
    for table, said in shelf.last():
        one = watching.of(table)
        if one is None or not look.columns(table):
            tell(Found(Kind.NOT_CHECKABLE, table, detail=str(sum(1 for _row in said))))
            continue
        seen.add(table)
        count += _table(look, one, shelf.shapes_of(table), said, tell, whole=whole)
    for one in watching.watched() if whole else ():
        if one.table.name not in seen and look.columns(one.table.name):
            count += _table(look, one, {}, iter(()), tell, whole=True)
    return count


def _table(
    look: Snapshot, one: Watched, shapes: dict[int, str], said: Iterator[Said], tell: Tell, *, whole: bool
) -> int:
    there = look.columns(one.table.name)
    columns = [name for name in sorted(column.name for column in one.table.columns) if name in there]
    places = {number: _places(shape, one, columns) for number, shape in shapes.items()}
    wanted = sorted({place for found in places.values() for place in found or ()}) or [0]
    kept = {place: number for number, place in enumerate(wanted)}
    near = {
        number: tuple(kept[place] for place in found) if found else None for number, found in places.items()
    }
    rows = look.table(one, [columns[place] for place in wanted])
    compared = _Compared(one.table.name, near, len(wanted), tell, whole=whole, plain=look.is_sqlite)
    return compared.along(said, rows)


def _places(shape: str, one: Watched, columns: Sequence[str]) -> Places | None:
    """Which of today's columns a digest was made of; None where some of them are gone.

    A shape names its columns only by their hash. Columns are added one by one over the years, so those of an earlier
    shape are those of today but for a few.
    """
    bound = [place for place, name in enumerate(columns) if name in one.columns]
    if one.shape == shape and len(bound) == len(one.columns):
        return tuple(bound)
    for start in (bound, list(range(len(columns)))):
        for fewer in range(_MOST_ADDED + 1):
            for without in combinations(start, fewer):
                left = tuple(place for place in start if place not in without)
                if sha256(",".join(columns[place] for place in left).encode()).hexdigest()[:8] == shape:
                    return left
    return None


class _Compared:
    """One table, both sides in the order of their keys."""

    def __init__(
        self,
        table: str,
        places: dict[int, Places | None],
        width: int,
        tell: Tell,
        *,
        whole: bool,
        plain: bool,
    ) -> None:
        self.table, self.tell, self.whole = table, tell, whole
        all_of = tuple(range(width))
        self.places = {number: None if found == all_of else found for number, found in places.items()}
        self.lost = {number for number, found in places.items() if found is None}
        self.unknown = 0
        self.digest: Callable[[Sequence[Any]], str] = digest if plain else ledger.row_digest

    def along(self, said: Iterator[Said], rows: Iterator[tuple[str, tuple[Any, ...]]]) -> int:
        """Tell what differs; how many rows the table has."""
        count, key, values = 0, None, ()
        for last in said:
            while key is None or key < last.key:
                if key is not None:
                    self._added(key)
                key, values = next(rows, ("\uffff", ()))
                count += key != "\uffff"
            if key == last.key:
                self._same(last, values)
                key = None
            elif last.digest:
                self.tell(Found(Kind.ROW_REMOVED, self.table, last.key, last.seq, expected=last.digest))
        if key not in (None, "\uffff"):
            self._added(str(key))
        for key, _values in rows:
            count += 1
            self._added(key)
        if self.unknown:
            self.tell(Found(Kind.NOT_CHECKABLE, self.table, detail=str(self.unknown)))
        return count

    def _same(self, last: Said, values: tuple[Any, ...]) -> None:
        if last.shape in self.lost:
            self.unknown += bool(last.digest)
            return
        chosen = self.places[last.shape]
        found = self.digest(values if chosen is None else [values[place] for place in chosen])
        if found != last.digest:
            kind = Kind.ROW_CHANGED if last.digest else Kind.ROW_INSERTED
            self.tell(Found(kind, self.table, last.key, last.seq, expected=last.digest, found=found))

    def _added(self, key: str) -> None:
        if self.whole:
            self.tell(Found(Kind.ROW_INSERTED, self.table, key))


def digest(values: Sequence[Any]) -> str:
    """Like `ledger.row_digest` for what SQLite gives: plain already but for bytes."""
    try:
        return sha256(canonical(values).encode()).hexdigest()[:32]
    except TypeError:
        return ledger.row_digest(values)
