"""The owner says whether somebody was there: a question on the page of the code. No account, no script."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from app.accounts.county import option
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import NotFound
from app.notices.models import Notice
from app.notices.pages import OwnerView
from app.notices.public import unknown
from app.replies import owner, proving
from app.replies.owner import Held, hold, locked, show
from app.sampling import queries, services
from app.sampling.models import Answer
from app.sampling.options import ASK_OWNER
from app.web import panels
from app.web.access import current_person, public
from app.web.limits import limiter, slow_down_guessing
from app.web.strangers import asked_english, open_to_strangers

bp = Blueprint("visit_public", __name__)
WHY = "whoever holds the paper says whether somebody visited; the county may ask for the end of the registered phone"

open_to_strangers(bp)
slow_down_posts = limiter.limit("20 per 10 minutes; 60 per day", methods=["POST"])


@bp.record_once
def _stand_on_the_owners_page(_state: BlueprintSetupState) -> None:
    panels.add("notices.owner.foot", 5, _question)


def _asks(notice: Notice) -> bool:
    return notice.is_issued and bool(option(notice.county_id, ASK_OWNER))


def _question(view: OwnerView) -> str:
    """The question itself where this browser may answer, else the way to it."""
    if view.is_staff or not _asks(view.notice):
        return ""
    may = proving.may_reply(view.notice)
    return render_template(
        "sampling/_owner_question.html",
        notice=view.notice,
        day=view.page.visited_at,
        may_answer=may,
        said=queries.confirmation_of(view.notice.id) if may else None,
        form_token=owner.form_token(view.notice) if may else "",
        thanks="visited" in request.args,
        lang=asked_english(),
    )


@bp.get("/n/<token>/visited")
@public(WHY)
@slow_down_guessing
def ask(token: str) -> Response:
    """The question alone, behind the digits where the county asks for them."""
    held = hold(token)
    if held is None or not _asks(held.notice) or current_person() is not None:
        return unknown()
    return _page(held) if proving.may_reply(held.notice) else locked(held)


@bp.post("/n/<token>/visited")
@public(WHY)
@slow_down_posts
@slow_down_guessing
def answer(token: str) -> Response:
    """Keep the answer; another one takes its place."""
    held = hold(token)
    owner.check_form(held.notice if held else None)
    says = request.form.get("says", "")
    if held is None or not _asks(held.notice) or says not in list(Answer) or current_person() is not None:
        return unknown()
    if not proving.may_reply(held.notice):
        return locked(held, 403)
    proof = proving.proved(held.notice)
    with transaction():
        notice = db.session.get(Notice, held.notice.id)
        if notice is None:
            raise NotFound
        services.confirm_visit(notice, Answer(says), proved_by=proof.value if proof else "", now=clock.now())
    back = url_for("notice_public.show", token=token, lang=asked_english(), visited=1, _anchor="visited")
    return redirect(back, 303)


def _page(held: Held) -> Response:
    return show(
        "sampling/owner_visited.html",
        held,
        day=held.page.visited_at,
        said=queries.confirmation_of(held.notice.id),
    )
