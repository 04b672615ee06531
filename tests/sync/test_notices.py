"""A notice issued without network arrives after its visit, under its reserved number, once."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import derived_id, new_id
from app.core.roles import Role
from app.inspections.models import InspectionPhoto
from app.notices import numbers, rules
from app.notices.kinds import get_kind
from app.notices.models import Notice
from tests.factories.inspections import jpeg
from tests.factories.people import County
from tests.sync.phone import Phone, whole_visit
from tests.sync.test_photos import put

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("nothing_overlooked")]


@pytest.fixture
def reserved(app: Flask, county: County) -> Any:
    """A number kept for the coordinator since two hours."""
    with app.app_context(), transaction():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        now = clock.now() - timedelta(hours=2)
        row = numbers.reserve(by, get_kind("xuncha_advice"), 1, new_id(), now=now)[0]
        return row.number, row.token


def notice(phone: Phone, changes: list[dict[str, Any]], reserved: Any) -> dict[str, Any]:
    visit = UUID(changes[0]["inspection_id"])
    bad = [UUID(c["item_id"]) for c in changes if c["kind"] == "answer" and c["fields"]["result"] == "does_not"]
    findings = [str(derived_id(derived_id(visit, str(item)), "finding")) for item in bad]
    made = phone.change("notice_issue", visit, number=reserved[0], token=reserved[1], findings=findings)
    made["fields"] |= {"notice_id": str(new_id()), "kind": "xuncha_advice", "issued_on_device_at": ""}
    return made


def test_a_notice_arrives_with_its_visit_under_its_number(
    app: Flask, phone: Phone, place: Any, reserved: Any
) -> None:
    changes = whole_visit(phone, place.id, place.items)
    made = notice(phone, changes, reserved)
    assert phone.statuses(made) == ["waiting"]
    assert set(phone.statuses(*changes, made)) == {"received"}
    assert phone.statuses(made) == ["duplicate"]
    with app.app_context():
        row = db.session.scalars(select(Notice)).one()
        assert (row.number, row.token) == reserved
        assert len(row.content["findings"]) == 3


def test_a_number_of_somebody_else_is_refused_and_the_rest_received(
    app: Flask, phone: Phone, place: Any, reserved: Any
) -> None:
    changes = whole_visit(phone, place.id, place.items)
    made = notice(phone, changes, (reserved[0], "x" * 22))
    assert phone.statuses(*changes, made)[-1] == "refused"
    with app.app_context():
        assert db.session.scalars(select(Notice)).all() == []
    again = notice(phone, changes, reserved)
    assert phone.statuses(again) == ["received"]


def test_a_notice_lists_announced_photos_by_their_hash_and_shows_them_when_they_arrive(
    app: Flask, phone: Phone, place: Any, reserved: Any, client: Any
) -> None:
    data, changes = jpeg("#123456", (900, 700)), whole_visit(phone, place.id, place.items)
    announced = [one["fields"] for one in changes if one["kind"] == "photo_announced"]
    announced[0] |= {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    assert set(phone.statuses(*changes, notice(phone, changes, reserved))) == {"received"}
    with app.app_context():
        row = db.session.scalars(select(Notice)).one()
        digest, photos = row.digest, [photo for finding in row.content["findings"] for photo in finding["photos"]]
    assert {(one["id"], one["sha256"]) for one in photos} == {(one["photo_id"], one["sha256"]) for one in announced}
    before = client.get(f"/n/{reserved[1]}").get_data(as_text=True)
    assert (before.count("还在路上"), before.count("<img")) == (3, 0)
    assert put(phone, announced[0]["photo_id"], data).json["received"]
    other = announced[1]
    put(phone, other["photo_id"], b"x" * other["size"])  # not what was announced: it is still awaited
    after = client.get(f"/n/{reserved[1]}").get_data(as_text=True)
    assert (after.count("还在路上"), after.count("<img")) == (2, 1)
    with app.app_context():
        row = db.session.scalars(select(Notice)).one()
        assert (row.digest, rules.digest(row.content)) == (digest, digest)
        assert db.session.scalars(select(InspectionPhoto.on_notice)).all() == [True]
