"""Found again: the same item at the same place, within the months the county looks back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, true

from app.accounts.county import option
from app.checklists.models import ChecklistItem
from app.core.database import db
from app.inspections.models import Answer, Finding, Inspection, Status
from app.replies.desk_options import REPEAT_MONTHS

DAYS_IN_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Repeat:
    """When the same was found before, the newest first, with the visits."""

    times: Sequence[tuple[datetime, UUID]]


def repeats_of(findings: Iterable[Finding], premises_id: UUID, county_id: UUID) -> dict[UUID, Repeat]:
    """Those of these findings of one visit that were found before, by finding. Findings come with answer and item."""
    found = {finding.answer.item.code: finding for finding in findings}
    months = int(option(county_id, REPEAT_MONTHS))
    if not found or not months:
        return {}
    visit = db.session.get_one(Inspection, next(iter(found.values())).inspection_id)
    rows = earlier(premises_id, list(found), before=visit.started_at, months=months)
    repeats: dict[UUID, list[tuple[datetime, UUID]]] = {}
    for code, at, visit_id in rows:
        if visit_id != visit.id:
            repeats.setdefault(found[code].id, []).append((at, visit_id))
    return {finding_id: Repeat(times) for finding_id, times in repeats.items()}


def found_before(visit: Inspection) -> dict[str, Repeat]:
    """What was found at the place of a visit before, by the item's code; one read."""
    months = int(option(visit.county_id, REPEAT_MONTHS))
    if not months:
        return {}
    repeats: dict[str, list[tuple[datetime, UUID]]] = {}
    for code, at, visit_id in earlier(visit.premises_id, None, before=visit.started_at, months=months):
        repeats.setdefault(code, []).append((at, visit_id))
    return {code: Repeat(times) for code, times in repeats.items()}


def earlier(
    premises_id: UUID, codes: Sequence[str] | None, *, before: datetime, months: int
) -> list[tuple[str, datetime, UUID]]:
    """Findings with these codes in finished visits of a place: code, when, which visit; the newest first. One read."""
    since = before - timedelta(days=months * DAYS_IN_MONTH)
    rows = db.session.execute(
        select(ChecklistItem.code, Inspection.started_at, Inspection.id)
        .select_from(Inspection)
        .join(Finding, Finding.inspection_id == Inspection.id)
        .join(Answer, Answer.id == Finding.answer_id)
        .join(ChecklistItem, ChecklistItem.id == Answer.item_id)
        .where(
            Inspection.premises_id == premises_id,
            Inspection.started_at < before,
            Inspection.started_at >= since,
            Inspection.status == Status.FINISHED,
            ChecklistItem.code.in_(codes) if codes is not None else true(),
        )
        .order_by(Inspection.started_at.desc())
    )
    return [(code, at, visit_id) for code, at, visit_id in rows]
