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

_LENGTH = 32  # of a digest
_NO_DIGEST = "-" * _LENGTH
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
        count += _table(look, shelf, one, said, tell, whole=whole)
    for one in watching.watched() if whole else ():
        if one.table.name not in seen and look.columns(one.table.name):
            count += _table(look, shelf, one, iter(()), tell, whole=True)
    return count


def _table(
    look: Snapshot, shelf: Shelf, one: Watched, said: Iterator[Said], tell: Tell, *, whole: bool
) -> int:
    there = look.columns(one.table.name)
    columns = [name for name in sorted(column.name for column in one.table.columns) if name in there]
    places = {
        number: _places(shape, one, columns) for number, shape in shelf.shapes_of(one.table.name).items()
    }
    wanted = sorted({place for found in places.values() for place in found or ()}) or [0]
    kept = {place: number for number, place in enumerate(wanted)}
    near = {number: tuple(kept[place] for place in found) for number, found in places.items() if found}
    made = _digests(
        look.table(one, [columns[place] for place in wanted]), near, len(wanted), plain=look.is_sqlite
    )
    compared = _Compared(one.table.name, {number: at for at, number in enumerate(near)}, tell, whole=whole)
    return compared.along(said, shelf.in_order(made))


def _digests(
    rows: Iterator[tuple[str, tuple[Any, ...]]], near: dict[int, Places], width: int, *, plain: bool
) -> Iterator[tuple[str, str]]:
    """Of each row its key, and its digest for each shape that the chain knows of its table, joined."""
    made: Callable[[Sequence[Any]], str] = digest if plain else ledger.row_digest
    shapes = list(near.values())
    if shapes == [tuple(range(width))]:
        return ((key, made(values)) for key, values in rows)
    return (
        (key, "".join(made([values[place] for place in places]) for places in shapes)) for key, values in rows
    )


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
    """One table, both sides in the order of their keys. `shapes`: where a shape's digest stands among a row's."""

    def __init__(self, table: str, shapes: dict[int, int], tell: Tell, *, whole: bool) -> None:
        self.table, self.shapes, self.tell, self.whole = table, shapes, tell, whole
        self.unknown = 0

    def along(self, said: Iterator[Said], rows: Iterator[tuple[str, str]]) -> int:
        """Tell what differs; how many rows the table has."""
        count, key, digests, ended = 0, None, "", False
        for last in said:
            while not ended and (key is None or key < last.key):
                if key is not None:
                    self._added(key)
                key, digests = next(rows, (None, ""))
                ended = key is None
                count += not ended
            if key == last.key:
                self._same(last, digests)
                key = None
            elif last.digest:
                self.tell(Found(Kind.ROW_REMOVED, self.table, last.key, last.seq, expected=last.digest))
        if key is not None:
            self._added(key)
        for key, _digests_of_it in rows:
            count += 1
            self._added(key)
        if self.unknown:
            self.tell(Found(Kind.NOT_CHECKABLE, self.table, detail=str(self.unknown)))
        return count

    def _same(self, last: Said, digests: str) -> None:
        if not last.digest:
            self.tell(Found(Kind.ROW_INSERTED, self.table, last.key, last.seq))
            return
        at = self.shapes.get(last.shape)
        if at is None:
            self.unknown += 1
            return
        found = digests[at * _LENGTH : (at + 1) * _LENGTH]
        if found != last.digest:
            self.tell(
                Found(Kind.ROW_CHANGED, self.table, last.key, last.seq, expected=last.digest, found=found)
            )

    def _added(self, key: str) -> None:
        if self.whole:
            self.tell(Found(Kind.ROW_INSERTED, self.table, key))


def digest(values: Sequence[Any]) -> str:
    """Like `ledger.row_digest` for what SQLite gives, which is plain; bytes stand only where none belong."""
    try:
        return sha256(canonical(values).encode()).hexdigest()[:32]
    except TypeError:
        return _NO_DIGEST
