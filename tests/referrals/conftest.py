from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core.database import db
from app.core.roles import Role
from tests.factories.people import County
from tests.referrals.factory import sent, with_photos

DISCOVERED = datetime(2026, 11, 20, 1, tzinfo=UTC)  # a Friday, 09:00 in China


@pytest.fixture
def sender(context: Flask, county: County) -> Person:
    """The coordinator of the first township, inside the application's context."""
    return db.session.get_one(Person, county.person(Role.COORDINATOR).id)


@pytest.fixture
def supervisor(context: Flask, county: County) -> Person:
    return db.session.get_one(Person, county.person(Role.SUPERVISOR).id)


def person_of(county: County, role: Role = Role.COORDINATOR) -> Person:
    return db.session.get_one(Person, county.person(role).id)


@pytest.fixture
def out(app: Flask, county: County) -> tuple[UUID, str]:
    """A referral with two photos that was sent, and the token of its link."""
    with app.app_context():
        by = person_of(county)
        referral = sent(by, county.villages[0], photos=with_photos(by))
        db.session.commit()
        assert referral.link is not None
        return referral.id, referral.link.token
