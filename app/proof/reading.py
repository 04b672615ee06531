"""How a verification reads: one moment of the database, plain rows, some thousand in memory at once."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby, islice
from typing import Any

from sqlalchemy import JSON, Connection, Date, Float, LargeBinary, Numeric, Uuid

from app.core import ledger
from app.core.compact import canonical
from app.core.database import UTCDateTime, db
from app.core.watching import Watched
from app.proof.rules import Record

_AT_ONCE = 5000
_FACTS = ("seq", "id", "at", "action", "object_type", "object_id", "person_id", "change_id", "request_id")
_TOLD = ("address", "before", "after", "note", "content", "rows", "hash")
_MOMENT, _DAY = "YYYY-MM-DD HH24:MI:SS.US", "YYYY-MM-DD"
_KNOWN = "BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999'"  # what a moment of Python can be


class Snapshot:
    """The database as it stood at one moment. Writers go on meanwhile; what they write is not seen."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_sqlite = connection.dialect.name == "sqlite"
        self._raw: Any = connection.connection.dbapi_connection
        self._cursors = 0

    def rows(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """What a plain SELECT gives (`?` for values), in portions from the server."""
        if isinstance(self._raw, sqlite3.Connection):
            return self._whatever_it_is(sql, values)
        return self._portions(sql, values)

    def _whatever_it_is(self, sql: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """SQLite keeps any bytes as text; a value that is none comes as bytes, and all is read on from there."""
        count = 0
        try:
            for row in self._raw.execute(sql, values):
                yield row
                count += 1
        except sqlite3.OperationalError as error:
            if "UTF-8" not in str(error):
                raise
            self.take_any_bytes()
            yield from islice(self._raw.execute(sql, values), count, None)

    def take_any_bytes(self) -> None:
        """From now on text that is none is given as bytes. Slower, so only once there is some."""
        if self.is_sqlite:
            self._raw.text_factory = _text_or_bytes

    def _portions(self, sql: str, values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        self._cursors += 1
        with self._raw.cursor(name=f"audit_{self._cursors}") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(sql.replace("%", "%%").replace("?", "%s"), values)
            yield from cursor

    def records(self, after: int) -> Iterator[Record]:
        """The chain from the record behind number `after`. On SQLite a number may be anything."""
        sql = f"SELECT {self._record()} FROM audit_records WHERE seq > ? ORDER BY seq"
        return map(Record._make, self.rows(sql, after))

    def outside(self) -> Iterator[Record]:
        """Records that have no place in the chain."""
        nowhere = "seq IS NULL OR seq < 1"
        return map(Record._make, self.rows(f"SELECT {self._record()} FROM audit_records WHERE {nowhere}"))

    def record(self, seq: int) -> Record | None:
        sql = f"SELECT {self._record()} FROM audit_records WHERE seq = ?"
        return next(map(Record._make, self.rows(sql, seq)), None)

    def _record(self) -> str:
        """Both databases give the same texts."""
        if self.is_sqlite:
            return ", ".join(f'"{name}"' for name in (*_FACTS, *_TOLD))
        ids = {"id", "object_id", "person_id", "change_id"}
        said = [
            f"replace({name}::text, '-', '')" if name in ids
            else f"to_char(at, '{_MOMENT}')" if name == "at"
            else f'"{name}"::text' if name in ("before", "after")
            else f'"{name}"'
            for name in (*_FACTS, *_TOLD)
        ]  # fmt: skip
        return ", ".join(said)

    def table(
        self, one: Watched, columns: Iterable[str], *, key: str | None = None
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Every row of a table as it lies (`key`: that row alone): its key, then `columns` as they are digested."""
        keys, chosen = one.keys, list(columns)
        fields = [self._field(column) for column in (*keys, *(one.table.c[name] for name in chosen))]
        sql, width = f"SELECT {', '.join(fields)} FROM {one.table.name} t", len(keys)
        found = self.rows(sql) if key is None else self.rows(f'{sql} WHERE t."{keys[0].name}" = ?', key)
        if width == 1 and self.is_sqlite:
            return ((str(row[0]), row[1:]) for row in found)
        return ((ledger.key_of(row[:width]), row[width:]) for row in found)

    def texts(self, one: Watched, columns: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Every row of a table as it lies: its key, then `columns` as canonical JSON that SQLite itself writes.

        Half the time of `table`, for tables of one key. Numbers not whole are written here: SQLite rounds them.
        Raises sqlite3.Error or TypeError where a value is of a kind that such JSON cannot hold.
        """
        fields, writes = list[str](), list[Callable[[Any], bytes]]()
        for is_number, run in groupby((one.table.c[name] for name in columns), _is_number):
            named = [self._field(column) for column in run]
            fields += named if is_number else [f"CAST(json_array({', '.join(named)}) AS BLOB)"]
            writes += [_number] * len(named) if is_number else [_inside]
        rows = self.rows(f'SELECT t."{one.keys[0].name}", {", ".join(fields)} FROM {one.table.name} t')
        if writes == [_inside]:
            return ((str(row[0]), row[1]) for row in rows)
        return (
            (str(row[0]), b"[%b]" % b",".join([write(part) for write, part in zip(writes, row[1:], strict=True)]))
            for row in rows
        )

    def _field(self, column: Any) -> str:
        """Values as SQLite keeps them, so that they need no conversion here."""
        name = f't."{column.name}"'
        if self.is_sqlite and isinstance(column.type, LargeBinary):  # bytes are digested as text, and only bytes
            return f"CASE typeof({name}) WHEN 'blob' THEN lower(hex({name})) WHEN 'null' THEN NULL ELSE x'' END"
        if self.is_sqlite:
            return name
        if isinstance(column.type, JSON):
            return f"{name}::text"
        if isinstance(column.type, Uuid):
            return f"replace({name}::text, '-', '')"
        if isinstance(column.type, (UTCDateTime, Date)):  # Python has no moment without end
            form = _DAY if isinstance(column.type, Date) else _MOMENT
            return f"CASE WHEN {name} {_KNOWN} THEN to_char({name}, '{form}') ELSE {name}::text END"
        return name

    def close(self) -> None:
        """Leave the connection as others expect it."""
        if self.is_sqlite:
            self._raw.text_factory = str

    def columns(self, table: str) -> set[str]:
        """The columns a table really has."""
        if self.is_sqlite:
            return {row[0] for row in self.rows("SELECT name FROM pragma_table_info(?)", table)}
        known = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        return {row[0] for row in self.rows(f"{known} AND table_name = ?", table)}


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """One read transaction; on PostgreSQL a repeatable read that sees one moment only."""
    options: dict[str, Any] = {}
    if db.engine.dialect.name != "sqlite":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect().execution_options(**options) as connection, connection.begin():
        connection.exec_driver_sql("SELECT seq FROM audit_records LIMIT 1").all()  # the moment is now
        look = Snapshot(connection)
        try:
            yield look
        finally:
            look.close()


def _is_number(column: Any) -> bool:
    return isinstance(column.type, (Float, Numeric))


def _number(value: Any) -> bytes:
    return b"null" if value is None else canonical(value).encode()


def _inside(text: bytes) -> bytes:
    """A list without its brackets."""
    return text[1:-1]


def _text_or_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
