"""The ledger: audit records in one chain, each bound to the one before it and to the rows its transaction left.

At the end of every transaction the rows it changed (app/core/watching.py) are read back and digested; its records get
the next numbers of the chain and are written with it, or not at all. A record's hash is SHA-256 over canonical JSON
(sorted names, no spaces, UTF-8) of its facts, the digest of its contents, the digest of its rows and the hash before
it. Contents (before, after, note, address) may be forgotten after their period: their digest stays.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Index,
    LargeBinary,
    Text,
    and_,
    bindparam,
    event,
    func,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import clock, watching
from app.core.bulk import ready_to_insert
from app.core.compact import as_json, canonical
from app.core.database import db
from app.core.ids import new_id
from app.core.watching import Watched

START = bytes(32)  # what stands before the first record
AT_ONCE = 1000  # records numbered together when a chain begins
MOST_ROWS = 500  # bound by one record; a larger change takes several
_QUEUE = 0x7875_6E63_6861  # PostgreSQL: whoever writes at the end of the chain waits for the one before
FACTS = ("seq", "id", "at", "action", "object_type", "object_id", "person_id", "change_id", "request_id")
CONTENTS = ("address", "before", "after", "note")
_LAST = 2**63 - 1  # the highest number a database gives; on SQLite text that was put there would come after it
_HEAD = f"SELECT seq, hash, at FROM audit_records WHERE seq <= {_LAST} ORDER BY seq DESC LIMIT 1"
Entry = dict[str, Any]
Bound = dict[str, dict[str, str]]  # "table:shape" → key → digest, "" for a row that is gone


class AuditRecord(db.Model):  # type: ignore[name-defined]
    """One change. `change_id` names the request it came with (`app.core.audit.Change`), if that had an id."""

    __tablename__ = "audit_records"
    __table_args__ = (Index("ix_audit_records_object", "object_type", "object_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int | None] = mapped_column(
        BigInteger, unique=True
    )  # its place in the chain, from 1 without a gap
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    change_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    before: Mapped[Any | None] = mapped_column(JSON)
    after: Mapped[Any | None] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[bytes | None] = mapped_column(
        LargeBinary(32)
    )  # digest of address, before, after and note
    rows: Mapped[str | None] = mapped_column(
        Text
    )  # `Bound` as JSON: what the rows of its transaction were then
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


STAY = ("contents_forgotten", "deleted_after_period")  # what they tell is how something else could go
_TELLS = and_(
    AuditRecord.seq.is_not(null()),
    AuditRecord.action.not_in(STAY),
    or_(
        AuditRecord.before.is_not(null()), AuditRecord.after.is_not(null()), AuditRecord.note != "",
        AuditRecord.address != "",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The end of the chain: whoever knows it can tell later whether anything before it was changed."""

    seq: int
    hash: bytes  # 32 bytes
    at: datetime

    @property
    def short(self) -> str:
        """What is printed and can be compared by eye."""
        return f"{self.seq}-{self.hash.hex()[:16]}"


def head() -> Head | None:
    """The last record of the chain; None before the first."""
    row = db.session.connection().exec_driver_sql(_HEAD).first()
    return Head(int(row[0]), _bytes(row[1]), _moment(row[2])) if row else None


def write(entries: Iterable[Entry]) -> None:
    """Put records aside; they are chained when this transaction ends. Each with all columns but seq and the hashes."""
    session = db.session()
    nested = session.get_nested_transaction()
    session.info.setdefault("ledger", []).extend((entry, nested) for entry in entries)


def system_entry(action: str, *, note: str = "") -> Entry:
    """A record that nobody in particular made."""
    facts = dict.fromkeys(("object_id", "person_id", "change_id", "before", "after"))
    texts = {"object_type": "", "request_id": "", "address": "", "note": note}
    return {"id": new_id(), "at": clock.now(), "action": action, **texts, **facts}


# --- canonical forms, the same on both databases


def plain(value: Any) -> Any:
    """A stored value as JSON has it: the form SQLite keeps it in."""
    if value is None or isinstance(value, (str, float)):
        return value
    if isinstance(value, int):
        return int(value)  # also what PostgreSQL calls a boolean
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        in_utc = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return in_utc.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex()


def row_digest(values: Iterable[Any]) -> str:
    """Of a row's bound columns in their order: the first 128 bits of SHA-256, hexadecimal."""
    return hashlib.sha256(canonical([plain(value) for value in values]).encode()).hexdigest()[:32]


def content_digest(address: str, before: str | None, after: str | None, note: str) -> bytes:
    """Of what a record tells; `before` and `after` as the JSON text that is stored."""
    return hashlib.sha256(canonical([address, before, after, note]).encode()).digest()


