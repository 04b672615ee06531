"""A face is covered with a finger on a phone; the owner sees squares there."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from app.core.database import db
from app.core.roles import Role
from app.photos.models import PhotoCover
from tests.fixtures.browsers import PATIENCE


def test_a_finger_covers_and_the_owner_sees_squares(
    app: Flask, issued: Any, page_as: Callable[..., Page], open_context: Callable[..., BrowserContext]
) -> None:
    notice_id, token, photo_id = issued
    owner = open_context().new_page()
    owner.goto(f"/n/{token}")
    before = owner.locator(f"img[src*='/n/{token}/photos/']").first.get_attribute("src")
    page = page_as(Role.COORDINATOR)
    page.goto(f"/notices/{notice_id}")
    page.get_by_text("遮挡照片里的人脸或车牌").tap()
    page.get_by_role("link", name="照片 1").last.tap()
    page.wait_for_url(f"**/photos/{photo_id}/cover")
    expect(page.locator("html")).to_have_attribute("data-scripts", "ready", timeout=PATIENCE)
    box = page.locator("[data-cover-sheet]").bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    for kind, part in (("touchStart", 0.25), ("touchMove", 0.5), ("touchMove", 0.75), ("touchEnd", None)):
        spot = {"x": box["x"] + box["width"] * (part or 0), "y": box["y"] + box["height"] * (part or 0)}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [] if part is None else [spot]})
    expect(page.get_by_label("第 1 处")).to_be_checked(timeout=PATIENCE)
    # so soon after the finger a tap would be taken for the second of two
    page.get_by_role("button", name="对外遮挡").click()
    expect(page.get_by_text("已对外遮挡 1 处。")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    owner.reload()
    after = owner.locator(f"img[src*='/n/{token}/photos/']").first.get_attribute("src")
    assert after != before
    with app.app_context():
        ((left, top, width, height),) = db.session.query(PhotoCover).one().boxes
    assert all(abs(value - 2500) < 200 for value in (left, top))
    assert all(abs(value - 5000) < 300 for value in (width, height))
