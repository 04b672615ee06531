"""A county with a visit of long ago, its photos really kept, and a clock that can be set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.inspections.models import InspectionPhoto, Status
from app.notices.services import issue_notice
from app.retention import running
from app.retention.running import Tally
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.notices.factory import make_visit as make_findings
from tests.notices.factory import wish
from tests.oversight.conftest import log
from tests.oversight.factory import make_photo, make_visit

__all__ = ["log"]

THEN = datetime(2026, 3, 2, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Past:
    """The ids of the visit, for stories with clients: those may hold no context open."""

    id: UUID
    premises_id: UUID
    photo_ids: Sequence[UUID]


@pytest.fixture
def past(app: Flask, county: County) -> Past:
    """The same visit without a context."""
    with app.app_context():
        visit = _make(county)
        return Past(visit.id, visit.premises_id, [row.photo_id for row in visit.rows])


@pytest.fixture
def visit(app: Flask, county: County, context: Any) -> Any:
    """A finished visit with three photos, two of them the same picture."""
    return _make(county)


def _make(county: County) -> Any:
    with clock.freeze(THEN):
        person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        place = make_premises(county.villages[0], "青禾小饭馆(演示)")
        visit = make_visit(place, person, status=Status.FINISHED, finished_at=THEN)
        rows = [make_photo(visit, THEN, colour, original_name="门口.jpg") for colour in ("tan", "teal", "tan")]
        db.session.commit()
    visit.rows = rows
    return visit


@pytest.fixture
def issued(app: Flask, county: County) -> Any:
    """An issued notice with one photo: its token and the photo's id."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = make_findings(by, make_premises(county.villages[0]), ("CAT-10",))
        notice = issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        photo = db.session.query(InspectionPhoto).one()
        db.session.commit()
        return notice.id, notice.token, photo.photo_id


def run_after(span: timedelta, **how: Any) -> Tally:
    """The command's work so long after the visit."""
    with clock.freeze(THEN + span):
        tally = running.run(storage(), **how)
    db.session.expire_all()
    return tally


def deletions() -> list[AuditRecord]:
    return db.session.query(AuditRecord).filter_by(action="deleted_after_period").order_by(AuditRecord.at).all()

