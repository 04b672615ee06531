"""Thirty ways to falsify an installation, each with what a verification must say of it.

A way changes a copy with other tools than ours: SQLite's own library, the file system. It gives the finding that must
come: its kind and what names the object. `also` are kinds that come with it because the same deed shows there, too.
"""

import hashlib
import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask

from app import create_app
from app.core import clock, ledger
from app.core.database import db, transaction
from app.premises.models import Licence
from app.proof.rules import Kind
from tests.fixtures.databases import close
from tools.tamper.certificates import expired
from tools.tamper.year import settings_of


@dataclass
class Case:
    """An installation to be falsified, and how its state was some time ago."""

    folder: Path
    luck: random.Random
    old: Path | None = None  # an older copy of the database
    settings: dict[str, Any] = field(default_factory=dict)  # other settings from now on

    @property
    def database(self) -> Path:
        return self.folder / "data" / "xuncha.db"

    @property
    def files(self) -> Path:
        return self.folder / "data" / "files"

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """As somebody with a database tool does it."""
        with closing(sqlite3.connect(self.database)) as other:
            found = other.execute(statement, values).fetchall()
            other.commit()
            return found

    @contextmanager
    def ours(self) -> Iterator[Flask]:
        """The product itself on the copy."""
        app = create_app(settings_of(self.folder))
        try:
            yield app
        finally:
            close(app)

    def digest_of_visit(self, table: str, key: str) -> frozenset[tuple[Kind, str, str]]:
        """What was frozen of the visit a row belongs to differs with it."""
        if table not in ("answers", "findings"):
            return frozenset()
        (visit,) = self.sql(f"SELECT inspection_id FROM {table} WHERE id = ?", key)[0]
        return frozenset({(Kind.CONTENT_CHANGED, "inspections", visit)})

    def some(self, statement: str, *values: Any) -> Any:
        """One of the rows, by chance."""
        return self.luck.choice(self.sql(statement, *values))


@dataclass(frozen=True)
class Named:
    """What must be found: this kind, on this object (table and key, or the record's number)."""

    kind: Kind
    table: str = ""
    key: str = ""
    seq: int | None = None
    also: frozenset[tuple[Kind, str, str]] = frozenset()  # what the same deed makes of other objects


Way = Callable[[Case], Named]
_VISIT_PHOTO = "SELECT p.id, p.storage_key FROM photos p JOIN inspection_photos i ON i.photo_id = p.id WHERE p.removed_at IS NULL"
# known heads stand at other numbers then
_HEADS = frozenset({(Kind.CHAIN_REWRITTEN, "audit_records", ""), (Kind.CHAIN_SHORTER, "audit_records", "")})
_CHAIN = (
    "SELECT seq, id FROM audit_records WHERE seq > 20 AND seq < (SELECT max(seq) - 20 FROM audit_records)"
)


# ---- rows


def _change(table: str, column: str, value: Any, where: str = "1") -> Way:
    def way(case: Case) -> Named:
        (key,) = case.some(f"SELECT id FROM {table} WHERE {where} AND {column} IS NOT ?", value)
        case.sql(f"UPDATE {table} SET {column} = ? WHERE id = ?", value, key)
        return Named(Kind.ROW_CHANGED, table, key, also=case.digest_of_visit(table, key))

    return way


def _remove(table: str, where: str = "1") -> Way:
    def way(case: Case) -> Named:
        (key,) = case.some(f"SELECT id FROM {table} WHERE {where}")
        also = case.digest_of_visit(table, key)
        case.sql(f"DELETE FROM {table} WHERE id = ?", key)
        return Named(Kind.ROW_REMOVED, table, key, also=also)

    return way


def _copy_row(table: str, changes: Callable[[dict[str, Any]], dict[str, Any]]) -> Way:
    def way(case: Case) -> Named:
        with closing(sqlite3.connect(case.database)) as other:
            other.row_factory = sqlite3.Row
            row = dict(case.luck.choice(other.execute(f"SELECT * FROM {table}").fetchall()))
            row |= {"id": uuid4().hex} | changes(row)
            names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
            other.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))
            other.commit()
        return Named(Kind.ROW_INSERTED, table, row["id"])

    return way


def _notice_content(case: Case) -> Named:
    key, content = case.some("SELECT id, content FROM notices WHERE digest <> ''")
    said = json.loads(content)
    said["findings"][0]["note"] = "没有问题"
    case.sql("UPDATE notices SET content = ? WHERE id = ?", json.dumps(said), key)
    return Named(Kind.ROW_CHANGED, "notices", key)


