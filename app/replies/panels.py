"""Where replies show themselves on the owner's page of a notice, and on the issuing side's."""

from collections.abc import Sequence

from flask import render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.notices import public as notice_public
from app.notices.models import Notice
from app.notices.pages import OwnerView
from app.replies import owner, pages, proving, queries, services
from app.replies.pages import CheckPage
from app.replies.rules import Lock
from app.web import panels
from app.web.access import current_person
from app.web.strangers import asked_english


def below_points(views: Sequence[OwnerView]) -> list[str]:
    """How each point stands, what was said, what can be said now."""
    if not views:
        return []
    notice = views[0].notice
    may_read = proving.may_read(notice)
    parts = owner.parts_of(notice, [view.finding for view in views if view.finding], may_read=may_read)
    return [
        render_template("replies/_owner_point.html", part=part, view=view, may_read=may_read, lang=asked_english())
        for view, part in zip(views, parts, strict=True)
    ]


def below_point(view: OwnerView) -> str:
    return below_points([view])[0]


def above_points(view: OwnerView) -> str:
    """How many wait for whom, where there is more than one point."""
    findings = view.page.findings
    return render_template("replies/_owner_top.html", summary=pages.summary(findings), total=len(findings))


def foot(view: OwnerView) -> str:
    """The way to the self-check."""
    if not view.notice.is_issued:
        return ""
    return render_template("replies/_owner_foot.html", view=view, lang=asked_english())


def for_staff(notice: Notice) -> str:
    """On the issuing side's page: what lets the owner in, and the owner's own self-check."""
    person = current_person()
    if person is None or not (person.is_inspector and person.region.contains(notice)) or not notice.number:
        return ""
    tries = services.tries_of(queries.lock_of(notice.id))
    code = proving.code_of(notice)
    check = CheckPage(queries.items_of_visit(notice.inspection_id), queries.self_checks_of(notice.id))
    return render_template(
        "replies/_panel_lock.html",
        notice=notice,
        ask=proving.asks(notice),
        code=f"{code[:3]} {code[3:]}",
        paused_until=tries.paused_until if tries.is_paused(clock.now()) else None,
        check=check,
    )


def before_reading(notice: Notice) -> Response | None:
    """The digits, where the county asks for them before anything is shown."""
    if proving.lock_of(notice) is not Lock.BEFORE_READING or proving.may_read(notice):
        return None
    held = owner.hold(notice.token)
    return owner.locked(held) if held else None


def add() -> None:
    """Register them."""
    panels.add("notices.owner.top", 10, above_points)
    panels.add("notices.owner.point", 10, below_point, below_points)
    panels.add("notices.owner.foot", 10, foot)
    panels.add("notices.page", 80, for_staff)
    if before_reading not in notice_public.before_reading:
        notice_public.before_reading.append(before_reading)
