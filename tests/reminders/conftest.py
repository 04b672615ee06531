"""A county with one issued notice, and a clock that stands still."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts import county as decisions
from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.notices.services import issue_notice
from tests.factories.people import County
from tests.fixtures.receiver import Receiver
from tests.notices.factory import make_premises, make_visit, wish

__all__ = ["Receiver"]
ISSUED = datetime(2026, 12, 1, 2, tzinfo=UTC)  # ten in the morning there
DUE = (clock.local(ISSUED) + timedelta(days=7)).date()


@pytest.fixture
def notice_id(app: Flask, county: County) -> UUID:
    return issue(app, county)


def issue(app: Flask, county: County) -> UUID:
    """Issued on the first of December, due on the eighth."""
    with app.app_context(), clock.freeze(ISSUED):
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = make_visit(by, make_premises(county.villages[0]), ("CAT-10",), photos=0)
        notice = issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
        return notice.id


def on(days: int, hour: int = 10) -> Any:
    """The clock so many days from the date, at this local hour."""
    return clock.freeze(ISSUED + timedelta(days=7 + days, hours=hour - 10))


def decide(county: County, **values: Any) -> None:
    for key, value in values.items():
        decisions.set_option(county.region.id, f"reminders.{key}", value, by=None, now=clock.now())
    db.session.commit()
