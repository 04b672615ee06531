"""Whatever goes wrong becomes one clear message in the user's language; the trace goes to the log only."""

import errno
import logging
from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.core.database import db
from app.core.errors import N_, AppError, StorageFull
from app.web.access import ask_to_sign_in
from app.web.htmx import is_htmx
from app.web.i18n import translate

log = logging.getLogger("xuncha.error")

_HTTP = {
    400: N_("The request could not be understood. Go back and try again."),
    403: N_("You may not do this."),
    404: N_("This page does not exist, or it is not in your area."),
    405: N_("This address cannot be used that way."),
    413: N_("This is too large to be taken."),
    429: N_("Too many tries. Wait a minute, then try again."),
}
_OTHER = N_("Something went wrong on our side. What was saved is safe; try again.")


def init(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(InterfaceError, _database_error)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OSError, _os_error)
    app.register_error_handler(Exception, _any_error)


def answer(status: int, message: str, hint: str = "", **params: Any) -> Response:
    """The message as JSON for scripts, as a fragment for htmx, or as a page."""
    text, more = translate(message, params), translate(hint)
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    if wants_json:
        response: Any = jsonify(error=text, hint=more, request_id=g.get("request_id", ""))
    else:
        template = "errors/_message.html" if is_htmx() else "errors/error.html"
        response = Response(
            render_template(template, status=status, message=text, hint=more, request_id=g.get("request_id", "")),
            mimetype="text/html",
        )
    response.status_code = status
    return response


def _app_error(error: AppError) -> Response:
    db.session.rollback()
    return answer(error.status, error.message, error.hint, **error.params)


def _csrf_error(_error: CSRFError) -> Response:
    if not current_user.is_authenticated and not _is_public():
        return ask_to_sign_in()  # the session ended, and its token with it
    response = answer(
        400,
        N_("This page was open for too long."),
        N_("Reload the page and try again. What was saved is still there."),
    )
    response.headers["X-Stale-Token"] = "1"  # scripts fetch a new one and send again (token.js)
    return response


def _is_public() -> bool:
    """Whether strangers may call this route; Flask-Security's own pages are theirs."""
    access = getattr(current_app.view_functions.get(request.endpoint or ""), "access", None)
    return access is None or access.is_public


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return Response.force_type(error.get_response())
    return answer(error.code, _HTTP.get(error.code, _OTHER))


def _database_error(error: Exception) -> Response:
    db.session.rollback()
    _log(error)
    if "disk is full" in str(error) or "No space left" in str(error):
        return _full()
    return answer(
        503,
        N_("The database does not answer at the moment."),
        N_("Nothing saved is lost. Wait a minute, then try again."),
    )


def _unstorable(_error: DataError) -> Response:
    """What was sent cannot stand in the database, a NUL character or a number of thirty digits: no fault of ours."""
    db.session.rollback()
    return answer(400, _HTTP[400])


def _os_error(error: OSError) -> Response:
    db.session.rollback()
    _log(error)
    return _full() if error.errno in {errno.ENOSPC, errno.EDQUOT} else answer(500, _OTHER)


def _any_error(error: Exception) -> Response:
    db.session.rollback()
    _log(error)
    return answer(500, _OTHER)


def _full() -> Response:
    return answer(
        StorageFull.status,
        N_("The server's disk is full, so this was not saved."),
        N_("Tell your administrator. Keep this page open and try again later."),
    )


def _log(error: Exception) -> None:
    log.error("request %s: %s", g.get("request_id", ""), type(error).__name__, exc_info=error)
