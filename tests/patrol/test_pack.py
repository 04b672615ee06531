"""What a phone takes along: the right places, whole, within one's area, in few reads."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.applies import applicable_items
from app.notices.models import Notice
from app.notices.services import issue_notice
from app.patrol.places import BATCH
from app.premises.kinds import domains
from app.premises.models import Premises
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.fixtures.pages import PageClient, check_fragment
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import statements
from tests.notices.factory import make_version, make_visit, wish

pytestmark = pytest.mark.both_databases


def _get(client: PageClient, path: str) -> Any:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["X-Xuncha"] == "sync"
    return answer.get_json()


@pytest.fixture
def places(app: Flask, county: County) -> list[str]:
    """Three places of the first township (two in its first village), one of the second."""
    with app.app_context():
        for domain in domains():
            make_version(domain)
        rows = [
            make_premises(county.villages[0], "青禾小饭馆(演示)", phone="0999 1112223", address="老街12号"),
            make_premises(county.villages[0], "河口小吃(演示)"),
            make_premises(county.villages[1], "松岭小吃(演示)"),
            make_premises(county.villages[2], "别处小吃(演示)"),
        ]
        db.session.commit()
        return [str(row.id) for row in rows]


def _row(premises_id: str) -> Premises:
    return db.session.get_one(Premises, UUID(premises_id))


def test_without_a_choice_it_is_the_village_of_the_last_visit(
    app: Flask, county: County, sign_in: SignIn, places: list[str]
) -> None:
    client = sign_in(Role.COORDINATOR)
    assert set(_get(client, "/patrol/pack.json")["ids"]) == set(places[:3])  # nowhere yet: the whole township
    with app.app_context():
        make_visit(db.session.get_one(Person, county.person(Role.COORDINATOR).id), _row(places[2]))
        db.session.commit()
    data = _get(client, "/patrol/pack.json")
    assert data["ids"] == [places[2]]
    assert data["choice"]["area"] == county.villages[1].code


def test_open_visits_and_overdue_places_come_first(
    app: Flask, county: County, sign_in: SignIn, places: list[str]
) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        make_visit(by, _row(places[2]), finished=False)
        visit = make_visit(by, _row(places[1]))
        notice = issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.get_one(Notice, notice.id).due_on = clock.today() - timedelta(days=1)
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    area = county.townships[0].code
    data = _get(client, f"/patrol/pack.json?own=1&overdue=1&area={area}")
    assert data["ids"][:2] == [places[2], places[1]]
    assert data["choice"]["found"] == {"own": 1, "overdue": 1, "area": 3}
    (running,) = data["visits"]
    assert running["premises_id"] == places[2]
    assert running["base"]
    assert running["sheets"][0]["item_ids"]


def test_a_place_of_another_area_never_comes_along(
    county: County, sign_in: SignIn, places: list[str]
) -> None:
    client = sign_in(Role.COORDINATOR)
    named = ",".join([places[3], places[0], "nonsense"])
    assert _get(client, f"/patrol/pack.json?named={named}")["ids"] == [places[0]]
    assert _get(client, f"/patrol/pack.json?area={county.townships[1].code}")["ids"] == []
    asked = _get(client, f"/patrol/premises.json?ids={places[3]},{places[0]}")
    assert [one["id"] for one in asked["premises"]] == [places[0]]


def test_a_place_comes_with_facts_search_text_items_and_history(
    app: Flask, county: County, sign_in: SignIn, places: list[str]
) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = make_visit(by, _row(places[0]))
        number = issue_notice(new_id(), wish(visit), by=by, now=clock.now()).number
        db.session.commit()
    (place,) = _get(sign_in(Role.COORDINATOR), f"/patrol/premises.json?ids={places[0]}")["premises"]
    assert place["name"] == "青禾小饭馆(演示)"
    assert "qhxfg" in place["search"]
    assert "老街12号" in place["search"]
    assert "09991112223" in place["search"]
    page = check_fragment(place["html"])
    assert number in page.text
    assert by_name(county) in page.text
    assert not page.all("img")
    with app.app_context():
        row = _row(places[0])
        expected = {
            str(version.id): [str(item.id) for item in items]
            for version, items in applicable_items(row, row.domains)
        }
    assert {sheet["version_id"]: sheet["item_ids"] for sheet in place["sheets"]} == expected


def by_name(county: County) -> str:
    return county.person(Role.COORDINATOR).name


def test_the_history_is_that_of_the_page(
    app: Flask, county: County, sign_in: SignIn, places: list[str]
) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        for _time in range(3):
            visit = make_visit(by, _row(places[0]))
        issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    (place,) = _get(client, f"/patrol/premises.json?ids={places[0]}")["premises"]
    links = check_fragment(place["html"]).all("a")
    taken = {link["href"] for link in links if link["href"].startswith(("/inspections", "/notices"))}
    shown = {link["href"] for link in client.page(f"/premises/{places[0]}").all("main")[0].all("a")}
    assert taken
    assert taken <= shown


def test_a_batch_reads_as_often_for_one_place_as_for_all(
    app: Flask, county: County, sign_in: SignIn
) -> None:
    with app.app_context():
        ids = [str(make_premises(county.villages[n % 2]).id) for n in range(BATCH)]
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        for one in ids[:4]:
            make_visit(by, _row(one))
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    _get(client, f"/patrol/premises.json?ids={','.join(ids)}")  # checklists are read once by a process
    with statements(app) as few:
        _get(client, f"/patrol/premises.json?ids={ids[0]},{ids[1]}")
    with statements(app) as many:
        assert len(_get(client, f"/patrol/premises.json?ids={','.join(ids)}")["premises"]) == BATCH
    assert len(many) <= len(few), many
    too_many = ",".join([*ids, ids[0]])
    assert client.get(f"/patrol/premises.json?ids={too_many}").status_code == 422


def test_near_me_takes_the_nearest(app: Flask, county: County, sign_in: SignIn) -> None:
    with app.app_context():
        rows = [make_premises(county.villages[0], latitude=30 + n / 1000, longitude=110) for n in range(3)]
        make_premises(county.villages[0], latitude=35, longitude=110)
        ids = [str(row.id) for row in rows]
        db.session.commit()
    assert _get(sign_in(Role.COORDINATOR), "/patrol/pack.json?latitude=30&longitude=110")["ids"] == ids


def test_a_sheet_holds_blank_cards_and_what_they_ask_for(sign_in: SignIn, places: list[str]) -> None:
    client = sign_in(Role.COORDINATOR)
    (checklist,) = [one for one in _get(client, "/patrol/pack.json")["checklists"] if one["domain"] == "catering"]
    sheet = _get(client, f"/patrol/sheets/catering/{checklist['number']}.json")["sheet"]
    assert sheet["version_id"] == checklist["version_id"]
    cards = check_blank(sheet["html"])
    assert len(cards) == len(sheet["items"]) > 20
    assert client.get("/patrol/sheets/catering/99.json").status_code == 404


def check_blank(html: str) -> list[Any]:
    from tests.fixtures.pages import parse

    assert "00000000-0000-4000-8000-000000000000" in html
    return parse(html).all("article")


def test_what_every_visit_needs_comes_along(sign_in: SignIn, places: list[str]) -> None:
    data = _get(sign_in(Role.COORDINATOR), "/patrol/pack.json")
    assert data["authorities"] and data["kinds"] and data["domains"]
    assert {one["domain"] for one in data["checklists"]} == {one["key"] for one in data["domains"]}
    calendar, this_year = data["calendar"], clock.today().year
    assert calendar["first"] <= f"{this_year}-01-01"
    assert calendar["last"] >= f"{this_year + 1}-12-31"
    assert len(calendar["free"]) > 200
    assert calendar["provisional"] == [2027] if this_year == 2026 else True
    assert data["notice_kinds"][0]["key"] == "xuncha_advice"


def test_without_a_certificate_no_kind_of_notice_is_offered(app: Flask, county: County, sign_in: SignIn) -> None:
    person = county.person(Role.COORDINATOR)
    with app.app_context():
        db.session.get_one(Person, person.id).certificate_until = clock.today() - timedelta(days=1)
        db.session.commit()
    assert _get(sign_in(Role.COORDINATOR), "/patrol/pack.json")["notice_kinds"] == []
