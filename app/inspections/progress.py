"""How far a visit is, and what its findings still need."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, union_all
from sqlalchemy.orm import joinedload

from app.checklists.published import published
from app.core.database import db
from app.inspections import rules
from app.inspections.models import AnnouncedPhoto, Answer, Finding, Inspection, InspectionPhoto, Result
from app.photos.models import Photo, Purpose

# Composed once, because they are asked at every tap.
_COUNTS = (
    select(
        Answer.version_id,
        func.count().filter(Answer.result.is_not(None)).label("seen"),
        func.count().filter(Answer.result == Result.DOES_NOT).label("bad"),
        func.count(Answer.sweep_id).label("swept"),
    )
    .where(Answer.inspection_id == bindparam("id"))
    .group_by(Answer.version_id)
)
_LAST_SWEEP = (
    select(Answer.sweep_id)
    .where(Answer.inspection_id == bindparam("id"), Answer.sweep_id.is_not(None))
    .order_by(Answer.answered_at.desc())
    .limit(1)
)


@dataclass(frozen=True)
class SheetProgress:
    """One domain's part of the visit."""

    version_id: UUID
    domain: str
    answered: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.answered


@dataclass(frozen=True)
class Progress:
    """How far the visit is and what its findings still need."""

    sheets: list[SheetProgress]
    findings: int
    incomplete: dict[UUID, list[rules.Missing]] = field(default_factory=dict)  # answer id -> what is missing
    sweep_id: UUID | None = None  # the last "the rest conforms" that was not taken back

    @property
    def answered(self) -> int:
        return sum(sheet.answered for sheet in self.sheets)

    @property
    def total(self) -> int:
        return sum(sheet.total for sheet in self.sheets)

    @property
    def left(self) -> int:
        return self.total - self.answered


def progress_of(inspection: Inspection) -> Progress:
    """Counts in at most three reads: answers by sheet, what findings lack, the last sweep if there was one."""
    rows = db.session.execute(_COUNTS, {"id": inspection.id}).all()
    counted = {row.version_id: row.seen for row in rows}
    sheets = [
        SheetProgress(
            sheet.version_id,
            published(sheet.version_id).version.domain,
            counted.get(sheet.version_id, 0),
            len(sheet.item_ids),
        )
        for sheet in inspection.sheets
    ]
    findings = sum(row.bad for row in rows)
    progress = Progress(sheets, findings, _gaps(inspection) if findings else {})
    if not any(row.swept for row in rows):
        return progress
    return replace(progress, sweep_id=db.session.scalar(_LAST_SWEEP, {"id": inspection.id}))


def final_progress(inspection: Inspection, answers: Mapping[UUID, Answer]) -> Progress:
    """How far a finished visit came, from its answers by item id: nothing is missing any more, so nothing is read."""
    given = [answer for answer in answers.values() if answer.result is not None]
    seen = Counter(answer.version_id for answer in given)
    sheets = [
        SheetProgress(one.version_id, published(one.version_id).version.domain, seen[one.version_id], len(one.item_ids))
        for one in inspection.sheets
    ]
    return Progress(sheets, sum(answer.result is Result.DOES_NOT for answer in given))


def _gaps(inspection: Inspection) -> dict[UUID, list[rules.Missing]]:
    """By answer what its finding still needs; findings that need nothing are left out."""
    return {
        finding.answer_id: gaps
        for finding, photos in findings_with_photos(inspection.id)
        if (gaps := finding_gaps(finding, photos))
    }


@dataclass(frozen=True)
class PhotoCount:
    """A finding's photos: before (or showing the finding), and after."""

    seen: int = 0
    after: int = 0


def _photo_counts(inspection_id: UUID) -> Select[UUID | None, int, int]:
    """By answer how many photos show it before and after; those still on their way from a phone count as present."""
    received = (
        select(InspectionPhoto.answer_id, (Photo.purpose == Purpose.AFTER).label("is_after"))
        .join(Photo, Photo.id == InspectionPhoto.photo_id)
        .where(InspectionPhoto.inspection_id == inspection_id)
    )
    is_after = (AnnouncedPhoto.purpose == Purpose.AFTER.value).label("is_after")
    announced = select(AnnouncedPhoto.answer_id, is_after).where(
        AnnouncedPhoto.inspection_id == inspection_id, AnnouncedPhoto.arrived_at.is_(None), AnnouncedPhoto.problem == ""
    )
    photos = union_all(received, announced).subquery()
    seen, after = func.count().filter(~photos.c.is_after), func.count().filter(photos.c.is_after)
    return select(photos.c.answer_id, seen.label("seen"), after.label("after")).group_by(photos.c.answer_id)


def photo_counts(inspection_id: UUID) -> dict[UUID | None, PhotoCount]:
    """The visit's photos by answer; None stands for the place in general."""
    rows = db.session.execute(_photo_counts(inspection_id))
    return {answer_id: PhotoCount(seen, after) for answer_id, seen, after in rows}


def findings_with_photos(inspection_id: UUID) -> list[tuple[Finding, PhotoCount]]:
    """The findings of a visit, each with how many photos show it before and after."""
    counts = _photo_counts(inspection_id).subquery()
    rows = db.session.execute(
        select(Finding, counts.c.seen, counts.c.after)
        .join(Answer, Answer.id == Finding.answer_id)
        .outerjoin(counts, counts.c.answer_id == Finding.answer_id)
        .where(Finding.inspection_id == inspection_id)
        .options(joinedload(Finding.answer).joinedload(Answer.item))
    )
    return [(finding, PhotoCount(seen or 0, after or 0)) for finding, seen, after in rows]


def finding_gaps(finding: Any, photos: PhotoCount) -> list[rules.Missing]:
    """What one finding (a row, or anything with its names) still needs."""
    answer, item = finding.answer, finding.answer.item
    return rules.missing(
        rules.FindingState(
            severity=item.severity,
            outcome=finding.outcome,
            has_fact=bool(answer.note.strip() or answer.phrases or answer.readings),
            photos=photos.seen,
            photos_after=photos.after,
            due_on=finding.due_on,
            refer_to=finding.refer_to,
            guard=finding.guard,
            photo_required=item.photo_required,
            readings_complete=all(r.get("instrument") and r.get("point") for r in answer.readings),
        )
    )
