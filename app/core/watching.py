"""Which rows a transaction changes, noted by the database itself: whatever statement writes them, none is overlooked.

Watched tables have triggers that note the key of each changed row in a temporary table of the writing connection. On
SQLite the triggers are temporary too: a change made with another tool is noted nowhere, and that is how it is found
(app/core/ledger.py). On PostgreSQL they stand in the schema and note nothing for connections that are not ours.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import JSON, Connection, Engine, Table, Uuid, event, inspect
from sqlalchemy.dialects import postgresql

_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]
MOST_KEYS = 2  # columns of a primary key
_SCHEMA = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (tab TEXT NOT NULL, k1 {kind} NOT NULL, k2 {kind} NOT NULL, "
    "PRIMARY KEY (tab, k1, k2)){tail}"
)


@dataclass(frozen=True)
class Watched:
    """A table whose rows are bound; `columns` in the order in which they are digested."""

    table: Table
    columns: tuple[str, ...]

    @cached_property
    def shape(self) -> str:
        """Names the list of columns, so that a later column changes no earlier digest."""
        return hashlib.sha256(",".join(self.columns).encode()).hexdigest()[:8]

    @cached_property
    def keys(self) -> tuple[Any, ...]:
        return tuple(self.table.primary_key.columns)


_watched: dict[str, Watched] = {}


def watch(model: Any, *, without: Iterable[str] = ()) -> None:
    """From now on rows of `model` are bound, but for what changes all the time or is secret (`without`)."""
    table: Table = model if isinstance(model, Table) else model.__table__
    if len(table.primary_key.columns) > MOST_KEYS:
        raise ValueError(f"{table.name} has a longer key than can be noted")
    names = {column.name for column in table.columns}
    if unknown := set(without) - names:
        raise ValueError(f"{table.name} has no column {sorted(unknown)}")
    _watched[table.name] = Watched(table, tuple(sorted(names - set(without))))


def watched() -> Sequence[Watched]:
    return [_watched[name] for name in sorted(_watched)]


def of(table: str) -> Watched | None:
    return _watched.get(table)


# --- SQLite: temporary triggers, once for each connection


def prepare(connection: Connection) -> None:
    """Note what this connection changes; called before each transaction, does its work once."""
    if connection.info.get("watching") or connection.dialect.name != "sqlite":
        return
    raw: Any = connection.connection.dbapi_connection
    try:
        raw.executescript(_script(tuple(_watched.values())))
    except sqlite3.OperationalError:  # not migrated to today's tables yet
        for statement in _statements(_watched.values(), _columns(raw)):
            raw.execute(statement)
    connection.info["watching"] = True


@lru_cache(maxsize=4)
def _script(tables: tuple[Watched, ...]) -> str:
    """For a database that is as the models say: made once, it costs as much as running it."""
    return ";\n".join(_statements(tables, {one.table.name: set(one.columns) for one in tables})) + ";"


def _statements(tables: Iterable[Watched], there: Mapping[str, set[str]]) -> Iterator[str]:
    yield _SCHEMA.format(kind="", tail=" WITHOUT ROWID")
    for one in tables:
        if one.table.name in there:
            yield from _sqlite_triggers(one, there[one.table.name])


def _columns(raw: Any) -> dict[str, set[str]]:
    found = raw.execute(
        "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table'"
    )
    there: dict[str, set[str]] = {}
    for table, column in found:
        there.setdefault(table, set()).add(column)
    return there


def _sqlite_triggers(one: Watched, there: set[str]) -> Iterator[str]:
    name = one.table.name
    columns = ", ".join(f'"{column}"' for column in one.columns if column in there)
    for what, row in (("INSERT", "NEW"), (f"UPDATE OF {columns}", "NEW"), ("DELETE", "OLD")):
        keys = [f"{row}.{column.name}" for column in one.keys]
        values = ", ".join([f"'{name}'", *keys, *_no_keys(keys)])
        yield (
            f"CREATE TEMP TRIGGER IF NOT EXISTS touch_{name}_{what[:6].lower()} AFTER {what} ON main.{name} "
            f"BEGIN INSERT OR IGNORE INTO touched VALUES ({values}); END"
        )


# --- PostgreSQL: triggers in the schema, the noting table once for each connection


@event.listens_for(Engine, "connect")
def _prepare_postgres(raw: Any, _record: Any) -> None:
    if not type(raw).__module__.startswith("psycopg"):
        return
    raw.autocommit = True
    raw.execute("SET client_min_messages = warning")
    raw.execute(_SCHEMA.format(kind="TEXT", tail=" ON COMMIT DELETE ROWS"))
    raw.autocommit = False


def install(connection: Connection) -> None:
    """After migrating: the triggers of PostgreSQL as the models say. SQLite's are made by each connection."""
    if connection.dialect.name == "sqlite":
        connection.info.pop("watching", None)
        return
    there = {
        table: {column["name"] for column in columns}
        for (_schema, table), columns in inspect(connection).get_multi_columns().items()
    }
    for one in watched():
        if one.table.name in there:
            for statement in _postgres_trigger(one, there[one.table.name]):
                connection.exec_driver_sql(statement)


