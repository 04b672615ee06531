"""What people see of the outbox: photos still on phones, versions to choose between, latecomers, closed accounts."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Answer, Inspection, InspectionPhoto, Result
from app.sync.models import SyncChange
from tests.factories.inspections import jpeg
from tests.fixtures.signing_in import SignIn
from tests.sync.phone import Phone, now_ms, whole_visit


def test_a_visit_says_how_many_photos_are_still_on_the_phone(
    sign_in: SignIn, phone: Phone, place: Any
) -> None:
    changes = whole_visit(phone, place.id, place.items)
    phone.send(changes)
    visit = changes[0]["inspection_id"]
    for page in (f"/inspections/{visit}", "/", "/incomplete"):
        assert "3 张照片" in phone.client.page(page).text or "3 张" in phone.client.page(page).text  # type: ignore[union-attr]
    supervisor = sign_in(Role.SUPERVISOR)
    assert "1 份记录在等照片" in supervisor.page("/").text
    assert supervisor.page("/incomplete").all("a")


def test_both_versions_are_shown_and_one_tap_chooses(
    app: Flask, phone: Phone, phones: Callable[[], Phone], place: Any
) -> None:
    visit, item, other = new_id(), place.items["CAT-09"], phones()
    phone.send([phone.begin(place.id, visit), phone.change("answer", visit, item.id, result="does_not")])
    other.send([other.change("answer", visit, item.id, result="conforms")])
    client: Any = phone.client
    page = client.page(f"/inspections/{visit}")
    forms = [form for form in page.all("form") if form["action"].endswith("/conflicts")]
    assert len(forms) == 2
    chosen = {entry["name"]: entry["value"] for entry in forms[1].all("input")}
    answer = client.post(forms[1]["action"], data=chosen)
    assert answer.status_code == 303
    assert not [form for form in client.page(f"/inspections/{visit}").all("form") if "/conflicts" in form["action"]]
    with app.app_context():
        row = db.session.scalars(select(Answer)).one()
        assert row.result in {Result.CONFORMS, Result.DOES_NOT}
        assert len(row.heads["result"]) == 1
        assert db.session.scalars(select(SyncChange.kind).where(SyncChange.kind == "choose")).all() == ["choose"]


def test_latecomers_stand_beside_the_record_and_lead_to_a_correction(phone: Phone, place: Any) -> None:
    changes = whole_visit(phone, place.id, place.items)
    phone.send(changes)
    visit, item = changes[0]["inspection_id"], changes[9]["item_id"]
    phone.send([phone.change("note", visit, item, note="迟到的话", phrases=[])])
    page = phone.client.page(f"/inspections/{visit}")  # type: ignore[union-attr]
    assert "迟到的话" in page.text
    assert [link for link in page.all("a") if "/correction?answer=" in link["href"]]


def test_a_clock_hours_off_is_shown_beside_the_servers(phone: Phone, place: Any) -> None:
    off = Phone(phone.client, ahead=-5 * 3_600_000)
    changes = whole_visit(off, place.id, place.items)
    off.send(changes)
    page = off.client.page(f"/inspections/{changes[0]['inspection_id']}")  # type: ignore[union-attr]
    assert "手机时钟不准" in page.text
    assert "-300" in page.text


def test_a_clock_years_off_loses_nothing(app: Flask, phone: Phone, place: Any) -> None:
    off = Phone(phone.client, begun=1_000_000)
    changes = whole_visit(off, place.id, place.items)
    for change in changes:
        change["offset_ms"] = None
    assert set(off.statuses(*changes)) == {"received"}
    with app.app_context():
        row = db.session.scalars(select(Inspection)).one()
        assert clock.now() - row.started_at < timedelta(minutes=5)
        assert row.device_started_at.year == 1970  # type: ignore[union-attr]


@pytest.fixture
def closed(app: Flask, phone: Phone) -> dict[str, str]:
    """The coordinator's account is closed; what the phone has is its token."""
    token = phone.client.get(f"/sync/ping?device={phone.id}").json["deposit_token"]  # type: ignore[union-attr]
    with app.app_context():
        db.session.scalars(select(Person).where(Person.name == "协小二")).one().active = False
        db.session.commit()
    return {"X-Deposit": token, "Accept": "application/json"}


def test_work_of_a_closed_account_is_held_released_and_complete(
    app: Flask, sign_in: SignIn, client: Any, phone: Phone, place: Any, closed: dict[str, str]
) -> None:
    changes = whole_visit(phone, place.id, place.items)
    photo, data = changes[-2]["fields"], jpeg("#334455", (500, 400))
    photo |= {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    body = {"device": str(phone.id), "sent_at_ms": now_ms(), "changes": changes}
    for _again in range(2):
        answer = client.post("/sync/deposit", json=body, headers=closed)
        assert {result["status"] for result in answer.json["results"]} == {"held"}
    parts = closed | {"X-Offset": "0", "X-Length": str(len(data)), "X-SHA256": photo["sha256"]}
    sent = client.put(f"/sync/deposit/photos/{photo['photo_id']}", data=data, headers=parts)
    assert sent.json["received"], sent.json
    with app.app_context():
        assert db.session.scalars(select(Inspection)).all() == []
    supervisor = sign_in(Role.SUPERVISOR)
    assert "停用账号" in supervisor.page("/").text
    person = sign_in.county.person(Role.COORDINATOR).id
    assert str(person) in str([link["href"] for link in supervisor.page("/held").all("a")])
    assert supervisor.submit(f"/held/{person}/release", page=f"/held/{person}").status_code == 303
    with app.app_context():
        visit = db.session.scalars(select(Inspection)).one()
        assert visit.lead_id == person
        assert visit.digest
        assert db.session.scalars(select(InspectionPhoto)).one().photo.sha256 == photo["sha256"]
    assert "没有需要决定的" in supervisor.page("/held").text


def test_a_deposit_needs_its_token_and_a_closed_account(app: Flask, client: Any, phone: Phone) -> None:
    token = phone.client.get(f"/sync/ping?device={phone.id}").json["deposit_token"]  # type: ignore[union-attr]
    assert client.post("/sync/deposit", json={"changes": []}).status_code == 400
    for bad in (token, token[:-2] + "xx"):
        assert client.post("/sync/deposit", json={"changes": []}, headers={"X-Deposit": bad}).status_code == 403
