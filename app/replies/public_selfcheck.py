"""The owner looks round with the same checklist: the owner's own statement, judged by nobody."""

from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import transaction
from app.core.ids import read_id
from app.notices.public import unknown
from app.premises.kinds import domain_of
from app.replies import owner, proving, queries, services
from app.replies.models import Said
from app.replies.owner import Held, hold, locked, show
from app.replies.pages import CheckPage
from app.replies.public import WHY, bp
from app.web.access import public
from app.web.limits import limiter, slow_down_guessing
from app.web.strangers import asked_english

slow_down_taps = limiter.limit("240 per minute", methods=["POST"])


@bp.get("/n/<token>/self-check")
@public(WHY)
@slow_down_guessing
def self_check(token: str) -> Response:
    """All items of this visit's sheets, each with three answers."""
    return _with(token, "replies/owner_self_check.html")


@bp.post("/n/<token>/self-check")
@public(WHY)
@slow_down_taps
@slow_down_guessing
def answer(token: str) -> Response:
    """One tap: one item. The next one moves up."""
    held = hold(token)
    owner.check_form(held.notice if held else None)
    item_id, _colon, says = request.form.get("say", "").partition(":")
    item = read_id(item_id)
    if held is None or item is None or says not in list(Said):
        return unknown()
    if not proving.may_reply(held.notice):
        return locked(held, 403)
    with transaction():
        services.answer_item(held.notice.id, item, Said(says), now=clock.now())
    address = url_for(".self_check", token=token, lang=asked_english(), _anchor=_next(held, item))
    return redirect(address, 303)


@bp.get("/n/<token>/self-check/to-do")
@public(WHY)
@slow_down_guessing
def to_do(token: str) -> Response:
    """What the owner still wants to do: a sheet to print or to photograph."""
    return _with(token, "replies/owner_to_do.html")


def _with(token: str, template: str) -> Response:
    held = hold(token)
    if held is None:
        return unknown()
    if not proving.may_read(held.notice):
        return locked(held)
    return show(template, held, check=_page(held), domain_of=domain_of, Said=Said)


def _page(held: Held) -> CheckPage:
    domains = queries.items_of_visit(held.notice.inspection_id)
    return CheckPage(domains, queries.self_checks_of(held.notice.id))


def _next(held: Held, item: Any) -> str:
    """The item after this one, so that the page goes on by itself."""
    items = [one for _domain, items in queries.items_of_visit(held.notice.inspection_id) for one in items]
    place = next(n for n, one in enumerate(items) if one.id == item)
    return f"item-{items[min(place + 1, len(items) - 1)].code}"
