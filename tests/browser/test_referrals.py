"""An unlicensed practice without a name: referred from a phone in a minute, answered by link, closed."""

import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from app.core.roles import Role
from tests.fixtures.browsers import DESK
from tests.navigators.coordinator import Coordinator


def link_of(page: Page) -> str:
    return page.locator("#link ~ .card .break, .card .break").first.inner_text().strip()


def answers(context: BrowserContext, url: str, label: str, reason: str = "") -> Page:
    """Somebody of the authority, on their own phone, without account."""
    page = context.new_page()
    page.goto(url)
    page.get_by_label("您的姓名和单位").fill("王某（演示县卫生健康局）")
    page.get_by_role("radio", name=label).check()
    if reason:
        page.get_by_label("退回的请写原因").fill(reason)
    page.get_by_role("button", name="发出答复").click()
    expect(page.get_by_text("移送单位已经看到您的答复")).to_be_visible()
    return page


def test_from_one_tap_to_closed(
    app: Flask, coordinator: Coordinator, open_context: Callable[..., BrowserContext], photos: Path,
    page_as: Callable[..., Page], record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    page, begun = coordinator.page, time.monotonic()
    page.goto("/")
    coordinator.tap(page.get_by_role("link", name="移送一条线索"))
    coordinator.tap(page.get_by_role("button", name="无证行医"))
    expect(page.get_by_text("还剩").first).to_be_visible()
    strip = page.get_by_role("list", name="随附照片")
    with page.expect_file_chooser() as chooser:
        coordinator.tap(strip.get_by_label("相册"))
    coordinator.taps += 2
    chooser.value.set_files(photos / "portrait_6.jpg")
    expect(strip.get_by_text("✓ 已达")).to_be_visible()
    page.get_by_label("在哪里").fill("集市东头第三间，蓝色卷帘门")
    page.get_by_label("看到、听到的情况").fill("门口挂“祖传治牙”布条，里面有牙椅")
    coordinator.tap(page.get_by_role("button", name="外观已拍照，没有进入"))
    coordinator.tap(page.get_by_role("button", name="看一遍"))
    expect(page.get_by_text("名称不详")).to_be_visible()
    expect(page.get_by_text("演示县卫生健康局").first).to_be_visible()
    coordinator.tap(page.get_by_role("button", name="现在发出"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("南卫移〔")
    took = time.monotonic() - begun
    record_property("referral: taps", coordinator.taps)
    record_property("referral: seconds", round(took, 1))
    assert coordinator.taps <= 8
    assert took < 60

    outside = open_context()
    returned = answers(outside, link_of(page), "退回", "请写明门牌号")
    returned.reload()
    expect(returned.get_by_text("只能查看")).to_be_visible()

    page.reload()
    expect(page.get_by_text("请写明门牌号").first).to_be_visible()
    page.get_by_role("link", name="修改", exact=True).click()
    page.get_by_label("在哪里").fill("集市东头 12 号，蓝色卷帘门")
    coordinator.tap(page.get_by_role("button", name="看一遍"))
    coordinator.tap(page.get_by_role("button", name="再次发出"))
    expect(page.get_by_text("再次发出").first).to_be_visible()
    answers(outside, link_of(page), "受理")
    returned.reload()
    expect(returned.get_by_text("这个地址打不开任何内容")).to_be_visible()

    desk = page_as(Role.SUPERVISOR, **DESK)
    desk.goto(page.url)
    desk.get_by_text("记下对方的答复").click()
    closing = desk.locator("form", has=desk.locator("input[value=close]")).first
    closing.get_by_label("谁告知的").fill("王某")
    closing.get_by_role("radio", name="已处理").check()
    closing.get_by_label("用一句话说明").fill("已取走器械，当事人离开")
    closing.get_by_role("button", name="办结").click()
    expect(desk.get_by_text("已处理").first).to_be_visible()
    expect(desk.get_by_role("link", name="带签名的电子材料")).to_be_visible()
