"""On the phone: a coordinator finds the issued month; a supervisor picks a township and a month and issues it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.core import clock
from app.core.roles import Role
from app.monthly.rules import Month


def test_a_month_is_read_issued_and_checked_on_the_phone(page_as: Callable[..., Page]) -> None:
    last = Month.of(clock.today()).before
    page = page_as(Role.COORDINATOR)
    page.goto("/")
    page.get_by_role("link", name="巡查月报").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text(f"南河镇 · {last.year}年{last.number}月")
    expect(page.get_by_role("table", name="场所与巡查").get_by_role("row", name="巡查户次")).to_be_visible()
    expect(page.get_by_role("button", name="定稿")).to_have_count(0)  # it is issued already
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page = page_as(Role.SUPERVISOR)
    page.goto("/monthly")
    page.get_by_label("月份").select_option(str(last.before))
    page.get_by_label("辖区").select_option(label="北岭乡")
    page.get_by_role("button", name="显示").click()
    box = page.get_by_role("button", name="定稿").bounding_box()
    assert box is not None
    assert box["height"] >= 48, "a button for a thumb"
    page.get_by_role("button", name="定稿").click()
    expect(page.get_by_role("link", name="打开签名的月报")).to_be_visible()
    code = page.get_by_role("definition").filter(has_text="演卫监月报").inner_text()
    assert f"〔{last.before.year}〕{last.before.number:02d}-990102-1号" in code
    digits = page.locator("dt", has_text="校验码").locator("xpath=following-sibling::dd").inner_text()
    page.goto("/check")
    page.get_by_label("编号").fill(code)
    page.get_by_label("校验码").fill(digits)
    page.get_by_role("button", name="核验").first.click()
    expect(page.get_by_text("编号与校验码相符")).to_be_visible()
