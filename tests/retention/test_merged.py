"""A hold on a file stays a hold when the file is merged into another one: nobody gets rid of it that way."""

from typing import Any

import pytest

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.premises.services import merge_premises
from app.retention import holds
from app.retention.rules import Subject
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.retention.conftest import YEAR, run_after


@pytest.mark.both_databases
def test_a_hold_goes_along_with_its_file(county: County, visit: Any) -> None:
    person = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    hold = holds.place(new_id(), Subject.PREMISES, visit.premises, "行政复议", by=person, now=clock.now())
    file_id = visit.premises.id
    kept = make_premises(county.villages[0], "青禾小饭馆二(演示)")
    merge_premises(kept, visit.premises, person)
    db.session.commit()
    assert run_after(20 * YEAR).gone.total() == 0
    assert holds.hold_on(kept.id) is hold and holds.hold_on(file_id) is hold
    assert holds.holds_on([kept.id]) == {kept.id: hold}
    assert holds.place(new_id(), Subject.PREMISES, kept, "再来一次", by=person, now=clock.now()) is hold
    holds.lift(hold, kept, "已结案", by=person, now=clock.now())
    db.session.commit()
    assert holds.hold_on(kept.id) is None
    assert run_after(20 * YEAR).gone["visit_photos"] == 3
