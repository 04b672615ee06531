"""Who may reply: the end of the registered phone, the code on the paper, and how wrong ones are slowed down."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.core import clock
from app.core.database import db
from app.core.roles import Role
from app.core.settings import Settings
from app.notices import printing
from app.notices.models import Notice
from app.replies import proving
from tests.fixtures.pages import PageClient, csrf_token
from tests.fixtures.signing_in import SignIn
from tests.replies.conftest import ENDING, Hand


def test_reading_needs_nothing_and_replying_needs_four_digits_once(hand: Hand) -> None:
    shown = hand.client.get(hand.path())
    assert "Set-Cookie" not in shown.headers
    assert "改好了，告诉我们" in shown.text
    asked = hand.client.get(hand.path("/reply/1"))
    assert "手机号后四位" in asked.text
    assert "000-0000009" not in asked.text
    opened = hand.unlock()
    assert (opened.status_code, opened.location) == (303, hand.path("/reply/1"))
    cookie = opened.headers["Set-Cookie"]
    for part in ("HttpOnly", f"Path={hand.path()}", "SameSite=Lax", "Max-Age=15552000"):
        assert part in cookie
    assert ENDING not in cookie
    assert "怎么改的" in hand.client.get(hand.path("/reply/1")).text


def test_the_proof_is_for_one_notice_and_ends_with_another_number(
    hand: Hand, set_phone: Callable[[str], None]
) -> None:
    hand.unlock()
    value = hand.client.get_cookie(proving.COOKIE, path=hand.path())
    assert value
    hand.client.set_cookie(proving.COOKIE, value.value + "x", path=hand.path())
    assert "手机号后四位" in hand.client.get(hand.path("/reply/1")).text
    hand.unlock()
    set_phone("13900004321")
    assert "手机号后四位" in hand.client.get(hand.path("/reply/1")).text
    assert hand.unlock("4321").status_code == 303, "a corrected number counts at once"


def test_five_wrong_tries_pause_it_and_say_until_when_and_whom_to_call(hand: Hand) -> None:
    with clock.freeze(clock.now()):
        for left in (4, 3, 2, 1):
            wrong = hand.unlock("1111")
            assert wrong.status_code == 422
            assert f"还可以试 {left} 次" in wrong.text
        paused = hand.unlock("1111")
        until = clock.local(clock.now() + timedelta(minutes=15))
        for words in ("输错了 5 次", f"{until:%H:%M}", "tel:000-0000001"):
            assert words in paused.text
        page = hand.client.get(hand.path("/reply/1")).text
        assert f"{until:%H:%M}" in page
        assert "<form" not in page
        now = clock.now()
    with clock.freeze(now + timedelta(minutes=15, seconds=1)):
        assert hand.unlock().status_code == 303


def test_typing_nothing_costs_no_try(hand: Hand) -> None:
    for _ in range(6):
        assert "请输入数字" in hand.unlock("").text
    assert hand.unlock().status_code == 303


def test_without_a_registered_phone_the_code_on_the_paper_opens_it(
    hand: Hand, set_phone: Callable[[str], None]
) -> None:
    set_phone("")
    assert "回复码" in hand.client.get(hand.path("/reply/1")).text
    with hand.app.test_request_context():
        code = proving.code_of(db.session.get_one(Notice, hand.notice_id))
    assert hand.unlock(f"{code[:3]} {code[3:]}").status_code == 303


def test_a_county_may_ask_nothing(hand: Hand, decide: Callable[[str], None]) -> None:
    decide("open")
    assert "怎么改的" in hand.client.get(hand.path("/reply/1")).text
    assert hand.send(1, text="好了").status_code == 303


def test_a_county_may_ask_before_reading(hand: Hand, decide: Callable[[str], None], sign_in: SignIn) -> None:
    decide("before_reading")
    page = hand.client.get(hand.path())
    for words in ("青禾小饭馆", "冰箱 9 度", "/photos/"):
        assert words not in page.text
    assert "手机号后四位" in page.text
    assert "冰箱" not in hand.client.get(hand.path("/photos/1.jpg")).text
    assert hand.client.get(hand.path("/notice.pdf")).mimetype == "text/html"
    with hand.app.app_context():
        assert db.session.get_one(Notice, hand.notice_id).openings == 0
    assert "冰箱 9 度" in sign_in(Role.COORDINATOR).get(hand.path()).text
    data = {"csrf_token": csrf_token(page.text), "digits": ENDING, "back": hand.path()}
    assert hand.client.post(hand.path("/unlock"), data=data).location == hand.path()
    assert "冰箱 9 度" in hand.client.get(hand.path()).text
    assert hand.client.get(hand.path("/photos/1.jpg")).mimetype == "image/jpeg"


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/premises", "/n/other", "/n/x\\y"])
def test_the_way_back_stays_on_this_notice(hand: Hand, back: str) -> None:
    assert hand.unlock(back=back).location == hand.path()


def test_the_issuing_side_reads_what_lets_the_owner_in(hand: Hand, sign_in: SignIn) -> None:
    with hand.app.test_request_context():
        code = proving.code_of(db.session.get_one(Notice, hand.notice_id))
    page = sign_in(Role.COORDINATOR).get(f"/notices/{hand.notice_id}").text
    for words in ("业主进不去", "000-0000009", f"{code[:3]} {code[3:]}"):
        assert words in page
    for _ in range(5):
        hand.unlock("1111")
    assert "暂停到" in sign_in(Role.COORDINATOR).get(f"/notices/{hand.notice_id}").text
    assert code[:3] + " " + code[3:] not in sign_in(Role.INFORMANT).get(f"/notices/{hand.notice_id}").text


def test_only_the_printed_copy_bears_the_code_and_only_where_it_is_needed(
    hand: Hand, set_phone: Callable[[str], None]
) -> None:
    def printed(copy: printing.Copy) -> str:
        with hand.app.test_request_context():
            notice = db.session.get_one(Notice, hand.notice_id)
            with_code = printing._for(copy, notice, printing.paper_of(notice))
            return with_code.reply_code

    assert {printed(copy) for copy in printing.Copy} == {""}
    set_phone("")
    with hand.app.test_request_context():
        code = proving.code_of(db.session.get_one(Notice, hand.notice_id))
    assert printed(printing.Copy.OWNER) == f"{code[:3]} {code[3:]}"
    assert printed(printing.Copy.PUBLIC) == printed(printing.Copy.FILE) == ""


def test_a_client_without_cookies_reads_everything_open(client: PageClient, hand: Hand, app: Flask) -> None:
    fresh = app.test_client(use_cookies=False)
    assert fresh.get(hand.path()).status_code == 200
    assert "手机号后四位" in fresh.get(hand.path("/reply/1")).text


class TestFloods:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return dataclasses.replace(settings, rate_limits=True)

    def test_posts_are_limited(self, hand: Hand) -> None:
        codes = [hand.client.post(hand.path("/unlock"), data={"csrf_token": "x"}).status_code for _ in range(45)]
        assert codes[:40] == [400] * 40
        assert codes[40:] == [429] * 5
