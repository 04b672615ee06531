"""Somebody who owns the database changes what it does to rows, not the rows: that is named, too."""

import sqlite3
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from flask_babel import force_locale

from app.core.database import db, transaction
from app.core.roles import Role
from app.core.settings import settings
from app.core.storage import storage
from app.proof import running
from app.proof.checking import Wish, verify
from app.proof.naming import names_of
from app.proof.rules import Kind, Level
from app.proof.telling import told_of
from tests.factories.people import make_county
from tests.fixtures.signing_in import SignIn

QUICK = Wish(quick=True)


@pytest.fixture
def installed(app: Flask) -> Iterator[None]:
    """An installation with people and areas."""
    with app.app_context():
        with transaction():
            make_county()
        yield


def outside(url: str, *statements: str) -> None:
    db.session.rollback()
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"))
        other.executescript(";".join(statements))
        other.close()
        return
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def said() -> Sequence[str]:
    """What a verification says of tables."""
    db.session.rollback()
    result = verify(settings(), storage(), QUICK)
    found = [one for one in result.found if one.kind is Kind.TABLE_CHANGED]
    assert all(one.level is Level.DIFFERENCE for one in found)
    with force_locale("en"):
        return [told_of(one, name.stored) for one, name in zip(found, names_of(found), strict=True)]


SQLITE = {
    "trigger": "CREATE TRIGGER evil AFTER INSERT ON signals BEGIN DELETE FROM signals WHERE id = NEW.id; END",
    "view": "ALTER TABLE visit_confirmations RENAME TO real; CREATE VIEW visit_confirmations AS SELECT * FROM real",
    "gone": "DROP TABLE signal_words",
    "column": "ALTER TABLE findings RENAME COLUMN outcome TO other",
    "swallows": "ALTER TABLE anchors RENAME TO old; CREATE TABLE anchors (id CHAR(32) PRIMARY KEY ON CONFLICT IGNORE,"
    " at, seq, hash, place, why)",
}
SQLITE |= {
    "unique": "CREATE UNIQUE INDEX one_each ON signals (kind)",
    "check": "ALTER TABLE call_sheets ADD COLUMN more INTEGER CHECK (more IS NULL)",
}
POSTGRES = {
    "unique": "CREATE UNIQUE INDEX one_each ON signals (kind)",
    "check": 'ALTER TABLE call_sheets ADD CONSTRAINT "CHECK" CHECK (tries < 1)',
    "trigger": "CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
    " CREATE TRIGGER evil BEFORE INSERT ON signals FOR EACH ROW EXECUTE FUNCTION evil()",
    "view": "ALTER TABLE visit_confirmations RENAME TO real; CREATE VIEW visit_confirmations AS SELECT * FROM real",
    "gone": "DROP TABLE signal_words",
    "column": "ALTER TABLE findings RENAME COLUMN outcome TO other",
    "rule": "CREATE RULE evil AS ON INSERT TO signals DO INSTEAD NOTHING",
    "row_security": "ALTER TABLE answers ENABLE ROW LEVEL SECURITY",
    "disabled": "ALTER TABLE answers DISABLE TRIGGER touch_answers",
    "function": "CREATE OR REPLACE FUNCTION touch_findings() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NULL; END $$",
}
TOLD = {
    "unique": "Signal: a constraint that is not ours (one_each) can keep rows from being written.",
    "check": "Call-back sheet: a constraint that is not ours (CHECK)",
    "trigger": "Signal: a trigger that is not ours (evil)",
    "view": "Owner's word on a visit: another thing stands where the table stood",
    "gone": "Word on a signal: the table is gone",
    "column": "Finding: columns of its table are gone, or “flask db upgrade” was not run: outcome.",
    "swallows": "Sent chain head: its table was made so that rows can vanish",
    "rule": "Signal: a rule that is not ours (evil)",
    "row_security": "Answer: the database hides rows",
    "disabled": "Answer: the database no longer notes changes",
    "function": "Finding: a trigger that is not ours (touch_findings)",
}


@pytest.mark.usefixtures("installed")
def test_each_deed_is_named(database_url: str) -> None:
    """All at once; the rest is verified all the same. What another program has beside us is nobody's concern."""
    outside(database_url, "CREATE TABLE theirs (id INTEGER)", "CREATE VIEW seen AS SELECT * FROM theirs")
    assert said() == []
    deeds = SQLITE if database_url.startswith("sqlite") else POSTGRES
    outside(database_url, *deeds.values())
    told = said()
    for deed in deeds:
        assert any(line.startswith(TOLD[deed]) for line in told), (deed, told)


def test_the_page_shows_it(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    with app.app_context():
        outside(settings().database_url, SQLITE["trigger"])
        running.run()
    assert "不属于本程序的触发器（evil）" in client.page("/audit").text
