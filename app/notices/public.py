"""The owner's page: no account, no script, no cookie. Holding the paper is the key: every answer is about it alone."""

import logging
from datetime import datetime
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, render_template, request, send_file, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import refresh
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.accounts.security import limiter
from app.core import clock
from app.core.database import db, transaction
from app.core.storage import storage
from app.notices import printing, queries, services
from app.notices.models import Notice, NumberReservation, Status
from app.notices.pages import OwnerPhoto, owner_page, photo_at, proof
from app.photos.queries import photo_by_id
from app.photos.views import VIEW_TYPE, View, ensure_view
from app.web.access import current_person, public
from app.web.i18n import CHINESE, ENGLISH

bp = Blueprint("notice_public", __name__)
log = logging.getLogger("xuncha.error")

WHY = "whoever holds the paper reads its notice; the address holds 128 random bits"
WRONG_TRIES = "30 per minute"  # wrong addresses from one network address
YEAR = 31_536_000  # seconds


def _is_wrong(response: Response) -> bool:
    return response.status_code == 404


slow_down_guessing = limiter.limit(WRONG_TRIES, deduct_when=_is_wrong, methods=["GET", "POST", "HEAD"])


@bp.record_once
def _own_csrf(state: BlueprintSetupState) -> None:
    """The receipt form carries a token signed for its notice instead of a session's: it works without cookies."""
    state.app.extensions["csrf"].exempt(f"{__name__}.acknowledge")


@bp.before_request
def _language() -> None:
    """Chinese unless this address asks for English, whatever a cookie says."""
    g.locale = ENGLISH if request.args.get("lang") == ENGLISH else CHINESE
    refresh()


@bp.after_request
def _headers(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/n/<token>")
@public(WHY)
@slow_down_guessing
def show(token: str) -> Response:
    """The notice. Counted as opened, unless somebody signed in looks at it."""
    notice = queries.notice_by_token(token)
    if notice is None:
        kept = queries.reservation_by_token(token)
        return _unknown() if kept is None else _on_its_way(kept)
    if current_person() is None and request.method == "GET":
        _count(notice, clock.now())
    return _page(notice)


@bp.post("/n/<token>/received")
@public(WHY)
@slow_down_guessing
def acknowledge(token: str) -> Response:
    """Note that the owner says: I have received this."""
    signed_for = _signed_for(request.form.get("csrf_token", ""))
    notice = queries.notice_by_token(token)
    if notice is None or signed_for != str(notice.id):
        return _unknown()
    if current_person() is None and notice.is_issued:
        with transaction():
            services.acknowledge(db.session.get_one(Notice, notice.id), clock.now())
    return redirect(url_for("notice_public.show", token=token, lang=_lang(), received=1), 303)


@bp.get("/n/<token>/photos/<int:place>.jpg")
@public(WHY)
@slow_down_guessing
def photo(token: str, place: int) -> Response:
    """A photo of the notice: derived, upright, without EXIF and without the strip that names places and people."""
    notice = queries.notice_by_token(token)
    frozen = photo_at(notice.content, place) if notice else None
    if frozen is None:
        return _unknown()
    row = photo_by_id(UUID(frozen["id"]))
    key = ensure_view(row, View.PRINT, storage=storage())
    response = send_file(
        storage().open(key), mimetype=VIEW_TYPE, etag=f"{row.sha256}-print", conditional=True
    )
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


@bp.get("/n/<token>/notice.pdf")
@public(WHY)
@slow_down_guessing
def pdf(token: str) -> Response:
    """The whole paper."""
    notice = queries.notice_by_token(token)
    return _unknown() if notice is None else printing.pdf_response(notice, "a4", printing.asked_language())


def _page(notice: Notice) -> Response:
    page = owner_page(notice.content)

    def photo_url(photo: OwnerPhoto) -> str:
        return url_for("notice_public.photo", token=notice.token, place=photo.place)

    html = render_template(
        "notices/owner.html",
        notice=notice,
        page=page,
        check_code=proof(notice.digest),
        withdrawn=notice.status is Status.WITHDRAWN,
        is_staff=current_person() is not None,
        just_received="received" in request.args and notice.acknowledged_at is not None,
        receipt_token=_receipts().dumps(str(notice.id)),
        photo_url=photo_url,
        lang=_lang(),
    )
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag(weak=True)
    return response.make_conditional(request)


def _on_its_way(kept: NumberReservation) -> Response:
    """The paper of a phone without network is here before its content: says that and whom to call, nothing else."""
    html = render_template("notices/pending.html", kept=kept, lang=_lang())
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _unknown() -> Response:
    """Every wrong address gets the very same page."""
    return Response(render_template("notices/unknown.html"), status=404, mimetype="text/html")


def _count(notice: Notice, now: datetime) -> None:
    """Openings are told to the issuing side; when they cannot be written the owner still reads the notice."""
    try:
        with transaction():
            services.note_opening(notice.id, now)
    except (SQLAlchemyError, OSError) as error:
        log.warning("an opening was not counted: %s", type(error).__name__)


def _receipts() -> URLSafeSerializer:
    """Signs the receipt form of one notice; it does not age, so a page left open still works."""
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="notice-receipt")


def _lang() -> str | None:
    return ENGLISH if g.locale == ENGLISH else None


def _signed_for(text: str) -> str:
    """The notice a receipt form was made for. Raises CSRFError, whatever the address, for a form that is not ours."""
    try:
        return str(_receipts().loads(text))
    except BadSignature:
        raise CSRFError("a receipt form that is not ours") from None
