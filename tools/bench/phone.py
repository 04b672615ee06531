"""The phone itself, in a real Chromium with its storage on the disk: how long a tap takes, and what photos cost."""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from flask import Flask
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.fixtures.browsers import ALONE, PHONE
from tests.fixtures.chromium import find_chromium
from tools.bench import pictures
from tools.bench.places import cookie_of, sign_in
from tools.bench.report import Figure
from tools.bench.serving import Memory, private, workers_of
from tools.bench.visits import COORDINATOR, OURS, coordinator, restaurants

PLACES, TAPS, PHOTOS = 300, 60, 20
SLOWER = 4  # times: about a cheap phone beside this machine, as Lighthouse reckons
LATE, LARGE = 100, 300  # ms, MB
PATIENCE = 120_000  # ms
READ = """async ({store, how, key}) => {
  const opening = indexedDB.open("xuncha");
  const db = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
  const request = db.transaction(store).objectStore(store)[how](key);
  const found = await new Promise((done) => { request.onsuccess = () => done(request.result); });
  db.close();
  return found;
}"""
# some of what was tapped has left the phone
SENT = """async (visit) => new Promise((done) => {
  const request = window.opened.transaction("changes").objectStore("changes").index("visit").getAll(visit);
  request.onsuccess = () => done(request.result.some((one) => one.kind === "answer" && one.state === "sent"));
})"""
# the moment of the touch; the frame in which the card shows the answer; another reader finds it in the storage
ARM = """async ({visit, item, value}) => {
  window.durabilities ??= new Set();
  if (!window.opened) {
    const opening = indexedDB.open("xuncha");
    window.opened = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
      const tx = begin.call(this, stores, mode, ...rest);
      if (mode === "readwrite" && [stores].flat().includes("changes")) window.durabilities.add(tx.durability);
      return tx;
    };
  }
  const buttons = document.querySelectorAll(`article[data-item="${item}"] form[data-records=answer] [aria-pressed]`);
  const button = [...buttons].find((one) => one.value === value);
  const isShown = () => button.getAttribute("aria-pressed") === "true";
  const stored = () => new Promise((done) => {
    const request = window.opened.transaction("changes").objectStore("changes").index("visit").getAll(visit);
    request.onsuccess = () => done(request.result.some((one) => one.item_id === item && one.fields.result === value));
  });
  if (isShown()) throw new Error("it stands there already");
  window.tapped = new Promise((done) => {
    const observer = new MutationObserver(() => {
      if (!isShown()) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(async () => {
        const shown = performance.now();
        done({ kept: await stored(), ms: Math.max(shown, performance.now()) - window.touched });
      }));
    });
    observer.observe(button, { attributes: true });
    window.addEventListener("click", (event) => { window.touched = event.timeStamp; }, { capture: true, once: true });
  });
  button.scrollIntoView({ block: "center" });
}"""


