"""A re-inspection: the child of a visit, in which what that one found is looked at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.database import db
from app.core.errors import N_, Invalid
from app.core.ids import derived_id
from app.inspections.models import VERDICTS, Answer, Finding, Inspection, InspectionPhoto, Result


@dataclass(frozen=True)
class Earlier:
    """What an earlier visit found at an item, with its photos, the oldest first."""

    finding: Finding
    photos: list[InspectionPhoto] = field(default_factory=list)


def finding_id_of(visit_id: UUID, item_id: UUID) -> UUID:
    """The id that a finding of this item has in this visit; every device derives the same."""
    return derived_id(derived_id(visit_id, str(item_id)), "finding")


def earlier_of(inspection: Inspection) -> Mapping[UUID, Earlier]:
    """By item what is looked at again: two reads, none for a visit that follows no other."""
    if inspection.parent_id is None:
        return {}
    wanted = {UUID(item_id) for sheet in inspection.sheets for item_id in sheet.item_ids}
    return earlier_findings(inspection.parent_id, wanted)


def earlier_findings(visit_id: UUID, item_ids: set[UUID]) -> Mapping[UUID, Earlier]:
    """The findings of a visit at these items, by item."""
    findings = db.session.scalars(
        select(Finding)
        .join(Answer, Answer.id == Finding.answer_id)
        .where(Finding.inspection_id == visit_id, Answer.item_id.in_(item_ids))
        .options(joinedload(Finding.answer).joinedload(Answer.item))
    )
    return {earlier.finding.answer.item_id: earlier for earlier in with_photos(list(findings)).values()}


def with_photos(findings: Sequence[Finding]) -> dict[UUID, Earlier]:
    """Findings, also of several visits, with their photos, by finding; one read."""
    found = {finding.answer_id: Earlier(finding) for finding in findings}
    photos = db.session.scalars(
        select(InspectionPhoto)
        .where(InspectionPhoto.answer_id.in_(found), InspectionPhoto.in_answer_to_id.is_(None))
        .options(joinedload(InspectionPhoto.photo))
        .order_by(InspectionPhoto.received_at, InspectionPhoto.photo_id)
    )
    for row in photos:
        if row.answer_id is not None:
            found[row.answer_id].photos.append(row)
    return {earlier.finding.id: earlier for earlier in found.values()}


def is_again(inspection: Inspection, item_id: UUID) -> bool:
    """Whether this item of the visit is a finding looked at again."""
    if inspection.parent_id is None:
        return False
    return db.session.get(Finding, finding_id_of(inspection.parent_id, item_id)) is not None


def refuse_other_answer(inspection: Inspection, item_id: UUID, result: Result | None) -> None:
    """Raise Invalid where an earlier finding is not answered by fixed, partly, not fixed, or anything else is."""
    if result is None:
        return
    if (result in VERDICTS) != is_again(inspection, item_id):
        raise Invalid(N_("This answer does not belong to this item. Reload the page."))


def refuse_measuring(inspection: Inspection, item_id: UUID) -> None:
    """Raise Invalid for readings of an earlier finding: what was measured anew goes into the note."""
    if is_again(inspection, item_id):
        raise Invalid(N_("Write the new value into the note; the answer says whether it is fixed."))
