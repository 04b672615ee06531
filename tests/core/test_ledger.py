"""The chain: whatever writes, its rows are bound; what fails leaves nothing; what another tool changes stands out."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from app.core import audit, clock, ledger, watching
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.ledger import AuditRecord
from app.core.roles import Role
from app.premises.models import Licence
from tests.factories.people import County, make_county

pytestmark = pytest.mark.both_databases


@pytest.fixture
def county(app: Flask) -> Iterator[County]:
    with app.app_context():
        with transaction():
            made = make_county()
        yield made


def chain() -> list[dict[str, Any]]:
    """The records in order, after each was worked out anew with nothing but hashlib and json."""
    columns = [*ledger.FACTS, *ledger.CONTENTS, "content", "rows", "hash"]
    rows = db.session.execute(
        db.select(*(AuditRecord.__table__.c[name] for name in columns)).order_by(AuditRecord.seq)
    )
    found = [dict(row._mapping) for row in rows]
    previous = bytes(32)
    for place, record in enumerate(found, 1):
        assert record["seq"] == place, "without a gap"
        texts = [record["address"], json.dumps(record["before"]), json.dumps(record["after"]), record["note"]]
        assert hashlib.sha256(_json(texts)).digest() == record["content"]
        said = {name: ledger.plain(record[name]) for name in ledger.FACTS}
        said["content"], said["previous"] = record["content"].hex(), previous.hex()
        said["rows"] = hashlib.sha256(record["rows"].encode()).hexdigest() if record["rows"] else ""
        previous = hashlib.sha256(_json(said)).digest()
        assert record["hash"] == previous
    return found


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def differing() -> set[str]:
    """The tables in which a row is not as the chain says."""
    last: dict[tuple[str, str], str] = {}
    for record in chain():
        for name, rows in json.loads(record["rows"] or "{}").items():
            last.update({(name.split(":")[0], key): digest for key, digest in rows.items()})
    found = {}
    for one in watching.watched():
        width = len(one.keys)
        for row in watching.all_rows(db.session.connection(), one):
            found[one.table.name, ledger.key_of(row[:width])] = ledger.row_digest(row[width:])
    kept = {key: digest for key, digest in last.items() if digest}
    return {table for table, _key in dict(kept.items() ^ found.items())}


def licence(county: County) -> UUID:
    from tests.notices.factory import make_premises

    row = Licence(
        premises_id=make_premises(county.villages[0], "面馆").id, name="食品经营许可证", number="甲1"
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def test_rows_are_bound_whatever_statement_writes_them(county: County) -> None:
    with transaction():
        key = licence(county)
    table = Licence.__table__
    with transaction():
        db.session.execute(update(table).where(table.c.id == key).values(number="乙2"))
    with transaction():
        row = {
            "id": new_id(),
            "premises_id": db.session.get_one(Licence, key).premises_id,
            "name": "营业执照",
        }
        db.session.execute(insert(table), [row | {"number": "丙3", "until": None}])
    assert differing() == set()
    with transaction():
        db.session.execute(delete(table).where(table.c.id == key))
    assert differing() == set()
    assert json.loads(chain()[-1]["rows"])[f"licences:{watching.of('licences').shape}"] == {key.hex: ""}


def test_what_fails_leaves_no_record_and_no_gap(county: County) -> None:
    person = county.people[Role.COORDINATOR]
    db.session.commit()
    before = ledger.head()
    with pytest.raises(RuntimeError), transaction():
        person.name = "改名"
        audit.record("tried", person, by=None)
        raise RuntimeError
    assert ledger.head() == before
    with transaction():
        with pytest.raises(RuntimeError), db.session.begin_nested():
            audit.record("tried", person, by=None)
            raise RuntimeError
        with db.session.begin_nested():
            audit.record("done", person, by=None)
    actions = [record["action"] for record in chain()]
    assert (actions[-1], "tried" in actions, len(actions)) == ("done", False, before.seq + 1)
    assert differing() == set()


def test_a_row_the_database_refuses_takes_no_record_along_but_its_own(county: County) -> None:
    """A flush that fails inside an inner part ends that part, not what was put aside before it."""
    person = county.people[Role.COORDINATOR]
    with transaction():
        key = licence(county)
    with transaction():
        audit.record("before", person, by=None)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            audit.record("refused", person, by=None)
            known = db.session.get_one(Licence, key)
            db.session.add(Licence(id=new_id(), premises_id=new_id(), name=known.name, number="无"))
            db.session.flush()
        audit.record("after", person, by=None)
    assert [record["action"] for record in chain()][-2:] == ["before", "after"]
    assert "refused" not in {record["action"] for record in chain()}


def test_what_was_written_before_a_transaction_began_is_bound_too(county: County) -> None:
    """Nobody should; but a question asked in between writes what was changed, and then it must stand in the chain."""
    person = county.people[Role.COORDINATOR]
    db.session.commit()
    person.name = "改名"
    db.session.flush()
    with transaction():
        audit.record("unconcerned", person, by=None)
    db.session.rollback()
    assert db.session.scalar(text("SELECT count(*) FROM people WHERE name = '改名'")) == 1
    assert differing() == set()


def test_many_at_once_make_one_chain(app: Flask, county: County) -> None:
    person = county.people[Role.COORDINATOR]
    db.session.commit()

    def write(number: int) -> None:
        with app.app_context(), transaction():
            audit.record(f"step_{number}", person, by=None, after={"者": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    db.session.rollback()
    assert {record["action"] for record in chain()} >= {f"step_{number}" for number in range(40)}


def test_what_another_tool_changes_stands_out(county: County, database_url: str) -> None:
    with transaction():
        key = licence(county)
    assert differing() == set()
    db.session.rollback()
    if database_url.startswith("sqlite"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as other:
            other.execute("UPDATE licences SET number = '伪造' WHERE id = ?", [key.hex])
        other.close()
    else:
        import psycopg

        with psycopg.connect(database_url.replace("+psycopg", "")) as outside:
            outside.execute("UPDATE licences SET number = '伪造' WHERE id = %s", [key])
    assert differing() == {"licences"}
    with transaction():  # and is not covered by the next one who writes
        audit.record("unconcerned", db.session.get_one(Licence, key), by=None)
    assert differing() == {"licences"}


def test_contents_are_forgotten_and_the_chain_stands(county: County) -> None:
    person = county.people[Role.COORDINATOR]
    with transaction():
        audit.record("told", person, by=None, before={"a": 1}, note="说明")
    with transaction():
        assert ledger.forget_contents(clock.now() + timedelta(seconds=1)) > 0
    with transaction():
        assert ledger.forget_contents(clock.now() - timedelta(days=1)) == 0
    told = db.session.execute(text("SELECT note, content FROM audit_records WHERE action = 'told'")).one()
    assert told.note == ""
    assert bytes(told.content) != ledger.content_digest("", None, None, "")
    last = db.session.query(AuditRecord).order_by(AuditRecord.seq.desc()).first()
    assert last.action == "contents_forgotten"


def test_a_clock_that_stood_wrong_for_a_moment_empties_nothing_else(county: County) -> None:
    person, now = county.people[Role.COORDINATOR], clock.now()
    with transaction():
        audit.record("told", person, by=None, note="说明")
    with clock.freeze(now - timedelta(days=4000)), transaction():
        audit.record("out_of_time", person, by=None, note="钟坏了")
    with transaction():
        assert ledger.forget_contents(now - timedelta(days=3000)) == 1
    notes = dict(
        db.session.execute(text("SELECT action, note FROM audit_records WHERE note <> ''")).tuples().all()
    )
    assert notes["told"] == "说明"
    assert "out_of_time" not in notes


def test_what_stands_outside_the_chain_keeps_no_run_waiting(county: County) -> None:
    """`flask retention run` goes on as long as there is something to empty: only what can be emptied counts."""
    with transaction():
        row = ledger.system_entry("loose", note="不在链上") | {"seq": None}
        db.session.execute(insert(AuditRecord.__table__), [row])
    with transaction():
        ledger.forget_contents(clock.now() + timedelta(seconds=1))
    assert ledger.oldest_telling(clock.now() + timedelta(seconds=1)) is None


def test_rows_that_were_there_before_the_chain_are_bound_once(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "AT_ONCE", 2)  # there may be millions of records: they are read in parts
    with clock.freeze(clock.now()), transaction():
        licence(county)
        for number in range(5):
            audit.record(f"step_{number}", county.people[Role.COORDINATOR], by=None, after={"n": number})
    with transaction():
        db.session.execute(
            text("UPDATE audit_records SET seq = NULL, hash = NULL, content = NULL, rows = NULL")
        )
        ledger.begin()
        ledger.begin()
    assert differing() == set()
    assert chain()[-1]["action"] == "rows_bound_at_start"


def test_a_connection_that_could_not_begin_to_note_tries_again(
    app: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # triggers stand in the schema
    db.session.commit()
    db.engine.dispose()

    def fail(*_args: Any) -> None:
        raise sqlite3.OperationalError("database schema is locked")

    with monkeypatch.context() as broken:
        broken.setattr(watching, "_script", fail)
        broken.setattr(watching, "_columns", fail)
        with pytest.raises(sqlite3.OperationalError), transaction():
            pass
    with transaction():
        licence(county)
    assert differing() == set()
