"""A place that moves to another township takes its history along for reading; the records stay with their area."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection, InspectionPhoto
from app.inspections.services import start_inspection
from app.notices.models import Notice
from app.notices.queries import Shelf, notices_on
from app.notices.services import issue_notice
from app.premises.facts import facts_of
from app.premises.models import Premises
from app.premises.services import change_premises
from tests.factories.inspections import make_checklists
from tests.factories.people import County, make_county
from tests.factories.premises import make_premises
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_visit, wish


@pytest.fixture
def moved(app: Flask, county: County) -> dict[str, Any]:
    """A place of the first township with a finished visit, a photo and a notice; a supervisor moved it."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        place = make_premises(county.villages[0])
        visit = make_visit(by, place)
        notice = issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        photo = db.session.query(InspectionPhoto).filter_by(inspection_id=visit.id).first()
        assert photo is not None
        _move(place, db.session.merge(county.villages[2]), county)
        db.session.commit()
        return {"place": place.id, "visit": visit.id, "notice": notice.id, "photo": photo.photo_id}


def _move(place: Premises, region: Any, county: County) -> None:
    by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
    change_premises(place, replace(facts_of(place), region=region), by)


def pages_of(moved: dict[str, UUID]) -> list[str]:
    return [
        f"/inspections/{moved['visit']}",
        f"/notices/{moved['notice']}",
        f"/notices/{moved['notice']}/a4.pdf",
        f"/inspections/photos/{moved['photo']}/small.jpg",
    ]


def test_the_new_township_reads_what_happened_before(sign_in: SignIn, county: County, moved: dict[str, Any]) -> None:
    there = sign_in(person=county.neighbour)
    file = there.get(f"/premises/{moved['place']}").text
    for page in pages_of(moved)[:2]:
        assert page in file
        assert there.get(page).status_code == 200
    assert str(moved["photo"]) in file
    assert [there.get(page).status_code for page in pages_of(moved)[2:]] == [200, 200]


def test_reading_is_all_the_new_township_may(
    sign_in: SignIn, county: County, moved: dict[str, Any], app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    there = sign_in(person=county.neighbour)
    visit, notice = pages_of(moved)[:2]
    for address in (f"{notice}/withdraw", f"{notice}/deliveries", f"{visit}/correction", f"{visit}/notice"):
        assert there.post(address, data={"reason": "x", "method": "left"}).status_code == 404
    assert f"{notice}/withdraw" not in there.get(notice).text
    assert f"{notice}/deliveries" not in there.get(notice).text


def test_the_old_township_keeps_its_records_and_counts(
    sign_in: SignIn, county: County, moved: dict[str, Any], app: Flask
) -> None:
    here = sign_in(Role.COORDINATOR)
    assert [here.get(page).status_code for page in pages_of(moved)] == [200] * 4
    assert here.get(f"/premises/{moved['place']}").status_code == 404
    with app.app_context():
        for model in (Inspection, InspectionPhoto, Notice):
            assert {row.township_id for row in db.session.query(model)} == {county.townships[0].id}
        shelves = [notices_on(Shelf.OPEN, town, clock.today(), "").notices for town in county.townships]
        assert [len(found) for found in shelves] == [1, 0]


def test_its_own_pages_never_lead_to_a_closed_door(sign_in: SignIn, moved: dict[str, Any]) -> None:
    """The file is another township's now: a record of ours no longer links to it."""
    here = sign_in(Role.COORDINATOR)
    assert f'"/premises/{moved["place"]}"' not in here.get(f"/inspections/{moved['visit']}").text


def test_a_visit_that_goes_on_stays_with_its_people(sign_in: SignIn, county: County, app: Flask) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        make_checklists()
        place = make_premises(county.villages[0])
        visit = start_inspection(new_id(), place, by=by)
        _move(place, db.session.merge(county.villages[2]), county)
        db.session.commit()
        place_id, visit_id = place.id, visit.id
    there = sign_in(person=county.neighbour)
    assert str(visit_id) not in there.get(f"/premises/{place_id}").text
    assert there.get(f"/inspections/{visit_id}").status_code == 404
    assert sign_in(Role.COORDINATOR).get(f"/inspections/{visit_id}").status_code == 200


def test_whoever_may_not_read_the_place_reads_none_of_its_past(
    sign_in: SignIn, moved: dict[str, Any], app: Flask
) -> None:
    with app.app_context():
        stranger = make_county("邻县", "000100").person(Role.SUPERVISOR)
        db.session.commit()
    client = sign_in(person=stranger)
    assert [client.get(page).status_code for page in pages_of(moved)] == [404] * 4
