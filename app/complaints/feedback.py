"""Praise or a grievance about the inspection itself, from the owner's page: it goes past those who were there."""

from flask import Blueprint, render_template, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from app.complaints import rules, services
from app.complaints.models import Complaint
from app.complaints.rules import Kind
from app.complaints.sealing import can_seal
from app.core.database import transaction
from app.core.errors import Invalid
from app.core.ids import new_id, read_id
from app.core.settings import settings
from app.notices.pages import OwnerView
from app.notices.public import unknown
from app.replies import owner, proving
from app.replies.owner import Held, hold, locked, show
from app.web import panels
from app.web.access import public
from app.web.i18n import translate
from app.web.limits import limiter, slow_down_guessing
from app.web.strangers import asked_english, open_to_strangers

bp = Blueprint("feedback", __name__)
WHY = "whoever holds the paper says how the visit was; the county may ask for the end of the registered phone"

open_to_strangers(bp)
slow_down_posts = limiter.limit("6 per 10 minutes; 30 per day", methods=["POST"])


@bp.record_once
def _stand_on_the_owners_page(_state: BlueprintSetupState) -> None:
    panels.add("notices.owner.foot", 20, _way_in)


def _way_in(view: OwnerView) -> str:
    if not can_seal(settings()):
        return ""  # nothing said could be locked away
    return render_template("complaints/_owner_foot.html", view=view, lang=asked_english())


@bp.get("/n/<token>/feedback")
@public(WHY)
@slow_down_guessing
def form(token: str) -> Response:
    """How was the visit? Two buttons and a few words."""
    held = hold(token)
    if held is None:
        return unknown()
    return _form(held) if proving.may_reply(held.notice) else locked(held)


@bp.post("/n/<token>/feedback")
@public(WHY)
@slow_down_posts
@slow_down_guessing
def send(token: str) -> Response:
    """Keep it for the supervisor. The same form sent again is the same feedback."""
    held = hold(token)
    owner.check_form(held.notice if held else None)
    if held is None:
        return unknown()
    words = request.form.get("words", "")
    if not proving.may_reply(held.notice):
        return locked(held, 403, kept=words)
    feedback_id = read_id(request.form.get("feedback_id", "")) or new_id()
    said = (request.form.get("kind", ""), words, request.form.get("contact", ""))
    try:
        with transaction():
            made = services.register_feedback(held.notice.id, *said, feedback_id=feedback_id)
    except Invalid as error:
        return _form(held, 422, problem=translate(error.message, error.params), field=error.field)
    return _receipt(held, made)


def _form(held: Held, status: int = 200, *, problem: str = "", field: str = "") -> Response:
    return show(
        "complaints/owner_feedback.html",
        held,
        status,
        kinds=(Kind.PRAISE, Kind.GRIEVANCE),
        feedback_id=request.form.get("feedback_id") or str(new_id()),
        said=request.form,
        problem=problem,
        field=field,
        longest=rules.LONGEST_WORDS,
    )


def _receipt(held: Held, made: Complaint) -> Response:
    return show("complaints/owner_feedback_done.html", held, 201, made=made)