def record_hash(facts: Mapping[str, Any], content: bytes, rows: str, previous: bytes) -> bytes:
    """`facts`: FACTS by name, plain; `rows` as stored."""
    said = {name: facts[name] for name in FACTS}
    said |= {"content": content.hex(), "previous": previous.hex()}
    said["rows"] = hashlib.sha256(rows.encode()).hexdigest() if rows else ""
    return hashlib.sha256(canonical(said).encode()).digest()


# --- the end of a transaction


@event.listens_for(Session, "before_commit")
def _seal(session: Session) -> None:
    """Chain what was put aside, with the digests of all rows that were changed."""
    if session.in_nested_transaction():
        _hand_over(session)
        return
    if session.info.get("reads") and not session.info.get("flushed"):
        return
    session.flush()
    session.info.pop("flushed", None)
    connection = session.connection()
    entries = [entry for entry, _nested in session.info.pop("ledger", [])]
    bound = _bound(connection) if _is_watching(connection) else []
    if entries or bound:
        append(connection, entries, bound)


@event.listens_for(Session, "after_flush")
def _note_flush(session: Session, _context: Any) -> None:
    """What a question in between wrote is bound even where nobody said that it writes."""
    session.info["flushed"] = True


def _is_watching(connection: Connection) -> bool:
    return connection.dialect.name != "sqlite" or bool(connection.info.get("watching"))


@event.listens_for(Session, "after_soft_rollback")
def _undo(session: Session, ended: Any) -> None:
    """What a rolled back part put aside is put away."""
    while not ended.nested and ended.parent is not None:
        ended = ended.parent  # a flush that fails ends the part it is in, and no more
    if not ended.nested:
        session.info.pop("flushed", None)
    kept = session.info.get("ledger")
    if kept:
        session.info["ledger"] = [pair for pair in kept if ended.nested and pair[1] is not ended]


def _hand_over(session: Session) -> None:
    """What an inner part put aside belongs to the one around it from now on."""
    inner, kept = session.get_nested_transaction(), session.info.get("ledger")
    if kept and inner is not None:
        outer = inner.parent if inner.parent is not None and inner.parent.nested else None
        session.info["ledger"] = [(entry, outer if mark is inner else mark) for entry, mark in kept]


def _bound(connection: Connection) -> list[Bound]:
    """The digests of the rows this transaction changed, in parts of MOST_ROWS."""
    names = watching.noted(connection)
    if not names:
        return []
    parts = _Parts()
    for name in names:
        one = watching.of(name)
        if one is None:
            continue
        width = len(one.keys)
        for row in watching.rows_noted(connection, one):
            is_there = row[width] is not None
            parts.add(one, key_of(row[:width]), row_digest(row[2 * width :]) if is_there else "")
    watching.forget(connection)
    return parts.all


class _Parts:
    """Digests of rows, MOST_ROWS to a part."""

    def __init__(self) -> None:
        self.all: list[Bound] = []
        self.size = MOST_ROWS

    @property
    def is_full(self) -> bool:
        return bool(self.all) and self.size == MOST_ROWS

    def add(self, one: Watched, key: str, digest: str) -> None:
        if self.size == MOST_ROWS:
            self.all.append({})
            self.size = 0
        self.all[-1].setdefault(f"{one.table.name}:{one.shape}", {})[key] = digest
        self.size += 1


def append(connection: Connection, entries: Sequence[Entry], bound: Sequence[Bound]) -> None:
    """Write records at the end of the chain; rows without a record of their own get one that says so."""
    written = [dict(entry) for entry in entries]
    spare = len(bound) - (1 if written else 0)
    written += [system_entry("rows_changed") for _ in range(spare)]
    texts = [""] * (len(written) - len(bound)) + [canonical(part) for part in bound]
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_QUEUE})")
    last = connection.exec_driver_sql(_HEAD).first()
    seq, previous = (int(last[0]), _bytes(last[1])) if last else (0, START)
    for entry, rows in zip(written, texts, strict=True):
        seq += 1
        entry["seq"], entry["rows"] = seq, rows
        entry["content"] = content_digest(
            entry["address"], as_json(entry["before"]), as_json(entry["after"]), entry["note"]
        )
        facts = {name: plain(entry[name]) for name in FACTS}
        entry["hash"] = previous = record_hash(facts, entry["content"], rows, previous)
    work = ready_to_insert(AuditRecord.__table__, written)
    connection.exec_driver_sql(work.sql, work.rows)


# --- what was there before, and what a migration changed


