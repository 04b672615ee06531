"""Rows are read in the quick way where it says the same as the right one; where it does not, the right one decides."""

import sqlite3
from contextlib import closing

import pytest
from flask import Flask

from app.core import watching
from app.core.compact import canonical
from app.core.database import db, transaction
from app.core.settings import settings
from app.core.storage import storage
from app.premises.models import Premises
from app.proof.checking import Wish, verify
from app.proof.reading import snapshot
from tests.factories.people import make_county
from tests.notices.factory import make_premises

# quotes, what JSON escapes, what it need not, signs beyond the first plane, an inner zero
TEXTS = (
    '“老张”饭店 "二店"\\', "a\tb\nc\rd\x08\x0c\x01\x1f\x7f", "\u2028\u2029\ufeff", "𠮷野家🍜",
    "a\x00b", "null", "9e999", "",
)  # fmt: skip
NUMBERS = (0.0, -0.0, 0.1 + 0.2, 1e-7, 5e-324, 28.541253136137488, 1e15, 1e16, 123456789012345680.0, -1e22, 2.0)


@pytest.fixture
def places(app: Flask) -> list[Premises]:
    with app.app_context(), transaction():
        county = make_county()
        made = []
        for place, number in enumerate(NUMBERS):
            premises = make_premises(county.villages[0])
            premises.address = TEXTS[place % len(TEXTS)]
            premises.latitude, premises.longitude = number, -number
            made.append(premises)
    return made


def test_odd_texts_and_numbers_of_honest_rows_cause_no_alarm(app: Flask, places: list[Premises]) -> None:
    with app.app_context():
        assert len(places) == len(NUMBERS)
        assert verify(settings(), storage(), Wish(files=False)).found == []


def test_tables_have_the_same_texts_in_both_ways(app: Flask, places: list[Premises]) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("SQLite writes its own JSON, PostgreSQL's would be spaced")
        with snapshot() as look:
            for one in watching.watched():
                if len(one.keys) > 1:
                    continue
                right = {key: canonical(list(values)).encode() for key, values in look.table(one, one.columns)}
                assert dict(look.texts(one, one.columns)) == right, one.table.name


def test_a_number_where_nothing_stood_is_named(app: Flask, places: list[Premises]) -> None:
    """Endless ones too, which some encoders write as nothing."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL keeps to the kind of a column")
        path = str(db.engine.url.database)
        key = places[0].id.hex
        db.session.rollback()
        for value in ("9e999", "1", "''", "x''", "'null'"):
            with closing(sqlite3.connect(path, isolation_level=None)) as hand:
                hand.execute(f"UPDATE premises SET merged_into_id = {value} WHERE id = ?", (key,))
                found = verify(settings(), storage(), Wish(files=False)).found
                assert [one.key for one in found if one.table == "premises"] == [key], value
                hand.execute("UPDATE premises SET merged_into_id = NULL WHERE id = ?", (key,))
            assert verify(settings(), storage(), Wish(files=False)).found == []
