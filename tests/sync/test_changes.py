"""Changes of a phone arrive: whole visits, again, late, broken, in any company."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.core.ids import new_id
from app.inspections.digests import content_digest
from app.inspections.models import Answer, Inspection, Outcome, Result, Status
from app.sync.models import SyncChange
from tests.sync.phone import Phone, whole_visit

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("nothing_overlooked")]


def test_a_whole_visit_arrives_in_one_sending(app: Flask, phone: Phone, place: Any) -> None:
    changes = whole_visit(phone, place.id, place.items)
    assert set(phone.statuses(*changes)) == {"received"}
    with app.app_context():
        visit = db.session.scalars(select(Inspection)).one()
        assert visit.status is Status.FINISHED
        assert visit.digest == content_digest(visit)
        bad = [answer for answer in visit.answers if answer.result is Result.DOES_NOT]
        assert [(answer.note, answer.phrases) for answer in bad] == [("后厨地面积水(演示)", [0])] * len(bad)
        assert {answer.finding.outcome for answer in bad if answer.finding} == {Outcome.BY_DATE}
        assert len(bad) == 3
        assert visit.premises.last_inspected_at == visit.finished_at
        assert visit.started_at < visit.finished_at < visit.finish_received_at  # type: ignore[operator]


def test_the_same_again_is_a_duplicate_and_changes_nothing(app: Flask, phone: Phone, place: Any) -> None:
    changes = whole_visit(phone, place.id, place.items)
    phone.send(changes)
    assert set(phone.statuses(*changes)) == {"duplicate"}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(SyncChange)) == len(changes)
        assert db.session.scalar(select(func.count()).select_from(Inspection)) == 1


def test_changes_may_come_one_by_one_and_in_any_order(app: Flask, phone: Phone, place: Any) -> None:
    visit = new_id()
    begin = phone.begin(place.id, visit)
    item = place.items["CAT-09"]
    answer = phone.change("answer", visit, item.id, result="does_not", sweep=None)
    note = phone.change("note", visit, item.id, note="面粉放地上", phrases=[])
    assert phone.statuses(note, answer) == ["waiting", "waiting"]
    assert phone.statuses(note, begin) == ["received", "received"]
    assert phone.statuses(answer) == ["received"]
    with app.app_context():
        row = db.session.scalars(select(Answer)).one()
        assert (row.note, row.result) == ("面粉放地上", Result.DOES_NOT)
        assert row.finding is not None
        assert row.heads == {"note": [note["id"]], "result": [answer["id"]]}


def test_a_broken_change_does_not_block_the_others(phone: Phone, place: Any) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    begin = phone.begin(place.id, visit)
    odd = phone.change("answer", visit, item.id, result="perhaps")
    none = {"id": "x", "kind": "sing"}
    good = phone.change("answer", visit, item.id, result="conforms")
    assert phone.statuses(begin, odd, none, good) == ["received", "refused", "refused", "received"]


def test_another_content_under_the_same_id_is_kept_beside_the_first(app: Flask, phone: Phone, place: Any) -> None:
    visit, item = new_id(), place.items["CAT-09"]
    first = phone.change("answer", visit, item.id, result="conforms")
    second = {**first, "fields": {"result": "does_not"}}
    phone.send([phone.begin(place.id, visit), first])
    assert phone.statuses(second) == ["conflict"]
    assert phone.statuses(second, first) == ["conflict", "duplicate"]
    with app.app_context():
        rows = db.session.scalars(select(SyncChange).where(SyncChange.kind == "answer")).all()
        assert sorted(row.value["result"] for row in rows) == ["conforms", "does_not"]
        assert len(db.session.scalars(select(Answer)).one().heads["result"]) == 2


def test_two_phones_that_did_not_see_each_other_are_a_conflict_until_somebody_chooses(
    app: Flask, phone: Phone, phones: Callable[[], Phone], place: Any
) -> None:
    visit, item, other = new_id(), place.items["CAT-09"], phones()
    phone.send([phone.begin(place.id, visit)])
    mine = phone.change("answer", visit, item.id, result="does_not")
    theirs = other.change("answer", visit, item.id, result="conforms")
    assert phone.statuses(mine) == ["received"]
    assert other.statuses(theirs) == ["conflict"]
    heads = [mine["id"], theirs["id"]]
    choice = phone.change("choose", visit, item.id, after=heads, field="result", value="does_not")
    assert phone.statuses(choice) == ["received"]
    with app.app_context():
        row = db.session.scalars(select(Answer)).one()
        assert (row.result, row.heads["result"]) == (Result.DOES_NOT, [choice["id"]])
        assert row.finding is not None


def test_what_arrives_after_the_end_is_kept_and_named_late(app: Flask, phone: Phone, place: Any) -> None:
    changes = whole_visit(phone, place.id, place.items)
    phone.send(changes)
    visit, item = changes[0]["inspection_id"], changes[9]["item_id"]
    late = phone.change("note", visit, item, note="还有一件事", phrases=[])
    same = phone.change("answer", visit, item, result="conforms")
    assert phone.statuses(late, same) == ["late", "received"]
    assert phone.statuses(late) == ["late"]
    with app.app_context():
        row = db.session.scalars(select(Inspection)).one()
        assert row.digest == content_digest(row)
        assert db.session.get_one(SyncChange, UUID(late["id"])).status == "late"


def test_a_phone_reads_what_the_server_has(phone: Phone, phones: Callable[[], Phone], place: Any) -> None:
    visit, item, other = new_id(), place.items["CAT-09"], phones()
    mine = phone.change("answer", visit, item.id, result="does_not")
    theirs = other.change("answer", visit, item.id, result="conforms")
    phone.send([phone.begin(place.id, visit), mine, phone.announce(visit, item.id, b"photo")])
    other.send([theirs])
    said = phone.client.get(f"/sync/visits/{visit}").json  # type: ignore[union-attr]
    assert said["status"] == "open"
    assert set(said["answers"][str(item.id)]["heads"]["result"]) == {mine["id"], theirs["id"]}
    assert [photo["received"] for photo in said["photos"]] == [False]
    (conflict,) = said["conflicts"]
    assert {version["value"]["result"] for version in conflict["versions"]} == {"conforms", "does_not"}


def test_without_a_session_the_answer_says_where_to_sign_in(app: Flask, client: Any, county: Any) -> None:
    answer = client.post("/sync/changes", json={"changes": []})
    assert answer.status_code == 401
    assert answer.json["xuncha"] == "sync"
    assert answer.json["sign_in"].startswith("/sign-in")
    assert client.get("/sync/ping").json["person"] is None
