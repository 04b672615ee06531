"""Administrators at work: of the whole county, and of a part of it."""

import pytest

from app.core.database import db
from app.core.roles import Role
from tests.factories.people import make_person


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMINISTRATOR)


@pytest.fixture
def township_admin(app, county, sign_in):
    """An administrator of the first township only."""
    with app.app_context():
        person = make_person(Role.ADMINISTRATOR, db.session.merge(county.hospitals[0]), "管小六")
        db.session.commit()
    return sign_in(person=person)
