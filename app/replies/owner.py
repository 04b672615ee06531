"""What every page of the owner's side begins with: whose paper it is, whether this browser may go on."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from app.core import clock
from app.notices import queries as notice_queries
from app.notices.models import Notice
from app.notices.pages import OwnerFinding, OwnerPage, OwnerPhoto, owner_page
from app.photos.public import versions
from app.replies import pages, proving, queries, services
from app.replies.pages import PointPart
from app.replies.rules import Tries
from app.web.access import current_person
from app.web.strangers import OwnForm, asked_english

FORM = OwnForm("notice-reply-form")  # made for a notice: its id


@dataclass(frozen=True)
class Held:
    """A notice in the hand of whoever holds its paper."""

    notice: Notice
    page: OwnerPage

    @property
    def token(self) -> str:
        return self.notice.token

    def finding(self, place: int) -> OwnerFinding | None:
        return next((one for one in self.page.findings if one.place == place), None)


def hold(token: str) -> Held | None:
    """The notice of an address; None for a wrong one."""
    notice = notice_queries.notice_by_token(token)
    return Held(notice, owner_page(notice.content, notice_queries.points_of(notice.id))) if notice else None


def parts_of(notice: Notice, findings: list[OwnerFinding], *, may_read: bool) -> list[PointPart]:
    """Where these points stand; what was said with it where this browser may read that."""
    from app.notices.turning import turns_of

    points = {point.finding_id: point for point in notice_queries.points_of(notice.id)}
    codes = {finding.id: code for finding in findings if (code := _code(notice, finding))}
    items = queries.items_found(notice.inspection_id, set(codes.values()))
    by_finding = {finding_id: items[code] for finding_id, code in codes.items() if code in items}
    replies = queries.replies_of(notice.id) if may_read else []
    return pages.point_parts(findings, points, turns_of(notice.id), replies, by_finding)


def part_of(held: Held, finding: OwnerFinding) -> PointPart:
    return parts_of(held.notice, [finding], may_read=proving.may_reply(held.notice))[0]


def _code(notice: Notice, finding: OwnerFinding) -> str:
    return str(notice.content["findings"][finding.place - 1].get("code", ""))


def inspector_photo(notice: Notice, photo: OwnerPhoto) -> str:
    version = versions([photo.id]).get(photo.id)
    return url_for("notice_public.photo", token=notice.token, place=photo.place, v=version)


def form_token(notice: Notice) -> str:
    """Signed for this notice instead of a session: the forms work without cookies, and on a page left open."""
    return FORM.token(str(notice.id))


def check_form(notice: Notice | None) -> None:
    """Raise CSRFError, whatever the address, for a form that is not ours or of another notice."""
    sent = request.form.get("csrf_token", "") if request.mimetype != "application/octet-stream" else ""
    signed = FORM.read(request.headers.get("X-CSRFToken", "") or sent)
    if notice is not None and signed != str(notice.id):
        raise CSRFError("a reply form of another notice")


def show(template: str, held: Held, status: int = 200, **values: Any) -> Response:
    """A page of this notice. Nothing of it is kept by anybody in between."""
    html = render_template(
        template,
        notice=held.notice,
        page=held.page,
        lang=asked_english(),
        form_token=form_token(held.notice),
        is_staff=current_person() is not None,
        **values,
    )
    response = Response(html, status=status, mimetype="text/html")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def locked(held: Held, status: int = 200, *, tries: Tries | None = None, wrong: str = "", kept: str = "") -> Response:
    """The page that asks for the digits, with what was written meanwhile."""
    tries = tries or services.tries_of(queries.lock_of(held.notice.id))
    back = request.form.get("back", "") or request.full_path.rstrip("?")
    return show(
        "replies/owner_lock.html",
        held,
        status,
        ask=proving.asks(held.notice),
        reading=proving.lock_of(held.notice) is proving.Lock.BEFORE_READING,
        paused_until=tries.paused_until if tries.is_paused(clock.now()) else None,
        tries=tries,
        wrong=wrong,
        kept=kept,
        back=back,
    )
