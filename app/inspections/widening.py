"""A re-inspection that takes the rest of the earlier list along: its ordinary items, with ordinary answers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.inspections.holding import refuse_unless_open
from app.inspections.models import Answer, Finding, Inspection, Sheet

Items = Sequence[tuple[UUID, list[str]]]  # checklist versions with the ids of their items


def others_of(inspection: Inspection) -> Items:
    """What the earlier visit was looked at for and this one is not yet: all but what was found then. Two reads."""
    if inspection.parent_id is None:
        return []
    found = select(Answer.item_id).join(Finding, Finding.answer_id == Answer.id)
    found_then = {str(one) for one in db.session.scalars(found.where(Finding.inspection_id == inspection.parent_id))}
    here = {item_id for sheet in inspection.sheets for item_id in sheet.item_ids}
    then = db.session.scalars(
        select(Sheet).where(Sheet.inspection_id == inspection.parent_id).order_by(Sheet.position)
    )
    rest = [(sheet.version_id, [one for one in sheet.item_ids if one not in found_then | here]) for sheet in then]
    return [(version_id, items) for version_id, items in rest if items]


def take_others(inspection: Inspection, *, by: Person, change_id: UUID | None = None) -> int:
    """Put them below the earlier findings; how many. Again changes nothing. Raises AlreadyClosed, NotAllowed."""
    refuse_unless_open(inspection, by)
    db.session.refresh(inspection, ["sheets"])
    rest = others_of(inspection)
    known = {sheet.version_id: sheet for sheet in inspection.sheets}
    for version_id, items in rest:
        if version_id in known:
            known[version_id].item_ids = [*known[version_id].item_ids, *items]
        else:
            place = 1 + max((sheet.position for sheet in inspection.sheets), default=-1)
            inspection.sheets.append(Sheet(version_id=version_id, position=place, item_ids=items))
    count = sum(len(items) for _version, items in rest)
    if count:
        db.session.flush()
        audit.record("inspection_widened", inspection, by=by.id, change_id=change_id, after={"items": count})
    return count
