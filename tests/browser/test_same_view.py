"""At a re-inspection without signal the photo of then lies half transparent over the live picture of the camera."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.core.database import db
from app.core.roles import Role
from app.notices.models import Notice
from tests.factories.visits import noticed
from tests.fixtures.browsers import PHONE, LiveServer, launch
from tests.fixtures.demo import EATERY
from tests.fixtures.signing_in import SignIn
from tests.navigators.pack import Pack

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
RUNNING = """(video) => video.videoWidth
  ? null : new Promise((done) => { video.addEventListener("loadeddata", () => done(null), { once: true }); })"""
BRIGHTNESS = """(video) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [8, 8];
  canvas.getContext("2d").drawImage(video, 0, 0, 8, 8);
  return canvas.getContext("2d").getImageData(0, 0, 8, 8).data.reduce((sum, one) => sum + one, 0);
}"""
WATCHED = """() => navigator.serviceWorker.controller
  ? null : new Promise((done) => { navigator.serviceWorker.oncontrollerchange = () => done(null); })"""
KEPT = """async (address) => {
  for (let turn = 0; turn < 200 && !(await caches.match(address)); turn += 1) {
    await new Promise((done) => { setTimeout(done, 50); });
  }
}"""


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer, sign_in: SignIn) -> Iterator[Page]:
    """A phone with a camera, as Chromium invents one."""
    chromium = launch(browser.browser_type, *CAMERA)
    context = chromium.new_context(base_url=live_server.url, permissions=["camera"], **PHONE)  # type: ignore[arg-type]
    cookie = sign_in.cookie(Role.COORDINATOR)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}])
    yield context.new_page()
    chromium.close()


def test_the_photo_of_then_lies_over_the_camera_without_signal_and_stands_beside_the_new_one(
    app: Flask, phone: Page
) -> None:
    notice, pack = noticed(app, EATERY, ("CAT-10", "冰箱 9 度")), Pack(phone)
    with app.app_context():
        place = db.session.get_one(Notice, notice.id).premises_id
    pack.prepares()
    pack.loses_signal()
    pack.opens(f"/premises/{place}", EATERY)
    phone.get_by_role("button", name="去回访").tap()
    phone.wait_for_url("**/inspections/*")
    item = phone.locator("#item-CAT-10")
    item.get_by_role("button", name="对着当时的照片拍").tap()
    view = phone.locator("#same-view")
    expect(view).to_be_visible()
    view.locator("video").evaluate(RUNNING)
    assert view.locator("video").evaluate(BRIGHTNESS) > 0
    then = view.locator("img")
    assert then.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    view.get_by_label("当时的照片露出多少").fill("80")
    assert then.evaluate("image => image.style.opacity") == "0.8"
    view.get_by_role("button", name="拍照").tap()
    expect(view).to_be_hidden()
    expect(item.locator(".compare-photos img")).to_have_count(2)
    assert phone.locator("#same-view video").evaluate("video => video.srcObject") is None  # the camera is let go
    phone.context.clear_permissions()
    phone.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('not allowed')); }")
    item.get_by_role("button", name="对着当时的照片拍").tap()
    expect(item.get_by_text("左右并排")).to_be_visible()
    expect(view).to_be_hidden()


def test_begun_with_a_signal_the_photo_of_then_stays_when_the_page_is_loaded_again_without_one(
    app: Flask, page_as: Callable[..., Page]
) -> None:
    page = page_as(Role.COORDINATOR)
    notice, pack = noticed(app, EATERY, ("CAT-10", "冰箱 9 度")), Pack(page)
    with app.app_context():
        place = db.session.get_one(Notice, notice.id).premises_id
    page.goto("/me")
    page.evaluate(WATCHED)  # but never prepared
    page.goto(f"/premises/{place}")
    page.get_by_role("button", name="去回访").tap()
    page.wait_for_url("**/inspections/*")
    then = page.locator("#item-CAT-10 [data-then] img").first
    address = then.evaluate("image => image.src")
    page.evaluate(KEPT, address)
    pack.loses_signal()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-offline", "page")
    then.scroll_into_view_if_needed()
    assert then.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    pack.finds_signal()
    pack.asks_worker(ask="forget")  # as when somebody signs out
    assert not page.evaluate("async (address) => Boolean(await caches.match(address))", address)
