"""A photo that was sent back is answered, leaves the coordinator's list and reaches the supervisor again."""

import io
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import Invalid, NotAllowed, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import queries, services
from app.inspections.digests import content_digest
from app.inspections.models import InspectionPhoto, Review
from app.inspections.reviewing import reply_to_review
from tests.factories.inspections import jpeg, make_visit, signed, take_photo
from tests.factories.people import County

REMARK = "看不清,请补拍"


@pytest.fixture
def sent_back(app: Flask, county: County) -> dict[str, Any]:
    """A photo of a finished visit that the supervisor sent back."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = make_visit(by)
        row = take_photo(visit, "CAT-05", by)
        services.sweep_rest(visit, new_id(), by=by)
        services.finish_inspection(visit, signed(), by=by)
        services.review_photo(row, Review.SENT_BACK, by=county.people[Role.SUPERVISOR], remark=REMARK)
        db.session.commit()
        return {"id": row.photo_id, "visit": visit.id, "url": f"/inspections/photos/{row.photo_id}/answer"}


@pytest.mark.both_databases
def test_an_answer_in_words_goes_back_to_the_supervisor(app, sign_in, sent_back) -> None:
    coordinator = sign_in(Role.COORDINATOR)
    assert any(link["href"] == sent_back["url"] for link in coordinator.page("/").all("a"))
    assert REMARK in coordinator.page(sent_back["url"]).text
    change = str(new_id())
    for _again in range(2):
        data = {"reply": "已处理,见现场", "change_id": change}
        assert coordinator.submit(sent_back["url"], data, page="/me").status_code == 303
    assert REMARK not in coordinator.page("/").text
    supervisor = sign_in(Role.SUPERVISOR)
    log = f"/photo-log/{sent_back['id']}"
    assert any(link["href"].startswith(log) for link in supervisor.page("/").all("a"))
    assert any(link["href"].startswith(log) for link in supervisor.page("/photo-log?review=answered").all("a"))
    page = supervisor.page(log).text
    assert REMARK in page
    assert "已处理,见现场" in page
    with app.app_context():
        records = db.session.query(AuditRecord).filter_by(action="photo_answered").all()
        assert [(one.object_id, one.note) for one in records] == [(sent_back["id"], "已处理,见现场")]


@pytest.mark.both_databases
def test_a_photo_taken_for_the_answer_stands_beside_what_was_frozen(app, sign_in, sent_back) -> None:
    coordinator, change = sign_in(Role.COORDINATOR), str(new_id())
    for _again in range(2):
        data = {"reply": "", "change_id": change, "photo": (io.BytesIO(jpeg("#123456")), "new.jpg")}
        assert coordinator.submit(sent_back["url"], data, page="/me").status_code == 303
    with app.app_context():
        (later,) = db.session.query(InspectionPhoto).filter_by(in_answer_to_id=sent_back["id"]).all()
        visit = later.inspection
        assert visit.digest == content_digest(visit)
        assert db.session.get_one(InspectionPhoto, sent_back["id"]).review is Review.ANSWERED
        later_id: UUID = later.photo_id
    assert "补拍" in coordinator.page(f"/inspections/{sent_back['visit']}").text
    links = {link["href"] for link in sign_in(Role.SUPERVISOR).page(f"/photo-log/{sent_back['id']}").all("a")}
    assert f"/photo-log/{later_id}" in links


def test_an_answer_that_says_nothing_or_shows_the_same_photo_is_refused(app, sign_in, sent_back) -> None:
    client = sign_in(Role.COORDINATOR)
    empty = client.submit(sent_back["url"], {"reply": "  "}, page=sent_back["url"])
    assert empty.status_code == 422
    assert "补拍一张" in empty.get_data(as_text=True)
    same = {"reply": "又发一次", "photo": (io.BytesIO(jpeg()), "same.jpg")}
    again = client.submit(sent_back["url"], same, page=sent_back["url"])
    assert again.status_code == 422
    assert "又发一次" in again.get_data(as_text=True)
    broken = {"reply": "", "photo": (io.BytesIO(b"no photo"), "x.jpg")}
    assert client.submit(sent_back["url"], broken, page=sent_back["url"]).status_code == 422
    with app.app_context():
        assert db.session.get_one(InspectionPhoto, sent_back["id"]).review is Review.SENT_BACK


def test_only_the_people_of_the_visit_answer_and_only_once(context: Flask, county: County) -> None:
    by = db.session.merge(county.people[Role.COORDINATOR])
    row = take_photo(make_visit(by), "CAT-05", by)
    with pytest.raises(Refused):
        reply_to_review(row, "没有退回", by=by)
    services.review_photo(row, Review.SENT_BACK, by=by, remark=REMARK)
    with pytest.raises(NotAllowed):
        reply_to_review(row, "不是我的", by=db.session.merge(county.neighbour))
    with pytest.raises(Invalid):
        reply_to_review(row, " ", by=by)
    reply_to_review(row, "已处理", by=by)
    with pytest.raises(Refused):
        reply_to_review(row, "再答", by=by)
    assert queries.sent_back_photos(by) == []
    services.review_photo(row, Review.SENT_BACK, by=by, remark="还是看不清")
    assert (row.reply, queries.sent_back_photos(by)) == ("", [row])
    reply_to_review(row, "换了角度", by=by)
    services.review_photo(row, Review.REVIEWED, by=by)
    assert (row.remark, row.reply) == ("还是看不清", "换了角度")
