"""The phone: a real Chromium with a profile of its own, killed like an app that the system throws out."""

import base64
import os
import signal
import stat
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.fixtures.browsers import ALONE, PATIENCE, PHONE
from tests.fixtures.chromium import find_chromium

# What is in the phone's storage, read without any of the product's scripts.
READ = """
async (names) => {
  const db = await new Promise((done, fail) => {
    const request = indexedDB.open("xuncha");
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  try {
    const found = {};
    for (const name of names) {
      const [mode, store] = name.startsWith("#") ? ["count", name.slice(1)] : ["getAll", name];
      found[store] = await new Promise((done, fail) => {
        const request = db.transaction(store).objectStore(store)[mode]();
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
      });
    }
    return found;
  } finally { db.close(); }
}
"""
WRITE = """
async ({ store, record }) => {
  const db = await new Promise((done, fail) => {
    const request = indexedDB.open("xuncha");
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  try {
    await new Promise((done, fail) => {
      const tx = db.transaction(store, "readwrite");
      tx.objectStore(store).put(record);
      tx.oncomplete = done;
      tx.onabort = () => fail(tx.error);
    });
  } finally { db.close(); }
}
"""


class NoBrowser(Exception):
    """There is no Chromium on this machine."""


class Phone:
    """360×740 with fingers; `page` is its one open page."""

    def __init__(self, playwright: Playwright, folder: Path, url: str) -> None:
        self.playwright, self.url = playwright, url
        self.profile, self._pid_file = folder / "profile", folder / "browser.pid"
        self.kills, self.faults = 0, list[str]()
        self._is_offline = False
        self._starter = self._make_starter(folder)
        self.context: BrowserContext
        self.page: Page

    def _make_starter(self, folder: Path) -> Path:
        """A script in front of the browser: Playwright does not say which process it started."""
        chromium = find_chromium()
        if chromium is None:
            raise NoBrowser
        folder.mkdir(parents=True, exist_ok=True)
        starter = folder / "browser.sh"
        starter.write_text(f'#!/bin/sh\necho $$ > "{self._pid_file}"\nexec "{chromium}" "$@"\n')
        starter.chmod(starter.stat().st_mode | stat.S_IXUSR)
        return starter

    def switch_on(self) -> None:
        """Start the browser on the profile as it was left."""
        arguments = [*ALONE, "--hide-crash-restore-bubble"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's sandbox refuses root
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile, executable_path=self._starter, args=arguments, base_url=self.url, **PHONE
        )
        self.context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)  # a busy machine is slow, not wrong
        self.context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self.context.on("console", self._listen)
        self.context.set_offline(self._is_offline)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def _listen(self, line: Any) -> None:
        if "Content Security Policy" in line.text:
            self.faults.append(line.text)

    def kill(self) -> None:
        """SIGKILL for the browser and everything it started: nothing is flushed, nothing is told."""
        self.kills += 1
        os.killpg(int(self._pid_file.read_text()), signal.SIGKILL)
        try:
            self.context.close()
        except Exception:  # noqa: BLE001 - whatever Playwright makes of a browser that is gone
            return

    def switch_off(self) -> None:
        self.context.close()

    def airplane(self, *, on: bool) -> None:
        """The browser's own switch."""
        self._is_offline = on
        self.context.set_offline(on)

    def forgets_session(self) -> None:
        """As after a long day: whoever comes home is signed out."""
        self.context.clear_cookies()

    # ---- what is in it

    def stored(self, *names: str) -> dict[str, Any]:
        """Rows of stores; "#name": how many."""
        return self.page.evaluate(READ, list(names))  # type: ignore[no-any-return]

    def sets(self, key: str, value: Any) -> None:
        """A setting of the phone's storage."""
        self.page.evaluate(WRITE, {"store": "settings", "record": {"key": key, "value": value}})

    def decoded(self, selector: str) -> str:
        """What another phone's camera reads there."""
        import io

        import zxingcpp
        from PIL import Image

        shot = self.page.locator(selector).screenshot()
        codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(shot)).convert("L"))
        return codes[0].text if codes else ""


def png_of(data_url: str) -> bytes:
    """The bytes of a drawing."""
    return base64.b64decode(data_url.partition(",")[2])
