"""Static files under addresses that name their content, so that phones keep them for a year and still get every change.

A file carries its own hash (`/static/css/base.css?v=…`). Scripts import each other by relative names, which cannot: all
of them lie under the hash of all (`/static/v-…/js/app.js`), and what they import lies there, too, others' modules
(`/static/v-…/vendor/uqr.js`) included. Where set-up has packed these very scripts (tools/vendor.py), pages get the
packed one; tests and a changed source get the sources.
"""

import hashlib
import re
import time
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

_VERSIONED = re.compile(r"v-([0-9a-f]{10})/((?:js/.+|vendor/(?:pages/)?[^/]+)\.js)")
_NO_MODULES = {"vendor/htmx.min.js"}  # named by pages alone
_PACKED = "vendor/pages"
_CHECKED_EVERY = 1.0  # seconds between two looks at the scripts' dates
_versions: dict[str, tuple[float, str]] = {}
_scripts: dict[Path, tuple[float, dict[str, float], str]] = {}  # static folder -> looked at, dates, version


def asset(name: str) -> str:
    """The address of a static file with its content hash."""
    if name.endswith(".js") and name not in _NO_MODULES:
        packed = name.replace("js/", f"{_PACKED}/", 1)
        served = packed if _is_packed(_folder()) and (_folder() / packed).exists() else name
        return url_for("static", filename=f"v-{scripts_version(_folder())}/{served}")
    path = _folder() / name
    try:
        changed = path.stat().st_mtime
    except OSError:
        return url_for("static", filename=name)
    known = _versions.get(str(path))
    if known is None or known[0] != changed:
        known = (changed, hashlib.sha256(path.read_bytes()).hexdigest()[:10])
        _versions[str(path)] = known
    return url_for("static", filename=name, v=known[1])


def scripts(folder: Path | None = None) -> list[str]:
    """The names of all modules of pages, for `asset()`. The worker's parts are served joined, by app.patrol."""
    folder = folder or _folder()
    if _is_packed(folder):
        packed = sorted(path.relative_to(folder).as_posix() for path in (folder / _PACKED).glob("*.js"))
        return [*packed, "vendor/uqr.js"]
    return _sources(folder)


def _sources(folder: Path) -> list[str]:
    found = [*(folder / "js").rglob("*.js"), *(folder / "vendor").glob("*.js")]
    names = {path.relative_to(folder).as_posix() for path in found}
    return sorted(name for name in names - _NO_MODULES if not name.startswith("js/worker/"))


def scripts_version(folder: Path) -> str:
    """A hash over all scripts, the same in every process of one installation."""
    looked, dates, version = _scripts.get(folder, (float("-inf"), {}, ""))
    now = time.monotonic()
    if now - looked < _CHECKED_EVERY:
        return version
    found = {name: (folder / name).stat().st_mtime for name in _sources(folder)}
    if found != dates or not version:
        digest = hashlib.sha256()
        for name in found:
            digest.update(f"{name}\n".encode() + (folder / name).read_bytes())
        version = digest.hexdigest()[:10]
    _scripts[folder] = (now, found, version)
    return version


def _is_packed(folder: Path) -> bool:
    """Whether the packed scripts were made of the present sources. Tests work on the sources."""
    if current_app.testing:
        return False
    made_of = folder / _PACKED / "sources"
    return made_of.exists() and made_of.read_text() == scripts_version(folder)


def _folder() -> Path:
    return Path(current_app.static_folder or "static")


def _serve(filename: str) -> Response:
    """A static file; a script also under a version. Yesterday's version gets today's script, not to be kept."""
    versioned = _VERSIONED.fullmatch(filename)
    response = current_app.send_static_file(versioned[2] if versioned else filename)
    if versioned and versioned[1] == scripts_version(_folder()):
        response.cache_control.public = True
        response.cache_control.max_age = 31_536_000
        response.cache_control.immutable = True
        response.cache_control.no_cache = None
    return response


def _max_age(_name: str | None) -> int | None:
    """A year where the address carries the content hash; else ask again each time (304 when unchanged)."""
    return 31_536_000 if "v" in request.args else None


def init(app: Flask) -> None:
    """Make `asset()` known to templates; static files are cached for a year, and compressed."""
    app.get_send_file_max_age = _max_age  # type: ignore[method-assign, assignment]
    app.view_functions["static"] = _serve
    app.jinja_env.globals["asset"] = asset
