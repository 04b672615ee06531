"""The same job with scripts switched off: plain forms, plain links."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.core.roles import Role
from tests.fixtures.demo import EATERY
from tests.navigators.owner import Owner


@pytest.fixture
def phone(page_as: Callable[..., Page]) -> Page:
    return page_as(Role.COORDINATOR, java_script_enabled=False)


def test_a_visit_becomes_a_notice_without_scripts(phone: Page, photos: Path) -> None:
    phone.goto("/premises")
    phone.get_by_role("searchbox").fill("qfxg")
    phone.get_by_role("button", name="搜索").tap()
    phone.get_by_role("link", name=EATERY).tap()
    phone.get_by_role("button", name="开始").tap()
    item = phone.locator("#item-CAT-09")
    item.get_by_role("button", name="✗ 不符合").tap()
    item.locator("label.chip", has_text="食品直接放地上").tap()
    item.get_by_label("用自己的话写").fill("两袋面粉,后厨门口")
    item.locator("#note-CAT-09").get_by_role("button", name="保存").tap()
    expect(item.get_by_label("用自己的话写")).to_have_value("两袋面粉,后厨门口")
    item.locator("label.chip", has_text="当场整改").tap()
    item.locator("#outcome-CAT-09").get_by_role("button", name="保存").tap()
    item.locator("#strip-CAT-09").get_by_label("相册").set_input_files(photos / "portrait_6.jpg")
    item.locator("#strip-CAT-09").get_by_role("button", name="上传照片").tap()
    expect(item.locator("#strip-CAT-09 img")).to_have_count(1)
    item.locator("label.chip", has_text="建议整改").tap()
    item.locator("#outcome-CAT-09").get_by_role("button", name="保存").tap()
    expect(item.get_by_text("✓ 已填全")).to_be_visible()
    phone.get_by_role("button", name="其余符合").tap()
    phone.get_by_role("link", name="签字并结束").tap()
    phone.get_by_role("radio", name="没有签字").tap()
    phone.get_by_label("没有签字的原因").fill("老板不在,店员不愿代签")
    phone.get_by_label("见证人").fill("示范村干部甲")
    phone.get_by_role("button", name="结束", exact=True).tap()
    expect(phone.get_by_text("老板不在,店员不愿代签")).to_be_visible()
    phone.get_by_role("link", name="出整改单").tap()
    phone.get_by_role("button", name="预览").tap()
    phone.get_by_role("button", name="确认出单").tap()
    expect(phone.get_by_text("还没有打开").or_(phone.get_by_text("尚未打开")).first).to_be_visible()
    _its_owner_reads_it(phone)


def _its_owner_reads_it(phone: Page) -> None:
    address = phone.locator("#code .break").inner_text().strip()
    browser = phone.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False, has_touch=True, locale="zh-CN") as context:
        owner = Owner(context.new_page())
        owner.scans(address)
        owner.reads("两袋面粉,后厨门口")
        owner.says_received()
        owner.switches_to_english()


def test_the_same_answer_twice_is_no_fault_without_scripts(phone: Page) -> None:
    phone.goto("/premises?q=qfxg")
    phone.get_by_role("link", name=EATERY).tap()
    phone.get_by_role("button", name="开始").tap()
    for _turn in range(2):
        phone.locator("#item-CAT-01").get_by_role("button", name="✓ 符合", exact=True).tap()
        pressed = phone.locator("#item-CAT-01").get_by_role("button", name="✓ 符合", exact=True)
        expect(pressed).to_have_attribute("aria-pressed", "true")
    phone.get_by_role("button", name="其余符合").tap()
    phone.get_by_role("button", name="撤销").tap()
    expect(phone.get_by_role("button", name="其余符合")).to_be_visible()
