"""PostgreSQL keeps moments that Python cannot: without end, before our era, after the year 9999. They are named."""

from datetime import date

import psycopg
import pytest
from flask import Flask

from app.calendar.models import CalendarDay, Source
from app.core import clock
from app.core.database import db, transaction
from app.core.settings import settings
from app.core.storage import storage
from app.proof import running
from app.proof.checking import verify
from app.proof.models import Anchor
from tests.factories.people import County

MOMENTS = ("infinity", "0044-03-15 BC", "294276-12-31")


@pytest.mark.both_databases
def test_a_moment_that_is_none_is_named(app: Flask, county: County, database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("there a moment is a text")
    with app.app_context():
        with transaction():
            db.session.add(CalendarDay(day=date(2031, 5, 4), is_working=True, source=Source.COUNTY))
            db.session.add(Anchor(at=clock.now(), seq=1, hash="0" * 64, place="mailto"))
        running.run()
        db.session.rollback()
        with psycopg.connect(database_url.replace("+psycopg", "")) as other:
            for number, (table, column) in enumerate((
                ("people", "created_at"), ("calendar_days", "day"), ("anchors", "at"), ("audit_checks", "started_at"),
                ("audit_checks", "ended_at"), ("people", "certificate_until"),
            )):  # fmt: skip
                other.execute(f"UPDATE {table} SET {column} = '{MOMENTS[number % len(MOMENTS)]}'".encode())
            other.execute(b"UPDATE audit_records SET at = 'infinity' WHERE seq = 2")
        found = verify(settings(), storage()).found
        named = {(one.table, one.seq if one.table == "audit_records" else None) for one in found}
        wanted = {(table, None) for table in ("people", "calendar_days", "anchors", "audit_checks")}
        assert named >= wanted | {("audit_records", 2)}
        db.session.rollback()
        check, result, _names = running.run()
        assert check.differences == result.tally.differences > 0