def measure(app: Flask, folder: Path, port: int, *, quick: bool) -> list[Figure]:
    """A prepared phone taps its way through a restaurant, without and with signal, then takes its photos without.

    `app` works on the data the server at `port` serves.
    """
    places, taps, photos = (30, 6, 3) if quick else (PLACES, TAPS, PHOTOS)
    found = restaurants(app, places)
    profile = folder / "phone"
    with _switched_on(app, profile, port) as page:
        _prepares(page, app, places)
        page.context.set_offline(True)
        place = next(one for one in found if one.name.startswith(OURS))  # nobody has begun a visit there
        visit = _begins(page, str(place.id))
        items = [str(item.id) for item in place.items]
        times = _taps(page, visit, items, taps)
        slow = _slow_taps(page, visit, items, max(3, taps // 3))
    with _switched_on(app, profile, port) as page:  # again, so that the taps above cost no memory
        page.context.set_offline(True)
        _opens(page, visit)
        memory = _memory(page, folder, profile, photos)
    return [*_tap_figures(times, slow, places), memory]


# ---- the phone


@contextmanager
def _switched_on(app: Flask, profile: Path, port: int) -> Iterator[Page]:
    """Signed in. Its profile lies on the disk: in a private window nothing that is stored would be durable."""
    client = sign_in(app, COORDINATOR)
    client.get("/")
    name, value = cookie_of(app, client).split("=", 1)
    arguments = [*ALONE, "--no-sandbox"] if os.geteuid() == 0 else [*ALONE]  # Chromium's sandbox refuses root
    url, options = f"http://127.0.0.1:{port}", cast("Any", PHONE)
    with sync_playwright() as playwright:
        context: BrowserContext = playwright.chromium.launch_persistent_context(
            profile, executable_path=find_chromium(), args=arguments, base_url=url, **options
        )
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": name, "value": value, "url": url}])
        yield context.pages[0] if context.pages else context.new_page()
        context.close()


def _prepares(page: Page, app: Flask, places: int) -> None:
    """Take the township along, as the page "prepare for offline" does it."""
    with coordinator(app) as person:
        code = person.region.code
    page.goto("/patrol")
    # the choice that the server proposes is there
    page.wait_for_function("() => document.getElementById('pack-together').textContent !== ''")
    with page.expect_response(
        lambda answer: "/patrol/pack.json" in answer.url and f"area={code}&" in answer.url
    ):
        page.locator("#pack-area").select_option(value=code)
    page.wait_for_timeout(500)  # the page takes the answer in
    page.locator("#pack-go:not([disabled])").tap()
    page.wait_for_function("() => document.getElementById('live').textContent !== ''")
    kept = _stored(page, "premises", "count")
    if kept < places or _stored(page, "pack", "get", "meta") is None:
        raise RuntimeError(f"{kept} places are on the phone instead of {places}")


def _begins(page: Page, premises_id: str) -> str:
    """Open the place from the pack and begin there; gives the visit's id."""
    page.goto(f"/premises/{premises_id}")
    page.locator("form[data-begins] button").tap()
    page.wait_for_url("**/inspections/*")
    _is_shown(page)
    return page.url.rsplit("/", 1)[1]


def _opens(page: Page, visit: str) -> None:
    page.goto(f"/inspections/{visit}")
    _is_shown(page)


def _is_shown(page: Page) -> None:
    page.locator("html[data-scripts=ready]").wait_for()
    page.locator("article[data-item]").first.wait_for()


def _stored(page: Page, store: str, how: str, key: Any = None) -> Any:
    """What lies in the phone's storage: `how` is a method of IDBObjectStore."""
    return page.evaluate(READ, {"store": store, "how": how, "key": key})


# ---- taps


def _taps(page: Page, visit: str, items: list[str], count: int) -> dict[str, list[float]]:
    """Milliseconds of each tap: the first half without signal, the rest while the outbox sends."""
    times: dict[str, list[float]] = {"without signal": [], "while sending": []}
    for number in range(count):
        if number == count // 2:
            page.context.set_offline(False)
        half = "without signal" if number < count // 2 else "while sending"
        times[half].append(_tap(page, visit, items, number))
    page.wait_for_function(SENT, arg=visit)
    page.context.set_offline(True)
    if page.evaluate("[...window.durabilities]") != ["strict"]:
        raise RuntimeError("a tap was stored without waiting for the disk")
    return times


def _slow_taps(page: Page, visit: str, items: list[str], count: int) -> list[float]:
    """The same on a processor made slower, without signal."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    times = [_tap(page, visit, items[::-1], number, "not_applicable") for number in range(count)]
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return times


def _tap(page: Page, visit: str, items: list[str], number: int, value: str = "") -> float:
    """From the touch until the card shows the answer and it is on the disk. Raises when the card was quicker."""
    again, place = divmod(number, len(items))
    value = value or ("not_applicable" if again else "does_not" if place % 8 == 3 else "conforms")
    item = items[place]
    page.evaluate(ARM, {"visit": visit, "item": item, "value": value})
    page.wait_for_timeout(100)  # as a person, who reads first
    page.locator(f'article[data-item="{item}"] form[data-records=answer] [value="{value}"]').tap()
    told = page.evaluate("window.tapped")
    if not told["kept"]:
        raise RuntimeError("the card showed an answer that was not stored")
    return float(told["ms"])


def _tap_figures(times: dict[str, list[float]], slow: list[float], places: int) -> list[Figure]:
    every = [one for some in times.values() for one in some]
    told = ", ".join(f"{name} {_p95(some):.0f} ms" for name, some in times.items())
    note = f"median {statistics.median(every):.0f} ms; p95 {told}; {len(every)} taps, storage on the disk"
    name = f"a tap confirmed on the phone and on its disk, p95, {places} places in the pack"
    slower = f"median {statistics.median(slow):.0f} ms; {len(slow)} taps without signal"
    return [
        Figure.at_most(name, _p95(every), LATE, "ms", note),
        Figure.to_know(f"the same with the processor {SLOWER} times slower", _p95(slow), "ms", slower),
    ]


def _p95(times: list[float]) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]


# ---- photos


def _memory(page: Page, folder: Path, profile: Path, count: int) -> Figure:
    """Photos are chosen all at once from the gallery, without signal, until each has its hash and its small picture."""
    whole = pictures.twelve_megapixels()
    files = [folder / f"IMG_{number:04}.jpg" for number in range(count)]
    for file in files:
        file.write_bytes(pictures.another(whole))
    page.wait_for_timeout(2000)  # what opening the page took is given back
    browser, renderers = _processes(profile)
    strip = page.locator("article.item-bad form[data-purpose=finding]").first
    with (
        Memory(renderers, private) as own,
        Memory(renderers) as resident,
        Memory([browser], private) as shell,
    ):
        strip.locator("input[type=file]:not([capture])").set_input_files(files)
        while _stored(page, "thumbs", "count") < count:
            page.wait_for_timeout(200)
        page.wait_for_timeout(10_000)
        waiting_with = own.now
    waiting = [
        one for one in _stored(page, "photos", "getAll") if one["state"] == "waiting" and one["sha256"]
    ]
    if len(waiting) != count or any(one["size"] < len(whole) for one in waiting):
        raise RuntimeError(f"{len(waiting)} of {count} photos wait whole on the phone")
    note = (
        "the page's process (renderer) without the browser's code from files, at its highest; "
        f"{_mb(own.before)} before the first photo, {_mb(waiting_with)} ten seconds after the last; "
        f"resident with the code: {_mb(resident.before)}, at most {_mb(resident.peak)}; "
        f"the browser's main process without code: {_mb(shell.before)}, at most {_mb(shell.peak)}; "
        f"{_mb(count * len(whole))} of photos"
    )
    name = f"memory of the page while {count} photos of 12 megapixels are taken in and wait, without signal"
    return Figure.at_most(name, own.peak / 1e6, LARGE, "MB", note)


def _mb(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _processes(profile: Path) -> tuple[int, list[int]]:
    """The browser that runs on `profile`, and its renderers: one of them is the page's."""
    mark = f"--user-data-dir={profile}"
    for place in Path("/proc").glob("[0-9]*"):
        said = _command(int(place.name))
        if mark in said and not any(word.startswith("--type=") for word in said):
            pid = int(place.name)
            below = [one for one in workers_of(pid) if "--type=renderer" in _command(one)]
            if below:
                return pid, below
    raise RuntimeError("memory is only measured where /proc tells of processes")


def _command(pid: int) -> list[str]:
    try:
        said = Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return []
    return said.replace("\0", " ").split(" ")
