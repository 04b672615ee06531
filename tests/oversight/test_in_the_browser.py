"""The supervisor's way through the log in a real browser: scrolling, keys, swiping, exporting."""

import zipfile
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from app.core import clock
from app.core.database import db
from app.core.roles import Role
from app.inspections.models import Inspection, InspectionPhoto, Review
from tests.fixtures.browsers import DESK
from tests.oversight.factory import COLOURS, Log, make_photo


def ready(page: Page) -> None:
    """The page's scripts listen to keys and fingers."""
    expect(page.locator("html")).to_have_attribute("data-scripts", "ready")


def test_scrolling_down_brings_every_photo_once(log: Log, app: Flask, page_as: Callable[..., Page]) -> None:
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        for step in range(100):
            make_photo(visit, clock.now() - timedelta(hours=3 * step + 70), COLOURS[step % 7])
        db.session.commit()
    page = page_as(Role.SUPERVISOR)
    page.goto("/photo-log")
    photos = page.locator(".wall-photo")
    expect(photos).to_have_count(60)
    page.mouse.wheel(0, 60_000)
    expect(photos).to_have_count(113)
    ids = photos.evaluate_all("items => items.map(item => item.id)")
    assert len(set(ids)) == 113
    days = page.locator(".wall-day h2").all_text_contents()
    assert len(days) == len(set(days)), "a day that goes on over two pages has one heading"


def test_keys_go_on_and_space_reviews(log: Log, app: Flask, page_as: Callable[..., Page]) -> None:
    page = page_as(Role.SUPERVISOR, **DESK)
    choice = "?region=990100001"
    page.goto(f"/photo-log/{log.north[2]}{choice}")
    for key, place in (("ArrowLeft", 1), ("ArrowRight", 2), ("Space", 3)):
        ready(page)
        page.keyboard.press(key)
        page.wait_for_url(f"**/{log.north[place]}{choice}")
    with app.app_context():
        assert db.session.get_one(InspectionPhoto, log.north[2]).review is Review.REVIEWED


def test_a_swipe_goes_to_the_next(log: Log, page_as: Callable[..., Page]) -> None:
    page = page_as(Role.SUPERVISOR)
    page.goto(f"/photo-log/{log.north[0]}?region=990100001")
    ready(page)
    touch = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", 300), ("touchMove", 150), ("touchEnd", None)):
        points = [] if x is None else [{"x": x, "y": 250}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_url(f"**/{log.north[1]}?region=990100001")


def test_chosen_photos_are_downloaded(log: Log, page_as: Callable[..., Page]) -> None:
    page = page_as(Role.SUPERVISOR)
    page.goto("/photo-log")
    page.get_by_role("link", name="选择并导出").click()
    for box in page.locator(".wall-photo input").all()[:2]:
        box.check()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出所选").click()
    assert download.value.suggested_filename == f"xuncha-photos-{clock.today():%Y%m%d}.zip"
    names = zipfile.ZipFile(download.value.path()).namelist()
    assert len([name for name in names if name.startswith("photos/")]) == 2
    assert {"manifest.csv", "SHA256SUMS", "verify.py", "export.json.sig"} < set(names)


def test_near_me_asks_only_when_tapped_and_then_shows_distances(log: Log, page_as: Callable[..., Page]) -> None:
    page = page_as(Role.COORDINATOR, geolocation={"latitude": 30.001, "longitude": 120.0})
    page.goto("/")
    expect(page.locator("#near")).to_contain_text("最久未去")
    ready(page)
    page.context.grant_permissions(["geolocation"])
    page.locator("[data-near]").click()
    expect(page.locator("#near")).to_contain_text("110 m")


def test_without_scripts_everything_is_reached(log: Log, page_as: Callable[..., Page]) -> None:
    page = page_as(Role.SUPERVISOR, java_script_enabled=False)
    page.goto("/photo-log?severity=A")
    page.locator(".wall-photo a").first.click()
    page.get_by_role("button", name="已审，下一张").click()
    expect(page).to_have_url(f"http://localhost:{page.url.split(':')[2].split('/')[0]}/photo-log/{log.north[3]}?severity=A")
    page.locator("#send-back summary").click()
    page.locator("#send-back textarea").fill("请补拍")
    page.get_by_role("button", name="退回").click()
    expect(page.locator(".flash-ok")).to_contain_text("已退回")
