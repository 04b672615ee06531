"""The supervisor looks at the photos: on a desk by keys, on a phone by swipe."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.core.database import db
from app.core.roles import Role
from app.inspections.models import InspectionPhoto, Review
from app.photos.models import Photo
from tests.fixtures.browsers import DESK, LiveServer
from tests.navigators.supervisor import Supervisor


@pytest.fixture
def at_desk(page_as: Callable[..., Page]) -> Supervisor:
    return Supervisor(page_as(Role.SUPERVISOR, **DESK))


def _reviewed(live_server: LiveServer, review: Review) -> int:
    with live_server.app.app_context():
        rows = select(func.count()).select_from(InspectionPhoto).where(InspectionPhoto.review == review)
        return db.session.scalar(rows) or 0


def _key_of(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]


@pytest.mark.parametrize("place", ["desk", "phone"])
def test_photos_are_there_at_once(supervisor: Supervisor, at_desk: Supervisor, place: str) -> None:
    looker = at_desk if place == "desk" else supervisor
    looker.opens_the_log()
    looker.sees_pictures()
    width = looker.page.viewport_size
    assert width is not None
    assert looker.page.evaluate("document.documentElement.scrollWidth") <= width["width"]


def test_the_wall_is_narrowed_and_widened_again(at_desk: Supervisor) -> None:
    at_desk.opens_the_log()
    everything = at_desk.photos.count()
    at_desk.chooses("消防")
    at_desk.page.wait_for_url("**domain=fire**")
    some = at_desk.photos.count()
    assert 0 < some < everything
    at_desk.chooses("消防")
    at_desk.page.wait_for_url(lambda url: "domain=fire" not in url)
    assert at_desk.photos.count() == everything


def test_from_photo_to_photo_by_keys(at_desk: Supervisor, live_server: LiveServer) -> None:
    at_desk.opens_the_log("?review=waiting")
    first = at_desk.opens(0)
    second = at_desk.presses("ArrowRight")
    assert _key_of(second) != _key_of(first)
    assert _key_of(at_desk.presses("ArrowLeft")) == _key_of(first)
    before = _reviewed(live_server, Review.REVIEWED)
    third = at_desk.presses("Space")
    assert _key_of(third) == _key_of(second), "after a review comes the next photo"
    assert _reviewed(live_server, Review.REVIEWED) == before + 1


def test_a_photo_is_reviewed_by_the_thumb(supervisor: Supervisor, live_server: LiveServer) -> None:
    supervisor.opens_the_log("?review=waiting")
    supervisor.opens(0)
    before, url = _reviewed(live_server, Review.REVIEWED), supervisor.page.url
    supervisor.page.get_by_role("button", name="已审").tap()
    supervisor.page.wait_for_url(lambda now: now != url)
    assert _reviewed(live_server, Review.REVIEWED) == before + 1


def test_a_swipe_leads_to_the_next_photo(supervisor: Supervisor) -> None:
    supervisor.opens_the_log()
    first = supervisor.opens(0)
    picture = supervisor.page.locator("[data-swipe]")
    expect(supervisor.page.locator("html")).to_have_attribute("data-scripts", "ready")
    box = picture.bounding_box()
    assert box is not None
    finger = supervisor.page.context.new_cdp_session(supervisor.page)
    height = box["y"] + box["height"] / 2
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 300, "y": height}]})
    for x in (240, 160, 80):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": height}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    supervisor.page.wait_for_url(lambda url: _key_of(url) != _key_of(first))


def test_a_remark_reaches_the_one_who_took_the_photo(
    at_desk: Supervisor, page_as: Callable[..., Page], live_server: LiveServer
) -> None:
    at_desk.opens_the_log()
    key = _key_of(at_desk.opens(0))
    with live_server.app.app_context():
        photo = db.session.scalars(select(InspectionPhoto).where(InspectionPhoto.photo_id.is_not(None))).all()
        taker = next(row.inspector for row in photo if key.replace("-", "") == row.photo_id.hex)
        db.session.expunge(taker)
    at_desk.sends_back("请补拍整个后厨")
    coordinator = page_as(person=taker)
    coordinator.goto("/")
    expect(coordinator.get_by_text("请补拍整个后厨")).to_be_visible()


def test_an_export_holds_the_untouched_originals(
    at_desk: Supervisor, tmp_path: Path, live_server: LiveServer
) -> None:
    at_desk.opens_the_log()
    archive = zipfile.ZipFile(at_desk.exports([0, 2, 3], tmp_path / "photos.zip"))
    assert archive.testzip() is None
    table = archive.read("manifest.csv").decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(table)))
    assert len(lines) == 3
    with live_server.app.app_context():
        known = set(db.session.scalars(select(Photo.sha256)))
    for line in lines:
        digest = hashlib.sha256(archive.read(line["文件"])).hexdigest()
        assert digest == line["SHA-256"] and digest in known
    sums = archive.read("SHA256SUMS").decode().split()
    assert {line["SHA-256"] for line in lines} <= set(sums)
