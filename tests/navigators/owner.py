"""What the person in charge of a place does with the paper: no account, any phone."""

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
