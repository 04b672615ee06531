"""Two files of one place become one: nothing that hangs on the other is left behind."""

import pytest
from flask import Flask

from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import services as visits
from app.inspections.models import Inspection, Result
from app.notices.models import Notice
from app.notices.services import Wish, issue_notice
from app.premises.services import merge_premises
from tests.factories.inspections import item_of, make_restaurant, make_visit, signed, take_photo
from tests.factories.people import County

pytestmark = pytest.mark.both_databases


def test_visits_photos_and_notices_come_along_when_files_are_merged(context: Flask, county: County) -> None:
    by = db.session.merge(county.people[Role.COORDINATOR])
    kept, other = make_restaurant(by.region, name="留下的"), make_restaurant(by.region, name="并入的")
    visit = make_visit(by, other)
    item = item_of(visit, "CAT-09")
    finding = visits.save_answer(visit, item, Result.DOES_NOT, by=by).finding
    visits.save_note(visit, item, "面粉放在地上", by=by)
    photo = take_photo(visit, "CAT-09", by)
    visits.finish_inspection(visit, signed(), by=by)
    assert finding is not None
    wish = Wish(visit.id, "xuncha_advice", (finding.id,))
    notice = issue_notice(new_id(), wish, by=by, now=clock.now())
    digest = notice.digest

    merge_premises(kept, other, by)
    db.session.expire_all()

    assert db.session.get_one(Inspection, visit.id).premises_id == kept.id
    assert photo.premises_id == kept.id
    assert db.session.get_one(Notice, notice.id).premises_id == kept.id
    assert db.session.get_one(Notice, notice.id).digest == digest
    assert kept.last_inspected_at is not None