def remove(connection: Connection) -> None:
    """Before migrating: tables may change, and what a migration writes is bound by itself (`ledger.bind`)."""
    if connection.dialect.name == "sqlite":
        _remove_sqlite(connection)
        return
    names = connection.exec_driver_sql(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE left(tgname, 6) = 'touch_' AND NOT tgisinternal"
    ).all()
    for trigger, table in names:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger} ON {table}")
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {trigger}()")


def _remove_sqlite(connection: Connection) -> None:
    query = "SELECT name FROM sqlite_temp_master WHERE type = 'trigger' AND substr(name, 1, 6) = 'touch_'"
    for (name,) in connection.exec_driver_sql(query).all():
        connection.exec_driver_sql(f"DROP TRIGGER temp.{name}")
    connection.info["watching"] = True  # nothing is noted until `install`


def name_of(table: str) -> str:
    """Of a table's trigger and the function it calls, on PostgreSQL."""
    return f"touch_{table}"


def body(one: Watched) -> str:
    """What that function does, word for word as it stands in the database."""
    name = one.table.name

    def note(row: str) -> str:
        keys = [_as_text(f"{row}.{column.name}", column) for column in one.keys]
        values = ", ".join([f"'{name}'", *keys, *_no_keys(keys)])
        return f"INSERT INTO pg_temp.touched VALUES ({values}) ON CONFLICT DO NOTHING;"

    return (
        " BEGIN IF to_regclass('pg_temp.touched') IS NULL THEN RETURN NULL; END IF; "
        f"IF TG_OP = 'DELETE' THEN {note('OLD')} ELSE {note('NEW')} END IF; RETURN NULL; END "
    )


def _postgres_trigger(one: Watched, there: set[str]) -> Iterator[str]:
    name, trigger = one.table.name, name_of(one.table.name)
    yield f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $${body(one)}$$"
    yield f"DROP TRIGGER IF EXISTS {trigger} ON {name}"
    columns = ", ".join(f'"{column}"' for column in one.columns if column in there)
    yield (
        f"CREATE TRIGGER {trigger} AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {name} "
        f"FOR EACH ROW EXECUTE FUNCTION {trigger}()"
    )


# --- what was noted


def noted(connection: Connection) -> list[str]:
    """The names of watched tables in which this transaction has changed rows."""
    found = connection.exec_driver_sql("SELECT DISTINCT tab FROM touched")
    return sorted(row[0] for row in found)


def rows_noted(connection: Connection, one: Watched) -> Iterable[Any]:
    """Each changed row of a table: its keys, then its columns as they stand now; a deleted row has no keys."""
    return connection.exec_driver_sql(_select(one, connection.dialect.name, noted_only=True))


def all_rows(connection: Connection, one: Watched, columns: Sequence[str] = ()) -> Iterable[Any]:
    """Every row of a table: its keys, then `columns` (all that are bound), in the order of the keys."""
    return connection.exec_driver_sql(
        _select(one, connection.dialect.name, noted_only=False, columns=columns),
        execution_options={"stream_results": True, "yield_per": 2000},
    )


def forget(connection: Connection) -> None:
    connection.exec_driver_sql("DELETE FROM touched")


def _select(one: Watched, dialect: str, *, noted_only: bool, columns: Sequence[str] = ()) -> str:
    table = one.table
    chosen = [_as_stored(table.c[name], dialect) for name in columns or one.columns]
    keys = [f"t.{column.name}" for column in one.keys]
    fields = ", ".join([*keys, *chosen])
    if not noted_only:
        return f"SELECT {fields} FROM {table.name} t ORDER BY {', '.join(keys)}"
    join = " AND ".join(
        f"t.{column.name} = {_as_key(f'x.k{place}', column, dialect)}"
        for place, column in enumerate(one.keys, 1)
    )
    spoken = ", ".join(f"x.k{place}" for place in range(1, len(keys) + 1))
    return f"SELECT {spoken}, {fields} FROM touched x LEFT JOIN {table.name} t ON {join} WHERE x.tab = '{table.name}'"


def _as_stored(column: Any, dialect: str) -> str:
    """JSON as the text it is kept as, on both databases."""
    cast = "::text" if dialect != "sqlite" and isinstance(column.type, JSON) else ""
    return f't."{column.name}"{cast}'


def _no_keys(keys: Sequence[str]) -> list[str]:
    return ["''"] * (MOST_KEYS - len(keys))


def _as_text(name: str, column: Any) -> str:
    """A key as SQLite has it."""
    return f"replace({name}::text, '-', '')" if isinstance(column.type, Uuid) else f"{name}::text"


def _as_key(name: str, column: Any, dialect: str) -> str:
    return name if dialect == "sqlite" else f"{name}::{column.type.compile(dialect=_POSTGRES)}"