def begin() -> None:
    """Once, in a database without a chain: number the records that are there and bind every row as it stands."""
    connection = db.session.connection()
    if connection.exec_driver_sql(_HEAD).first():
        return
    columns = [*FACTS[1:], *CONTENTS]
    setting = update(AuditRecord.__table__).where(AuditRecord.__table__.c.id == bindparam("of"))
    setting = setting.values(seq=bindparam("n"), hash=bindparam("h"), content=bindparam("c"), rows="")
    seq, previous = 0, START
    for rows in _unchained(connection, columns):
        numbered = []
        for row in rows:
            said, seq = dict(zip(columns, row, strict=True)), seq + 1
            content = content_digest(said["address"], said["before"], said["after"], said["note"])
            facts = {name: plain(said.get(name)) for name in FACTS} | {"seq": seq}
            previous = record_hash(facts, content, "", previous)
            key = UUID(said["id"]) if isinstance(said["id"], str) else said["id"]
            numbered.append({"of": key, "n": seq, "h": previous, "c": content})
        connection.execute(setting, numbered)
    bind([one.table.name for one in watching.watched()], "rows_bound_at_start")


def _unchained(connection: Connection, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Records that were there before the chain, the oldest first, some at a time: there may be millions."""
    names = ", ".join(map(_column, columns))
    if connection.dialect.name != "sqlite":
        names = names.replace('"before"', '"before"::text').replace('"after"', '"after"::text')
    at, key = columns.index("at"), columns.index("id")
    condition: str = ""
    start: dict[str, Any] = {}
    while True:
        query = f"SELECT {names} FROM audit_records {condition} ORDER BY at, id LIMIT {AT_ONCE}"
        rows = connection.execute(text(query), start).all()
        if not rows:
            return
        yield rows
        condition, start = "WHERE (at, id) > (:at, :id)", {"at": rows[-1][at], "id": rows[-1][key]}


def bind(tables: Sequence[str], action: str) -> int:
    """Bind every row of `tables` as it stands, some hundred to a record; how many. For what nobody noted."""
    connection = db.session.connection()
    total = 0
    for one in filter(None, map(watching.of, tables)):
        parts, width = _Parts(), len(one.keys)
        for row in watching.all_rows(connection, one):
            if parts.is_full:
                append(connection, [system_entry(action, note=one.table.name)], parts.all)
                parts = _Parts()
            parts.add(one, key_of(row[:width]), row_digest(row[width:]))
            total += 1
        if parts.all:
            append(connection, [system_entry(action, note=one.table.name)], parts.all)
    return total


def forget_contents(until: datetime, *, by: UUID | None = None) -> int:
    """Empty what records before `until` tell (before, after, note, address) and record that; how many.

    Their digests stay, so the chain can be checked as before; who did what to which object, and when, stays too.
    """
    number, old = AuditRecord.seq, and_(_TELLS, AuditRecord.at < until)
    first, last = db.session.execute(select(func.min(number), func.max(number)).where(old)).one()
    if last is None:
        return 0
    emptied = {"before": null(), "after": null(), "note": "", "address": ""}
    change = update(AuditRecord).where(old).values(emptied)
    count = db.session.execute(change.execution_options(synchronize_session=False)).rowcount  # type: ignore[attr-defined]
    entry = system_entry("contents_forgotten") | {"person_id": by, "after": {"first": first, "last": last}}
    write([entry])
    return int(count)


def oldest_telling(until: datetime) -> datetime | None:
    """When the first record before `until` was written whose contents are still there."""
    return db.session.scalar(select(func.min(AuditRecord.at)).where(AuditRecord.at < until, _TELLS))


def count_telling(since: datetime | None, until: datetime) -> int:
    """How many records of that time still tell what they are about."""
    asked = select(func.count()).select_from(AuditRecord).where(AuditRecord.at < until, _TELLS)
    return db.session.scalar(asked if since is None else asked.where(AuditRecord.at >= since)) or 0


def key_of(parts: Iterable[Any]) -> str:
    """A row's key as it is bound."""
    return "/".join(str(plain(part)) for part in parts)


def _column(name: str) -> str:
    return f'"{name}"'


def _moment(value: Any) -> datetime:
    """Of a record; where somebody put something else there, the beginning of time."""
    try:
        known = datetime.fromisoformat(value) if isinstance(value, str) else value
        return known.replace(tzinfo=UTC)
    except (ValueError, AttributeError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def _bytes(value: Any) -> bytes:
    """A record's hash; nothing where it is none: work goes on, and a verification names the record."""
    return bytes(value) if isinstance(value, (bytes, memoryview)) else b""
