"""Thirty ways to falsify an installation, each with what a verification must say of it.

A way changes a copy with other tools than ours: SQLite's own library, the file system. It gives the finding that must
come: its kind and what names the object. `also` are kinds that come with it because the same deed shows there, too.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from app.core.database import db, transaction
from app.premises.models import Licence
from app.proof.rules import Kind
from tools.tamper import log_ways as log
from tools.tamper.case import Case, Named, Way

_VISIT_PHOTO = "SELECT p.id, p.storage_key FROM photos p JOIN inspection_photos i ON i.photo_id = p.id WHERE p.removed_at IS NULL"


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


# ---- tables


def _trigger(case: Case) -> Named:
    """Signals vanish as soon as they are written, from now on."""
    case.sql("CREATE TRIGGER tidy AFTER INSERT ON signals BEGIN DELETE FROM signals WHERE id = NEW.id; END")
    return Named(Kind.TABLE_CHANGED, "signals")


def _view(case: Case) -> Named:
    """What is read is not what was written."""
    case.sql("ALTER TABLE visit_confirmations RENAME TO kept")
    case.sql("CREATE VIEW visit_confirmations AS SELECT * FROM kept")
    return Named(Kind.TABLE_CHANGED, "visit_confirmations")


def _drop(case: Case) -> Named:
    case.sql("DROP TABLE signal_words")
    gone = frozenset({(Kind.ROW_REMOVED, "signal_words", "*")})
    return Named(Kind.TABLE_CHANGED, "signal_words", also=gone)


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
    "a trigger put in that deletes signals": _trigger,
    "a view in a table's place": _view,
    "a table dropped": _drop,
    "a photo's bit flipped": _flip,
    "a photo swapped": _swap,
    "a signature swapped": _swap_signature,
    "a photo deleted": _delete_photo,
    "a signature deleted": _delete_signature,
    "a photo cut off": _cut_photo,
    "bytes behind a paper": _paper,
    "an owner's photo zeroed": _reply_photo,
    "a photo changed with its row": _photo_and_row,
    "who did it changed": log.record("person_id", uuid4().hex),
    "what was told changed": log.record("after", '{"made": "up"}'),
    "when it was changed": log.record_time,
    "a record emptied": log.record_emptied,
    "a record removed": log.record_removed,
    "a record taken out and the rest numbered anew": log.record_taken_out,
    "a record put in between": log.record_inserted,
    "a record put beside the chain": log.record_beside,
    "two records exchanged": log.reordered,
    "a hash changed": log.hash_changed,
    "the tail cut off": log.tail,
    "an old backup restored": log.old_backup,
    "the whole chain hashed anew": log.rehashed,
    "a digest in a record changed": log.bound_rows,
    "the clock set back": log.clock_back,
    "a certificate that has ended": log.certificate,
}
# never left out of thirty: what is asked for by name
ALWAYS = (
    "an answer changed", "a photo's bit flipped", "a photo swapped", "a photo deleted", "a record removed", "a record put in between",
    "two records exchanged", "the tail cut off", "an old backup restored", "the clock set back", "a certificate that has ended",
)  # fmt: skip
