"""The owner's page on whatever phone there is: no account, no script, no cookie."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.roles import Role
from app.notices import services
from app.notices.models import Notice
from tests.factories.visits import noticed
from tests.fixtures.browsers import LiveServer
from tests.fixtures.demo import EATERY
from tests.navigators.owner import Owner


@pytest.fixture
def notice(live_server: LiveServer) -> Notice:
    return noticed(live_server.app, EATERY, ("CAT-09", "两袋面粉直接放在地上"), ("CAT-02", "一人健康证过期"))


def test_what_is_to_do_stands_on_the_first_screen(owner: Owner, notice: Notice) -> None:
    owner.scans(f"/n/{notice.token}")
    for text in (EATERY, "还有"):
        expect(owner.page.get_by_text(text).first).to_be_in_viewport()
    assert owner.page.evaluate("document.scripts.length") == 0
    width = owner.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360, f"the page is {width} px wide"


def test_it_asks_nobody_else_and_sets_no_cookie(
    owner: Owner, notice: Notice, live_server: LiveServer
) -> None:
    asked: list[Request] = []
    owner.page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - a built-in cannot be wrapped
    owner.scans(f"/n/{notice.token}")
    assert all(request.url.startswith(live_server.url) for request in asked)
    assert owner.page.context.cookies() == []


def test_the_issuing_side_sees_that_it_was_opened_and_received(
    owner: Owner, notice: Notice, page_as: Callable[..., Page]
) -> None:
    owner.scans(f"/n/{notice.token}")
    owner.says_received()
    coordinator = page_as(Role.COORDINATOR)
    coordinator.goto(f"/notices/{notice.id}")
    expect(coordinator.locator("#code")).to_contain_text("打开")
    expect(coordinator.locator("#code")).to_contain_text("我已收到")
    expect(coordinator.locator("#code").get_by_text("还没有打开")).to_have_count(0)


def test_rules_unfold_and_photos_show_what_was_seen(owner: Owner, notice: Notice) -> None:
    owner.scans(f"/n/{notice.token}")
    owner.page.get_by_text("为什么").first.tap()
    why = owner.page.locator(".find details").filter(has_text="为什么").first
    expect(why.get_by_role("paragraph").first).to_be_visible()
    photo = owner.page.locator(".find img").first
    photo.scroll_into_view_if_needed()
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("image => image.naturalWidth") > 300


def test_it_is_readable_with_much_larger_letters(
    open_context: Callable[..., BrowserContext], notice: Notice
) -> None:
    phone = open_context().new_page()
    phone.goto(f"/n/{notice.token}")
    phone.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_withdrawn_notice_points_to_the_one_in_its_place(
    owner: Owner, notice: Notice, live_server: LiveServer
) -> None:
    with live_server.app.app_context(), transaction():
        issuer = db.session.get_one(Person, notice.issued_by_id)
        services.withdraw_notice(
            db.session.get_one(Notice, notice.id), "错了一处", by=issuer, now=clock.now()
        )
    owner.scans(f"/n/{notice.token}")
    owner.reads("撤回")
    expect(owner.page.get_by_role("button", name="我已收到")).to_have_count(0)
    expect(owner.page.get_by_text("错了一处")).to_have_count(0)
