"""Anybody checks a paper: by its number and check code, or by the file itself. No account, no script, no cookie."""

import hashlib
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import NotFound
from app.core.settings import MEBIBYTE, settings
from app.seals import certificate, checking
from app.seals.rules import Grade, plain_code
from app.web.access import public
from app.web.limits import is_wrong, limiter
from app.web.strangers import OwnForm, asked_english, open_to_strangers

bp = Blueprint("check", __name__)
WHY = "whoever holds a paper checks it; number and code must belong together before anything is said"
WRONG_TRIES = "30 per minute; 300 per day"  # from one network address
FILES = "20 per minute"
EVERYBODY = "600 per minute"  # wrong tries of all addresses in this process
LARGEST = 20 * MEBIBYTE  # bytes of a file
CHUNK = 256 * 1024
FILE_FORM = OwnForm("check-a-paper")

open_to_strangers(bp, kept=False)


def _one() -> str:
    return "check"


def slow_down(view: Any) -> Any:
    """What is guessed is counted, what is right is not."""
    view = limiter.limit(WRONG_TRIES, deduct_when=is_wrong)(view)
    return limiter.limit(EVERYBODY, key_func=_one, deduct_when=is_wrong)(view)


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
    FILE_FORM.read(request.form.get("csrf_token", ""))
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
    values: dict[str, Any] = {"answer": "", "number": "", "code": "", "lang": asked_english(), "Grade": Grade}
    values |= {"token": FILE_FORM.token("file"), "seal": certificate.present(settings(), clock.now())}
    html = render_template("seals/check.html", **values | {"largest": LARGEST // MEBIBYTE} | said)
    return Response(html, status=status, mimetype="text/html")
