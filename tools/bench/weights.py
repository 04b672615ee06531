"""First load in bytes: everything a browser fetches for a page, as it travels, without its photos."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Request, sync_playwright
from sqlalchemy import select

from app.core.database import db
from app.inspections.models import Inspection, Status
from app.notices.models import Notice
from app.notices.models import Status as Stage
from tests.fixtures.chromium import find_chromium
from tools.bench.places import cookie_of, sign_in
from tools.bench.report import Figure
from tools.bench.visits import COORDINATOR

PHOTOS = r"/(?:small|large|plain|original)\.jpg$|/photos?/"
OWNER, WORK = 14.0, 90.0  # KB of 1024 bytes


@dataclass
class Weight:
    """What was fetched: address and bytes, heads included."""

    parts: dict[str, int] = field(default_factory=dict)
    html: str = ""

    @property
    def kilobytes(self) -> float:
        return sum(self.parts.values()) / 1024

    @property
    def scripts(self) -> int:
        return self.html.count("<script") + sum(path.endswith(".js") for path in self.parts)


def addresses(app: Flask) -> dict[str, str]:
    """The pages of the main job on the demo county, by name."""
    with app.app_context():
        visit = db.session.scalars(
            select(Inspection).where(Inspection.status == Status.OPEN).order_by(Inspection.started_at)
        ).first()
        notice = db.session.scalars(select(Notice).where(Notice.status == Stage.ISSUED)).first()
        assert visit is not None
        assert notice is not None
        return {
            "start page": "/",
            "premises list": "/premises",
            "premises page": f"/premises/{visit.premises_id}",
            "inspection": f"/inspections/{visit.id}",
            "notice": f"/notices/{notice.id}",
            "photo log": "/photo-log",
            "owner": f"/n/{notice.token}",
        }


def measure(app: Flask, port: int) -> list[Figure]:
    """The owner's page, and the heaviest page of the coordinator's."""
    pages = addresses(app)
    owner = weigh(port, pages["owner"])
    client = sign_in(app, COORDINATOR)
    client.get("/")
    cookie = cookie_of(app, client)
    names = ("start page", "premises list", "premises page", "inspection", "notice")
    work = {name: weigh(port, pages[name], cookie) for name in names}
    heaviest = max(work, key=lambda name: work[name].kilobytes)
    listed = ", ".join(f"{name} {work[name].kilobytes:.0f}" for name in names)
    return [
        Figure.at_most(
            "owner's page, first load without photos", owner.kilobytes, OWNER, "KB", _parts(owner)
        ),
        Figure.at_most("owner's page, scripts", owner.scripts, 0, ""),
        Figure.at_most(
            f"coordinator's pages, first load with everything: the heaviest ({heaviest})",
            work[heaviest].kilobytes,
            WORK,
            "KB",
            listed,
        ),
    ]


def _parts(weight: Weight) -> str:
    return ", ".join(
        f"{path.rsplit('/', 1)[-1] or 'page'} {size / 1024:.1f}" for path, size in weight.parts.items()
    )


def weigh(port: int, path: str, cookie: str = "") -> Weight:
    """Open a page in Chromium with nothing kept, and add up what travelled: heads and bodies, without photos.

    The service worker is left out: what it fetches for later comes after the page is there.
    """
    found = Weight()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(service_workers="block", viewport={"width": 360, "height": 740})
        base = f"http://127.0.0.1:{port}"
        if cookie:
            name, value = cookie.split("=", 1)
            context.add_cookies([{"name": name, "value": value, "url": base}])
        page = context.new_page()
        finished: list[Request] = []
        page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108 - it wants a Python function
        page.goto(base + path, wait_until="networkidle")
        for request in finished:
            address = urlsplit(request.url).path
            if re.search(PHOTOS, address):
                continue
            sizes = request.sizes()
            key = "page" if address == path else address
            found.parts[key] = found.parts.get(key, 0) + sizes["responseHeadersSize"] + sizes["responseBodySize"]
        found.html = page.content()
        browser.close()
    return found
