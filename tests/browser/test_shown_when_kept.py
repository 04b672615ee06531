"""What looks tapped is on the phone's disk: a phone that dies at that moment has it."""

from playwright.sync_api import expect

from tests.fixtures.demo import EATERY
from tests.navigators.coordinator import Coordinator

HOLD = """() => new Promise((held) => {
  indexedDB.open("xuncha").onsuccess = ({ target: { result: db } }) => {
    const changes = db.transaction("changes", "readwrite").objectStore("changes");
    const again = () => { if (!window.release) changes.count().onsuccess = again; };
    changes.count().onsuccess = () => { held(true); again(); };
  };
})"""
FULL = """() => {
  IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };
}"""


def test_an_answer_looks_tapped_when_it_is_kept_and_not_before(coordinator: Coordinator) -> None:
    coordinator.begins("qfxg", EATERY)
    page = coordinator.page
    expect(page.locator("html[data-keeps]")).to_be_attached()
    button = coordinator.item("CAT-01").get_by_role("button", name="✓ 符合", exact=True)
    page.evaluate(HOLD)  # the disk is busy
    button.tap()
    page.wait_for_timeout(300)  # nothing is to happen: there is nothing to wait for
    expect(button).to_have_attribute("aria-pressed", "false")
    page.evaluate("() => { window.release = true }")
    expect(button).to_have_attribute("aria-pressed", "true")


def test_an_answer_that_could_not_be_kept_does_not_look_tapped(coordinator: Coordinator) -> None:
    coordinator.begins("qfxg", EATERY)
    page = coordinator.page
    expect(page.locator("html[data-keeps]")).to_be_attached()
    page.evaluate(FULL)
    button = coordinator.item("CAT-01").get_by_role("button", name="✓ 符合", exact=True)
    button.tap()
    expect(page.get_by_text("手机存储已满").first).to_be_visible()
    expect(button).to_have_attribute("aria-pressed", "false")
