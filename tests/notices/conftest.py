from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.roles import Role
from tests.factories.people import County
from tests.notices.factory import make_premises, make_visit


@dataclass(frozen=True)
class Scene:
    """A finished visit in the first township, committed: ids only, so that every request reads afresh."""

    visit_id: UUID
    premises_id: UUID
    finding_ids: list[UUID]


@pytest.fixture
def a_monday() -> Iterator[None]:
    """Time stands still on a Monday, so that a date a week later is no day of rest."""
    with clock.freeze(datetime(2026, 11, 16, 2, tzinfo=UTC)):
        yield


@pytest.fixture
def scene(app: Flask, county: County) -> Scene:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        premises = make_premises(county.villages[0])
        visit = make_visit(by, premises)
        db.session.commit()
        return Scene(visit.id, premises.id, [finding.id for finding in visit.findings])


@pytest.fixture
def person(scene: Scene, context: Flask, county: County) -> Person:
    """The coordinator inside an application context opened after the scene was written."""
    return db.session.get_one(Person, county.person(Role.COORDINATOR).id)
