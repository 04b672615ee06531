"""The owner's pages: digits, reply, receipt, uploads, self-check. Without account, session or script."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import brotli
import pytest
from flask import Flask
from PIL import Image

from app.accounts.models import Person
from app.calendar.days import first_working_day
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id, new_token
from app.core.roles import Role
from app.notices import services, turning
from app.notices.models import Notice
from app.notices.progress import Event, Step
from app.notices.turning import Move
from app.replies import queries
from tests.fixtures.pages import csrf_token, parse
from tests.fixtures.signing_in import SignIn
from tests.replies.conftest import Hand, jpeg, place_of, points


def turn(hand: Hand, place: int, event: Event, reason: str = "", **more: object) -> None:
    with hand.app.app_context(), transaction():
        by = db.session.get_one(Person, db.session.get_one(Notice, hand.notice_id).issued_by_id)
        finding = points(hand.notice_id)[place - 1].finding_id
        move = Move(new_id(), event, reason=reason, **more)  # type: ignore[arg-type]
        turning.take_turn(hand.notice_id, finding, move, by=by, now=clock.now())


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_a_withdrawn_notice_keeps_the_way_to_the_owners_receipts_and_offers_nothing_more(hand: Hand) -> None:
    hand.unlock()
    receipt = hand.send(1, (), text="已换新的健康证").location.split("?")[0]
    with hand.app.app_context(), transaction():
        notice = db.session.get_one(Notice, hand.notice_id)
        by = db.session.get_one(Person, notice.issued_by_id)
        services.withdraw_notice(notice, "开错了", by=by, now=clock.now())
    page = parse(hand.client.get(hand.path()).text)
    links = [link["href"].split("?")[0] for link in page.all("a") if "href" in link]
    assert receipt in links
    assert not [link for link in links if "/reply/" in link]
    assert hand.client.get(receipt).status_code == 200


# ---- the reply


def test_a_reply_with_two_photos_gets_a_receipt_to_keep(hand: Hand) -> None:
    hand.unlock()
    answer = hand.send(1, (jpeg(1), jpeg(2)), text="已换新的健康证")
    assert answer.status_code == 303
    receipt = hand.client.get(answer.location)
    with hand.app.app_context():
        sent = queries.replies_of(hand.notice_id)[0]
        number = db.session.get_one(Notice, hand.notice_id).number
    for words in ("收到了", f"{number}-01", "已换新的健康证", sent.digest[:4].upper(), "改好了"):
        assert words in receipt.text
    pictures = [image["src"] for image in parse(receipt.text).all("img")]
    assert len(pictures) == 3, "the inspector's beside the owner's"
    for address in pictures[1:]:
        got = hand.client.get(address)
        assert b"SecretMaker" not in got.data
        with Image.open(BytesIO(got.data)) as image:
            assert dict(image.getexif()) == {}
    page = hand.client.get(hand.path()).text
    assert "您的反馈我们收到了" in page
    assert "经过（1 条）" in page
    assert receipt.headers["Cache-Control"] == "private, no-store"


def test_somebody_with_the_link_alone_sees_how_it_stands_but_not_what_was_said(hand: Hand, app: Flask) -> None:
    hand.unlock()
    receipt = hand.send(1, (jpeg(1),), text="我的原话").location
    with app.app_context():
        photo = queries.replies_of(hand.notice_id)[0].photos[0].photo_id
    stranger = app.test_client()
    page = stranger.get(hand.path()).text
    assert "您的反馈我们收到了" in page
    assert "我的原话" not in page
    assert str(photo) not in page
    assert "我的原话" not in stranger.get(receipt).text
    assert stranger.get(hand.path(f"/replies/photos/{photo}/small.jpg")).status_code == 404
    assert stranger.get(hand.path(f"/replies/photos/{photo}/large.jpg")).status_code == 404


def test_what_cannot_be_taken_comes_back_with_words_and_photos(hand: Hand) -> None:
    hand.unlock()
    draft = str(new_id())
    answer = hand.send(1, (jpeg(1),), kind="more_time", text="等配件", wished_on="", reply_id=draft)
    assert answer.status_code == 422
    page = parse(answer.text)
    assert "请选一个您能改好的日子" in page.text
    assert [area.text for area in page.all("textarea")] == ["等配件"]
    assert [entry["value"] for entry in page.all("input") if entry["name"] == "reply_id"] == [draft]
    assert [entry for entry in page.all("input") if entry["name"] == "drop"], "the photo is here already"
    wished = (clock.today() + timedelta(days=20)).isoformat()
    again = hand.send(1, kind="more_time", text="等配件", wished_on=wished, reply_id=draft)
    assert again.status_code == 303
    with hand.app.app_context():
        sent = queries.replies_of(hand.notice_id)
        assert [(len(one.photos), str(one.wished_on)) for one in sent] == [(1, wished)]


def test_a_file_that_is_no_photo_is_named_and_the_others_are_kept(hand: Hand) -> None:
    hand.unlock()
    answer = hand.send(1, (jpeg(1), b"no photo at all"), text="好了")
    assert answer.status_code == 422
    assert "1.jpg" in answer.text
    assert "好了" in answer.text
    assert 'name="drop"' in answer.text


def test_the_same_plain_form_twice_makes_one_reply(hand: Hand) -> None:
    hand.unlock()
    draft = str(new_id())
    places = {hand.send(1, (jpeg(1),), text="好了", reply_id=draft).location for _ in range(3)}
    assert len(places) == 1
    with hand.app.app_context():
        assert len(queries.replies_of(hand.notice_id)) == 1


def test_a_photo_taken_out_in_the_plain_form_does_not_travel_along(hand: Hand) -> None:
    hand.unlock()
    draft = str(new_id())
    shown = hand.send(1, (jpeg(1), jpeg(2)), kind="disagree", text="", reply_id=draft).text
    drop = [entry["value"] for entry in parse(shown).all("input") if entry["name"] == "drop"]
    hand.send(1, kind="disagree", text="不是我的", reply_id=draft, drop=drop[:1])
    with hand.app.app_context():
        assert len(queries.replies_of(hand.notice_id)[0].photos) == 1


def test_a_notice_withdrawn_while_the_owner_writes_keeps_the_words(hand: Hand) -> None:
    hand.unlock()
    with hand.app.app_context(), transaction():
        notice = db.session.get_one(Notice, hand.notice_id)
        by = db.session.get_one(Person, notice.issued_by_id)
        services.withdraw_notice(notice, "写错了", by=by, now=clock.now())
    answer = hand.send(1, text="已经改好")
    assert answer.status_code == 303
    receipt = hand.client.get(answer.location).text
    assert "已经撤回" in receipt
    assert "已经改好" in receipt


def test_a_reply_to_a_closed_point_is_kept_as_a_note_and_says_so(hand: Hand) -> None:
    hand.unlock()
    hand.send(1, (jpeg(1),), text="好了")
    turn(hand, 1, Event.ACCEPTED)
    page = hand.client.get(hand.path()).text
    assert "照片我们看过了" in page
    answer = hand.send(1, text="还有一句")
    assert "已作为备注留下" in hand.client.get(answer.location).text


def test_each_point_says_how_it_stands(hand: Hand) -> None:
    with hand.app.app_context():
        place = place_of(hand.notice_id, Step.AWAITED)
    hand.unlock()
    assert "这一条等您改好" in hand.client.get(hand.path()).text
    hand.send(place, (jpeg(1),))
    turn(hand, place, Event.REJECTED, "照片里看不到标签")
    page = plain(hand.client.get(hand.path()).text)
    assert "这一条请再改一次： 照片里看不到标签" in page.replace("：照", "： 照")
    with hand.app.app_context():
        later = first_working_day(clock.today() + timedelta(days=30))
    left = (later - clock.today()).days
    turn(hand, place, Event.EXTENDED, "等配件", due_on=later, data={"due_on": later.isoformat()})
    page = plain(hand.client.get(hand.path()).text)
    moved = f"{later.month}月{later.day}日"
    for words in ("日期已改到", f"还有 {left} 天", "这一条给您延了时间", "经过（3 条）", moved):
        assert words in page, words
    assert "到期改不完" not in page.split("②")[0], "more time is given once"
    turn(hand, place, Event.VERIFIED_PARTLY, "还差一个标签")
    assert "改好了一部分" in hand.client.get(hand.path()).text
    turn(hand, place, Event.REFERRED)
    assert "转给主管部门" in hand.client.get(hand.path()).text
    turn(hand, place, Event.REFERRAL_CLOSED)
    assert "主管部门已经办结" in hand.client.get(hand.path()).text


def test_staff_do_not_reply_for_the_owner(hand: Hand, sign_in: SignIn) -> None:
    staff = sign_in(Role.COORDINATOR)
    assert "/reply/1" not in staff.get(hand.path()).text
    assert "不能替业主回复" in staff.get(hand.path("/reply/1")).text
    data = {"csrf_token": hand.token_of("/reply/1"), "kind": "fixed", "text": "x", "reply_id": str(new_id())}
    assert staff.post(hand.path("/reply/1"), data=data).status_code == 403


@pytest.mark.parametrize("path", ["/reply/1", "/unlock", "/self-check"])
def test_a_forged_form_is_refused_whatever_the_address(hand: Hand, path: str) -> None:
    hand.unlock()
    for token in (hand.token, new_token()):
        assert hand.client.post(f"/n/{token}{path}", data={"csrf_token": "forged"}).status_code == 400


def test_wrong_addresses_all_look_alike(hand: Hand) -> None:
    hand.unlock()
    unknown = hand.client.get(f"/n/{new_token()}")
    photo = f"/replies/photos/{new_id()}/small.jpg"
    rests = ("/reply/1", f"/replies/{new_id()}", "/self-check", "/self-check/to-do", photo)
    answers = [hand.client.get(f"/n/{new_token()}{rest}") for rest in rests]
    answers += [hand.client.get(hand.path("/reply/99")), hand.client.get(hand.path(f"/replies/{new_id()}"))]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.data for answer in answers} == {unknown.data}


def test_nothing_is_indexed_and_only_the_form_runs_a_script(hand: Hand) -> None:
    hand.unlock()
    receipt = hand.send(1, text="好了").location
    for rest in ("", "/reply/2", "/self-check", "/self-check/to-do"):
        answer = hand.client.get(hand.path(rest))
        assert "noindex" in answer.headers["X-Robots-Tag"]
        scripts = [script["src"] for script in parse(answer.text).all("script")]
        policy = answer.headers["Content-Security-Policy"]
        assert ("script-src 'self'" in policy) is bool(scripts)
        assert len(scripts) == (rest == "/reply/2")
        assert "Set-Cookie" not in answer.headers
    assert parse(hand.client.get(receipt).text).all("script") == []


def test_english_is_kept_all_the_way(hand: Hand) -> None:
    hand.unlock()
    page = hand.client.page(hand.path("/reply/1?as=disagree&lang=en"))
    assert "What do you see differently?" in page.text
    action = page.all("form")[0]["action"]
    assert "lang=en" in action
    data = {"csrf_token": hand.token_of("/reply/1"), "kind": "disagree", "text": "not mine"}
    sent = hand.client.post(action, data=data)
    assert "lang=en" in sent.location
    assert "Your receipt" in hand.client.get(sent.location).text
    chinese = [link["href"] for link in page.all("a") if link.text == "中文"]
    assert chinese == [hand.path("/reply/1?as=disagree")]


# ---- photos one by one


def upload(hand: Hand, draft: object, photo: object, data: bytes, place: int = 1, token: str = "") -> object:
    headers = {"X-CSRFToken": token or hand.token_of(f"/reply/{place}"), "Accept": "application/json"}
    address = hand.path(f"/reply/{place}/photos/{draft}/{photo}")
    return hand.client.post(address, data=data, headers=headers, content_type="application/octet-stream")


def test_photos_arrive_one_by_one_and_are_shown_again_by_the_draft(hand: Hand) -> None:
    hand.unlock()
    draft, photo, picture = new_id(), new_id(), jpeg(1)
    for _ in range(2):
        answer = upload(hand, draft, photo, picture)
        assert answer.status_code == 201  # type: ignore[attr-defined]
        assert answer.json["sha256"] == hashlib.sha256(picture).hexdigest()  # type: ignore[attr-defined]
    listed = hand.client.get(hand.path(f"/reply/1/photos/{draft}")).json
    assert (listed["sent"], [one["id"] for one in listed["photos"]]) == (False, [str(photo)])
    assert hand.client.get(listed["photos"][0]["url"]).mimetype == "image/jpeg"
    sent = hand.send(1, reply_id=str(draft))
    assert str(draft) in sent.location
    assert hand.client.get(hand.path(f"/reply/1/photos/{draft}")).json["sent"] is True


def test_an_upload_needs_digits_and_our_token(hand: Hand) -> None:
    draft = new_id()
    token = hand.token_of("/reply/1")
    assert upload(hand, draft, new_id(), jpeg(1), token=token).status_code == 403  # type: ignore[attr-defined]
    hand.unlock()
    assert upload(hand, draft, new_id(), jpeg(1), token="forged").status_code == 400  # type: ignore[attr-defined]
    assert upload(hand, draft, new_id(), b"x" * 500).status_code in {415, 422}  # type: ignore[attr-defined]
    assert upload(hand, draft, new_id(), b"").status_code == 422  # type: ignore[attr-defined]


# ---- the self-check


def test_the_owner_goes_through_the_same_list_and_keeps_a_list_of_what_is_left(hand: Hand) -> None:
    hand.unlock()
    page = hand.client.page(hand.path("/self-check"))
    buttons = [button for button in page.all("button") if button["name"] == "say"]
    assert len(buttons) % 3 == 0
    assert len(buttons) > 60, "catering and fire"
    token = csrf_token(hand.client.get(hand.path("/self-check")).text)
    first, second = buttons[1]["value"], buttons[3]["value"]
    for say in (first, second, first):
        answer = hand.client.post(hand.path("/self-check"), data={"csrf_token": token, "say": say})
        assert answer.status_code == 303
        assert "#item-" in answer.location
    left = hand.client.page(hand.path("/self-check/to-do"))
    assert len(left.all("li")) == 1
    assert "已填 2 条" in hand.client.get(hand.path("/self-check")).text
    wrong = {"csrf_token": token, "say": f"{new_id()}:done"}
    assert hand.client.post(hand.path("/self-check"), data=wrong).status_code == 404
    assert hand.client.post(hand.path("/self-check"), data={"csrf_token": token, "say": "x"}).status_code == 404


# ---- weight


def test_the_pages_are_light(hand: Hand, record_property: Callable[[str, object], None]) -> None:
    hand.unlock()
    hand.send(1, (jpeg(1), jpeg(2)), text="好了")
    for name, rest in (("notice", ""), ("reply form", "/reply/2"), ("self-check", "/self-check")):
        size = len(brotli.compress(hand.client.get(hand.path(rest)).data, quality=5))
        record_property(f"{name} page, compressed", f"{size / 1024:.1f} KB")
        assert size < 12 * 1024