def _come_back(case: Case) -> Named:
    """A row that was deleted with a record stands there again."""
    with case.ours() as app, app.app_context(), transaction():
        row = db.session.query(Licence).first()
        assert row is not None
        values = {column.name: getattr(row, column.name) for column in Licence.__table__.columns}
        db.session.delete(row)
    stored = {
        name: value.hex if hasattr(value, "hex") else value and str(value) for name, value in values.items()
    }
    names, marks = ", ".join(stored), ", ".join("?" * len(stored))
    case.sql(f"INSERT INTO licences ({names}) VALUES ({marks})", *stored.values())
    return Named(Kind.ROW_INSERTED, "licences", stored["id"])


# ---- files


def _rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def _flip(case: Case) -> Named:
    key, path = case.some(_VISIT_PHOTO)
    data = bytearray((case.files / path).read_bytes())
    data[case.luck.randrange(len(data))] ^= 1 << case.luck.randrange(8)
    _rewrite(case.files / path, bytes(data))
    return Named(Kind.FILE_CHANGED, "photos", key)


def _swap(case: Case) -> Named:
    key, path = case.some(_VISIT_PHOTO)
    (_other, other_path) = case.some(f"{_VISIT_PHOTO} AND p.id <> ?", key)
    data = (case.files / other_path).read_bytes()
    _rewrite(case.files / path, data)
    return Named(Kind.FILE_SWAPPED, "photos", key)


def _swap_signature(case: Case) -> Named:
    key, path = case.some("SELECT id, signature_key FROM inspections WHERE signature_key <> ''")
    _other, other_path = case.some(
        "SELECT id, signature_key FROM inspections WHERE signature_key NOT IN ('', ?)", path
    )
    _rewrite(case.files / path, (case.files / other_path).read_bytes())
    return Named(Kind.FILE_SWAPPED, "inspections", key)


def _delete_photo(case: Case) -> Named:
    key, path = case.some(_VISIT_PHOTO)
    (case.files / path).unlink()
    return Named(Kind.FILE_MISSING, "photos", key)


def _delete_signature(case: Case) -> Named:
    key, path = case.some("SELECT id, signature_key FROM inspections WHERE signature_key <> ''")
    (case.files / path).unlink()
    return Named(Kind.FILE_MISSING, "inspections", key)


