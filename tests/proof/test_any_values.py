"""Whatever values somebody puts into the database, a verification names where they are and comes to its end."""

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Integer

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock, watching
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.ledger import AuditRecord
from app.core.roles import Role
from app.core.settings import settings
from app.core.storage import storage
from app.inspections.digests import content_digest
from app.inspections.models import Inspection
from app.notices.services import issue_notice
from app.proof import running
from app.proof.checking import verify
from app.proof.models import Anchor, AuditCheck, AuditFinding
from app.proof.naming import names_of
from app.proof.rules import Found
from app.proof.telling import told_of
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_premises, make_visit, wish

NO_TEXT = "CAST(X'ff00c328fe' AS TEXT)"
VALUES = (
    NO_TEXT, "X'00ff'", "X''", "9223372036854775807", "-9223372036854775808", "9e999", "0.5", "'a' || char(0) || 'b'",
    "NULL", "''", "'nan'", "'{\"first\": 1e999, \"last\": []}'", "'" + "[" * 20_000 + "'", "'99999-99-99'", "'\\ud800'",
    "'{\"roles:00000000\": {\"1\": [\"\\ud800\"], \"2\": 99999999999999999999}, \"\\ud800:\": {\"\\ud800\": \"\"}}'",
)  # fmt: skip
SEED = 5


@pytest.fixture
def visit(app: Flask, county: County) -> Iterator[Inspection]:
    """A visit with photos and an issued notice, verified once."""
    with app.app_context():
        with transaction():
            by = db.session.get_one(Person, county.neighbour.id)
            made = make_visit(by, make_premises(db.session.get_one(Region, county.villages[2].id)))
            made.digest = content_digest(made)
            issue_notice(new_id(), wish(made), by=by, now=clock.now())
        running.run()
        yield made


class Hand:
    """Somebody with another tool; puts back what it changed."""

    def __init__(self, url: str) -> None:
        self.db = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        self.db.text_factory = bytes
        self.undo: list[tuple[str, tuple[Any, ...]]] = []

    def change(self, table: str, column: str, value: str, row: int) -> bool:
        """Whether the database took it, and it is another value than before."""
        where = f'{table} SET "{column}" = {{}} WHERE rowid = {row}'
        ((kind, old),) = self.db.execute(
            f'SELECT typeof("{column}"), "{column}" FROM {table} WHERE rowid = {row}'
        )
        try:
            done = self.db.execute(f'UPDATE {where.format(value)} AND "{column}" IS NOT {value}')
        except sqlite3.IntegrityError:
            return False
        self.undo.append((f"UPDATE {where.format('CAST(? AS TEXT)' if kind == b'text' else '?')}", (old,)))
        return done.rowcount == 1

    def put_back(self) -> None:
        for statement, values in reversed(self.undo):
            self.db.execute(statement, values)
        self.undo.clear()

    def rows(self, table: str) -> list[int]:
        return [row[0] for row in self.db.execute(f"SELECT rowid FROM {table}")]

    def key(self, table: str, row: int) -> str:
        keys = ", ".join(f'CAST("{key.name}" AS TEXT)' for key in watching.of(table).keys)
        (found,) = self.db.execute(f"SELECT {keys} FROM {table} WHERE rowid = {row}")
        return "/".join(part.decode() for part in found)


@pytest.fixture
def hand(visit: Inspection, database_url: str) -> Hand:
    return Hand(database_url)


def looked() -> list[Found]:
    """What a verification finds; all of it can be said."""
    db.session.rollback()
    found = verify(settings(), storage()).found
    for one, name in zip(found, names_of(found), strict=True):
        told_of(one, name.stored).encode()
    return list(found)


def test_any_value_in_any_column_of_a_record_is_named(hand: Hand) -> None:
    picked, rows, tried = random.Random(SEED), hand.rows("audit_records"), 0
    for column in [column.name for column in AuditRecord.__table__.columns]:
        for value in (NO_TEXT, *picked.sample(VALUES, 2)):
            row = picked.choice([*rows, rows[-1]])
            ((seq, key),) = hand.db.execute(f"SELECT seq, id FROM audit_records WHERE rowid = {row}")
            if hand.change("audit_records", column, value, row):
                named = {
                    name for one in looked() if one.table == "audit_records" for name in (one.seq, one.key)
                }
                assert named & {seq, key.decode()}, (column, value, row)
                tried += 1
            hand.put_back()
    assert tried > 25
    assert looked() == []


