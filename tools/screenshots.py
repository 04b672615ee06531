"""`python -m tools.screenshots [--language en] [--out folder]`: phone-size pictures of the pages, for the README.

Starts the app on a temporary installation with the invented county and looks at it with a real Chromium.
"""

import argparse
import io
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from app import create_app
from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.settings import project_root
from app.demo.data import PASSWORD
from app.inspections.models import Inspection, Status
from app.notices.models import Notice
from app.sampling.models import Sample
from app.signals.models import Signal
from app.signals.rules import Kind
from tests.fixtures.browsers import ALONE, PHONE
from tests.fixtures.chromium import find_chromium
from tests.fixtures.databases import settings_for
from tests.fixtures.demo import seed_folder

LARGEST = 250_000  # bytes of a picture
PORT = 8765


@dataclass(frozen=True)
class Shot:
    """One picture: who looks (None: nobody signed in), at what, and what is brought into view first."""

    name: str
    login: str | None
    path: Callable[[], str]
    top: str = ""  # a selector that stands right below the bar


SHOTS = (
    Shot("start", "xieguan", lambda: "/"),
    Shot("inspection", "xieguan", lambda: f"/inspections/{_open_visit()}", "#item-CAT-07"),
    Shot("notice-owner", None, lambda: f"/n/{_notice_with_photos()}"),
    Shot("photo-log", "jiandu", lambda: "/photo-log"),
    Shot("desk", "jiandu", lambda: "/photo-log/desk"),
    Shot("signal", "jiandu", lambda: f"/signals/{_far_signal()}"),
    Shot("sample", "jiandu", lambda: f"/sampling/{_sample()}"),
    Shot("day", "jiandu", lambda: f"/photo-log/people/{_longest_day()}"),
)


def main() -> int:
    options = _options()
    chromium = find_chromium()
    if chromium is None:
        print("screenshots: no Chromium here; tools/ensure_chromium.sh says how to get one", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = _serve(Path(folder))
        with sync_playwright() as playwright:
            arguments = [*ALONE, "--no-sandbox"] if os.geteuid() == 0 else [*ALONE]
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            for shot in SHOTS:
                context = browser.new_context(base_url=f"http://localhost:{PORT}", **PHONE)
                target = options.out / f"{shot.name}.png"
                _save(_take(app, context, shot, options.language), target)
                context.close()
                print(f"written: {target} ({target.stat().st_size / 1000:.0f} KB)")
            browser.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make screenshots")
    parser.add_argument("--language", choices=["zh_Hans_CN", "en"], default="zh_Hans_CN")
    parser.add_argument("--out", type=Path, default=project_root() / "docs" / "screenshots")
    return parser.parse_args()


def _serve(folder: Path) -> Flask:
    seed_folder(folder)
    public = f"http://localhost:{PORT}"
    app = create_app(settings_for(folder, f"sqlite:///{folder / 'xuncha.db'}", public_url=public))
    server = make_server("127.0.0.1", PORT, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return app


def _take(app: Flask, context: BrowserContext, shot: Shot, language: str) -> bytes:
    context.add_cookies([{"name": "lang", "value": language, "domain": "localhost", "path": "/"}])
    page = context.new_page()
    if shot.login:
        _sign_in(page, shot.login)
    with app.app_context():
        path = shot.path()
    page.goto(path + ("?lang=en" if language == "en" and path.startswith("/n/") else ""))
    page.wait_for_load_state("networkidle")
    if shot.top:
        page.evaluate(
            "top => { const bar = document.querySelector('header.top').getBoundingClientRect().bottom;"
            "scrollBy(0, document.querySelector(top).getBoundingClientRect().top - bar - 12) }",
            shot.top,
        )
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "[...document.images].every((image) => image.loading === 'lazy' || image.complete)"
    )
    return page.screenshot()


def _sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button.btn-wide").tap()
    page.wait_for_url("http://localhost:*/")


def _save(picture: bytes, target: Path) -> None:
    """A PNG with as many colours as fit into LARGEST bytes."""
    image: Any = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64):
        image.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= LARGEST:
            return


def _open_visit() -> str:
    return str(db.session.scalars(select(Inspection.id).where(Inspection.status == Status.OPEN)).first())


def _far_signal() -> str:
    """A photo and the place it is compared with: the two things of a signal."""
    return str(db.session.scalars(select(Signal.id).where(Signal.kind == Kind.FAR)).first())


def _sample() -> str:
    return str(db.session.scalars(select(Sample.id)).first())


def _longest_day() -> str:
    """The day of one person with the most visits."""
    days = Counter(
        (visit.lead_id, clock.local(visit.started_at).date())
        for visit in db.session.scalars(select(Inspection))
    )
    (person_id, day), _count = max(days.items(), key=lambda one: (one[1], one[0][1]))
    return f"{person_id}?on={day.isoformat()}"


def _notice_with_photos() -> str:
    """A notice whose date is still to come, the one with most to read."""
    by = select(Person.id).where(Person.login == "xieguan")
    rows = db.session.scalars(select(Notice).where(Notice.issued_by_id.in_(by), Notice.due_on.is_not(None)))
    return max(rows, key=lambda notice: (notice.due_on, len(notice.content["findings"]))).token


if __name__ == "__main__":
    sys.exit(main())
