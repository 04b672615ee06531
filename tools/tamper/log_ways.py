"""Ways to falsify the log itself: records, their order, the whole of it."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from app.core import clock, ledger
from app.core.database import db, transaction
from app.proof.rules import Kind
from tools.tamper.case import Case, Named, Way
from tools.tamper.certificates import expired

# known heads stand at other numbers then
_HEADS = frozenset({(Kind.CHAIN_REWRITTEN, "audit_records", ""), (Kind.CHAIN_SHORTER, "audit_records", "")})
_CHAIN = (
    "SELECT seq, id FROM audit_records WHERE seq > 20 AND seq < (SELECT max(seq) - 20 FROM audit_records)"
)


def record(column: str, value: Any) -> Way:
    def way(case: Case) -> Named:
        seq, key = case.some(
            f'{_CHAIN} AND "{column}" IS NOT ? AND "{column}" IS NOT NULL AND "{column}" <> \'\'', value
        )
        case.sql(f'UPDATE audit_records SET "{column}" = ? WHERE seq = ?', value, seq)
        return Named(Kind.RECORD_CHANGED, "audit_records", key, seq)

    return way


def record_time(case: Case) -> Named:
    seq, key = case.some(_CHAIN)
    case.sql("UPDATE audit_records SET at = datetime(at, '-1 minute') || '.000000' WHERE seq = ?", seq)
    return Named(Kind.RECORD_CHANGED, "audit_records", key, seq)


def record_emptied(case: Case) -> Named:
    seq, key = case.some(f'{_CHAIN} AND "after" IS NOT NULL AND "after" <> \'null\'')
    case.sql(
        "UPDATE audit_records SET address = '', before = NULL, after = NULL, note = '' WHERE seq = ?", seq
    )
    return Named(Kind.RECORD_EMPTIED, "audit_records", key, seq)


def record_removed(case: Case) -> Named:
    seq, _key = case.some(f"{_CHAIN} AND rows = ''")
    case.sql("DELETE FROM audit_records WHERE seq = ?", seq)
    return Named(Kind.RECORD_REMOVED, "audit_records", "", seq)


def record_taken_out(case: Case) -> Named:
    """And the later ones numbered anew."""
    seq, _key = case.some(f"{_CHAIN} AND rows = ''")
    case.sql("DELETE FROM audit_records WHERE seq = ?", seq)
    case.sql("UPDATE audit_records SET seq = -seq WHERE seq > ?", seq)
    case.sql("UPDATE audit_records SET seq = -seq - 1 WHERE seq < 0")
    return Named(Kind.RECORD_REMOVED, "audit_records", "", seq, _HEADS)


_COPIED = "at, action, object_type, object_id, person_id, change_id, request_id, address, before, after, note, content, rows, hash"


def record_inserted(case: Case) -> Named:
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


def record_beside(case: Case) -> Named:
    key = uuid4().hex
    names = _COPIED.replace(", hash", "")
    seq, _other = case.some(_CHAIN)
    case.sql(
        f"INSERT INTO audit_records (id, {names}) SELECT ?, {names} FROM audit_records WHERE seq = ?",
        key,
        seq,
    )
    return Named(Kind.RECORD_INSERTED, "audit_records", key)


def reordered(case: Case) -> Named:
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


def hash_changed(case: Case) -> Named:
    seq, key = case.some(_CHAIN)
    case.sql("UPDATE audit_records SET hash = ? WHERE seq = ?", case.luck.randbytes(32), seq)
    return Named(Kind.RECORD_CHANGED, "audit_records", key, seq)


def bound_rows(case: Case) -> Named:
    """A row, and the digest in the record that bound it last."""
    seq, key, rows = case.some(f"{_CHAIN.replace('id', 'id, rows')} AND rows LIKE '%\"answers:%'")
    said = json.loads(rows)
    name = next(one for one in said if one.startswith("answers:"))
    said[name][next(iter(said[name]))] = "0" * 32
    case.sql("UPDATE audit_records SET rows = ? WHERE seq = ?", json.dumps(said), seq)
    return Named(
        Kind.RECORD_CHANGED, "audit_records", key, seq, also=frozenset({(Kind.ROW_CHANGED, "answers", "*")})
    )


def tail(case: Case) -> Named:
    """The last records, with the rows they stand for."""
    (end,) = case.sql("SELECT max(seq) FROM audit_records")[0]
    cut = end - case.luck.randrange(3, 10)
    case.sql("DELETE FROM audit_records WHERE seq > ?", cut)
    # the rows they stood for are there, and so is what they said was forgotten
    with_it = (Kind.ROW_INSERTED, Kind.ROW_CHANGED, Kind.RECORD_EMPTIED)
    return Named(
        Kind.CHAIN_SHORTER, "audit_records", "", cut, frozenset((kind, "*", "*") for kind in with_it)
    )


def old_backup(case: Case) -> Named:
    assert case.old is not None
    for left in case.database.parent.glob("xuncha.db*"):
        left.unlink()
    case.database.write_bytes(case.old.read_bytes())
    (end,) = case.sql("SELECT max(seq) FROM audit_records")[0]
    return Named(Kind.CHAIN_SHORTER, "audit_records", "", end)


def rehashed(case: Case) -> Named:
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


def clock_back(case: Case) -> Named:
    """The server's clock is set back, and work goes on."""
    with case.ours() as app, app.app_context():
        head = ledger.head()
        assert head is not None
        with clock.freeze(head.at - timedelta(days=3)), transaction():
            ledger.write([ledger.system_entry("signed_in")])
        last = db.session.query(ledger.AuditRecord).order_by(ledger.AuditRecord.seq.desc()).first()
        assert last is not None
        return Named(Kind.CLOCK_BACK, "audit_records", last.id.hex, last.seq)


def certificate(case: Case) -> Named:
    path = case.folder / "old.p12"
    expired(path)
    case.settings = {"seal_file": str(path), "seal_passphrase": "seal"}
    return Named(Kind.CERTIFICATE)
