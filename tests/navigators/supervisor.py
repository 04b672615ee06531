"""What a supervisor does with the photo log, in a supervisor's words."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


class Supervisor:
    """The person behind a signed-in phone or desk."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def wall(self) -> Locator:
        return self.page.get_by_role("list", name="照片，最新在前")

    @property
    def photos(self) -> Locator:
        return self.wall.locator(".wall-photo")

    def opens_the_log(self, query: str = "") -> None:
        self.page.goto(f"/photo-log{query}")
        expect(self.photos.first).to_be_visible()

    def sees_pictures(self) -> None:
        """The pictures of the first screen are really there."""
        picture = self.photos.first.locator("img")
        expect(picture).to_be_in_viewport()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0

    def chooses(self, chip: str) -> None:
        self.page.get_by_role("navigation", name="筛选").or_(self.page.locator("nav.chips")).get_by_role(
            "link", name=chip
        ).first.click()

    def opens(self, number: int = 0) -> str:
        """A photo of the wall, large; gives its address."""
        self.photos.nth(number).get_by_role("link").click()
        self.page.wait_for_url("**/photo-log/*")
        return self.page.url

    def presses(self, key: str) -> str:
        """A key on the page of a photo, until another one is shown."""
        expect(self.page.locator("html")).to_have_attribute("data-scripts", "ready")
        before = self.page.url
        self.page.keyboard.press(key)
        self.page.wait_for_url(lambda url: url != before)
        return self.page.url

    def sends_back(self, remark: str) -> None:
        self.page.get_by_text("退回并写明意见").click()
        self.page.get_by_label("需要协管员做什么").or_(self.page.get_by_role("textbox")).first.fill(remark)
        before = self.page.url
        self.page.get_by_role("button", name="退回", exact=True).click()
        self.page.wait_for_url(lambda url: url != before)

    def exports(self, numbers: Sequence[int], target: Path) -> Path:
        """The chosen photos of the wall as a ZIP."""
        self.page.get_by_role("link", name="选择并导出").click()
        for number in numbers:
            self.photos.nth(number).get_by_role("checkbox").check(force=True)
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="导出所选").click()
        download.value.save_as(target)
        return target
