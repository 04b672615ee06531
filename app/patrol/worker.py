"""The service worker as it is served: its parts behind one line that says what it keeps.

The version is a hash over everything a page consists of on the phone: files by content, the words and markup of the
pages, the worker itself. Any change makes a new version, and a phone uses the whole of one or the whole of another.
"""

import hashlib
import json
from pathlib import Path

from flask import current_app, url_for

from app.core.settings import project_root
from app.web.assets import asset, scripts_version
from app.web.assets import scripts as page_scripts

PARTS = ("caches", "pages", "life")
# composed on the phone by a module; "lost" stands for every page that is not there
SHELLS = (
    "start", "premises", "file", "together", "visit", "finish", "notice", "place", "report", "scan", "outbox", "patrol",
    "lost",
)  # fmt: skip
PATIENCE_MS = 4000  # a page that takes longer comes from the phone where it can
UNUSED_CSS = {"nojs", "paper"}  # pages without scripts, and the owner's page
IMAGES = ("icon.svg", "icon-192.png", "icon-512.png", "icon-maskable-512.png", "apple-touch-icon.png")


def script() -> str:
    """The whole of /sw.js."""
    facts = {
        "version": version(),
        "assets": shell_assets(),
        "shells": SHELLS,
        "lost": url_for("patrol.lost"),
        "patience": PATIENCE_MS,
    }
    head = f'"use strict";\nconst XUNCHA = {json.dumps(facts)};\n'
    return head + "\n".join(path.read_text(encoding="utf-8") for path in _parts())


def shell_assets() -> list[str]:
    """The addresses of all files that pages need offline."""
    styles = sorted(path.name for path in (_static() / "css").glob("*.css") if path.stem not in UNUSED_CSS)
    named = [*(f"css/{name}" for name in styles), *(f"img/{name}" for name in IMAGES)]
    wanted = [*named, "vendor/htmx.min.js", "vendor/icons.svg"]
    return [asset(name) for name in [*wanted, *page_scripts()]]


def version() -> str:
    """Sixteen digits, the same in every process of one installation. Read anew when a script changed."""
    known: dict[str, str] = current_app.extensions.setdefault("patrol", {})
    scripts = scripts_version(_static())
    if known.get("scripts") != scripts:
        known |= {"version": _digest(), "scripts": scripts}
    return known["version"]


def _digest() -> str:
    root = project_root()
    files = [*root.glob("templates/**/*.html"), *root.glob("app/*/zh.po"), *(_static() / "js").rglob("*.js")]
    digest = hashlib.sha256("\n".join(shell_assets()).encode())
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _static() -> Path:
    return Path(current_app.static_folder or "static")


def _parts() -> list[Path]:
    return [_static() / "js" / "worker" / f"{name}.js" for name in PARTS]
