"""Preparing a phone and going where no signal is."""

from typing import Any

from playwright.sync_api import Page, expect

ASK = """async (question) => {
  const { askWorker } = await import("/static/js/offline/worker.js");
  return askWorker(question, 20000);
}"""


class Pack:
    """The page "prepare for offline" of a signed-in phone, and the switch of its line."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def prepares(self) -> str:
        """One tap; gives what the page says afterwards."""
        self.page.goto("/patrol")
        button = self.page.locator("#pack-go")
        expect(button).to_be_enabled()
        button.tap()
        expect(self.page.locator("#live")).to_contain_text("已备好", timeout=60_000)
        return self.page.locator(".pack-state").inner_text()

    def loses_signal(self) -> None:
        self.page.context.set_offline(True)

    def finds_signal(self) -> None:
        self.page.context.set_offline(False)

    def opens(self, path: str, title: str) -> None:
        self.page.goto(path)
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def asks_worker(self, **question: Any) -> dict[str, Any]:
        return self.page.evaluate(ASK, question)  # type: ignore[no-any-return]
