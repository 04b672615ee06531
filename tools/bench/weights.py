"""First load in bytes: everything a browser fetches for a page, as it travels, without its photos."""

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.inspections.models import Inspection, Status
from app.notices.models import Notice
from app.notices.models import Status as Stage
from tools.bench import load
from tools.bench.places import cookie_of, sign_in
from tools.bench.report import Figure
from tools.bench.visits import COORDINATOR

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
    """Fetch a page and what it names: styles, scripts with their imports, icons."""
    found = Weight()
    connection = load.Connection(port)
    html = _fetch(connection, port, path, cookie, found, name="page")
    found.html = _decoded(*html)
    shown = re.sub(r"<noscript>.*?</noscript>", "", found.html, flags=re.DOTALL)
    waiting = [urljoin(path, address) for address in _named(shown)]
    while waiting:
        address = waiting.pop().split("#")[0]
        if urlsplit(address).path in found.parts:
            continue
        head, body = _fetch(connection, port, address, cookie, found)
        if ".js" in address:
            imported = re.findall(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", _decoded(head, body))
            waiting += [urljoin(address, name) for name in imported]
    connection.close()
    return found


def _named(html: str) -> list[str]:
    links = re.findall(r'<link\b[^>]*rel="(?:stylesheet|icon|manifest|modulepreload)"[^>]*>', html)
    named = [match.group(1) for link in links if (match := re.search(r'href="([^"]+)"', link))]
    named += re.findall(r'<script\b[^>]*src="([^"]+)"', html)
    named += re.findall(r'<use href="([^"#]+)', html)
    return [address.replace("&amp;", "&") for address in dict.fromkeys(named)]


def _fetch(
    connection: load.Connection, port: int, path: str, cookie: str, found: Weight, name: str = ""
) -> tuple[bytes, bytes]:
    headers = {"Accept-Encoding": "gzip, deflate, br"} | ({"Cookie": cookie} if cookie else {})
    status, head, body = connection.ask(load.request("GET", path, host=f"127.0.0.1:{port}", headers=headers))
    if status != 200:
        raise RuntimeError(f"{path}: {status}")
    found.parts[name or urlsplit(path).path] = len(head) + len(body)
    return head, body


def _decoded(head: bytes, body: bytes) -> str:
    low = head.lower()
    if b"content-encoding: br" in low:
        import brotli

        return str(brotli.decompress(body).decode())
    if b"content-encoding: gzip" in low:
        import gzip

        return gzip.decompress(body).decode()
    return body.decode()
