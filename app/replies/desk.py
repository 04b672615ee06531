"""The staff's page of a notice, point by point: how it stands, what the owner says, what can be done now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.inspections.models import Answer, Finding, Inspection, InspectionPhoto
from app.inspections.models import Status as VisitStatus
from app.notices.models import Notice, NoticeFinding, Turn
from app.notices.pages import OwnerFinding, owner_page
from app.notices.progress import Step
from app.photos.models import Purpose
from app.replies import queries
from app.replies.deciding import powers_of, situation_of
from app.replies.deciding_rules import Act, may, why_not
from app.replies.models import Reply
from app.replies.repeats import Repeat, repeats_of


@dataclass(frozen=True)
class PointView:
    """One point of a notice as staff see it."""

    point: NoticeFinding
    said: OwnerFinding  # as the owner reads it
    before: Sequence[UUID]  # photos of the visit
    replies: Sequence[Reply]  # the oldest first
    turns: Sequence[Turn]
    offers: frozenset[Act]
    extend_why_not: str  # a msgid
    repeat: Repeat | None = None

    @property
    def reply(self) -> Reply | None:
        """The newest one."""
        return self.replies[-1] if self.replies else None

    @property
    def seen(self) -> UUID | None:
        """Its last turn: a decision made on an older one is refused."""
        return self.turns[-1].id if self.turns else None

    @property
    def severity(self) -> str:
        return self.point.finding.answer.item.severity

    @property
    def is_overdue(self) -> bool:
        return self.point.step is Step.AWAITED and self.point.due_on is not None and self.point.due_on < clock.today()


@dataclass(frozen=True)
class DeskPage:
    """Everything about a notice's points, in a constant number of reads."""

    notice: Notice
    points: Sequence[PointView]
    running: Inspection | None  # a re-inspection that goes on
    may_write: bool
    may_look_again: bool
    problem: Mapping[str, Any] = field(default_factory=dict)  # of a decision that could not be taken

    @property
    def waiting(self) -> int:
        return sum(one.point.step is Step.ANSWERED for one in self.points)

    @property
    def to_look(self) -> int:
        return sum(one.point.step is not Step.CLOSED for one in self.points)


def desk_page(notice: Notice, reader: Person, problem: Mapping[str, Any] | None = None) -> DeskPage:
    """Gather the page of a notice that was issued; eight reads."""
    points = _points(notice.id)
    content = {one.id: one for one in owner_page(notice.content, points).findings}
    turns, replies = _by_finding(_turns(notice.id)), _by_finding(queries.replies_of(notice.id))
    photos = _photos([point.finding.answer_id for point in points])
    again = repeats_of([point.finding for point in points], notice.premises_id, notice.county_id)
    writes = reader.is_inspector and reader.region.contains(notice)
    views = [
        _view(notice, point, content[point.finding_id], reader if writes else None,
              (photos.get(point.finding.answer_id, []), replies.get(point.finding_id, []),
               turns.get(point.finding_id, [])), again.get(point.finding_id))
        for point in points
    ]  # fmt: skip
    running = _running(notice.inspection_id)
    is_open = notice.is_issued and any(point.step is not Step.CLOSED for point in points)
    return DeskPage(notice, views, running, writes, writes and is_open and running is None, problem or {})


def _view(
    notice: Notice,
    point: NoticeFinding,
    said: OwnerFinding,
    reader: Person | None,
    about: tuple[Sequence[UUID], Sequence[Reply], Sequence[Turn]],
    repeat: Repeat | None,
) -> PointView:
    before, replies, turns = about
    offers: frozenset[Act] = frozenset()
    why = ""
    if reader is not None:
        spoken = [one for one in replies if not one.as_note]
        stands = situation_of(notice, point, spoken[-1] if spoken else None, clock.today())
        powers = powers_of(reader, notice.county_id)
        offers = frozenset(act for act in Act if may(act, stands, powers))
        why = why_not(Act.EXTEND, stands, powers)
    return PointView(point, said, before, replies, turns, offers, why, repeat)


def _points(notice_id: UUID) -> list[NoticeFinding]:
    return list(
        db.session.scalars(
            select(NoticeFinding)
            .where(NoticeFinding.notice_id == notice_id)
            .options(joinedload(NoticeFinding.finding).joinedload(Finding.answer).joinedload(Answer.item))
            .order_by(NoticeFinding.position)
            .execution_options(populate_existing=True)
        )
    )


def _turns(notice_id: UUID) -> list[Turn]:
    asked = select(Turn).where(Turn.notice_id == notice_id).options(joinedload(Turn.by)).order_by(Turn.at, Turn.id)
    return list(db.session.scalars(asked).unique())


def _photos(answer_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The photos of the visit by answer, without those after it was fixed."""
    rows = db.session.scalars(
        select(InspectionPhoto)
        .where(InspectionPhoto.answer_id.in_(answer_ids), InspectionPhoto.in_answer_to_id.is_(None))
        .options(joinedload(InspectionPhoto.photo))
        .order_by(InspectionPhoto.received_at, InspectionPhoto.photo_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        if row.answer_id is not None and row.photo.purpose is not Purpose.AFTER:
            found.setdefault(row.answer_id, []).append(row.photo_id)
    return found


def _running(visit_id: UUID) -> Inspection | None:
    """The newest re-inspection of this visit that is not finished."""
    asked = select(Inspection).where(Inspection.parent_id == visit_id, Inspection.status == VisitStatus.OPEN)
    return db.session.scalars(
        asked.options(joinedload(Inspection.lead)).order_by(Inspection.started_at.desc()).limit(1)
    ).first()


def _by_finding(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.finding_id, []).append(row)
    return found


def proposed_date(view: PointView) -> date | None:
    """The date the owner asks for; else a week after the one that holds."""
    from datetime import timedelta

    if view.reply is not None and view.reply.wished_on is not None:
        return view.reply.wished_on
    start = max(view.point.due_on, clock.today()) if view.point.due_on else clock.today()
    return start + timedelta(days=7)
