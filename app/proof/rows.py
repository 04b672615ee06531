"""Rows against the chain: each row as it stands beside what the chain said last of it."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
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
    shapes_said = shelf.shapes_of(one.table.name)
    known = _places(shapes_said.values(), one, columns)
    places = {number: known.get(shape) for number, shape in shapes_said.items()}
    wanted = sorted({place for found in places.values() for place in found or ()}) or [0]
    kept = {place: number for number, place in enumerate(wanted)}
    near = {number: tuple(kept[place] for place in found) for number, found in places.items() if found}
    digests = _Digests(look, one, [columns[place] for place in wanted], list(near.values()))
    shapes = {number: at for at, number in enumerate(near)}
    compared = _Compared(one.table.name, shapes, digests.again, tell, whole=whole)
    return compared.along(said, digests.in_order(shelf))


class _Digests:
    """Of each row of a table its key, and its digest for each shape that the chain knows of its table, joined."""

    def __init__(self, look: Snapshot, one: Watched, columns: Sequence[str], shapes: Sequence[Places]) -> None:
        self.look, self.one, self.columns, self.shapes = look, one, columns, shapes
        self._made: Callable[[Sequence[Any]], str] = digest if look.is_sqlite else ledger.row_digest
        self._is_whole = list(shapes) == [tuple(range(len(columns)))]  # one shape, and of all columns
        self._is_quick = look.is_sqlite and self._is_whole and len(one.keys) == 1

    def in_order(self, shelf: Shelf) -> Iterator[tuple[str, str]]:
        """By their keys as text."""
        if self._is_quick:
            with suppress(sqlite3.Error, TypeError, UnicodeError):  # a value that belongs in no row
                return shelf.in_order(self._quickly())
            self._is_quick = False
        return shelf.in_order(self._of(self.look.table(self.one, self.columns)))

    def again(self, key: str, found: str) -> str:
        """The digests of a row in the way that is right for every value: SQLite may write one otherwise than we do."""
        rows = self.look.table(self.one, self.columns, key=key) if self._is_quick else iter(())
        return next((digests for _key, digests in self._of(rows)), found)

    def _quickly(self) -> Iterator[tuple[str, str]]:
        return ((key, sha256(text).hexdigest()[:_LENGTH]) for key, text in self.look.texts(self.one, self.columns))

    def _of(self, rows: Iterator[tuple[str, tuple[Any, ...]]]) -> Iterator[tuple[str, str]]:
        if self._is_whole:
            return ((key, self._made(values)) for key, values in rows)
        return (
            (key, "".join(self._made([values[place] for place in places]) for places in self.shapes))
            for key, values in rows
        )


def _places(shapes: Iterable[str], one: Watched, columns: Sequence[str]) -> dict[str, Places]:
    """Which of today's columns a digest of each shape was made of; without those of which some are gone.

    A shape names its columns only by their hash. Columns are added one by one over the years, so those of an earlier
    shape are those of today but for a few. All shapes are looked for at once, however many somebody made up.
    """
    bound = [place for place, name in enumerate(columns) if name in one.columns]
    found = {one.shape: tuple(bound)} if len(bound) == len(one.columns) else {}
    wanted = set(shapes) - found.keys()
    for places in _fewer(bound, list(range(len(columns)))) if wanted else ():
        shape = sha256(",".join(columns[place] for place in places).encode()).hexdigest()[:8]
        if shape in wanted:
            found[shape] = places
            wanted.remove(shape)
            if not wanted:
                break
    return found


def _fewer(*starts: Sequence[int]) -> Iterator[Places]:
    """Each of `starts` without none, one, two … of its columns."""
    for start in starts:
        for many in range(_MOST_ADDED + 1):
            for without in combinations(start, many):
                yield tuple(place for place in start if place not in without)


class _Compared:
    """One table, both sides in the order of their keys. `shapes`: where a shape's digest stands among a row's."""

    def __init__(
        self, table: str, shapes: dict[int, int], again: Callable[[str, str], str], tell: Tell, *, whole: bool
    ) -> None:
        self.table, self.shapes, self.again, self.tell, self.whole = table, shapes, again, tell, whole
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
            found = self.again(last.key, found)
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
