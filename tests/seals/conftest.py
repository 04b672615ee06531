from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices import services
from app.notices.models import Notice
from tests.factories.people import County
from tests.notices.conftest import scene
from tests.notices.factory import make_premises, make_visit, wish

__all__ = ["scene"]


@pytest.fixture
def notice_id(app: Flask, county: County) -> UUID:
    """An issued notice of the first township, committed."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit: Inspection = make_visit(by, make_premises(county.villages[0]), ("CAT-10",), photos=0)
        made: Notice = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
        return made.id
