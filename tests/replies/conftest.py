import pytest

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.inspections.models import Inspection
from app.notices import services
from app.notices.models import Notice
from tests.notices.conftest import Scene, person, scene
from tests.notices.factory import wish

__all__ = ["notice", "person", "scene"]


@pytest.fixture
def notice(person: Person, scene: Scene) -> Notice:
    """Issued today: two points by a date, one referred."""
    with transaction():
        visit = db.session.get_one(Inspection, scene.visit_id)
        return services.issue_notice(new_id(), wish(visit), by=person, now=clock.now())
