"""Static files by content hash, so that phones keep them for a year and still get every change."""

import hashlib
from pathlib import Path

from flask import Flask, request, url_for

_versions: dict[str, tuple[float, str]] = {}


def asset(name: str) -> str:
    """The address of a static file with its content hash."""
    from flask import current_app

    path = Path(current_app.static_folder or "static") / name
    try:
        changed = path.stat().st_mtime
    except OSError:
        return url_for("static", filename=name)
    known = _versions.get(str(path))
    if known is None or known[0] != changed:
        known = (changed, hashlib.sha256(path.read_bytes()).hexdigest()[:10])
        _versions[str(path)] = known
    return url_for("static", filename=name, v=known[1])


def _max_age(_name: str | None) -> int | None:
    """A year where the address carries the content hash; else ask again each time (304 when unchanged).

    The modules that app.js imports are named without a hash, so they may never be kept unasked.
    """
    return 31_536_000 if "v" in request.args else None


def init(app: Flask) -> None:
    """Make `asset()` known to templates; static files are cached for a year, and compressed."""
    app.get_send_file_max_age = _max_age  # type: ignore[method-assign, assignment]
    app.jinja_env.globals["asset"] = asset
