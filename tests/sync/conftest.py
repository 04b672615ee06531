"""A restaurant, its items, and phones."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.database import db
from app.core.roles import Role
from app.inspections.applies import applicable_items
from tests.factories.inspections import make_checklists, make_restaurant
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.sync.phone import Phone


@pytest.fixture
def place(app: Flask, county: County) -> Any:
    """A restaurant of the first township: its id, and its items by code."""
    with app.app_context():
        make_checklists()
        premises = make_restaurant(county.townships[0])
        items = {
            item.code: SimpleNamespace(
                id=item.id, code=item.code, severity=item.severity, measures=item.measures,
                photo_required=item.photo_required, version_id=item.version_id,
            )
            for _version, found in applicable_items(premises, premises.domains)
            for item in found
        }  # fmt: skip
        db.session.commit()
        return SimpleNamespace(id=premises.id, items=items)


@pytest.fixture
def phone(sign_in: SignIn) -> Phone:
    """The coordinator's."""
    return Phone(sign_in(Role.COORDINATOR))


@pytest.fixture
def phones(sign_in: SignIn) -> Callable[[], Phone]:
    """More phones of the same person."""
    return lambda: Phone(sign_in(Role.COORDINATOR))


@pytest.fixture
def visit_of(app: Flask) -> Callable[[UUID], Any]:
    """The visit as the database has it."""

    def read(visit_id: UUID) -> Any:
        from app.inspections import queries
        from app.inspections.models import Inspection

        with app.app_context():
            visit = db.session.get_one(Inspection, visit_id)
            answers = queries.answers_of(visit)
            return SimpleNamespace(row=visit, answers=answers, sheets=list(visit.sheets))

    return read
