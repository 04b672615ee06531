"""Files that never change under their address are never asked for again, the modules that scripts import neither."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask

from app.core.settings import project_root
from app.web import assets
from app.web.assets import asset, scripts
from tools import vendor

KEPT = "max-age=31536000"
IMPORT = re.compile(r"""(?:import|from|import\()\s*["'](\.{1,2}/[^"']+)["']""")


def url_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return asset(name)


def test_the_page_names_its_script_under_the_version_of_all_scripts(app: Flask, client: Any) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    named = re.findall(r'src="(/static/[^"]*js/[a-z]+\.js)"', page)
    assert all(re.fullmatch(r"/static/v-[0-9a-f]{10}/js/\w+\.js", one) for one in named)
    assert url_of(app, "js/app.js").startswith("/static/v-")


def test_every_module_a_script_imports_is_kept_for_a_year(app: Flask, client: Any) -> None:
    left, seen = [url_of(app, "js/app.js"), url_of(app, "js/offline/notice.js")], set()
    while left:
        url = left.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert KEPT in answer.headers["Cache-Control"] and "immutable" in answer.headers["Cache-Control"], url
        assert answer.mimetype == "text/javascript"
        left += [urljoin(url, name) for name in IMPORT.findall(answer.get_data(as_text=True))]
    assert len(seen) > 5
    assert [url for url in seen if "/vendor/" in url], "what others wrote, too"


def test_a_page_of_yesterday_gets_todays_module_but_does_not_keep_it(client: Any) -> None:
    answer = client.get("/static/v-0123456789/js/words.js")
    assert answer.status_code == 200
    assert KEPT not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["js/none.js", "css/base.css", "vendor/icons.svg", "js/../../wsgi.py"])
def test_the_version_opens_scripts_alone(client: Any, name: str) -> None:
    assert client.get(f"/static/v-0123456789/{name}").status_code == 404


def test_other_files_carry_their_own_hash(app: Flask, client: Any) -> None:
    url = url_of(app, "css/base.css")
    assert "?v=" in url
    assert KEPT in client.get(url).headers["Cache-Control"]
    assert KEPT not in client.get("/static/css/base.css").headers["Cache-Control"]


def test_one_changed_script_is_another_version_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "js"
    (folder / "deep").mkdir(parents=True)
    (folder / "app.js").write_text('import "./deep/other.js";')
    (folder / "deep" / "other.js").write_text("1")
    before = assets.scripts_version(tmp_path)
    (folder / "deep" / "other.js").write_text("22")
    monkeypatch.setattr(assets, "_CHECKED_EVERY", 0.0)
    assert assets.scripts_version(tmp_path) != before


def test_all_scripts_of_pages_are_listed(app: Flask) -> None:
    with app.test_request_context():
        listed = scripts()
    assert "js/app.js" in listed and "js/words.js" in listed
    assert not [name for name in listed if name.startswith("js/worker/")]  # parts of /sw.js
    assert all((project_root() / "static" / name).is_file() for name in listed)


def test_pages_get_the_packed_scripts_while_they_are_made_of_the_present_sources(
    app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.pack_scripts()
    assert "/js/app.js" in url_of(app, "js/app.js"), "tests work on the sources"
    monkeypatch.setattr(app, "testing", False)  # as the product runs
    url = url_of(app, "js/app.js")
    assert "/vendor/pages/app.js" in url
    with app.test_request_context():
        names = scripts()
    assert {"vendor/pages/app.js", "vendor/pages/scan.js", "vendor/uqr.js"} <= set(names)
    assert all((project_root() / "static" / name).exists() for name in names)
    for name in names:
        assert client.get(url_of(app, "js/app.js").replace("vendor/pages/app.js", name)).status_code == 200, name
    made_of = project_root() / "static/vendor/pages/sources"
    before = made_of.read_text()
    try:
        made_of.write_text("0123456789")
        assert "/vendor/" not in url_of(app, "js/app.js"), "an edited source is never hidden by an old packing"
    finally:
        made_of.write_text(before)
