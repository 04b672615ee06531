"""Reads of notices. Every page reads a constant number of times."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.accounts.models import Person
from app.accounts.regions import within
from app.core.audit import AuditRecord
from app.core.database import db, read_once
from app.core.errors import NotFound
from app.inspections.models import Answer, Finding, Inspection, InspectionPhoto
from app.notices.models import Delivery, Notice, NoticeFinding, NumberReservation, Status
from app.notices.shelves import BY_DATE, PAGE, Page, Shelf, count_shelves, notices_on
from app.premises.queries import place_within

__all__ = ["BY_DATE", "PAGE", "Page", "Shelf", "count_shelves", "notices_on"]  # shelves.py, reached from here, too


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
    query = (
        select(Finding)
        .where(Finding.inspection_id == inspection.id)
        .options(joinedload(Finding.answer).joinedload(Answer.item))
    )
    rows = read_once(("findings of", inspection.id), lambda: db.session.scalars(query).all())
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
    query = (
        select(Notice)
        .where(Notice.inspection_id == inspection_id)
        .options(defer(Notice.content))
        .order_by(Notice.created_at.desc())
    )
    return list(read_once(("notices of", inspection_id), lambda: db.session.scalars(query).all()))


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
