"""What records tell is forgotten after a period, and not sooner because somebody writes that it was."""

from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.county import options
from app.core import clock, ledger
from app.core.database import db, transaction
from app.core.settings import settings
from app.core.storage import storage
from app.proof.checking import Wish, verify
from app.proof.rules import LEAST_KEPT, Kind
from app.retention.rules import Kind as Period
from tests.proof.test_tables import outside


def emptied() -> list[int | None]:
    db.session.rollback()
    found = verify(settings(), storage(), Wish(quick=True)).found
    assert {one.kind for one in found} <= {Kind.RECORD_EMPTIED}
    return [one.seq for one in found]


def say(note: str, days_ago: float) -> int:
    with clock.freeze(clock.now() - timedelta(days=days_ago)), transaction():
        ledger.write([ledger.system_entry("said", note=note)])
    head = ledger.head()
    assert head is not None
    return head.seq


@pytest.mark.both_databases
def test_a_record_that_claims_it_forgives_nothing_young(app: Flask, database_url: str) -> None:
    with app.app_context():
        db.session.execute(db.text("DELETE FROM audit_records"))  # the chain begins in the past
        db.session.commit()
        old, young = say("old", 181), say("young", 100)
        with transaction():
            assert ledger.forget_contents(clock.now() - LEAST_KEPT) == 1
        assert emptied() == []
        with transaction():
            ledger.write(
                [ledger.system_entry("contents_forgotten") | {"after": {"first": old, "last": young}}]
            )
        empty = "note = '', before = NULL, after = NULL"
        outside(database_url, f"UPDATE audit_records SET {empty} WHERE seq = {young}")
        assert emptied() == [young]


def test_no_county_can_decide_on_less(app: Flask) -> None:
    known = {one.key: one for one in options()}
    assert known[f"retention.{Period.AUDIT.value}"].least == LEAST_KEPT.days
