"""The database door: one session, typed columns, and transactions opened only at the edge."""

import enum
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from app.core import watching

LONGEST_WAIT = 30  # seconds a writer waits for another one; an import of thousands of rows takes some
SQLITE = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={LONGEST_WAIT * 1000}",
    "cache_size=-32000",
    "temp_store=MEMORY",
)
_writing = threading.Lock()
Found = TypeVar("Found")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment. Stored as UTC without zone; a naive value is refused instead of guessed."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


def text_enum(values: type[enum.Enum]) -> Enum:
    """An enum kept by its value as text, so that a new member needs no migration."""
    return Enum(
        values, native_enum=False, length=40, values_callable=lambda kind: [member.value for member in kind]
    )


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UTCDateTime()}
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": True})


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL with full durability: an answer that was confirmed outlives a pulled plug."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin
    cursor = connection.cursor()
    for pragma in SQLITE:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    """On SQLite a writer takes the write lock at once; two writers queue instead of failing half-way."""
    if connection.dialect.name != "sqlite":
        return
    watching.prepare(connection)
    if connection.get_execution_options().get("xuncha_begin") == "IMMEDIATE":
        _begin_writing(connection)
    else:
        connection.exec_driver_sql("BEGIN DEFERRED")


def _begin_writing(connection: Any) -> None:
    """Wait for another process that writes, half a millisecond at a time.

    SQLite's own wait sleeps up to a tenth of a second between two tries while others pass by: eight phones at once
    were answered 90 times a second. Raises OperationalError after LONGEST_WAIT, as SQLite does.
    """
    raw = connection.connection.dbapi_connection
    deadline = time.monotonic() + LONGEST_WAIT
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < deadline:
            try:
                raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(0.0005)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # raises what the rest of the program expects
    finally:
        raw.execute(f"PRAGMA busy_timeout={LONGEST_WAIT * 1000}")


@contextmanager
def _turn_to_write() -> Iterator[None]:
    """Writers of this process go one after another, so that only one of them at a time asks SQLite."""
    if db.engine.dialect.name != "sqlite":
        yield
        return
    taken = _writing.acquire(timeout=LONGEST_WAIT)
    try:
        yield
    finally:
        if taken:
            _writing.release()


def stays_as_read(*rows: Any) -> None:
    """These rows, who is asking for example, are not read again when this request begins to write."""
    db.session.info["stays"] = frozenset(map(id, rows))


def read_once(key: Hashable, read: Callable[[], Found]) -> Found:
    """Give what `read()` gives; parts of one page (one request) that ask for the same `key` share one read.

    A writer always reads anew: what stood there before its transaction may have changed.
    """
    info = db.session.info
    if info.get("writes") or not has_request_context():
        return read()
    kept = info.setdefault("read", {})
    if key not in kept:
        kept[key] = read()
    found: Found = kept[key]
    return found


def _end_reading(session: Session) -> None:
    """End the read transaction of this request. What it read is read anew by the writer: it may have changed."""
    if session.new or session.dirty or session.deleted:
        session.rollback()
        return
    session.info["reads"] = True  # nothing to chain (app/core/ledger.py)
    try:
        session.commit()
    finally:
        session.info.pop("reads")
    stays = session.info.get("stays", ())
    for row in list(session):
        if id(row) not in stays:
            session.expire(row)


@contextmanager
def transaction() -> Iterator[None]:
    """Everything inside becomes durable together, or nothing does. Only routes, the CLI and sync open one."""
    session = db.session
    if session().in_transaction():
        _end_reading(session())
    session.info.pop("read", None)
    session.info["writes"] = True
    with _turn_to_write():
        try:
            session.connection(execution_options={"xuncha_begin": "IMMEDIATE"})
            yield
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("writes", None)
