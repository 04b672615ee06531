"""Reads of notices. Every page reads a constant number of times."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.accounts.models import Person
from app.accounts.regions import Region, within
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import NotFound
from app.inspections.models import Answer, Finding, Inspection, InspectionPhoto
from app.notices.models import Delivery, Notice, NoticeFinding, NumberReservation, Status
from app.notices.rules import SOON
from app.premises.models import Premises
from app.premises.queries import place_within

PAGE = 30


class Shelf(enum.StrEnum):
    """The parts of the list, the most pressing first."""

    OPEN = "open"
    LATE = "overdue"
    SOON = "soon"
    LATER = "later"
    UNDATED = "undated"
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"


BY_DATE = frozenset({Shelf.OPEN, Shelf.LATE, Shelf.SOON, Shelf.LATER})


@dataclass(frozen=True)
class Page:
    """One page of the list; `next_key` starts the next one, None where this is the last."""

    notices: list[Notice]
    next_key: str | None


def get_notice(notice_id: UUID, reader: Person) -> Notice:
    """The notice, if it lies in the reader's region; NotFound otherwise, the same as if there were none."""
    return _notice(notice_id, within(Notice, reader.region))


def read_notice(notice_id: UUID, reader: Person) -> Notice:
    """The same for reading only: also another area's notice (no draft) to a place that has moved to the reader's."""
    history = and_(Notice.status != Status.DRAFT, place_within(Notice, reader.region))
    return _notice(notice_id, or_(within(Notice, reader.region), history))


def visit_of_discarded(notice_id: UUID) -> UUID:
    """The visit of a draft that was thrown away, as the audit has it. NotFound if there never was one."""
    before = db.session.scalar(
        select(AuditRecord.before).where(
            AuditRecord.object_type == Notice.__tablename__,
            AuditRecord.object_id == notice_id,
            AuditRecord.action == "notice_draft_discarded",
        )
    )
    if not before or "visit" not in before:
        raise NotFound
    return UUID(before["visit"])


def _notice(notice_id: UUID, condition: ColumnElement[bool]) -> Notice:
    found = db.session.scalars(
        select(Notice)
        .where(Notice.id == notice_id, condition)
        .options(
            joinedload(Notice.premises),
            joinedload(Notice.replaces),
            joinedload(Notice.replaced_by),
            selectinload(Notice.deliveries).joinedload(Delivery.by),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def notice_by_token(token: str) -> Notice | None:
    """What the owner's code opens: an issued or withdrawn notice with its neighbours; a draft is nobody's to see."""
    if "\0" in token:
        return None  # PostgreSQL would not even compare it, and every wrong address gets the same answer
    return db.session.scalars(
        select(Notice)
        .where(Notice.token == token, Notice.status != Status.DRAFT)
        .options(joinedload(Notice.replaces), joinedload(Notice.replaced_by))
    ).one_or_none()


def reservation_by_token(token: str) -> NumberReservation | None:
    """The reserved number whose paper may be in somebody's hand before its content has reached us."""
    if "\0" in token:
        return None
    kept = db.session.scalars(
        select(NumberReservation)
        .where(NumberReservation.token == token)
        .options(joinedload(NumberReservation.organisation))
    ).one_or_none()
    return kept if kept is not None and kept.is_awaited else None


def findings_of(inspection: Inspection) -> list[Finding]:
    """The findings of a visit in the order of its sheets, with their items."""
    rows = db.session.scalars(
        select(Finding)
        .where(Finding.inspection_id == inspection.id)
        .options(joinedload(Finding.answer).joinedload(Answer.item))
    ).all()
    order = {sheet.version_id: sheet.position for sheet in inspection.sheets}
    return sorted(rows, key=lambda f: (order.get(f.answer.version_id, 99), f.answer.item.position))


def photos_by_answer(inspection_id: UUID) -> dict[UUID, list[InspectionPhoto]]:
    """The visit's photos by answer, oldest first."""
    rows = db.session.scalars(
        select(InspectionPhoto)
        .where(InspectionPhoto.inspection_id == inspection_id, InspectionPhoto.answer_id.is_not(None))
        .options(joinedload(InspectionPhoto.photo))
        .order_by(InspectionPhoto.received_at, InspectionPhoto.photo_id)
    )
    found: dict[UUID, list[InspectionPhoto]] = {}
    for row in rows:
        if row.answer_id is not None:
            found.setdefault(row.answer_id, []).append(row)
    return found


def notices_of(inspection_id: UUID) -> list[Notice]:
    """All notices made from a visit, the newest first, without their content."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(Notice.inspection_id == inspection_id)
            .options(defer(Notice.content))
            .order_by(Notice.created_at.desc())
        )
    )


def findings_in_force(finding_ids: Sequence[UUID], *, besides: UUID | None = None) -> dict[UUID, Notice]:
    """Which of these findings stand on a notice that is in force (other than `besides`)."""
    rows = db.session.execute(
        select(NoticeFinding.finding_id, Notice)
        .join(Notice, Notice.id == NoticeFinding.notice_id)
        .where(NoticeFinding.finding_id.in_(finding_ids), Notice.status == Status.ISSUED)
        .options(defer(Notice.content))
    )
    return {finding_id: notice for finding_id, notice in rows if notice.id != besides}


def finding_ids_of(notice_id: UUID) -> list[UUID]:
    """The findings a notice carries, in its order."""
    return list(
        db.session.scalars(
            select(NoticeFinding.finding_id)
            .where(NoticeFinding.notice_id == notice_id)
            .order_by(NoticeFinding.position)
        )
    )


def points_of(notice_id: UUID) -> list[NoticeFinding]:
    """Where each finding of a notice stands, in its order."""
    return list(
        db.session.scalars(
            select(NoticeFinding).where(NoticeFinding.notice_id == notice_id).order_by(NoticeFinding.position)
        )
    )


def withdrawn_before(finding_ids: Sequence[UUID]) -> Notice | None:
    """The latest withdrawn notice about any of these findings that has no successor yet."""
    successor = select(Notice.replaces_id).where(Notice.replaces_id.is_not(None))
    return db.session.scalars(
        select(Notice)
        .join(NoticeFinding, NoticeFinding.notice_id == Notice.id)
        .where(
            NoticeFinding.finding_id.in_(finding_ids),
            Notice.status == Status.WITHDRAWN,
            Notice.id.not_in(successor),
        )
        .order_by(Notice.withdrawn_at.desc())
        .limit(1)
    ).first()


def notices_of_premises(premises_id: UUID, limit: int = 10) -> list[Notice]:
    """The latest notices of a premises, also from before it moved here, without their content."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(Notice.premises_id == premises_id, Notice.status != Status.DRAFT)
            .options(defer(Notice.content))
            .order_by(Notice.issued_at.desc())
            .limit(limit)
        )
    )


