"""The outbox beside the pages, older checklists, new places, mistakes, and people who have no business there."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.checklists.models import ChecklistItem, ChecklistVersion
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Answer, Inspection, Result
from app.premises.models import Premises
from app.sync.models import Device, SyncChange
from tests.fixtures.signing_in import SignIn
from tests.sync.phone import OUTCOME, Phone

pytestmark = pytest.mark.both_databases


OWN = {"id", "version_id"}


def tap(client: Any, visit: UUID, item: Any, result: str) -> None:
    answer = client.submit(
        f"/inspections/{visit}/items/{item.id}/answer", {"result": result}, page=f"/inspections/{visit}"
    )
    assert answer.status_code == 303


def test_a_tap_on_the_page_and_one_without_signal_stand_side_by_side(
    app: Flask, phone: Phone, place: Any
) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    phone.send([phone.begin(place.id, visit)])
    tap(phone.client, visit, item, "does_not")
    tap(phone.client, visit, item, "not_applicable")
    offline = phone.change("answer", visit, item.id, result="conforms")
    assert phone.statuses(offline) == ["conflict"]
    said = phone.client.get(f"/sync/visits/{visit}").json  # type: ignore[union-attr]
    (conflict,) = said["conflicts"]
    assert {version["value"]["result"] for version in conflict["versions"]} == {"not_applicable", "conforms"}
    tap(phone.client, visit, item, "does_not")
    assert phone.client.get(f"/sync/visits/{visit}").json["conflicts"] == []  # type: ignore[union-attr]
    with app.app_context():
        assert db.session.scalars(select(Answer)).one().result is Result.DOES_NOT


def test_a_phone_that_has_seen_the_page_goes_on_from_there(phone: Phone, place: Any) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    phone.send([phone.begin(place.id, visit)])
    tap(phone.client, visit, item, "does_not")
    answers = phone.client.get(f"/sync/visits/{visit}").json["answers"]  # type: ignore[union-attr]
    seen = answers[str(item.id)]["heads"]["result"]
    assert phone.statuses(phone.change("answer", visit, item.id, after=seen, result="conforms")) == ["received"]


def test_a_visit_keeps_the_checklist_its_phone_left_with(app: Flask, phone: Phone, place: Any) -> None:
    old = place.items["CAT-09"]
    with app.app_context():
        version = db.session.get_one(ChecklistVersion, old.version_id)
        newer = _publish_again(version)
        db.session.commit()
    visit, begin = new_id(), phone.begin(place.id)
    answer = phone.change("answer", UUID(begin["inspection_id"]), old.id, result="conforms")
    named = phone.begin(place.id, visit)
    named["fields"]["sheets"] = [{"version_id": str(old.version_id), "item_ids": []}]
    assert phone.statuses(begin, answer, named) == ["received"] * 3
    with app.app_context():
        for row in db.session.scalars(select(Inspection)).unique():
            versions = {sheet.version_id for sheet in row.sheets}
            assert old.version_id in versions
            assert newer not in versions


def _publish_again(version: ChecklistVersion) -> UUID:
    items = [
        {column.key: getattr(item, column.key) for column in item.__table__.columns if column.key not in OWN}
        for item in version.items
    ]
    newer = ChecklistVersion(id=new_id(), domain=version.domain, number=version.number + 1, published_at=clock.now())
    db.session.add(newer)
    db.session.flush()
    db.session.add_all(ChecklistItem(id=new_id(), version_id=newer.id, **values) for values in items)
    return newer.id


def test_a_place_met_without_signal_is_registered_with_its_visit(app: Flask, phone: Phone, place: Any) -> None:
    place_id, visit = new_id(), new_id()
    new = phone.change(
        "premises_new", name="溪口小吃(演示)", domains=["catering", "fire"], address="溪口", phone="",
        latitude=24.1, longitude=110.2, accuracy_m=12.0, premises_id=str(place_id),
    )  # fmt: skip
    begin = phone.begin(place_id, visit)
    assert phone.statuses(begin) == ["waiting"]
    assert phone.statuses(begin, new) == ["received", "received"]
    assert phone.statuses(new, begin) == ["duplicate", "duplicate"]
    with app.app_context():
        row = db.session.get_one(Premises, place_id)
        assert (row.name, sorted(row.domains)) == ("溪口小吃(演示)", ["catering", "fire"])
        assert db.session.get_one(Inspection, visit).premises_id == place_id


def test_a_visit_begun_by_mistake_is_thrown_away_and_its_changes_stay(
    app: Flask, phone: Phone, place: Any
) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    begin = phone.begin(place.id, visit)
    answer = phone.change("answer", visit, item.id, result="conforms")
    phone.send([begin, answer])
    away = phone.change("visit_discard", visit)
    late = phone.change("answer", visit, item.id, after=[answer["id"]], result="does_not")
    assert phone.statuses(away) == ["received"]
    assert phone.statuses(late) == ["late"]
    assert phone.statuses(begin) == ["duplicate"]
    with app.app_context():
        assert db.session.scalars(select(Inspection)).all() == []
        assert len(db.session.scalars(select(SyncChange)).all()) >= 3


def test_a_visit_with_findings_is_not_thrown_away(phone: Phone, place: Any) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    phone.send([phone.begin(place.id, visit), phone.change("answer", visit, item.id, result="does_not")])
    assert phone.statuses(phone.change("visit_discard", visit)) == ["refused"]


def test_strangers_write_nothing(sign_in: SignIn, phone: Phone, place: Any) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    phone.send([phone.begin(place.id, visit)])
    for client in (sign_in(person=sign_in.county.neighbour), sign_in(Role.SUPERVISOR)):
        other = Phone(client)
        assert other.statuses(other.change("answer", visit, item.id, result="conforms")) == ["refused"]
        assert other.statuses(other.begin(place.id, visit)) == ["refused"]


def test_what_a_page_would_not_take_the_wire_does_not_take_either(phone: Phone, place: Any) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    critical = next(one for one in place.items.values() if one.severity == "A")
    phone.send([phone.begin(place.id, visit)])
    bad = [
        phone.change("outcome", visit, critical.id, **OUTCOME),
        phone.change("outcome", visit, item.id, **{**OUTCOME, "due_on": "2001-01-01"}),
        phone.change("outcome", visit, item.id, **{**OUTCOME, "due_on": "soon"}),
        phone.change("outcome", visit, item.id, **{**OUTCOME, "outcome": "referred", "refer_to": "nobody"}),
        phone.change("note", visit, item.id, note="长" * 10_001, phrases=[]),
        phone.change("answer", visit, new_id(), result="conforms"),
        phone.finish(visit),
        phone.finish(visit, signature="data:image/png;base64,AAAA"),
    ]
    assert phone.statuses(*bad) == ["refused"] * len(bad)


def test_odd_bodies_are_answered_in_words(phone: Phone, place: Any) -> None:
    client: Any = phone.client
    token = client.get(f"/sync/ping?device={phone.id}").json["csrf"]
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    for body in (b"", b"[]", b"{", b'{"changes": 5}', b"[" * 200_000, b'{"changes": [NaN]}', b"\xff\xfe"):
        answer = client.post("/sync/changes", data=body, headers=headers, content_type="application/json")
        assert (answer.status_code, answer.json["xuncha"]) == (422, "sync"), body[:20]
    assert phone.post([phone.change("note", new_id())] * 501).status_code == 413
    visit = new_id()
    odd = phone.change("note", visit, place.items["CAT-09"].id, note="\0零\ud800字", phrases=[10**30, True, "x", -1])
    assert phone.statuses(phone.begin(place.id, visit), odd) == ["received", "received"]


def test_a_phone_is_known_by_person_with_its_clock(
    app: Flask, phone: Phone, phones: Callable[[], Phone], place: Any
) -> None:
    off = Phone(phone.client, ahead=600_000)
    off.send([off.begin(place.id)])
    phones()
    with app.app_context():
        (row,) = db.session.scalars(select(Device)).all()
        assert row.id == off.id
        assert 590_000 < (row.clock_offset_ms or 0) < 610_000
