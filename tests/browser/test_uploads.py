"""Photos that go straight to the server, from a browser that can keep nothing itself; and how a strip shows them."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import func, select

from app.core.database import db
from app.demo.data import PASSWORD
from app.inspections.models import InspectionPhoto
from tests.factories.inspections import jpeg
from tests.factories.visits import begin_visit
from tests.fixtures.browsers import LiveServer
from tests.fixtures.demo import EATERY
from tests.navigators.coordinator import Coordinator


@pytest.fixture(params=[False, True], ids=["keeps nothing", "keeps"])
def keeps(request: pytest.FixtureRequest) -> bool:
    """Whether the browser can keep records itself; a private window may not."""
    return bool(request.param)


@pytest.fixture
def at_work(coordinator: Coordinator, live_server: LiveServer, keeps: bool) -> Coordinator:
    if not keeps:
        coordinator.page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined });")
    visit = begin_visit(live_server.app, EATERY, findings=(("CAT-09", "两袋面粉直接放在地上"),))
    coordinator.page.goto(f"/inspections/{visit}")
    return coordinator


@pytest.fixture
def strip(at_work: Coordinator) -> Locator:
    return at_work.item("CAT-09").get_by_role("list", name="这个问题的照片")


def _sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("登录名").fill("xieguan")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").tap()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _picture(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(jpeg())
    return path


def _received(live_server: LiveServer) -> int:
    with live_server.app.app_context():
        rows = select(func.count()).select_from(InspectionPhoto)
        return db.session.scalar(rows.where(InspectionPhoto.photo.has(original_name="kept.jpg"))) or 0


@pytest.mark.parametrize("keeps", [False], indirect=True)
def test_signed_out_the_photo_stays_and_is_sent_after_the_sign_in(
    at_work: Coordinator, strip: Locator, tmp_path: Path, live_server: LiveServer
) -> None:
    page = at_work.page
    before = strip.locator('[data-state="ok"]').count()
    page.context.clear_cookies()
    strip.get_by_label("相册").set_input_files(_picture(tmp_path, "kept.jpg"))
    tile = strip.locator('[data-state="retry"]')
    expect(tile).to_have_count(1)
    expect(tile.locator("img")).to_be_visible()
    problem = strip.locator("xpath=..").locator(".strip-problem")
    expect(problem).to_contain_text("请先登录")
    expect(problem.get_by_role("link", name="登录")).to_have_attribute("target", "_blank")
    tile.get_by_role("button", name="再试一次").tap()  # too early: nothing is lost
    expect(strip.locator('[data-state="retry"]')).to_have_count(1)
    assert _received(live_server) == 0
    _sign_in(page.context.new_page())
    strip.locator('[data-state="retry"]').get_by_role("button").tap()
    expect(strip.locator('[data-state="ok"]')).to_have_count(before + 1)
    expect(problem).to_be_hidden()
    assert _received(live_server) == 1
    with page.expect_response(lambda r: r.url.endswith("/answer") and r.ok):  # the whole page goes on
        at_work.item("CAT-05").get_by_role("button", name="✓ 符合", exact=True).tap()


@pytest.mark.parametrize("keeps", [False], indirect=True)
def test_signed_in_anew_in_another_tab_the_photo_goes_through_by_itself(
    at_work: Coordinator, strip: Locator, tmp_path: Path, live_server: LiveServer
) -> None:
    before = strip.locator('[data-state="ok"]').count()
    at_work.page.context.clear_cookies()
    _sign_in(at_work.page.context.new_page())
    strip.get_by_label("相册").set_input_files(_picture(tmp_path, "kept.jpg"))
    expect(strip.locator('[data-state="ok"]')).to_have_count(before + 1)
    assert _received(live_server) == 1


def test_what_cannot_be_drawn_stands_there_by_its_name(
    at_work: Coordinator, strip: Locator, tmp_path: Path
) -> None:
    letter = tmp_path / "一封信.jpg"
    letter.write_bytes(b"%PDF-1.7 this is no photo")
    strip.get_by_label("相册").set_input_files(letter)
    tile = strip.locator('[data-state="failed"]')
    expect(tile).to_have_count(1)
    expect(tile.locator(".shot-blank")).to_have_text("一封信.jpg")
    expect(tile.locator("img")).to_have_count(0)


@pytest.mark.parametrize("keeps", [False], indirect=True)
def test_the_first_tap_of_a_browser_that_keeps_nothing_reaches_the_server(at_work: Coordinator) -> None:
    with at_work.page.expect_response(lambda r: r.url.endswith("/answer") and r.ok):
        at_work.item("CAT-05").get_by_role("button", name="✓ 符合", exact=True).tap()
