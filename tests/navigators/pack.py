"""Preparing a phone and going where no signal is."""

from typing import Any

from playwright.sync_api import Page, expect

ASK = """async (question) => {
  const { askWorker } = await import("/static/js/offline/worker.js");
  return askWorker(question, 20000);
}"""


STORE = """async ([store, rows, gone]) => {
  const db = await new Promise((done) => {
    indexedDB.open("xuncha").onsuccess = ({ target }) => done(target.result);
  });
  const tx = db.transaction(store, "readwrite");
  for (const row of rows) tx.objectStore(store).put(row);
  for (const key of gone) tx.objectStore(store).delete(key);
  const all = await new Promise((done) => {
    tx.objectStore(store).getAll().onsuccess = ({ target }) => done(target.result);
  });
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
  return all;
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

    def looks_at(self, path: str) -> None:
        """Open a page with a signal, until the phone has kept it."""
        self.page.goto(path)
        while not self.page.evaluate("async (path) => Boolean(await caches.match(path, { ignoreVary: true }))", path):
            self.page.wait_for_timeout(100)

    def asks_worker(self, **question: Any) -> dict[str, Any]:
        return self.page.evaluate(ASK, question)  # type: ignore[no-any-return]

    def kept_pages(self) -> list[str]:
        """The names of the caches that hold somebody's pages."""
        names = self.page.evaluate("async () => await caches.keys()")
        return [name for name in names if name.startswith("xuncha-pages-")]

    def stored(self, store: str) -> list[dict[str, Any]]:
        """The rows of a store of this phone."""
        return self.page.evaluate(STORE, [store, [], []])  # type: ignore[no-any-return]

    def loses(self, store: str, *keys: str) -> None:
        """As if the browser had thrown them away."""
        self.page.evaluate(STORE, [store, [], keys])

    def says(self, key: str) -> dict[str, Any]:
        """What the pack holds under `key`: "meta" what it is, "seen" when the server was asked last."""
        return next(row for row in self.stored("pack") if row["key"] == key)

    def remembers(self, key: str, **changes: Any) -> None:
        """Put words into the pack's mouth."""
        self.page.evaluate(STORE, ["pack", [self.says(key) | changes], []])
