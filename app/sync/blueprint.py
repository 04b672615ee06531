"""The blueprint of the wire: what scripts ask. It answers in JSON that says it is ours, whatever happens."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, jsonify
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import db
from app.core.errors import AppError
from app.web.i18n import translate

bp = Blueprint("sync", __name__)
MARK = "sync"  # a hotel's sign-in page has no such header, and no such word in its answer


def reply(status_code: int = 200, /, **facts: Any) -> Response:
    """An answer of the wire."""
    response = jsonify(xuncha=MARK, server_time_ms=round(clock.now().timestamp() * 1000), **facts)
    response.status_code = status_code
    return response


@bp.errorhandler(AppError)
def _in_words(error: AppError) -> Response:
    db.session.rollback()
    told = {"error": translate(error.message, error.params), "hint": translate(error.hint)}
    return reply(error.status, **told)


@bp.after_request
def _say_whose_it_is(response: FlaskResponse) -> Response:
    """Sign-in and errors, made for pages elsewhere, become JSON here."""
    answer: Response = response
    if response.mimetype != "application/json":
        answer = _as_json(response)
    answer.headers["X-Xuncha"] = MARK
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _as_json(response: FlaskResponse) -> Response:
    target = response.headers.get("X-Sign-In") or (response.location if response.status_code == 303 else "")
    if response.status_code in {401, 303}:
        parts = urlsplit(target or "/sign-in")
        return reply(401, sign_in=f"{parts.path}?{parts.query}" if parts.query else parts.path)
    if response.status_code < 400:
        return response
    kept = {name: response.headers[name] for name in ("X-Stale-Token", "Retry-After") if name in response.headers}
    hint = _("Everything stays on this phone and is sent again by itself.")
    answer = reply(response.status_code, error=_("The server could not take this now."), hint=hint)
    answer.headers.update(kept)
    return answer
