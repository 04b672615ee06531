"""The owner's page: no account, no script, no cookie. Holding the paper is the key: every answer is about it alone."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import db, transaction
from app.core.storage import storage
from app.notices import printing, queries, services
from app.notices.models import Notice, NumberReservation, Status
from app.notices.pages import OwnerPhoto, OwnerView, owner_page, photo_at, proof
from app.photos.models import Photo
from app.photos.public import ensure_public_view, versions
from app.photos.queries import photo_by_id
from app.photos.views import VIEW_TYPE, View
from app.web import panels
from app.web.access import current_person, public
from app.web.limits import slow_down_guessing
from app.web.strangers import OwnForm, asked_english, open_to_strangers

bp = Blueprint("notice_public", __name__)
log = logging.getLogger("xuncha.error")

WHY = "whoever holds the paper reads its notice; the address holds 128 random bits"
YEAR = 31_536_000  # seconds
RECEIPT_FORM = OwnForm("notice-receipt")  # made for a notice: its id
# what upper features ask before the notice is shown: the page that asks for something first, or None
before_reading: list[Callable[[Notice], Response | None]] = []

open_to_strangers(bp)


@bp.get("/n/<token>")
@public(WHY)
@slow_down_guessing
def show(token: str) -> Response:
    """The notice. Counted as opened, unless somebody signed in looks at it."""
    notice = queries.notice_by_token(token)
    if notice is None:
        kept = queries.reservation_by_token(token)
        return unknown() if kept is None else _on_its_way(kept)
    held = _held_back(notice)
    if held is not None:
        return held
    if current_person() is None and request.method == "GET":
        _count(notice, clock.now())
    return _page(notice)


@bp.post("/n/<token>/received")
@public(WHY)
@slow_down_guessing
def acknowledge(token: str) -> Response:
    """Note that the owner says: I have received this."""
    signed_for = RECEIPT_FORM.read(request.form.get("csrf_token", ""))
    notice = queries.notice_by_token(token)
    if notice is None or signed_for != str(notice.id):
        return unknown()
    if current_person() is None and notice.is_issued:
        with transaction():
            services.acknowledge(db.session.get_one(Notice, notice.id), clock.now())
    return redirect(url_for("notice_public.show", token=token, lang=asked_english(), received=1), 303)


@bp.get("/n/<token>/photos/<int:place>.jpg")
@public(WHY)
@slow_down_guessing
def photo(token: str, place: int) -> Response:
    """A photo of the notice: derived, upright, without EXIF and without the strip that names places and people."""
    notice = queries.notice_by_token(token)
    frozen = photo_at(notice.content, place) if notice else None
    if notice is None or frozen is None:
        return unknown()
    return _held_back(notice) or photo_response(photo_by_id(UUID(frozen["id"])))


def photo_response(row: Photo, view: View = View.PRINT) -> Response:
    """What the public may see of a photo. The phone keeps it under the version its address names, else asks again."""
    key, version = ensure_public_view(row, view, storage=storage())
    return sent_view(key, keep=request.args.get("v") == version)


def sent_view(key: str, *, keep: bool) -> Response:
    """A derived view; its key names what it shows, so whoever has kept it need not be sent it again."""
    tag = hashlib.sha256(key.encode()).hexdigest()[:20]
    response = send_file(storage().open(key), mimetype=VIEW_TYPE, etag=tag, conditional=True)
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable" if keep else "private, no-cache"
    return response


@bp.get("/n/<token>/notice.pdf")
@public(WHY)
@slow_down_guessing
def pdf(token: str) -> Response:
    """The whole paper, without the end of the phone number that a reply asks for."""
    notice = queries.notice_by_token(token)
    if notice is None:
        return unknown()
    language = printing.asked_language()
    return _held_back(notice) or printing.pdf_response(notice, "a4", language, printing.Copy.PUBLIC)


def _held_back(notice: Notice) -> Response | None:
    """The page of whoever asks for something before the notice may be read."""
    return next((held for guard in before_reading if (held := guard(notice)) is not None), None)


def _page(notice: Notice) -> Response:
    page = owner_page(notice.content, queries.points_of(notice.id))
    version = versions([photo.id for photo in page.photos])

    def photo_url(photo: OwnerPhoto) -> str:
        return url_for("notice_public.photo", token=notice.token, place=photo.place, v=version.get(photo.id))

    view = OwnerView(notice, page, current_person() is not None, photo_url)
    views = [replace(view, finding=finding) for finding in page.findings]
    parts = panels.render_many("notices.owner.point", views)
    html = render_template(
        "notices/owner.html",
        notice=notice,
        page=page,
        view=view,
        parts={one.finding.place: part for one, part in zip(views, parts, strict=False) if one.finding and part},
        above=panels.render("notices.owner.top", view) if notice.is_issued else "",
        check_code=proof(notice.digest),
        withdrawn=notice.status is Status.WITHDRAWN,
        is_staff=current_person() is not None,
        just_received="received" in request.args and notice.acknowledged_at is not None,
        receipt_token=RECEIPT_FORM.token(str(notice.id)),
        photo_url=photo_url,
        lang=asked_english(),
    )
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag(weak=True)
    return response.make_conditional(request)


def _on_its_way(kept: NumberReservation) -> Response:
    """The paper of a phone without network is here before its content: says that and whom to call, nothing else."""
    html = render_template("notices/pending.html", kept=kept, lang=asked_english())
    response = Response(html, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def unknown() -> Response:
    """Every wrong address gets the very same page."""
    return Response(render_template("notices/unknown.html"), status=404, mimetype="text/html")


def _count(notice: Notice, now: datetime) -> None:
    """Openings are told to the issuing side; when they cannot be written the owner still reads the notice."""
    try:
        with transaction():
            services.note_opening(notice.id, now)
    except (SQLAlchemyError, OSError) as error:
        log.warning("an opening was not counted: %s", type(error).__name__)