def test_any_value_in_any_bound_row_is_named(hand: Hand) -> None:
    """One row of each table at once, in a column and with a value by chance."""
    picked, tried = random.Random(SEED), 0
    for _turn in range(15):
        changed = set()
        for one in watching.watched():
            table, numbered = (
                one.table.name,
                one.keys[0].name if isinstance(one.keys[0].type, Integer) else "",
            )
            columns = [name for name in one.columns if name != numbered]  # it is the place of the row itself
            for row in picked.sample(rows := hand.rows(table), min(1, len(rows))):
                key = hand.key(table, row)
                if hand.change(table, picked.choice(columns), picked.choice(VALUES), row):
                    changed.add((table, key))
        assert changed - {(found.table, found.key) for found in looked()} == set()
        tried += len(changed)
        hand.put_back()
    assert tried > 150
    assert looked() == []


def test_what_cannot_be_read_is_kept_and_told_as_well(app: Flask, hand: Hand) -> None:
    """The command and the page say it; nobody's work stops."""
    hand.change("answers", "note", NO_TEXT, hand.rows("answers")[0])
    hand.change("audit_records", "note", NO_TEXT, hand.rows("audit_records")[-1])
    hand.change("audit_records", "hash", "'none'", hand.rows("audit_records")[-1])
    said = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert said.exit_code == 1 and "changed behind our back" in said.output, said.output
    assert "changed, or put in" in said.output


def test_the_page_shows_the_others_where_a_record_cannot_be_read(hand: Hand, sign_in: SignIn) -> None:
    supervisor = sign_in(Role.SUPERVISOR)
    row = hand.rows("audit_records")[-1]
    shown = supervisor.get("/audit").text
    for column, value in (
        ("action", NO_TEXT), ("note", NO_TEXT), ("object_type", "X'00'"), ("object_id", "'zz'"), ("at", "'nonsense'"),
        ("person_id", "X'00'"), ("before", "'{'"), ("seq", "'abc'"), ("hash", "'x'"), ("id", "7"),
    ):  # fmt: skip
        assert hand.change("audit_records", column, value, row)
        page = supervisor.get("/audit")
        assert page.status_code == 200 and page.text.count("开具整改单") == shown.count("开具整改单"), column
        hand.put_back()


def test_verifications_that_were_altered_stop_no_other_one_and_no_page(
    app: Flask, hand: Hand, sign_in: SignIn
) -> None:
    supervisor, picked = sign_in(Role.SUPERVISOR), random.Random(SEED)
    with transaction():
        db.session.add(Anchor(at=clock.now(), seq=1, hash="0" * 64, place="file:///x"))
    hand.change("answers", "note", NO_TEXT, hand.rows("answers")[0])
    with app.app_context():
        running.run()  # finds that
    for table in (AuditCheck.__table__, AuditFinding.__table__, Anchor.__table__):
        for column in table.columns:
            value = picked.choice((NO_TEXT, "'nonsense'", "X'00'", "9223372036854775807", "'[[['"))
            if hand.change(table.name, column.name, value, hand.rows(table.name)[-1]):
                assert supervisor.get("/audit").status_code == 200, (table.name, column.name, value)
            if column.name in ("id", "started_at", "at"):
                said = app.test_cli_runner().invoke(args=["audit", "verify", "--quick"]).output
                assert said.rstrip().endswith(("difference", "differences")), (
                    table.name,
                    column.name,
                    value,
                    said,
                )
        hand.put_back()


def test_a_record_that_binds_in_thousands_of_ways_takes_no_longer(hand: Hand) -> None:
    """Which columns a shape means is tried out."""
    bound = {f"inspections:{number:08x}": {"0" * 32: "f" * 32} for number in range(3000)}
    row = hand.rows("audit_records")[-1]
    hand.db.execute("UPDATE audit_records SET rows = ? WHERE rowid = ?", (json.dumps(bound), row))
    began = time.perf_counter()
    assert "audit_records" in {one.table for one in looked()}
    assert time.perf_counter() - began < 20  # by the clock of a busy machine; one by one it took minutes
