"""What a phone is given to work without signal: the worker, the manifest, the marks on every page."""

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from app.core.roles import Role
from app.core.settings import project_root
from app.patrol import worker
from tests.fixtures.pages import PageClient
from tests.fixtures.signing_in import SignIn


def _facts(client: PageClient) -> dict[str, object]:
    script = client.get("/sw.js").get_data(as_text=True)
    found = re.search(r"const XUNCHA = (\{.*\});", script)
    assert found, script[:300]
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_the_worker_is_asked_for_each_time_and_rules_the_whole_site(client: PageClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get("/sw.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_every_file_the_worker_keeps_is_there(client: PageClient) -> None:
    assets = _facts(client)["assets"]
    assert isinstance(assets, list)
    for address in assets:
        assert client.get(address).status_code == 200, address
    assert len(assets) == len(set(assets))
    assert not [address for address in assets if "worker/" in address or ".ttf" in address]


def test_every_script_and_style_of_a_page_is_kept(sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    kept = set(_facts(client)["assets"])  # type: ignore[call-overload]
    for path in ("/", "/premises", "/premises/new", "/me", "/notices"):
        page = client.page(path)
        named = {one["href"] for one in page.all("link") if one["rel"] == "stylesheet"}
        named |= {one["src"] for one in page.all("script") if one["src"]}
        named -= {address for address in named if "nojs.css" in address}  # read without scripts only
        assert named <= kept, f"{path}: {named - kept}"


def test_pages_say_that_they_are_ours_and_whose(sign_in: SignIn, client: PageClient) -> None:
    person = sign_in.county.person(Role.COORDINATOR)
    mine, nobodys = sign_in(Role.COORDINATOR).get("/"), client.get("/sign-in")
    assert mine.headers["X-Xuncha"] == nobodys.headers["X-Xuncha"] == "page"
    assert mine.headers["X-Xuncha-Person"] == str(person.id)
    assert nobodys.headers["X-Xuncha-Person"] == ""
    assert mine.headers["X-Xuncha-Version"] == _facts(client)["version"]
    assert client.get("/sw.js").headers["X-Xuncha"] == "file"


def test_another_markup_or_script_is_another_version(app: Flask, monkeypatch, tmp_path: Path) -> None:
    with app.test_request_context():
        before = worker.version()
        assert worker.version() == before
        app.extensions["patrol"].clear()
        monkeypatch.setattr(worker, "shell_assets", lambda: ["/static/other.css"])
        assert worker.version() != before


def test_the_manifest_names_icons_that_exist(client: PageClient) -> None:
    facts = json.loads(client.get("/manifest.webmanifest").get_data(as_text=True))
    assert facts["name"] == "巡查"
    assert (facts["start_url"], facts["display"]) == ("/", "standalone")
    for icon in facts["icons"]:
        image = Image.open(BytesIO(client.get(icon["src"]).get_data()))
        assert f"{image.width}x{image.height}" == icon["sizes"]
    assert {icon["purpose"] for icon in facts["icons"]} == {"any", "maskable"}


def test_the_worker_touches_reads_of_this_site_only() -> None:
    """No POST is ever answered by it: iOS bypasses workers for some, and a lost photo would be the price."""
    text = (project_root() / "static/js/worker/life.js").read_text(encoding="utf-8")
    assert 'request.method !== "GET"' in text


def test_nobodys_lost_page_shows_nothing_of_anybody(client: PageClient) -> None:
    page = client.page("/patrol/lost.html")
    assert not page.all("nav")
    assert "没有人登录" in page.text


@pytest.mark.parametrize("path", ["/patrol/lost.html", "/outbox"])
def test_a_page_for_nobody_starts_no_session(client: PageClient, sign_in: SignIn, path: str) -> None:
    """Answered late, its cookie would sign out who has signed in meanwhile."""
    assert "Set-Cookie" not in client.get(path).headers
    assert "Set-Cookie" in client.get("/sign-in").headers
    mine = sign_in(Role.COORDINATOR)
    assert mine.get(path).status_code == 200
