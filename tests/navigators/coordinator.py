"""What a coordinator does, in a coordinator's words. Every tap is counted; typing is not."""

from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from app.core import clock

TAPS_OF_A_CAMERA = 2  # beside the button on the page: choose or release, and confirm


class Noticed(NamedTuple):
    """An issued notice: its number, its page, and the address its owner gets."""

    number: str
    url: str
    public_url: str


class Coordinator:
    """The person behind a signed-in phone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, what: Locator, times: int = 1) -> None:
        """A finger on `what`; raises when it does not exist, is covered or cannot be pressed."""
        self.taps += times
        what.tap() if self.page.viewport_size["width"] < 900 else what.click()  # type: ignore[index]

    # ---- finding the place, starting

    def opens_from_search(self, typed: str, name: str) -> None:
        self.page.goto("/")
        self.tap(self.page.get_by_role("navigation", name="主导航").get_by_role("link", name="场所"))
        field = self.page.get_by_role("searchbox")
        self.tap(field)
        field.press_sequentially(typed)
        self.tap(self.page.get_by_role("link", name=name))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)

    def starts(self) -> str:
        """Begin the visit; gives its address."""
        self.tap(self.page.get_by_role("button", name="开始"))
        self.page.wait_for_url("**/inspections/*")
        return self.page.url

    def begins(self, typed: str, name: str) -> str:
        self.opens_from_search(typed, name)
        return self.starts()

    # ---- one item

    def item(self, code: str) -> Locator:
        return self.page.locator(f"#item-{code}")

    def answers(self, code: str, answer: str) -> None:
        """`answer`: 符合, 不符合 or 不适用. Waits until the server has it."""
        wanted = {"符合": "✓ 符合", "不符合": "✗ 不符合"}.get(answer, answer)
        button = self.item(code).get_by_role("button", name=wanted, exact=True)
        with self.page.expect_response(lambda r: "/sync/changes" in r.url):
            self.tap(button)
        expect(self.item(code).get_by_role("button", name=wanted, exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )

    def says(self, code: str, *phrases: str, note: str = "") -> None:
        """Quick phrases, and a note in own words."""
        for phrase in phrases:
            with self.page.expect_response(lambda r: "/sync/changes" in r.url):
                self.tap(self.item(code).locator("label.chip", has_text=phrase))
        if note:
            field = self.item(code).get_by_label("用自己的话写")
            self.tap(field)
            with self.page.expect_response(lambda r: "/sync/changes" in r.url) as saved:
                field.fill(note)
                field.blur()
            assert saved.value.ok, saved.value.status

    def photographs(self, code: str, *files: Path) -> None:
        """Each photo by itself, until the strip says that the server has it."""
        strip = self.item(code).get_by_role("list", name="这个问题的照片")
        for file in files:
            before = strip.locator('[data-state="ok"]').count()
            with self.page.expect_file_chooser() as chooser:
                self.tap(strip.get_by_label("相册"))
            self.taps += TAPS_OF_A_CAMERA
            chooser.value.set_files(file)
            expect(strip.locator('[data-state="ok"]')).to_have_count(before + 1)
            expect(strip.get_by_text("✓ 已达").last).to_be_visible()

    def finds(self, code: str, phrase: str, *files: Path, note: str = "") -> None:
        """A whole finding: not conforming, what was seen, its photos; the proposed outcome is kept."""
        self.answers(code, "不符合")
        self.says(code, phrase, note=note)
        self.photographs(code, *files)
        expect(self.item(code).get_by_text("✓ 已填全")).to_be_visible()

    def sets_date(self, code: str, day: str) -> None:
        with self.page.expect_response(lambda r: "/sync/changes" in r.url):
            self.item(code).get_by_label("完成日期").fill(day)

    def all_received(self) -> None:
        """Until nothing waits on the phone any more."""
        expect(self.page.locator("#sync[data-known]")).to_contain_text("全部已送达", timeout=30_000)

    # ---- the whole visit

    def rest_conforms(self) -> None:
        self.tap(self.page.get_by_role("button", name="其余符合"))
        expect(self.page.get_by_role("link", name="签字并结束")).to_be_visible()  # measured items may be left

    def takes_the_sweep_back(self) -> None:
        self.tap(self.page.get_by_role("button", name="撤销"))
        expect(self.page.get_by_role("button", name="其余符合")).to_be_visible()

    def draws_signature(self) -> None:
        """One finger on the pad."""
        canvas = self.page.locator("[data-signature][data-ready] canvas").first
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        assert box is not None
        finger = self.page.context.new_cdp_session(self.page)
        begun = clock.now().timestamp() - 1.5

        def touch(kind: str, moment: float, *points: dict[str, float]) -> None:
            finger.send(
                "Input.dispatchTouchEvent",
                {"type": kind, "touchPoints": list(points), "timestamp": begun + moment},
            )

        points = [
            {"x": box["x"] + 30 + 18 * n, "y": box["y"] + box["height"] * (0.3 + 0.4 * (n % 2))}
            for n in range(12)
        ]
        touch("touchStart", 0, points[0])
        for n, point in enumerate(points):
            touch("touchMove", 0.05 * (n + 1), point)
        touch("touchMove", 1.0, points[-1])  # the finger rests: it did not fling the page
        touch("touchEnd", 1.2)
        self.taps += 1
        expect(self.page.locator("[data-signature].is-signed").first).to_be_attached()

    def goes_to_finish(self) -> None:
        self.tap(self.page.get_by_role("link", name="签字并结束"))
        expect(self.page.get_by_role("heading", level=1)).to_have_text("签字并结束")

    def finishes_signed(self) -> None:
        self.goes_to_finish()
        self.draws_signature()
        self.tap(self.page.get_by_role("button", name="结束", exact=True))
        expect(
            self.page.get_by_text("已封存").or_(self.page.get_by_role("link", name="更正"))
        ).to_be_visible()

    def finishes_refused(self, reason: str, witness: str = "") -> None:
        self.goes_to_finish()
        self.tap(self.page.get_by_role("radio", name="没有签字"))
        self.page.get_by_label("没有签字的原因").fill(reason)
        if witness:
            self.page.get_by_label("见证人").fill(witness)
        self.tap(self.page.get_by_role("button", name="结束", exact=True))
        expect(self.page.get_by_role("link", name="更正")).to_be_visible()

    # ---- the notice

    def previews_notice(self) -> None:
        self.tap(self.page.get_by_role("link", name="出整改单"))
        self.tap(self.page.get_by_role("button", name="预览"))
        expect(self.page.get_by_text("还没有出单")).to_be_visible()

    def issues(self) -> Noticed:
        self.tap(self.page.get_by_role("button", name="确认出单"))
        expect(self.page.locator("#code")).to_be_visible()
        return self.notice()

    def notice(self) -> Noticed:
        """The notice whose page is open."""
        address = self.page.locator("#code .break").inner_text().strip()
        return Noticed(self.page.get_by_role("heading", level=1).inner_text().strip(), self.page.url, address)
