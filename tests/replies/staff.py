"""Notices that wait for somebody, for the staff's tests."""

from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.notices import turning
from app.notices.models import Notice, NoticeFinding
from app.notices.progress import Event
from app.notices.turning import Move
from app.replies.models import Reply, ReplyKind


def points_of(notice: Notice) -> list[NoticeFinding]:
    """Read afresh, in the notice's order."""
    rows = db.session.query(NoticeFinding).filter_by(notice_id=notice.id).order_by(NoticeFinding.position)
    return list(rows.execution_options(populate_existing=True))


def point_of(notice: Notice, code: str) -> NoticeFinding:
    return next(point for point in points_of(notice) if point.finding.answer.item.code == code)


def replied(
    notice: Notice, code: str, kind: ReplyKind = ReplyKind.FIXED, text: str = "改好了", **said: object
) -> Reply:
    """The owner has answered a point, as the public page writes it down."""
    point, now = point_of(notice, code), clock.now()
    with transaction():
        sequence = db.session.query(Reply).filter_by(notice_id=notice.id).count() + 1
        reply = Reply(
            id=new_id(), notice_id=notice.id, finding_id=point.finding_id, kind=kind, text=text, sequence=sequence,
            sent_at=now, digest="e" * 64, **said,
        )  # fmt: skip
        db.session.add(reply)
        db.session.flush()
        turning.take_turn(notice.id, point.finding_id, Move(reply.id, Event.REPLIED), by=None, now=now)
    return reply
