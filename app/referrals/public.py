"""What an authority without account opens: no session, no script. The link is the key, and answers once.

Wrong, revoked and never sent look all alike.
"""

import logging
from datetime import datetime
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import transaction
from app.core.errors import N_, AppError, Invalid
from app.core.ids import derived_id, new_token
from app.core.settings import settings
from app.core.storage import storage
from app.notices.public import sent_view
from app.photos.public import ensure_public_view
from app.photos.queries import photo_by_id
from app.photos.views import View
from app.referrals import links, printing, steps
from app.referrals.models import ReferralLink
from app.referrals.pages import outcome_text
from app.referrals.routes import sheet_response, zip_response
from app.referrals.rules import BY_LINK, RECEIVERS_ENDS, Event, Outcome, by_link
from app.seals import signing
from app.web.access import current_person, public
from app.web.i18n import translate
from app.web.limits import limiter, slow_down_guessing
from app.web.strangers import OwnForm, asked_english, open_to_strangers

bp = Blueprint("referral_public", __name__)
log = logging.getLogger("xuncha.error")

WHY = "an authority without account reads what was handed over; the address holds 128 random bits and can be revoked"
HEAVY = "20 per hour"  # bundles for one network address
# made for a link; each form shown has its own mark, so that sending it twice answers once
ANSWER_FORM = OwnForm("referral-answer")

open_to_strangers(bp)


@bp.get("/r/<token>")
@public(WHY)
@slow_down_guessing
def show(token: str) -> Response:
    """The referral, to read and to answer once. Counted, unless somebody signed in looks at it."""
    link = links.link_by_token(token)
    if link is None or link.is_over(clock.now()):
        return _closed(link)
    if current_person() is None and request.method == "GET":
        _count(link, clock.now())
    return _page(link)


@bp.post("/r/<token>/answer")
@public(WHY)
@slow_down_guessing
def answer(token: str) -> Response:
    """Acknowledge, accept or return it. The same form sent twice answers once."""
    signed = ANSWER_FORM.read(request.form.get("csrf_token", ""))
    link = links.link_by_token(token)
    if link is None or signed.get("link") != str(link.id):
        return _unknown()
    if link.is_over(clock.now()):
        return _closed(link)
    event = request.form.get("answer", "")
    step = steps.Step(
        id=derived_id(link.id, signed["form"], event),
        event=Event(event) if event in set(BY_LINK) else Event.SEND,
        reason=request.form.get("reason", ""),
        name=request.form.get("name", ""),
        opinion=request.form.get("opinion", ""),
        outcome=Outcome(told) if (told := request.form.get("outcome", "")) in set(RECEIVERS_ENDS) else None,
    )
    try:
        with transaction():
            again = links.link_by_token(token)
            if again is None:
                return _unknown()
            if step.event not in BY_LINK:
                raise Invalid(N_("Choose your answer."), field="answer")
            steps.answer_by_link(again, step, now=clock.now())
            then = links.after(again).token
    except AppError as error:
        fresh = links.link_by_token(token)
        return _unknown() if fresh is None else _page(fresh, error)
    return redirect(url_for("referral_public.show", token=then, lang=asked_english(), answered=1), 303)


@bp.get("/r/<token>/photos/<int:place>.jpg")
@public(WHY)
@slow_down_guessing
def photo(token: str, place: int) -> Response:
    """A photo of the evidence: derived, upright, without EXIF; the original is in the bundle."""
    link = links.link_by_token(token)
    if link is not None and link.is_over(clock.now()):
        return _closed(link)
    told = next((row for row in link.referral.content["photos"] if row["place"] == place), None) if link else None
    if told is None:
        return _unknown()
    row = photo_by_id(UUID(told["id"]))
    key, _version = ensure_public_view(row, View.PRINT, storage=storage())
    return sent_view(key, keep=False)


@bp.get("/r/<token>/sheet.pdf")
@public(WHY)
@slow_down_guessing
def sheet(token: str) -> Response:
    """The hand-over sheet."""
    link = links.link_by_token(token)
    return _closed(link) if link is None or link.is_over(clock.now()) else sheet_response(link.referral)


@bp.get("/r/<token>/evidence.zip")
@public(WHY)
@slow_down_guessing
@limiter.limit(HEAVY)
def evidence_zip(token: str) -> Response:
    """Originals, papers, manifest and signature."""
    link = links.link_by_token(token)
    if link is None or link.is_over(clock.now()):
        return _closed(link)
    return zip_response(link.referral, current_person())


@bp.get("/evidence-key.pem")
@public("whoever holds signed evidence checks it with this key; it is no secret")
def public_key() -> Response:
    """The public key, from its own address: the one inside a bundle proves nothing by itself."""
    response = Response(signing.public_key(settings()), mimetype="application/x-pem-file")
    response.headers["Content-Disposition"] = 'attachment; filename="evidence-key.pem"'
    return response


def _page(link: ReferralLink, error: AppError | None = None) -> Response:
    referral = link.referral
    possible = by_link(referral.status) if link.may_answer else []
    html = render_template(
        "referrals/public.html",
        link=link,
        referral=referral,
        said=referral.content,
        paper=printing.paper_of(referral),
        possible=possible,
        Event=Event,
        ends=[(one.value, outcome_text(one)) for one in RECEIVERS_ENDS],
        form_token=ANSWER_FORM.token({"link": str(link.id), "form": new_token()}),
        form=request.form,
        error=translate(error.message, error.params) if error else "",
        hint=translate(error.hint, error.params) if error and error.hint else "",
        answered="answered" in request.args and (link.used_at is not None or link.follows_id is not None),
        is_staff=current_person() is not None,
        lang=asked_english(),
    )
    response = Response(html, status=error.status if error else 200, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _unknown() -> Response:
    """Every address that opens nothing gets the very same page."""
    return Response(render_template("referrals/unknown.html"), status=404, mimetype="text/html")


def _closed(link: ReferralLink | None) -> Response:
    """A link whose time is up says so, and whom to call: nothing of the matter itself."""
    if link is None:
        return _unknown()
    paper = printing.paper_of(link.referral)
    html = render_template("referrals/over.html", link=link, paper=paper, lang=asked_english())
    response = Response(html, status=410, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _count(link: ReferralLink, now: datetime) -> None:
    """Openings are told to the sender; when they cannot be written the authority still reads."""
    try:
        with transaction():
            links.note_opening(link.id, now)
    except (SQLAlchemyError, OSError) as error:
        log.warning("an opening was not counted: %s", type(error).__name__)
