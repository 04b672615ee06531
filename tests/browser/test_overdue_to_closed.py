"""An overdue notice reminds, is referred, acknowledged and closed by a link without account; both sides read so."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from app.core.roles import Role
from app.notices.progress import Stage
from tests.factories.overdue import county_is_reached_at, notice_now, overdue_notice, remind
from tests.fixtures.demo import EATERY
from tests.fixtures.receiver import Receiver
from tests.navigators.coordinator import Coordinator


def answers(page: Page, choice: str, sentence: str = "") -> None:
    """The authority's person, on a phone that has never seen this product."""
    page.get_by_label("您的姓名和单位").fill("王某（演示县市场监督管理局）")
    page.get_by_role("radio", name=choice).tap()
    if sentence:
        page.get_by_label("用一句话说明").fill(sentence)
    page.get_by_role("button", name="发出答复").tap()
    expect(page.get_by_text("移送单位已经看到您的答复")).to_be_visible()


def test_reminded_referred_acknowledged_by_link_closed(
    app: Flask, page_as: Callable[..., Page], open_context: Callable[..., BrowserContext], receiver: Receiver
) -> None:
    notice = overdue_notice(app)
    county_is_reached_at(app, notice, f"{receiver.url}/staff", receiver.url.replace("json:", "http:") + "/authority")
    remind(app)
    remind(app)
    said = [body for path, body in receiver.arrived if path == "/staff" and notice.number in body["title"]]
    assert len(said) == 1 and said[0]["title"].startswith("整改日期已过")

    who = Coordinator(page_as(Role.COORDINATOR))
    page = who.page
    page.goto("/")
    who.tap(page.get_by_role("link", name="提醒").first)
    card = page.locator(".card", has_text=EATERY).filter(has_text="已过")
    who.tap(card.get_by_role("link", name="打开"))
    expect(page.get_by_text("逾期").first).to_be_visible()
    who.tap(page.get_by_role("button", name="1 个问题移送给"))
    who.tap(page.get_by_role("button", name="现在发出"))
    expect(page.get_by_text("下一次运行时自动通知接收单位")).to_be_visible()
    remind(app)
    remind(app)
    (told,) = [body for path, body in receiver.arrived if path == "/authority"]
    page.reload()
    expect(page.get_by_text("✓ 已发送").first).to_be_visible()

    outside = open_context().new_page()
    outside.goto(told["message"].split()[-1])
    expect(outside.get_by_text("本地址有效期至")).to_be_visible()
    answers(outside, "已收到")
    answers(outside, "受理")
    answers(outside, "已改好", "9 月 2 日复核，面粉已上架")
    expect(outside.get_by_role("button", name="发出答复")).to_have_count(0)

    page.goto(f"/notices/{notice.id}")
    expect(page.get_by_text("✓ 已办结").first).to_be_visible()
    assert notice_now(app, notice).stage is Stage.CLOSED
    outside.goto(f"/n/{notice.token}")
    expect(outside.get_by_text("全部改好了")).to_be_visible()
