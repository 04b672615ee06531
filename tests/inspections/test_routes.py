"""The visit over HTTP: retries, sessions that ended, plain forms, photos good and bad."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import derived_id, new_id
from app.core.roles import Role
from app.inspections.models import Answer, Inspection, InspectionPhoto, Result, Status
from app.photos.models import Photo
from tests.factories.inspections import (
    item_of,
    jpeg,
    make_checklists,
    make_restaurant,
    make_visit,
    png_signature,
)
from tests.factories.people import County, make_county, make_organisation, make_person

HTMX = {"HX-Request": "true"}


@pytest.fixture
def visit(app: Flask, county: County) -> dict[str, Any]:
    """Ids of an open visit of the coordinator, and of one of its items."""
    with app.app_context():
        by = db.session.merge(county.people[Role.COORDINATOR])
        inspection = make_visit(by)
        item = item_of(inspection, "CAT-09")
        db.session.commit()
        base = f"/inspections/{inspection.id}"
        return {"id": inspection.id, "item": item.id, "page": base, "item_url": f"{base}/items/{item.id}"}



def _token(client: Any, page: str) -> str:
    html = client.get(page).get_data(as_text=True)
    return html.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]


def post(client: Any, url: str, csrf: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(url, data={"csrf_token": csrf, **(data or {})}, headers=headers)


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_an_answer_comes_back_as_the_card_with_progress_and_next_step(app, sign_in, visit) -> None:
    client = sign_in(Role.COORDINATOR)
    csrf = _token(client, visit["page"])
    response = post(client, f"{visit['item_url']}/answer", csrf, {"result": "does_not"}, **HTMX)
    html = response.get_data(as_text=True)
    assert response.status_code == 200
    for part in ('id="item-CAT-09"', 'id="gaps-CAT-09"', 'id="progress"', 'id="next-step"', 'hx-swap-oob="true"'):
        assert part in html


def test_without_scripts_an_answer_leads_back_to_its_item(app, sign_in, visit) -> None:
    client = sign_in(Role.COORDINATOR)
    response = post(client, f"{visit['item_url']}/answer", _token(client, visit["page"]), {"result": "conforms"})
    assert response.status_code == 303
    assert response.location.endswith("#item-CAT-09")


def _taps(app: Flask, client: Any, url: str, bodies: list[dict[str, str]]) -> list[int]:
    """The statuses of these requests, sent at once by phones that share one session; in their order."""
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])

    def send(fields: dict[str, str]) -> int:
        phone = app.test_client()
        phone.set_cookie(cookie.key, cookie.value, domain=cookie.domain or "localhost")
        return phone.post(url, data=fields, headers=HTMX).status_code

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, bodies))


def _changes(app: Flask, change: str) -> int:
    with app.app_context():
        done = select(func.count()).select_from(AuditRecord).where(AuditRecord.change_id == UUID(change))
        return db.session.scalar(done) or 0


@pytest.mark.both_databases
def test_the_same_answer_ten_times_at_once_is_one_change(app, sign_in, visit) -> None:
    client = sign_in(Role.COORDINATOR)
    csrf, change = _token(client, visit["page"]), str(new_id())
    tap = {"csrf_token": csrf, "result": "does_not", "change_id": change}
    assert set(_taps(app, client, f"{visit['item_url']}/answer", [tap] * 10)) == {200}
    assert count(app, Answer) == 1
    assert _changes(app, change) == 1


@pytest.mark.both_databases
def test_of_ten_at_once_the_one_that_says_something_else_is_told_so(app, sign_in, visit) -> None:
    client, url = sign_in(Role.COORDINATOR), f"{visit['item_url']}/answer"
    csrf, change = _token(client, visit["page"]), str(new_id())
    tap = {"csrf_token": csrf, "result": "does_not", "change_id": change}
    first = _taps(app, client, url, [tap])  # else nobody could say which of the ten is the other one
    rest = _taps(app, client, url, [tap] * 4 + [tap | {"result": "conforms"}] + [tap] * 4)
    assert first + rest == [200] * 5 + [409] + [200] * 4
    assert _changes(app, change) == 1
    with app.app_context():
        assert db.session.scalars(select(Answer.result)).all() == [Result.DOES_NOT]


def test_a_session_that_ended_asks_to_sign_in_and_comes_back_to_the_page(app, client, visit) -> None:
    response = client.post(
        f"{visit['item_url']}/answer",
        data={"result": "conforms"},
        headers=HTMX | {"HX-Current-URL": f"http://localhost{visit['page']}"},
    )
    assert response.status_code in {400, 401}
    if response.status_code == 401:
        assert response.headers["HX-Redirect"].startswith("/sign-in?next=")
    assert count(app, Answer) == 0


def test_a_broken_request_id_is_told_and_changes_nothing(app, sign_in, visit) -> None:
    client = sign_in(Role.COORDINATOR)
    csrf = _token(client, visit["page"])
    response = post(client, f"{visit['item_url']}/answer", csrf, {"result": "conforms", "change_id": "1; drop"}, **HTMX)
    assert response.status_code == 422
    assert count(app, Answer) == 0


def test_another_township_sees_neither_the_visit_nor_its_photos(app, sign_in, visit, county) -> None:
    neighbour = sign_in(person=county.neighbour)
    assert neighbour.get(visit["page"]).status_code == 404
    assert neighbour.get(f"{visit['page']}/finish").status_code == 404


def test_a_photo_is_received_once_and_its_hash_confirmed(app, sign_in, visit) -> None:
    client, body, photo_id = sign_in(Role.COORDINATOR), jpeg(), new_id()
    csrf = _token(client, visit["page"])
    for _again in range(2):
        response = client.post(
            f"{visit['item_url']}/photos/{photo_id}",
            data=body,
            headers={"X-CSRFToken": csrf, "X-Purpose": "finding", "X-Position": "28.4,112.8,12"},
        )
        assert response.status_code == 201
        assert response.json["sha256"] == hashlib.sha256(body).hexdigest()
    assert count(app, InspectionPhoto) == 1
    with app.app_context():
        photo = db.session.get_one(Photo, photo_id)
        assert (photo.latitude, photo.longitude, photo.accuracy_m) == (28.4, 112.8, 12)
    small = client.get(response.json["thumb"])
    assert small.mimetype == "image/jpeg"
    assert small.headers["X-Content-Type-Options"] == "nosniff"


def test_other_bytes_under_the_same_photo_id_are_a_conflict(app, sign_in, visit) -> None:
    client, photo_id = sign_in(Role.COORDINATOR), new_id()
    headers = {"X-CSRFToken": _token(client, visit["page"]), "Accept": "application/json"}
    url = f"{visit['item_url']}/photos/{photo_id}"
    assert client.post(url, data=jpeg("#111111"), headers=headers).status_code == 201
    assert client.post(url, data=jpeg("#eeeeee"), headers=headers).status_code == 409
    assert count(app, Photo) == 1


@pytest.mark.parametrize("body", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0 broken", jpeg()[:900]])
def test_what_is_no_whole_photo_is_refused_with_a_sentence(app, sign_in, visit, body: bytes) -> None:
    client = sign_in(Role.COORDINATOR)
    headers = {"X-CSRFToken": _token(client, visit["page"]), "Accept": "application/json"}
    response = client.post(f"{visit['item_url']}/photos/{new_id()}", data=body, headers=headers)
    assert response.status_code == 422
    assert response.json["error"]
    assert response.json["request_id"] == response.headers["X-Request-ID"]
    assert count(app, Photo) == 0


def test_two_phones_finish_the_same_visit_and_the_first_end_stays(app, sign_in, visit) -> None:
    client = sign_in(Role.COORDINATOR)
    csrf = _token(client, visit["page"])
    post(client, f"{visit['page']}/rest-conforms", csrf)
    first = {"receipt": "signed", "signer_name": "甲", "signature": png_signature(), "change_id": str(new_id())}
    second = {"receipt": "refused", "refusal_reason": "不在", "change_id": str(new_id())}
    assert post(client, f"{visit['page']}/finish", csrf, first).status_code in {302, 303}
    assert post(client, f"{visit['page']}/finish", csrf, second).status_code in {302, 303}
    with app.app_context():
        row = db.session.get_one(Inspection, visit["id"])
        assert (row.status, row.signer_name, row.refusal_reason) == (Status.FINISHED, "甲", "")
    assert client.page(visit["page"])


def test_a_finish_sent_again_is_answered_the_same_and_other_content_under_its_id_is_a_conflict(
    app, sign_in, visit
) -> None:
    client = sign_in(Role.COORDINATOR)
    csrf = _token(client, visit["page"])
    post(client, f"{visit['page']}/rest-conforms", csrf)
    end = {"receipt": "signed", "signer_name": "甲", "signature": png_signature(), "change_id": str(new_id())}
    first = post(client, f"{visit['page']}/finish", csrf, end)
    again = post(client, f"{visit['page']}/finish", csrf, end)
    assert (again.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert post(client, f"{visit['page']}/finish", csrf, end, **HTMX).headers["HX-Redirect"] == visit["page"]
    assert post(client, f"{visit['page']}/finish", csrf, end | {"signer_name": "乙"}).status_code == 409
    assert post(client, f"{visit['page']}/finish", csrf, {"change_id": end["change_id"]}).status_code == 409
    with app.app_context():
        assert db.session.get_one(Inspection, visit["id"]).signer_name == "甲"


@pytest.mark.parametrize("drawn", ["data:image/png;base64,AAAA", "javascript:alert(1)", "data:image/png;base64,!!"])
def test_a_signature_that_is_no_picture_is_refused(app, sign_in, visit, drawn: str) -> None:
    client = sign_in(Role.COORDINATOR)
    csrf = _token(client, visit["page"])
    post(client, f"{visit['page']}/rest-conforms", csrf)
    fields = {"receipt": "signed", "signer_name": "甲", "signature": drawn}
    assert post(client, f"{visit['page']}/finish", csrf, fields).status_code == 422


def test_a_reading_is_judged_at_once(app, sign_in, visit) -> None:
    client = sign_in(Role.COORDINATOR)
    with app.app_context():
        item = item_of(db.session.get_one(Inspection, visit["id"]), "CAT-12")
        key = item.measures[0]["key"]
        answer_id = derived_id(visit["id"], str(item.id))
        url = f"{visit['page']}/items/{item.id}/readings"
    csrf = _token(client, visit["page"])
    post(client, url, csrf, {f"value-{key}": "６５", "instrument": "中心温度计 01", "point": "鸡腿"}, **HTMX)
    with app.app_context():
        answer = db.session.get_one(Answer, answer_id)
        assert answer.result is Result.DOES_NOT
        assert answer.readings[0]["verdict_zh"].startswith("低于 70")
    response = post(client, url, csrf, {f"value-{key}": "hot"}, **HTMX)
    assert response.status_code == 422
    with app.app_context():
        assert db.session.get_one(Answer, answer_id).readings[0]["value"] == "65"


def test_the_page_of_a_visit_is_sound_open_and_finished(app, sign_in, visit) -> None:
    client = sign_in(Role.COORDINATOR)
    csrf = _token(client, visit["page"])
    post(client, f"{visit['item_url']}/answer", csrf, {"result": "does_not"})
    client.page(visit["page"])
    client.page(f"{visit['page']}/finish")


def test_only_those_who_can_open_the_visit_are_offered_to_come_along(app, sign_in, county) -> None:
    """Neighbouring townships are neither listed nor taken; a long list of strangers hides nobody."""
    with app.app_context():
        by = db.session.merge(county.people[Role.COORDINATOR])
        make_checklists()
        place = make_restaurant(by.region).id
        other = make_organisation(make_county("邻县", "000100").region, "邻县卫生院", "邻卫")
        for number in range(201):
            make_person(Role.COORDINATOR, other, f"一{number:03d}")
        db.session.commit()
    client, visit_id = sign_in(Role.COORDINATOR), new_id()
    page = client.get(f"/premises/{place}/visit").get_data(as_text=True)
    assert "督小三" in page
    assert "邻小五" not in page
    people = [str(county.person(Role.SUPERVISOR).id), str(county.neighbour.id)]
    fields = {"premises_id": str(place), "inspection_id": str(visit_id), "fellows": people}
    post(client, "/inspections", _token(client, f"/premises/{place}"), fields)
    with app.app_context():
        fellows = db.session.get_one(Inspection, visit_id).fellows
        assert [fellow.person_id for fellow in fellows] == [county.person(Role.SUPERVISOR).id]


def test_a_file_that_moved_here_shows_no_visits_of_the_area_it_came_from(app, sign_in, county, visit) -> None:
    with app.app_context():
        place = db.session.get_one(Inspection, visit["id"]).premises
        place.place_in(db.session.merge(county.townships[1]))
        place_id = place.id
        db.session.commit()
    there = sign_in(person=county.neighbour).get(f"/premises/{place_id}").get_data(as_text=True)
    assert str(visit["id"]) not in there
    assert "协小二" not in there
    assert str(visit["id"]) in sign_in(Role.SUPERVISOR).get(f"/premises/{place_id}").get_data(as_text=True)
