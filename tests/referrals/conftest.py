from datetime import UTC, datetime

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core.database import db
from app.core.roles import Role
from tests.factories.people import County

DISCOVERED = datetime(2026, 11, 20, 1, tzinfo=UTC)  # a Friday, 09:00 in China


@pytest.fixture
def sender(context: Flask, county: County) -> Person:
    """The coordinator of the first township, inside the application's context."""
    return db.session.get_one(Person, county.person(Role.COORDINATOR).id)


@pytest.fixture
def supervisor(context: Flask, county: County) -> Person:
    return db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