def count_shelves(region: Region, today: date) -> dict[Shelf, int]:
    """How many notices stand on each shelf, in one read of an index."""
    issued, due = Notice.status == Status.ISSUED, Notice.due_on
    names = (Shelf.LATE, Shelf.SOON, Shelf.LATER, Shelf.UNDATED)
    counts = [func.sum(case((and_(issued, condition), 1), else_=0)) for condition in _due_ranges(due, today)]
    others = [func.sum(case((Notice.status == s, 1), else_=0)) for s in (Status.DRAFT, Status.WITHDRAWN)]
    row = db.session.execute(select(*counts, *others).where(within(Notice, region))).one()
    found = {
        shelf: int(value or 0)
        for shelf, value in zip((*names, Shelf.DRAFT, Shelf.WITHDRAWN), row, strict=True)
    }
    found[Shelf.OPEN] = found[Shelf.LATE] + found[Shelf.SOON] + found[Shelf.LATER]
    return found


def notices_on(shelf: Shelf, region: Region, today: date, after: str = "") -> Page:
    """One page of a shelf. Dated notices come by date, the others newest first; `after` is a page's next_key."""
    by_date = shelf in BY_DATE
    order: tuple[Any, ...] = (
        (Notice.due_on, Notice.id) if by_date else (Notice.created_at.desc(), Notice.id.desc())
    )
    query = select(Notice).where(within(Notice, region), _on(shelf, today))
    start = _start(after)
    if start is not None and not (by_date and start.due_on is None):
        query = query.where(_beyond(start, by_date=by_date))
    rows = list(
        db.session.scalars(
            query.options(
                defer(Notice.content), joinedload(Notice.premises).load_only(Premises.name, Premises.address)
            )
            .order_by(*order)
            .limit(PAGE + 1)
        )
    )
    return Page(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else None)


def _due_ranges(due: Any, today: date) -> tuple[ColumnElement[bool], ...]:
    return due < today, and_(due >= today, due <= today + SOON), due > today + SOON, due.is_(None)


def _on(shelf: Shelf, today: date) -> ColumnElement[bool]:
    if shelf is Shelf.DRAFT:
        return Notice.status == Status.DRAFT
    if shelf is Shelf.WITHDRAWN:
        return Notice.status == Status.WITHDRAWN
    late, soon, later, undated = _due_ranges(Notice.due_on, today)
    part = {Shelf.LATE: late, Shelf.SOON: soon, Shelf.LATER: later, Shelf.UNDATED: undated}.get(
        shelf, Notice.due_on.is_not(None)
    )
    return and_(Notice.status == Status.ISSUED, part)


def _start(after: str) -> Notice | None:
    """The last notice of the page before; a key that means nothing starts at the top."""
    try:
        return db.session.get(Notice, UUID(after), options=[defer(Notice.content)]) if after else None
    except ValueError:
        return None


def _beyond(start: Notice, *, by_date: bool) -> ColumnElement[bool]:
    if by_date:
        return or_(Notice.due_on > start.due_on, and_(Notice.due_on == start.due_on, Notice.id > start.id))
    earlier = Notice.created_at < start.created_at
    return or_(earlier, and_(Notice.created_at == start.created_at, Notice.id < start.id))
