"""A visit at a place nobody has registered yet: begun in one request, completed or merged later."""

from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.premises.models import Premises
from tests.factories.inspections import make_checklists
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.fixtures.pages import PageClient, csrf_token
from tests.fixtures.signing_in import SignIn

HERE = {"latitude": "24.123456", "longitude": "110.5", "accuracy": "12"}


@pytest.fixture
def client(app: Flask, county: County, sign_in: SignIn) -> PageClient:
    with app.app_context():
        make_checklists()
        db.session.commit()
    return sign_in(Role.COORDINATOR)


def sent(**changes: Any) -> dict[str, Any]:
    """What a phone sends that has never asked the server for anything but its token."""
    ids = {name: str(new_id()) for name in ("premises_id", "inspection_id", "change_id")}
    return ids | HERE | {"name": "无名凉茶铺", "kind": "small_eatery", "here": "y"} | changes


def post(client: PageClient, data: dict[str, Any]) -> Any:
    token = csrf_token(client.get("/inspections/new-place").text)
    return client.post("/inspections/new-place", data=data | {"csrf_token": token})


def places(app: Flask) -> list[Premises]:
    with app.app_context():
        return list(db.session.query(Premises).order_by(Premises.name))


def test_a_place_and_its_visit_begin_with_the_ids_of_the_phone(client: PageClient, app: Flask, county: County) -> None:
    data = sent(phone="13800000000")
    answer = post(client, data)
    assert answer.location == f"/inspections/{data['inspection_id']}"
    assert "无名凉茶铺" in client.page(answer.location).text
    place = places(app)[0]
    assert str(place.id) == data["premises_id"]
    assert (place.to_complete, place.domains) == (True, ["catering", "fire"])
    assert (place.latitude, place.region_id) == (24.123456, county.townships[0].id)
    with app.app_context():
        visit = db.session.get_one(Inspection, UUID(data["inspection_id"]))
        assert (visit.premises_id, visit.accuracy_m) == (place.id, 12)
        actions = [row.action for row in db.session.query(AuditRecord)]
        assert {"premises_registered", "inspection_started"} <= set(actions)


@pytest.mark.both_databases
@pytest.mark.parametrize("with_change", [True, False])
def test_sent_ten_times_at_once_it_is_one_place_and_one_visit(
    client: PageClient, app: Flask, sign_in: SignIn, *, with_change: bool
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    data = sent()
    if not with_change:
        del data["change_id"]
    clients, answers = [sign_in(Role.COORDINATOR) for _ in range(10)], []
    send = lambda one: answers.append(one.post("/inspections/new-place", data=data))  # noqa: E731
    threads = [Thread(target=send, args=(one,)) for one in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(one.status_code, one.location) for one in answers} == {(303, f"/inspections/{data['inspection_id']}")}
    assert len(places(app)) == 1
    with app.app_context():
        assert db.session.query(Inspection).count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "缺少名称"),
        ({"kind": ""}, "请选择场所类型"),
        ({"phone": "没有"}, "这不是电话号码"),
        ({"latitude": "", "longitude": ""}, "请填写地址"),
        ({"accuracy": "3000"}, "请填写地址"),
        ({"here": ""}, "请填写地址"),
        ({"region": "9901000021"}, "辖区"),
    ],
)
def test_what_lacks_is_said_in_words(client: PageClient, app: Flask, changes: dict[str, str], words: str) -> None:
    answer = post(client, sent(**changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert places(app) == []


def test_an_address_is_enough_and_typed_areas_count(client: PageClient, app: Flask, county: County) -> None:
    data = sent(address="河口街 9 号", region=county.villages[0].code, here="", domains=["fire"])
    assert post(client, data).status_code == 303
    place = places(app)[0]
    assert (place.address, place.latitude, place.region_id) == ("河口街 9 号", None, county.villages[0].id)
    assert place.domains == ["fire"]


def test_the_page_proposes_what_is_registered_already_a_phone_that_sends_later_is_not_held_up(
    client: PageClient, app: Flask, county: County
) -> None:
    with app.app_context():
        known = make_premises(county.villages[0], "无名凉茶铺(演示)", phone="13800000000").id
        db.session.commit()
    asked = post(client, sent(phone="13800000000", ask="1"))
    assert asked.status_code == 409
    assert f"/premises/{known}" in asked.text
    assert len(places(app)) == 1
    assert post(client, sent(phone="13800000000", ask="1", anyway="1")).status_code == 303
    assert post(client, sent(phone="13800000000")).status_code == 303
    assert len(places(app)) == 3


def test_it_is_listed_until_somebody_completes_it(client: PageClient, app: Flask, sign_in: SignIn) -> None:
    data = sent()
    post(client, data)
    file = f"/premises/{data['premises_id']}"
    assert "待完善 1 家" in client.page("/premises").text
    for reader in (client, sign_in(Role.SUPERVISOR)):
        assert file in [one["href"] for one in reader.page("/premises/to-complete").all("a")]
    edit = client.page(f"{file}/edit")
    fields = {one["name"]: one["value"] for one in edit.all("input") if one["type"] in {"hidden", "text", ""}}
    fields |= {"kind": "small_eatery", "region": "9901000011", "status": "open", "domains": "catering"}
    assert "待完善" in client.page(file).text
    assert client.post(f"{file}/edit", data=fields | {"phone": "13800000000"}).status_code == 303
    assert "待完善" not in client.page(file).text
    assert file not in [one["href"] for one in client.page("/premises/to-complete").all("a")]
    assert "待完善" not in client.page("/premises").text


def test_its_file_proposes_the_place_it_may_be_and_merging_ends_the_mark(
    client: PageClient, app: Flask, county: County
) -> None:
    with app.app_context():
        known = make_premises(county.villages[0], "无名凉茶铺(演示)", phone="13800000000").id
        db.session.commit()
    data = sent(phone="13800000000")
    post(client, data)
    file = f"/premises/{data['premises_id']}"
    merge = f"{file}/merge?other={known}"
    assert merge in [one["href"] for one in client.page(file).all("a")]
    merged = client.submit(merge, {"keep": data["premises_id"], "other": str(known)})
    assert merged.status_code == 303
    assert "待完善" not in client.page(file).text
    assert str(known) not in client.page("/premises/to-complete").text


def test_the_list_is_of_ones_own_area(client: PageClient, county: County, sign_in: SignIn) -> None:
    data = sent()
    post(client, data)
    there = sign_in(person=county.neighbour)
    assert data["premises_id"] not in there.page("/premises/to-complete").text
    assert post(there, data | {"change_id": str(new_id())}).status_code == 404, "an id of another area's place"
    assert sign_in(Role.INFORMANT).get("/premises/to-complete").status_code == 403
    assert sign_in(Role.INFORMANT).post("/inspections/new-place", data=data).status_code in {400, 403}
