"""At a re-inspection without signal the photo of then lies half transparent over the live picture of the camera."""

from collections.abc import Iterator

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
