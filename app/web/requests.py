"""What every request gets: an id, one structured log line without personal data, and safe headers."""

import json
import logging
import time
from uuid import uuid4

from flask import Flask, g, request
from flask_login import current_user
from werkzeug.wrappers import Response

log = logging.getLogger("xuncha.request")

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)

OF_DOCUMENTS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OUR_OWN = {"text/javascript", "text/css"}  # no documents, as JSON is none: those heads weigh more than some of them


def init(app: Flask) -> None:
    """Hook the request id, the headers and the log line."""

    @app.before_request
    def _begin() -> None:
        g.request_id = uuid4().hex[:12]
        g.started = time.perf_counter()

    @app.after_request
    def _finish(response: Response) -> Response:
        _set_headers(response)
        _log_line(response)
        return response


def _set_headers(response: Response) -> None:
    headers, kind = response.headers, response.mimetype
    # a hotel's sign-in page says no X-Xuncha
    wanted = {"X-Content-Type-Options": "nosniff", "X-Xuncha": "page" if kind == "text/html" else "file"}
    if kind != "application/json" and (kind not in OUR_OWN or request.endpoint != "static"):
        wanted |= OF_DOCUMENTS
    if request.endpoint == "static":
        headers.pop("Content-Disposition", None)  # what nobody saves needs no name for it
    if request.is_secure:
        wanted["Strict-Transport-Security"] = "max-age=31536000"
    said = {name.lower() for name, _value in headers}  # looked up one by one, each name is compared with each
    if request.endpoint != "static" and "cache-control" not in said:
        wanted["Cache-Control"] = "no-store" if current_user and current_user.is_authenticated else "no-cache"
    headers.extend({name: value for name, value in wanted.items() if name.lower() not in said})
    headers["X-Request-ID"] = g.get("request_id", "")
    if kind == "text/html":
        headers.add("Vary", "HX-Request, Cookie")


def _log_line(response: Response) -> None:
    """One line: route pattern instead of path, so that no token, name or id stands in the log."""
    line = {
        "request": g.get("request_id", ""),
        "method": request.method,
        "route": str(request.url_rule or "-"),
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        "bytes_in": request.content_length or 0,
    }
    log.info(json.dumps(line))
