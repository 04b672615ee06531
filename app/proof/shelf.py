"""A file beside the database in which a verification sorts what does not fit into memory; gone when it is over."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import orjson

from app.core.ids import new_token

_MANY = 50_000
_SCHEMA = (
    "CREATE TABLE said (tab INTEGER, key TEXT, seq INTEGER, shape INTEGER, digest TEXT)",
    "CREATE TABLE found (key TEXT, digests TEXT)",
    "CREATE TABLE held (path TEXT, size INTEGER, tab TEXT, key TEXT)",
    "CREATE TABLE kept (path TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID",
)


class Said(NamedTuple):
    """What the chain said last of a row; `shape` says of which columns, "" as digest that it is gone."""

    key: str
    shape: int
    digest: str
    seq: int
    table: int  # the shelf's number of it


class Claim(NamedTuple):
    """A row that refers to a file; size None where the row does not say it."""

    path: str
    size: int | None
    table: str
    key: str
    lies: int | None  # the size of the file that is there


class Shelf:
    """Temporary tables. Nothing in it outlives the verification."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        # a small cache: runs that fit into the processor's are sorted and merged quicker than long ones
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16384", "temp_store=FILE"):
            self._db.execute(f"PRAGMA {pragma}")
        for statement in _SCHEMA:
            self._db.execute(statement)
        self._db.execute("BEGIN")
        self.names: dict[
            str, tuple[int, int]
        ] = {}  # "table:shape" → number of the table, number of the shape
        self.tables: dict[str, int] = {}
        self.shapes: list[str] = []
        self._waiting: list[tuple[int, str, int, int, str]] = []

    # ---- what the chain says of rows

    def keep(self, seq: int, rows: str) -> None:
        """Take what a record binds. What cannot be read has a wrong hash, which is told there."""
        try:
            for name, digests in orjson.loads(rows).items():
                table, shape = self.names.get(name) or self._name(name)
                for key, digest in digests.items():
                    self._waiting.append((table, key, seq, shape, digest))
        except (ValueError, AttributeError, TypeError, RecursionError):
            return
        if len(self._waiting) >= _MANY:
            self._put()

    def _name(self, name: str) -> tuple[int, int]:
        table = self.tables.setdefault(name.partition(":")[0], len(self.tables))
        self.shapes.append(name.partition(":")[2])
        self.names[name] = (table, len(self.shapes) - 1)
        return self.names[name]

    def _put(self) -> None:
        insert = "INSERT INTO said VALUES (?, ?, ?, ?, ?)"
        try:
            self._db.executemany(insert, self._waiting)
        except (sqlite3.ProgrammingError, UnicodeError, OverflowError):
            for one in self._waiting:  # some may stand there twice, which says the same
                with suppress(sqlite3.ProgrammingError, UnicodeError, OverflowError):
                    self._db.execute(insert, one)
        self._waiting.clear()

    def last(self) -> Iterator[tuple[str, Iterator[Said]]]:
        """By table: what was said last of each of its rows, in the order of the keys as text."""
        self._put()
        by_number = {number: name for name, number in self.tables.items()}
        found = self._db.execute(
            "SELECT key, shape, digest, max(seq), tab FROM said GROUP BY tab, key ORDER BY tab, key"
        )
        for number, rows in groupby(map(Said._make, found), attrgetter("table")):
            yield by_number[number], rows

    def in_order(self, rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The rows of one table (key, digests) by their keys as text; read once before the next table comes.

        A table is read as it lies and sorted here: reading it by its random keys touches each page many times.
        """
        self._db.execute("DELETE FROM found")
        self._db.executemany("INSERT INTO found VALUES (?, ?)", rows)
        return iter(self._db.execute("SELECT key, digests FROM found ORDER BY key"))

    def shapes_of(self, table: str) -> dict[int, str]:
        return {
            number: self.shapes[number]
            for name, (_t, number) in self.names.items()
            if name.partition(":")[0] == table
        }

    def last_of(self, rows: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The number of the last record that bound each of these rows (table, key), in one reading."""
        self._put()
        numbers = {number: name for name, number in self.tables.items()}
        self._db.execute(
            "CREATE TEMP TABLE wanted (tab INTEGER, key TEXT, PRIMARY KEY (tab, key)) WITHOUT ROWID"
        )
        known = [(self.tables[table], key) for table, key in rows if table in self.tables]
        self._db.executemany("INSERT OR IGNORE INTO wanted VALUES (?, ?)", known)
        found = self._db.execute(
            "SELECT s.tab, s.key, max(s.seq) FROM said s JOIN wanted USING (tab, key) GROUP BY 1, 2"
        )
        return {(numbers[table], key): seq for table, key, seq in found}

    # ---- files

    def claim(self, rows: Iterable[tuple[str, int | None, str, str]]) -> None:
        """Rows that refer to files: path, size, table, key."""
        self._db.executemany("INSERT INTO held VALUES (?, ?, ?, ?)", rows)

    def lies(self, files: Iterable[tuple[str, int]]) -> None:
        """Files that are there: path, size."""
        self._db.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?)", files)

    def claims(self) -> Iterator[Claim]:
        """Every row that refers to a file beside the file, by path: rows that share one follow each other."""
        found = self._db.execute(
            "SELECT h.path, h.size, h.tab, h.key, k.size FROM held h LEFT JOIN kept k ON k.path = h.path"
            " ORDER BY h.path"
        )
        return (Claim(*row) for row in found)

    def unclaimed(self) -> Iterator[str]:
        """Files that no row refers to."""
        found = self._db.execute("SELECT path FROM kept WHERE path NOT IN (SELECT path FROM held)")
        return (row[0] for row in found)

    def claimed_like(self, path: str) -> tuple[str, str] | None:
        """Table and key of a row whose file's path begins so."""
        found = self._db.execute(
            "SELECT tab, key FROM held WHERE path >= ? AND path < ?", (path, path + "~")
        ).fetchone()
        return (found[0], found[1]) if found else None

    def close(self) -> None:
        self._db.close()


@contextmanager
def shelf(folder: Path) -> Iterator[Shelf]:
    """A shelf in `folder` (on a disk, not in memory)."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"audit-{new_token()}.db"
    made = Shelf(path)
    path.unlink()  # open it is; a verification that is killed leaves nothing behind
    try:
        yield made
    finally:
        made.close()
