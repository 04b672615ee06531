"""The list of reminders on a phone: one is put away, one that may be lost sent again, an overdue one once more."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.roles import Role
from tests.factories.overdue import county_is_reached_at, overdue_notice, remind
from tests.fixtures.demo import EATERY
from tests.fixtures.receiver import Receiver


class Killed(BaseException):
    """The process is gone."""


def test_put_away_sent_again_and_reminded_once_more(
    app: Flask, page_as: Callable[..., Page], receiver: Receiver
) -> None:
    notice = overdue_notice(app)
    county_is_reached_at(app, notice, receiver.url)

    def dies(_address: str, title: str, _body: str) -> bool:
        if notice.number in title:
            raise Killed
        return True

    with pytest.raises(Killed):
        remind(app, dies)
    remind(app, minutes=20)
    page = page_as(Role.COORDINATOR)
    page.goto("/reminders")
    mine = page.locator(".card", has_text=EATERY).filter(has_text="知道了")
    mine.get_by_role("button", name="知道了").tap()
    expect(mine).to_have_count(0)
    doubt = page.locator("[id^=doubt-]", has_text=EATERY)
    expect(doubt).to_contain_text("群")
    doubt.get_by_role("button", name="再发一次").tap()
    expect(page.get_by_text("下一次运行时发送")).to_be_visible()
    expect(doubt).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    remind(app, minutes=30)
    assert [body["title"] for _, body in receiver.arrived].count(f"整改日期已过 {notice.number}") == 1

    boss = page_as(Role.SUPERVISOR)
    boss.goto(f"/notices/{notice.id}")
    boss.get_by_role("button", name="再提醒一次").tap()
    expect(boss.get_by_text("今天已经提醒过")).to_be_visible()
    remind(app, minutes=40)
    page.goto("/reminders")
    expect(page.locator(".card", has_text=EATERY)).to_contain_text("仍未整改")
