"""What the person in charge of a place does with the paper: no account, any phone."""

from pathlib import Path

from playwright.sync_api import Page, expect


class Owner:
    """Somebody with a phone and a paper."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def scans(self, public_url: str) -> None:
        self.page.goto(public_url)

    def reads(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    def says_received(self) -> None:
        self.page.get_by_role("button", name="我已收到").tap()
        expect(self.page.get_by_text("收到").first).to_be_visible()
        expect(self.page.get_by_role("button", name="我已收到")).to_have_count(0)

    def switches_to_english(self) -> None:
        self.page.get_by_role("link", name="English").tap()
        expect(self.page.locator("html")).to_have_attribute("lang", "en")

    def switches_to_chinese(self) -> None:
        self.page.get_by_role("link", name="中文").tap()
        expect(self.page.locator("html")).to_have_attribute("lang", "zh-Hans-CN")

    def opens_pdf(self) -> bytes:
        """The paper's bytes, fetched as the phone would."""
        href = self.page.get_by_role("link", name="PDF").get_attribute("href")
        assert href
        answer = self.page.request.get(href)
        assert answer.ok, answer.status
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()

    def answers(self, place: int, what: str) -> None:
        """Open the form below a point: 改好了, 到期改不完 or 有不同意见."""
        self.page.locator(f"#point-{place} .acts a", has_text=what).tap()

    def types_digits(self, digits: str) -> None:
        self.page.locator("#digits").fill(digits)
        self.page.locator("form .btn").tap()
        self.page.wait_for_load_state()

    def adds_photos(self, *photos: Path) -> None:
        """Choose them and wait until the server has each."""
        expect(self.page.locator("html[data-scripts=ready]")).to_be_attached()
        self.page.locator("#photos").set_input_files(list(photos))
        expect(self.page.locator(".shots span", has_text="✓")).to_have_count(len(photos))

    def sends(self) -> None:
        self.page.get_by_role("button", name="发出").tap()
        self.page.wait_for_url("**/replies/**")
