"""The owner answers from the QR page on a phone of 360×740: with a poor line, with a closed page, without scripts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect

from app.core.database import db, transaction
from app.core.settings import project_root
from app.notices.models import Notice
from app.premises.models import Premises
from app.replies import queries
from tests.browser.test_accessibility import AXE, RUN
from tests.factories.visits import noticed
from tests.fixtures.browsers import LiveServer
from tests.fixtures.demo import EATERY
from tests.navigators.owner import Owner
from tests.replies.conftest import jpeg

SHARED = project_root().parent / "shared" / "photos"
PHONE = "0999-5500012"


@pytest.fixture
def notice(live_server: LiveServer) -> Notice:
    made = noticed(live_server.app, EATERY, ("CAT-09", "两袋面粉直接放在地上"), ("CAT-02", "一人健康证过期"))
    with live_server.app.app_context(), transaction():
        db.session.get_one(Premises, made.premises_id).phone = PHONE
    return made


@pytest.fixture
def two_photos(tmp_path: Path) -> list[Path]:
    """Of a real phone where they are at hand, else made here."""
    real = [SHARED / name for name in ("portrait_6.jpg", "DSCN0010.jpg")]
    if all(path.is_file() for path in real):
        return real
    for n in (1, 2):
        (tmp_path / f"{n}.jpg").write_bytes(jpeg(n, (2400, 1800)))
    return [tmp_path / "1.jpg", tmp_path / "2.jpg"]


def test_two_photos_over_a_broken_line_a_closed_page_and_a_receipt(
    page: Page, notice: Notice, two_photos: list[Path], app: Flask
) -> None:
    owner, tries = Owner(page), []

    def fail_once(route: Route) -> None:
        tries.append(route.request.url)
        route.abort() if len(tries) == 1 else route.continue_()

    page.route("**/reply/1/photos/*/*", fail_once)
    owner.scans(f"/n/{notice.token}")
    owner.answers(1, "改好了")
    owner.types_digits(PHONE[-4:])
    owner.adds_photos(*two_photos)
    assert len(tries) >= 3, "the one that broke off was sent again by itself"
    page.get_by_label("怎么改的").fill("面粉放到架子上了")
    page.close()
    again = Owner(page.context.new_page())
    again.scans(f"/n/{notice.token}")
    again.answers(1, "改好了")
    expect(again.page.locator(".shots li")).to_have_count(2)
    expect(again.page.get_by_label("怎么改的")).to_have_value("面粉放到架子上了")
    again.sends()
    again.reads("收到了，谢谢您")
    again.reads(f"{notice.number}-01")
    expect(again.page.locator(".pair img")).to_have_count(3)
    again.page.get_by_role("link", name="回到整改单").last.tap()
    again.reads("您的反馈我们收到了")
    assert again.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert [cookie["path"] for cookie in again.page.context.cookies()] == [f"/n/{notice.token}"]
    with app.app_context():
        assert [len(reply.photos) for reply in queries.replies_of(notice.id)] == [2]


def test_without_signal_nothing_is_lost_and_the_second_tap_sends_it_once(
    page: Page, notice: Notice, app: Flask
) -> None:
    owner = Owner(page)
    page.goto(f"/n/{notice.token}/reply/1?as=disagree")
    owner.types_digits(PHONE[-4:])
    page.get_by_label("您的意见是什么").fill("这不是我店里的面粉")
    expect(page.locator("html[data-scripts=ready]")).to_be_attached()
    page.context.set_offline(True)
    page.get_by_role("button", name="发出").tap()
    owner.reads("没有信号")
    page.context.set_offline(False)
    owner.sends()
    owner.reads("这不是我店里的面粉")
    with app.app_context():
        assert len(queries.replies_of(notice.id)) == 1


def test_wrong_digits_five_times_say_until_when_and_whom_to_call(
    open_context: Callable[..., BrowserContext], notice: Notice
) -> None:
    page = open_context(bypass_csp=True).new_page()
    page.goto(f"/n/{notice.token}/reply/1")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN, {}) == []
    for left in (4, 3, 2, 1):
        Owner(page).types_digits("1111")
        expect(page.get_by_text(f"还可以试 {left} 次")).to_be_visible()
    Owner(page).types_digits("1111")
    expect(page.get_by_text("输错了 5 次")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.locator("a.call")).to_be_visible()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN, {}) == []


def test_everything_without_scripts(
    open_context: Callable[..., BrowserContext], notice: Notice, two_photos: list[Path], app: Flask
) -> None:
    page = open_context(java_script_enabled=False).new_page()
    owner = Owner(page)
    owner.scans(f"/n/{notice.token}")
    owner.answers(1, "到期改不完")
    owner.types_digits(PHONE[-4:])
    page.get_by_label("为什么要多些时间").fill("货架要等两周")
    page.get_by_label("您到哪一天能改好").fill("2020-01-01")
    page.locator("#photos").set_input_files(two_photos)
    page.locator("form").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="发出").tap()
    owner.reads("您写的都还在这里")
    expect(page.locator(".shots li")).to_have_count(2)
    expect(page.get_by_label("为什么要多些时间")).to_have_value("货架要等两周")
    page.get_by_label("您到哪一天能改好").fill("2027-01-15")
    page.get_by_role("button", name="发出").tap()
    owner.reads("收到了，谢谢您")
    with app.app_context():
        reply = queries.replies_of(notice.id)[0]
        assert (len(reply.photos), str(reply.wished_on)) == (2, "2027-01-15")
