"""The desk: marks come in any number, late and twice; each counts once, is told about, and can be taken back."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.roles import Role
from app.inspections.models import InspectionPhoto, Review
from app.inspections.reviewing import reply_to_review, standing
from app.oversight.marking import Fate, Told, Wish, mark_photos, take_back
from app.oversight.models import PhotoMark
from app.oversight.rules import UNDO_FOR, may_undo
from app.signals.models import Signal
from app.signals.rules import Kind
from tests.factories.people import County
from tests.fixtures.pages import PageClient, csrf_token
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import statements
from tests.oversight.factory import Log


def mark(photo: UUID, decision: str = "reviewed", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "photo": str(photo), "decision": decision, "remark": "", **more}


def send(client: PageClient, *marks: dict[str, Any]) -> list[str]:
    """What became of each mark."""
    token = csrf_token(client.get("/photo-log/desk").get_data(as_text=True))
    answer = client.post("/photo-log/marks", json={"marks": list(marks)}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json["xuncha"] == "marks"
    return [result["fate"] for result in answer.json["results"]]


def stands(app: Flask, photo: UUID) -> Review:
    with app.app_context():
        return db.session.get_one(InspectionPhoto, photo).review


@pytest.mark.both_databases
def test_the_same_mark_sent_twice_is_one_mark(log: Log, app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    good, bad = mark(log.north[0]), mark(log.north[1], "sent_back", remark="模糊不清，请重拍。")
    assert send(client, good, bad, good) == ["done", "done", "done"]
    assert send(client, good, bad) == ["done", "done"]
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(PhotoMark)) == 2
        assert db.session.query(AuditRecord).filter_by(action="photo_reviewed").count() == 2
        assert db.session.get_one(InspectionPhoto, log.north[1]).remark == "模糊不清，请重拍。"
    assert send(client, good | {"photo": str(log.north[4])}) == ["refused"], "its id stands for another photo"


@pytest.mark.both_databases
def test_half_a_sign_in_a_remark_spoils_no_sending(log: Log, app: Flask, sign_in: SignIn) -> None:
    """JSON can hold half of a pair of signs, which is no text: no database keeps it, no hash is made of it."""
    client, odd = sign_in(Role.SUPERVISOR), "重拍\ud83d"
    assert send(client, mark(log.north[0], "sent_back", remark=odd), mark(log.north[1])) == ["done", "done"]
    with app.app_context():
        assert db.session.get_one(InspectionPhoto, log.north[0]).remark == "重拍\ufffd"


@pytest.mark.both_databases
def test_the_same_marks_from_two_tabs_at_once_are_told_the_same(log: Log, app: Flask, county: County) -> None:
    wishes = [Wish(uuid4(), photo, Review.REVIEWED, seen=Review.WAITING) for photo in log.north[:2]]

    def at_once(work: Callable[[Person], list[Told]]) -> set[Fate]:
        def one(_n: int) -> list[Fate]:
            with app.app_context():
                by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
                with transaction():
                    return [told.fate for told in work(by)]

        with ThreadPoolExecutor(4) as pool:
            return {fate for fates in pool.map(one, range(4)) for fate in fates}

    assert at_once(lambda by: mark_photos(wishes, by.region, by=by)) == {Fate.DONE}
    ids = [wish.id for wish in wishes]
    assert at_once(lambda by: take_back(ids, by.region, by=by, now=clock.now())) == {Fate.DONE}
    with app.app_context():
        for action in ("photo_reviewed", "photo_review_taken_back"):
            assert db.session.query(AuditRecord).filter_by(action=action).count() == 2


def test_marks_are_taken_from_the_one_who_made_them(log: Log, app: Flask, sign_in: SignIn, county: County) -> None:
    """Another tab signed in as somebody else meanwhile: the queue of this one must not become theirs."""
    client = sign_in(Role.SUPERVISOR)
    token = csrf_token(client.get("/photo-log/desk").get_data(as_text=True))
    for person, status in ((county.neighbour.id, 409), (county.person(Role.SUPERVISOR).id, 200)):
        body = {"person": str(person), "marks": [mark(log.north[0])]}
        answer = client.post("/photo-log/marks", json=body, headers={"X-CSRFToken": token})
        assert answer.status_code == status
    assert stands(app, log.north[0]) is Review.REVIEWED


def test_one_mark_that_cannot_be_taken_stops_no_other(log: Log, app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    nobodys, no_reason = mark(uuid4()), mark(log.north[1], "sent_back")
    assert send(client, nobodys, no_reason, mark(log.north[2])) == ["gone", "refused", "done"]
    assert stands(app, log.north[1]) is Review.WAITING


def test_what_somebody_else_decided_meanwhile_is_not_written_over(log: Log, app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    assert send(client, mark(log.north[0], "sent_back", remark="请补拍", seen="waiting")) == ["done"]
    assert send(client, mark(log.north[0], seen="waiting")) == ["changed"]
    assert stands(app, log.north[0]) is Review.SENT_BACK


def test_taking_back_restores_what_stood_there(log: Log, app: Flask, sign_in: SignIn) -> None:
    client, photo = sign_in(Role.SUPERVISOR), log.north[3]
    with app.app_context():
        before = standing(db.session.get_one(InspectionPhoto, photo))
    first = mark(photo, "sent_back", remark="请补拍")
    assert send(client, first, {"undo": first["id"]}, {"undo": first["id"]}) == ["done", "done", "done"]
    with app.app_context():
        assert standing(db.session.get_one(InspectionPhoto, photo)) == before
        assert db.session.query(AuditRecord).filter_by(action="photo_review_taken_back").count() == 1


def test_an_answered_photo_is_not_taken_back(log: Log, app: Flask, sign_in: SignIn, county: County) -> None:
    client, photo = sign_in(Role.SUPERVISOR), log.north[0]
    first = mark(photo, "sent_back", remark="请补拍")
    send(client, first)
    with app.app_context():
        taker = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        reply_to_review(db.session.get_one(InspectionPhoto, photo), "已补拍", by=taker)
        db.session.commit()
    assert send(client, {"undo": first["id"]}) == ["changed"]
    assert stands(app, photo) is Review.ANSWERED


def test_taking_back_has_an_end(log: Log, app: Flask, sign_in: SignIn) -> None:
    now = clock.now()
    assert may_undo(now, now + UNDO_FOR) and not may_undo(now, now + UNDO_FOR + timedelta(seconds=1))
    client, first = sign_in(Role.SUPERVISOR), mark(log.north[0])
    send(client, first)
    with app.app_context():
        db.session.get_one(PhotoMark, UUID(first["id"])).at -= UNDO_FOR * 2
        db.session.get_one(InspectionPhoto, log.north[0]).reviewed_at -= UNDO_FOR * 2
        db.session.commit()
    assert send(client, {"undo": first["id"]}) == ["late"]


def test_nobody_takes_back_a_colleagues_mark_or_marks_in_another_area(
    log: Log, app: Flask, sign_in: SignIn, county: County
) -> None:
    first = mark(log.north[0])
    send(sign_in(Role.SUPERVISOR), first)
    with app.app_context():
        other = db.session.get_one(Person, county.neighbour.id)
        told = take_back([UUID(first["id"])], other.region, by=other, now=clock.now())
        assert told[0].fate is Fate.GONE
        assert mark_photos([Wish(uuid4(), log.north[5], Review.REVIEWED)], other.region, by=other)[0].fate is Fate.GONE


def test_nonsense_is_refused_whole(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    token = csrf_token(client.get("/photo-log/desk").get_data(as_text=True))
    odd: tuple[Any, ...] = (3, [3], [{"id": "x"}], [{"undo": None}], [{}] * 300, [{**mark(log.north[0]), "seen": "?"}])
    for body in (None, [], {}, *({"marks": one} for one in odd)):
        answer = client.post("/photo-log/marks", json=body, headers={"X-CSRFToken": token})
        assert answer.status_code == 422, body


def test_any_order_of_marking_and_taking_back_ends_where_a_simple_book_says(
    log: Log, app: Flask, county: County
) -> None:
    """Two hundred random steps over three photos, repeats included, against a book of who stands where."""
    draw = random.Random(7)
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
        photos, book = log.north[:3], dict.fromkeys(log.north[:3], Review.WAITING)
        given: list[tuple[UUID, UUID, Review]] = []  # mark, photo, what stood before
        undone: set[UUID] = set()
        newest: dict[UUID, list[UUID]] = {photo: [] for photo in photos}
        for _step in range(200):
            if given and draw.random() < 0.4:
                mark_id, photo, before = draw.choice(given)
                fate = take_back([mark_id], by.region, by=by, now=clock.now())[0].fate
                if mark_id in undone:
                    assert fate is Fate.DONE
                elif newest[photo][-1:] == [mark_id]:
                    assert fate is Fate.DONE
                    book[photo] = before
                    undone.add(mark_id)
                    newest[photo].pop()
                else:
                    assert fate is Fate.CHANGED
            else:
                photo, review = draw.choice(photos), draw.choice([Review.REVIEWED, Review.SENT_BACK])
                wish = Wish(uuid4(), photo, review, "请补拍", draw.choice([None, book[photo]]))
                assert [told.fate for told in mark_photos([wish, wish], by.region, by=by)] == [Fate.DONE] * 2
                given.append((wish.id, photo, book[photo]))
                newest[photo].append(wish.id)
                book[photo] = review
            assert {photo: db.session.get_one(InspectionPhoto, photo).review for photo in photos} == book
        db.session.rollback()


def test_the_desk_shows_what_waits_and_asks_little(log: Log, app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    with statements(app) as few:
        page = client.page("/photo-log/desk?severity=A")
    with statements(app) as many:
        page = client.page("/photo-log/desk")
    looks = [one["data-look"] for one in page.all("article")]
    assert looks == [str(one) for one in sorted([*log.north, *log.south], key=lambda one: looks.index(str(one)))]
    assert len(looks) == 13
    assert len(many) <= len(few) + 1, "the number of questions does not grow with the photos"
    assert [one for one in page.all("article") if "hidden" not in one] == page.all("article")[:1]


def test_without_scripts_the_desk_goes_from_photo_to_photo(log: Log, app: Flask, sign_in: SignIn) -> None:
    client, url = sign_in(Role.SUPERVISOR), "/photo-log/desk?region=990100001"
    for step in range(3):
        page = client.page(url)
        assert page.all("article")[0]["data-look"] == str(log.north[step])
        form = next(form for form in page.all("form") if form["id"] == "desk-accept")
        fields = {entry["name"]: entry["value"] for entry in form.all("input")}
        answer = client.post(form["action"], data=fields)
        assert answer.status_code == 303
        url = answer.headers["Location"]
    assert stands(app, log.north[2]) is Review.REVIEWED
    reason = next(form for form in client.page(url).all("form") if form["class"] == "desk-reasons")
    fields = {entry["name"]: entry["value"] for entry in reason.all("input") if entry["type"] == "hidden"}
    fields["remark"] = reason.all("input")[-1]["value"]
    client.post(reason["action"], data=fields)
    assert stands(app, log.north[3]) is Review.SENT_BACK


WALL = "/photo-log?select=1"


@pytest.mark.both_databases
def test_several_are_decided_and_taken_back_together(log: Log, app: Flask, sign_in: SignIn) -> None:
    client, batch = sign_in(Role.SUPERVISOR), uuid4()
    ticked = {"photo": [one.hex for one in log.north[:4]], "decision": "reviewed", "change_id": str(batch)}
    for _twice in (1, 2):
        answer = client.submit("/photo-log/decide", ticked, page=WALL)
        assert answer.status_code == 303
    page = client.page(answer.headers["Location"])
    assert "4 张已审" in page.text
    assert [stands(app, one) for one in log.north[:5]] == [Review.REVIEWED] * 4 + [Review.WAITING]
    with app.app_context():
        assert db.session.query(AuditRecord).filter_by(action="photo_reviewed").count() == 4
    send(client, mark(log.north[1], "sent_back", remark="请补拍"))  # decided anew in between
    for flash in ("已撤销 3 张照片", "已撤销 3 张照片"):
        answer = client.submit("/photo-log/undo", {"batch": str(batch)}, page=WALL)
        assert flash in client.get(answer.headers["Location"]).get_data(as_text=True)
    found = [stands(app, one) for one in log.north[:4]]
    assert found == [Review.WAITING, Review.SENT_BACK, Review.WAITING, Review.WAITING]
    gone = sign_in(Role.SUPERVISOR).submit("/photo-log/undo", {"batch": str(uuid4())}, page=WALL)
    assert gone.status_code == 303


def test_several_are_sent_back_with_one_reason(log: Log, app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    ticked = {"photo": [one.hex for one in log.north[:2]], "decision": "sent_back"}
    assert client.submit("/photo-log/decide", ticked, page=WALL).status_code == 422, "no reason"
    assert client.submit("/photo-log/decide", ticked | {"own": "请补拍后厨"}, page=WALL).status_code == 303
    with app.app_context():
        rows = [db.session.get_one(InspectionPhoto, one) for one in log.north[:2]]
        assert [row.remark for row in rows] == ["请补拍后厨"] * 2
    assert client.submit("/photo-log/decide", {"decision": "reviewed"}, page=WALL).status_code == 422


@pytest.mark.both_databases
def test_two_chosen_photos_stand_beside_each_other_the_older_one_first(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    newer, older = log.north[2], log.north[6]
    answer = client.submit("/photo-log/compare", {"photo": [newer.hex, older.hex]}, page=WALL)
    page = client.page(answer.headers["Location"])
    shown = [image["src"] for image in page.all("img") if "/plain" in image["src"]]
    assert [str(older) in shown[0], str(newer) in shown[1]] == [True, True]
    assert client.submit("/photo-log/compare", {"photo": [newer.hex]}, page=WALL).status_code == 422
    alone = client.get(f"/photo-log/{log.south[0]}/compare", headers={"HX-Request": "true"})
    assert alone.status_code == 200 and "<html" not in alone.get_data(as_text=True)


def test_what_was_noticed_stands_beside_the_photo_and_what_is_on_trial_does_not(
    log: Log, app: Flask, sign_in: SignIn
) -> None:
    with app.app_context():
        for photo, shadow in ((log.north[0], False), (log.north[1], True)):
            row = db.session.get_one(InspectionPhoto, photo)
            columns = ("premises_id", "region_id", "county_id", "township_id", "village_id")
            area = {name: getattr(row, name) for name in columns}
            numbers = {"km": 12.5, "accuracy": 20, "limit": 2.0}
            found = {"inspection_id": row.inspection_id, "photo_id": photo, "person_id": row.inspector_id, **area}
            db.session.add(
                Signal(id=uuid4(), kind=Kind.FAR, numbers=numbers, shadow=shadow, found_at=clock.now(), **found)
            )
        db.session.commit()
    page = sign_in(Role.SUPERVISOR).page("/photo-log/desk")
    told = [article["data-look"] for article in page.all("article") if "提示不是结论" in article.text]
    assert told == [str(log.north[0])]
    assert "提示不是结论" in sign_in(Role.SUPERVISOR).page(f"/photo-log/{log.north[0]}").text
    flagged = [item["id"] for item in sign_in(Role.SUPERVISOR).page("/photo-log").all("li") if "提示" in item.text]
    assert f"photo-{log.north[1].hex}" not in flagged
