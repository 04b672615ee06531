"""Anybody checks a paper: by its number and check code, or by the file itself. No account, no script, no cookie."""

import hashlib
from typing import Any

from flask import Blueprint, current_app, g, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import refresh
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.accounts.security import limiter
from app.core import clock
from app.core.errors import NotFound
from app.core.settings import MEBIBYTE, settings
from app.seals import certificate, checking
from app.seals.rules import Grade, plain_code
from app.web.access import public
from app.web.i18n import CHINESE, ENGLISH
from app.web.requests import CSP

bp = Blueprint("check", __name__)
WHY = "whoever holds a paper checks it; number and code must belong together before anything is said"
WRONG_TRIES = "30 per minute; 300 per day"  # from one network address
FILES = "20 per minute"
EVERYBODY = "600 per minute"  # wrong tries of all addresses in this process
LARGEST = 20 * MEBIBYTE  # bytes of a file
CHUNK = 256 * 1024
SCRIPTLESS = CSP.replace("script-src 'self'", "script-src 'none'")


def _is_wrong(response: Response) -> bool:
    return response.status_code == 404


def _one() -> str:
    return "check"


def slow_down(view: Any) -> Any:
    """What is guessed is counted, what is right is not."""
    view = limiter.limit(WRONG_TRIES, deduct_when=_is_wrong)(view)
    return limiter.limit(EVERYBODY, key_func=_one, deduct_when=_is_wrong)(view)


@bp.record_once
def _own_csrf(state: BlueprintSetupState) -> None:
    """The form for files carries a token of its own instead of a session's: it works without cookies."""
    state.app.extensions["csrf"].exempt(f"{__name__}.file")


@bp.before_request
def _begin() -> None:
    g.locale = ENGLISH if request.args.get("lang") == ENGLISH else CHINESE
    refresh()


@bp.after_request
def _headers(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = SCRIPTLESS
    return response


@bp.get("/check")
@public(WHY)
@slow_down
def form() -> Response:
    """The two ways to check, and what number and code gave. A wrong pair and an unknown number look the same."""
    number, code = request.args.get("number", "")[:100], request.args.get("code", "")[:200]
    if not code:
        return _page(number=number)
    paper = checking.by_code(number, code)
    if paper is None:
        return _page(number=number, code=code, answer="unlike", is_code=bool(plain_code(code)), status=404)
    return _page(number=number, code=code, answer="agrees", paper=paper)


@bp.post("/check")
@public(WHY)
@slow_down
@limiter.limit(FILES)
def file() -> Response:
    """Whether exactly these bytes were made here. The file is hashed on its way and not kept."""
    _refuse_foreign_forms()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(answer="no_file", status=422)
    sha256 = _hash(sent)
    if sha256 is None:
        return _page(answer="too_large", status=413)
    known = checking.by_bytes(sha256)
    if known is None:
        return _page(answer="unknown_file", sha256=sha256, status=404)
    return _page(answer="our_file", paper=known.paper, file=known.file, sha256=sha256)


@bp.get("/seal.pem")
@public("whoever checks a signature needs the certificate; it is no secret")
def pem() -> Response:
    """The certificate that signs papers, from its own address. NotFound without one."""
    found = certificate.present(settings(), clock.now()).certificate
    if found is None:
        raise NotFound
    response = Response(found.pem, mimetype="application/x-pem-file")
    response.headers["Content-Disposition"] = 'attachment; filename="seal.pem"'
    return response


def _hash(sent: FileStorage) -> str | None:
    """SHA-256 of the file; None when it is larger than any paper."""
    digest, size = hashlib.sha256(), 0
    while chunk := sent.stream.read(CHUNK):
        size += len(chunk)
        if size > LARGEST:
            return None
        digest.update(chunk)
    return digest.hexdigest()


def _page(*, status: int = 200, **said: Any) -> Response:
    english = ENGLISH if g.locale == ENGLISH else None
    values: dict[str, Any] = {"answer": "", "number": "", "code": "", "lang": english, "Grade": Grade}
    values |= {"token": _forms().dumps("file"), "seal": certificate.present(settings(), clock.now())}
    html = render_template("seals/check.html", **values | {"largest": LARGEST // MEBIBYTE} | said)
    return Response(html, status=status, mimetype="text/html")


def _forms() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="check-a-paper")


def _refuse_foreign_forms() -> None:
    try:
        _forms().loads(request.form.get("csrf_token", ""))
    except BadSignature:
        raise CSRFError("a form that is not ours") from None
