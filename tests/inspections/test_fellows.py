"""Who comes along is offered the open visit like the one who leads it."""

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import services
from app.oversight import start_queries
from tests.factories.inspections import make_checklists, make_restaurant, signed
from tests.factories.people import County, make_person
from tests.fixtures.statements import statements

pytestmark = pytest.mark.both_databases


@pytest.fixture
def pair(context: Flask, county: County) -> tuple[Person, Person]:
    """Two coordinators of one township."""
    make_checklists()
    lead = db.session.merge(county.people[Role.COORDINATOR])
    return lead, make_person(Role.COORDINATOR, lead.organisation)


def test_an_open_visit_is_offered_to_whoever_comes_along(pair) -> None:
    lead, fellow = pair
    visit = _visit(lead, fellow)
    assert [one.visit for one in start_queries.open_visits(fellow)] == [visit]
    assert [one.visit for one in start_queries.open_visits(lead)] == [visit]


def test_neither_a_finished_visit_nor_one_out_of_reach_is_offered(pair, county: County) -> None:
    lead, fellow = pair
    done, elsewhere = _visit(lead, fellow), _visit(lead, fellow)
    services.sweep_rest(done, new_id(), by=lead)
    services.finish_inspection(done, signed(), by=lead)
    there = county.townships[1]
    elsewhere.region_id = elsewhere.township_id = there.id
    elsewhere.village_id = None
    db.session.flush()
    assert start_queries.open_visits(fellow) == []


def test_the_premises_page_lets_whoever_comes_along_continue(pair, app: Flask, sign_in) -> None:
    lead, fellow = pair
    visit = _visit(lead, fellow)
    db.session.commit()
    page = sign_in(person=fellow).page(f"/premises/{visit.premises_id}")
    assert any(link["href"] == f"/inspections/{visit.id}" and "继续" in link.text for link in page.all("a"))


def test_many_visits_together_cost_no_more_reads_than_one(pair, app: Flask) -> None:
    lead, fellow = pair
    _visit(lead, fellow)
    start_queries.open_visits(fellow)  # the checklists are kept by the process from here on
    counts = []
    for more in (0, 6):
        for _ in range(more):
            _visit(lead, fellow)
        db.session.commit()
        db.session.expire_all()
        assert fellow.region.id
        with statements(app) as seen:
            start_queries.open_visits(fellow)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def _visit(lead: Person, *fellows: Person):
    place = make_restaurant(lead.region, name=f"店{new_id().hex[:6]}")
    return services.start_inspection(new_id(), place, by=lead, fellows=fellows)
