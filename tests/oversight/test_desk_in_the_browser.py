"""The desk in a real browser: keys counted, a line that dies, fingers, nothing called received that is not."""

import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.core import clock
from app.core.database import db
from app.core.roles import Role
from app.inspections.models import Inspection, InspectionPhoto, Review
from tests.fixtures.browsers import DESK
from tests.oversight.factory import COLOURS, Log, make_photo

MANY = int(os.environ.get("DESK_PHOTOS", "30"))  # 100 when the target itself is measured


@pytest.fixture
def waiting(log: Log, app: Flask) -> Sequence[UUID]:
    """The photos of the first township that wait, newest first."""
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        more = [
            make_photo(visit, clock.now() - timedelta(hours=70, minutes=step), COLOURS[step % 7]).photo_id
            for step in range(MANY - len(log.north))
        ]
        db.session.commit()
    return [*log.north, *more]


def opened(page: Page) -> Page:
    page.goto("/photo-log/desk?region=990100001")
    expect(page.locator("html")).to_have_attribute("data-scripts", "ready")
    expect(page.locator(".look:visible")).to_have_count(1)
    return page


def standing(app: Flask) -> dict[Review, int]:
    with app.app_context():
        rows = select(InspectionPhoto.review, func.count()).group_by(InspectionPhoto.review)
        return dict(db.session.execute(rows).tuples().all())


def test_many_photos_by_few_keys(waiting: Sequence[UUID], app: Flask, page_as: Callable[..., Page]) -> None:
    """A tenth goes back: two keys for those, one for each of the others; and one is taken back and given again."""
    page = opened(page_as(Role.SUPERVISOR, **DESK))
    keys, begun = 0, time.monotonic()
    for number in range(len(waiting)):
        picture = page.locator(".look:visible img")
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0, "each photo is seen before it is decided"
        for key in ("s", str(1 + number % 9)) if number % 10 == 9 else ("a",):
            page.keyboard.press(key)
            keys += 1
        if number == 4:
            page.keyboard.press("u")
            page.keyboard.press("a")
            keys += 2
    expect(page.locator("#desk-end")).to_be_visible()
    expect(page.locator("#desk-state")).to_have_attribute("data-waiting", "0")
    took = time.monotonic() - begun
    print(f"{len(waiting)} photos, {keys} keys, {took:.1f} s")
    assert keys <= len(waiting) * 1.1 + 2
    assert took <= len(waiting) * 1.2
    found = standing(app)
    assert (found[Review.SENT_BACK], found[Review.REVIEWED]) == (len(waiting) // 10, len(waiting) - len(waiting) // 10)


def test_a_dead_line_loses_no_mark_and_is_never_called_received(
    waiting: Sequence[UUID], app: Flask, page_as: Callable[..., Page]
) -> None:
    page = opened(page_as(Role.SUPERVISOR, **DESK))
    page.route("**/photo-log/marks", lambda route: route.abort())
    for _number in range(3):
        page.keyboard.press("a")
    state = page.locator("#desk-state")
    expect(state).to_contain_text("3 条")
    expect(state).not_to_contain_text("已送达")
    page.keyboard.press("k")
    expect(page.locator(".look:visible [data-mark]")).to_contain_text("尚未送达")
    assert Review.REVIEWED not in standing(app)
    page.unroute("**/photo-log/marks")
    page.on("dialog", lambda dialog: dialog.accept())
    opened(page)  # a reload while three wait: they go out by themselves
    expect(state).to_have_attribute("data-waiting", "0")
    assert standing(app)[Review.REVIEWED] == 3


def test_fingers_decide_on_a_phone(waiting: Sequence[UUID], app: Flask, page_as: Callable[..., Page]) -> None:
    page = opened(page_as(Role.SUPERVISOR))
    finger = page.context.new_cdp_session(page)

    def swipe(start: int, end: int) -> None:
        moves = (("touchStart", start), ("touchMove", (start + end) // 2), ("touchMove", end), ("touchEnd", None))
        for kind, x in moves:
            points = [] if x is None else [{"x": x, "y": 250}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe(80, 300)
    swipe(300, 80)
    page.get_by_role("button", name="太暗或逆光").click()
    expect(page.locator("#desk-state")).to_contain_text(f"全部已送达 · 还有 {len(waiting) - 2} 张")
    with app.app_context():
        rows = [db.session.get_one(InspectionPhoto, one) for one in waiting[:3]]
        assert [row.review for row in rows] == [Review.REVIEWED, Review.SENT_BACK, Review.WAITING]
        assert "太暗" in rows[1].remark
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_long_press_begins_choosing_and_a_mistake_is_taken_back(
    log: Log, app: Flask, page_as: Callable[..., Page]
) -> None:
    page = page_as(Role.SUPERVISOR)
    page.goto("/photo-log")
    expect(page.locator("html")).to_have_attribute("data-scripts", "ready")
    first = page.locator(".wall-photo").first.bounding_box()
    assert first is not None
    finger, spot = page.context.new_cdp_session(page), {"x": first["x"] + 60, "y": first["y"] + 60}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [spot]})
    expect(page.locator("#how-many")).to_have_text("已选 1 张")
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.locator(".wall-photo a").first.dispatch_event("click")  # what some phones make of the lifted finger
    expect(page.locator("#how-many")).to_have_text("已选 1 张")
    page.locator(".wall-photo").nth(1).tap()
    expect(page.locator("#how-many")).to_have_text("已选 2 张")
    page.get_by_role("button", name="已审", exact=True).tap()
    expect(page.locator(".done-bar")).to_contain_text("2 张已审")
    assert standing(app)[Review.REVIEWED] == 2
    page.get_by_role("button", name="撤销").tap()
    expect(page.locator(".flash-ok")).to_contain_text("已撤销 2 张")
    assert Review.REVIEWED not in standing(app)