def _cut_photo(case: Case) -> Named:
    key, path = case.some(_VISIT_PHOTO)
    data = (case.files / path).read_bytes()
    _rewrite(case.files / path, data[: len(data) // 2])
    return Named(Kind.FILE_SIZE, "photos", key)


def _paper(case: Case) -> Named:
    """A few bytes behind a signed paper: many readers show it as before."""
    key, path = case.some("SELECT id, storage_key FROM paper_files WHERE removed_at IS NULL")
    _rewrite(case.files / path, (case.files / path).read_bytes() + b"\n%%EOF\n")
    return Named(Kind.FILE_SIZE, "paper_files", key)


def _reply_photo(case: Case) -> Named:
    key, path = case.some(
        "SELECT p.id, p.storage_key FROM photos p JOIN reply_photos r ON r.photo_id = p.id WHERE p.removed_at IS NULL"
    )
    data = (case.files / path).read_bytes()
    _rewrite(case.files / path, bytes(len(data)))
    return Named(Kind.FILE_CHANGED, "photos", key)


def _photo_and_row(case: Case) -> Named:
    """File and row changed so that they fit each other."""
    key, path = case.some(_VISIT_PHOTO)
    data = (case.files / path).read_bytes()[:-2] + b"\xff\xd9"
    data = data[:-10] + bytes(8) + data[-2:]
    digest = hashlib.sha256(data).hexdigest()
    new = f"originals/{digest[:2]}/{digest[2:4]}/{digest}{Path(path).suffix}"
    (case.files / new).parent.mkdir(parents=True, exist_ok=True)
    (case.files / new).write_bytes(data)
    case.sql(
        "UPDATE photos SET sha256 = ?, storage_key = ?, size = ? WHERE id = ?", digest, new, len(data), key
    )
    (visit,) = case.sql("SELECT inspection_id FROM inspection_photos WHERE photo_id = ?", key)[0]
    return Named(
        Kind.ROW_CHANGED, "photos", key, also=frozenset({(Kind.CONTENT_CHANGED, "inspections", visit)})
    )


# ---- the log


def _record(column: str, value: Any) -> Way:
    def way(case: Case) -> Named:
        seq, key = case.some(
            f'{_CHAIN} AND "{column}" IS NOT ? AND "{column}" IS NOT NULL AND "{column}" <> \'\'', value
        )
        case.sql(f'UPDATE audit_records SET "{column}" = ? WHERE seq = ?', value, seq)
        return Named(Kind.RECORD_CHANGED, "audit_records", key, seq)

    return way


def _record_time(case: Case) -> Named:
    seq, key = case.some(_CHAIN)
    case.sql("UPDATE audit_records SET at = datetime(at, '-1 minute') || '.000000' WHERE seq = ?", seq)
    return Named(Kind.RECORD_CHANGED, "audit_records", key, seq)


def _record_emptied(case: Case) -> Named:
    seq, key = case.some(f'{_CHAIN} AND "after" IS NOT NULL AND "after" <> \'null\'')
    case.sql(
        "UPDATE audit_records SET address = '', before = NULL, after = NULL, note = '' WHERE seq = ?", seq
    )
    return Named(Kind.RECORD_EMPTIED, "audit_records", key, seq)


def _record_removed(case: Case) -> Named:
    seq, _key = case.some(f"{_CHAIN} AND rows = ''")
    case.sql("DELETE FROM audit_records WHERE seq = ?", seq)
    return Named(Kind.RECORD_REMOVED, "audit_records", "", seq)


def _record_taken_out(case: Case) -> Named:
    """And the later ones numbered anew."""
    seq, _key = case.some(f"{_CHAIN} AND rows = ''")
    case.sql("DELETE FROM audit_records WHERE seq = ?", seq)
    case.sql("UPDATE audit_records SET seq = -seq WHERE seq > ?", seq)
    case.sql("UPDATE audit_records SET seq = -seq - 1 WHERE seq < 0")
    return Named(Kind.RECORD_REMOVED, "audit_records", "", seq, _HEADS)


_COPIED = "at, action, object_type, object_id, person_id, change_id, request_id, address, before, after, note, content, rows, hash"


def _record_inserted(case: Case) -> Named:
    """In the middle; the later ones make room."""
    seq, _key = case.some(_CHAIN)
    case.sql("UPDATE audit_records SET seq = -seq WHERE seq > ?", seq)
    case.sql("UPDATE audit_records SET seq = -seq + 1 WHERE seq < 0")
    key = uuid4().hex
    case.sql(
        f"INSERT INTO audit_records (id, seq, {_COPIED}) SELECT ?, seq + 1, {_COPIED} FROM audit_records WHERE seq = ?",
        key,
        seq,
    )
    return Named(Kind.RECORD_INSERTED, "audit_records", key, seq + 1, _HEADS)


def _record_beside(case: Case) -> Named:
    key = uuid4().hex
    names = _COPIED.replace(", hash", "")
    seq, _other = case.some(_CHAIN)
    case.sql(
        f"INSERT INTO audit_records (id, {names}) SELECT ?, {names} FROM audit_records WHERE seq = ?",
        key,
        seq,
    )
    return Named(Kind.RECORD_INSERTED, "audit_records", key)


def _reordered(case: Case) -> Named:
    seq, key = case.some(f"{_CHAIN} AND rows = ''")
    other = seq + case.luck.randrange(1, 6)
    (other_key,) = case.sql("SELECT id FROM audit_records WHERE seq = ?", other)[0]
    case.sql("UPDATE audit_records SET seq = -1 WHERE seq = ?", seq)
    case.sql("UPDATE audit_records SET seq = ? WHERE seq = ?", seq, other)
    case.sql("UPDATE audit_records SET seq = ? WHERE seq = -1", other)
    return Named(
        Kind.RECORD_MOVED,
        "audit_records",
        key,
        seq,
        frozenset({(Kind.RECORD_MOVED, "audit_records", other_key)}),
    )


def _hash_changed(case: Case) -> Named:
    seq, key = case.some(_CHAIN)
    case.sql("UPDATE audit_records SET hash = ? WHERE seq = ?", case.luck.randbytes(32), seq)
    return Named(Kind.RECORD_CHANGED, "audit_records", key, seq)


def _bound_rows(case: Case) -> Named:
    """A row, and the digest in the record that bound it last."""
    seq, key, rows = case.some(f"{_CHAIN.replace('id', 'id, rows')} AND rows LIKE '%\"answers:%'")
    said = json.loads(rows)
    name = next(one for one in said if one.startswith("answers:"))
    said[name][next(iter(said[name]))] = "0" * 32
    case.sql("UPDATE audit_records SET rows = ? WHERE seq = ?", json.dumps(said), seq)
    return Named(
        Kind.RECORD_CHANGED, "audit_records", key, seq, also=frozenset({(Kind.ROW_CHANGED, "answers", "*")})
    )


def _tail(case: Case) -> Named:
    """The last records, with the rows they stand for."""
    (end,) = case.sql("SELECT max(seq) FROM audit_records")[0]
    cut = end - case.luck.randrange(3, 10)
    case.sql("DELETE FROM audit_records WHERE seq > ?", cut)
    # the rows they stood for are there, and so is what they said was forgotten
    with_it = (Kind.ROW_INSERTED, Kind.ROW_CHANGED, Kind.RECORD_EMPTIED)
    return Named(
        Kind.CHAIN_SHORTER, "audit_records", "", cut, frozenset((kind, "*", "*") for kind in with_it)
    )


def _old_backup(case: Case) -> Named:
    assert case.old is not None
    for left in case.database.parent.glob("xuncha.db*"):
        left.unlink()
    case.database.write_bytes(case.old.read_bytes())
    (end,) = case.sql("SELECT max(seq) FROM audit_records")[0]
    return Named(Kind.CHAIN_SHORTER, "audit_records", "", end)


def _rehashed(case: Case) -> Named:
    """Somebody who knows how it works: a record is changed and everything after it hashed anew."""
    with case.ours() as app, app.app_context(), transaction():
        ledger_records = db.session.query(ledger.AuditRecord).order_by(ledger.AuditRecord.seq).all()
        target = case.luck.choice([row for row in ledger_records[20:60] if row.person_id])
        target.person_id = next(
            row.person_id for row in ledger_records if row.person_id not in (None, target.person_id)
        )
        previous = ledger.START
        for row in ledger_records:
            facts = {name: ledger.plain(getattr(row, name)) for name in ledger.FACTS}
            row.hash = previous = ledger.record_hash(facts, row.content, row.rows, previous)
    return Named(Kind.CHAIN_REWRITTEN, "audit_records", "")


def _clock_back(case: Case) -> Named:
    """The server's clock is set back, and work goes on."""
    with case.ours() as app, app.app_context():
        head = ledger.head()
        assert head is not None
        with clock.freeze(head.at - timedelta(days=3)), transaction():
            ledger.write([ledger.system_entry("signed_in")])
        last = db.session.query(ledger.AuditRecord).order_by(ledger.AuditRecord.seq.desc()).first()
        assert last is not None
        return Named(Kind.CLOCK_BACK, "audit_records", last.id.hex, last.seq)


def _certificate(case: Case) -> Named:
    path = case.folder / "old.p12"
    expired(path)
    case.settings = {"seal_file": str(path), "seal_passphrase": "seal"}
    return Named(Kind.CERTIFICATE)


WAYS: dict[str, Way] = {
    "an answer changed": _change("answers", "result", "conforms", "result = 'does_not'"),
    "a note changed": _change("answers", "note", "一切正常"),
    "a finding softened": _change("findings", "outcome", "fixed_on_the_spot"),
    "a visit moved to another day": _change("inspections", "started_at", "2025-06-01 08:00:00.000000"),
    "a notice's words changed": _notice_content,
    "a photo's position changed": _change("photos", "latitude", 30.5),
    "a delivery taken away": _remove("deliveries"),
    "a signal taken away": _remove("signals"),
    "an answer taken away": _remove("answers"),
    "a visit made up": _copy_row("inspections", lambda row: {"started_at": "2025-07-01 08:00:00.000000"}),
    "a licence put in again after it was deleted": _come_back,
    "a photo's bit flipped": _flip,
    "a photo swapped": _swap,
    "a signature swapped": _swap_signature,
    "a photo deleted": _delete_photo,
    "a signature deleted": _delete_signature,
    "a photo cut off": _cut_photo,
    "bytes behind a paper": _paper,
    "an owner's photo zeroed": _reply_photo,
    "a photo changed with its row": _photo_and_row,
    "who did it changed": _record("person_id", uuid4().hex),
    "what was told changed": _record("after", '{"made": "up"}'),
    "when it was changed": _record_time,
    "a record emptied": _record_emptied,
    "a record removed": _record_removed,
    "a record taken out and the rest numbered anew": _record_taken_out,
    "a record put in between": _record_inserted,
    "a record put beside the chain": _record_beside,
    "two records exchanged": _reordered,
    "a hash changed": _hash_changed,
    "the tail cut off": _tail,
    "an old backup restored": _old_backup,
    "the whole chain hashed anew": _rehashed,
    "a digest in a record changed": _bound_rows,
    "the clock set back": _clock_back,
    "a certificate that has ended": _certificate,
}
# never left out of thirty: what is asked for by name
ALWAYS = (
    "an answer changed", "a photo's bit flipped", "a photo swapped", "a photo deleted", "a record removed", "a record put in between",
    "two records exchanged", "the tail cut off", "an old backup restored", "the clock set back", "a certificate that has ended",
)  # fmt: skip
