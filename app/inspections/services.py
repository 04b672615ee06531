"""What changes a visit. Services flush and never commit; routes open the transaction.

Here a visit begins and is written in. Who may do so is in holding.py, "the rest conforms" in sweeping.py, the end in
finishing.py, the review of photos in reviewing.py; all of them are reached from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, Refused
from app.core.ids import derived_id
from app.inspections import rules
from app.inspections.answering import answer_of, keep_finding
from app.inspections.applies import applicable_items
from app.inspections.deciding import (
    LONGEST_NOTE,
    Ending,
    Plan,
    check_plan,
    known_phrases,
    planned,
    refuse_long,
    wrote,
)
from app.inspections.finishing import finish_inspection
from app.inspections.holding import refuse_unless_open
from app.inspections.models import (
    AnnouncedPhoto,
    Answer,
    Fellow,
    Finding,
    Inspection,
    InspectionPhoto,
    Result,
    Sheet,
)
from app.inspections.rechecking import refuse_measuring, refuse_other_answer
from app.inspections.reviewing import review_photo
from app.inspections.sweeping import Swept, sweep_rest, undo_sweep
from app.photos.models import Photo
from app.premises.models import Premises

__all__ = [
    "LONGEST_NOTE",
    "Ending",
    "Plan",
    "Swept",
    "finish_inspection",
    "review_photo",
    "sweep_rest",
    "undo_sweep",
]


Sheets = Sequence[tuple[UUID, Sequence[str]]]  # checklist versions with the ids of the items looked at


@dataclass(frozen=True)
class Again:
    """A re-inspection: which visit it follows, and which of its items are looked at again."""

    parent_id: UUID
    sheets: Sheets


@dataclass(frozen=True)
class Start:
    """What the phone knows at the start: its clock and position (WGS 84 degrees, metres), all optional."""

    device_time: datetime | None = None
    clock_offset_ms: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None


def start_inspection(
    inspection_id: UUID,
    premises: Premises,
    *,
    by: Person,
    domains: Sequence[str] | Again | None = None,
    fellows: Iterable[Person] = (),
    start: Start | None = None,
    change_id: UUID | None = None,
) -> Inspection:
    """Begin a visit of `premises` in `domains` (all of the place by default), tied to today's checklist versions.

    An Again instead makes it a re-inspection: the child of a visit, with nothing but what that one found. The same id
    again gives the same visit. Raises NotAllowed for people who do not inspect, Invalid without any checklist.
    """
    premises = _not_merged_away(premises, by)
    known = db.session.get(Inspection, inspection_id)
    if known is not None:
        if known.premises_id != premises.id or known.lead_id != by.id:
            raise Refused(N_("This visit was already begun elsewhere. Reload the page."))
        return known
    if not by.is_inspector:
        raise NotAllowed(N_("Your role does not include this."))
    again = domains if isinstance(domains, Again) else None
    sheets = domains.sheets if isinstance(domains, Again) else _sheets(premises, domains or premises.domains)
    if not sheets:
        raise Invalid(N_("This place has no domain yet. Add one on its page, then start again."))
    inspection = _begun(inspection_id, premises, by, start or Start())
    inspection.parent_id = again.parent_id if again else None
    inspection.sheets = [
        Sheet(version_id=version_id, position=place, item_ids=list(item_ids))
        for place, (version_id, item_ids) in enumerate(sheets)
    ]
    inspection.fellows = [Fellow(person_id=fellow.id) for fellow in fellows if fellow.id != by.id]
    db.session.add(inspection)
    db.session.flush()
    told = {"premises": str(premises.id)} | ({"again": str(again.parent_id)} if again else {})
    audit.record("inspection_started", inspection, by=by.id, change_id=change_id, after=told)
    return inspection


def _begun(inspection_id: UUID, premises: Premises, by: Person, start: Start) -> Inspection:
    return Inspection(
        id=inspection_id,
        premises_id=premises.id,
        organisation_id=by.organisation_id,
        lead_id=by.id,
        region_id=premises.region_id,
        county_id=premises.county_id,
        township_id=premises.township_id,
        village_id=premises.village_id,
        started_at=clock.now(),
        device_started_at=start.device_time,
        clock_offset_ms=start.clock_offset_ms,
        latitude=start.latitude,
        longitude=start.longitude,
        accuracy_m=start.accuracy_m,
    )


def _sheets(premises: Premises, domains: Sequence[str]) -> Sheets:
    found = applicable_items(premises, domains)
    return [(version.id, [str(item.id) for item in items]) for version, items in found]


def _not_merged_away(premises: Premises, by: Person) -> Premises:
    """The file that stands for the place now: an old page may still show one that was merged into another."""
    if premises.merged_into_id is None:
        return premises
    kept = db.session.get_one(Premises, premises.merged_into_id)
    if not by.region.contains(kept):
        raise Refused(N_("This file was merged into one outside your area, so no visit can start here."))
    return kept


def save_answer(
    inspection: Inspection, item: ChecklistItem, result: Result | None, *, by: Person, change_id: UUID | None = None
) -> Answer:
    """Record what was seen for `item`; None takes the answer back. A finding comes and goes with it."""
    refuse_unless_open(inspection, by)
    refuse_other_answer(inspection, item.id, result)
    answer = answer_of(inspection, item, by)
    before: Any = answer.result
    if answer.finding is not None and result is not Result.DOES_NOT:
        before = _before_dropping(answer.finding)  # a mistaken tap takes typed words along; the record keeps them
    answer.result, answer.sweep_id = result, None
    wrote(answer, "result", change_id)
    answer.answered_at, answer.answered_by_id = clock.now(), by.id
    keep_finding(answer, item, inspection)
    audit.record("answer_saved", answer, by=by.id, change_id=change_id, before=before, after=result)
    db.session.flush()
    return answer


def _before_dropping(finding: Finding) -> dict[str, str]:
    """What a finding said, for the audit record."""
    names = ("outcome", "due_on", "refer_to", "refer_reason", "guard", "scene")
    return {"result": Result.DOES_NOT} | {name: str(getattr(finding, name) or "") for name in names}


def save_note(
    inspection: Inspection,
    item: ChecklistItem,
    note: str,
    phrases: Sequence[int] = (),
    *,
    by: Person,
    change_id: UUID | None = None,
) -> Answer:
    """Record what was seen, in the inspector's words and quick phrases (by position). Invalid if too long."""
    refuse_unless_open(inspection, by)
    refuse_long(note)
    answer = answer_of(inspection, item, by)
    before = answer.note
    answer.note, answer.phrases = note, known_phrases(item, phrases)
    wrote(answer, "note", change_id)
    answer.answered_at, answer.answered_by_id = clock.now(), by.id
    db.session.flush()
    audit.record("note_saved", answer, by=by.id, change_id=change_id, before=before, after=note)
    return answer


def save_outcome(
    inspection: Inspection, item: ChecklistItem, plan: Plan, *, by: Person, change_id: UUID | None = None
) -> Finding:
    """Record how a finding leaves the visit.

    What the outcome needs and the inspector did not say is proposed: the checklist's date, the authority of the
    item. Raises Invalid for a date that cannot be or an outcome that the severity forbids.
    """
    refuse_unless_open(inspection, by)
    visited_on = clock.local(inspection.started_at).date()
    check_plan(plan, item.severity, visited_on)
    finding = db.session.get(Finding, derived_id(derived_id(inspection.id, str(item.id)), "finding"))
    if finding is None:
        raise Refused(N_("This item has no finding any more. Reload the page."))
    before = {"outcome": finding.outcome, "due_on": str(finding.due_on or "")}
    for name, value in planned(plan, item, visited_on, clock.today()).items():
        setattr(finding, name, value)
    wrote(finding.answer, "outcome", change_id)
    db.session.flush()
    after = {"outcome": finding.outcome, "due_on": str(finding.due_on or ""), "refer_to": finding.refer_to}
    audit.record("outcome_saved", finding, by=by.id, change_id=change_id, before=before, after=after)
    return finding


def save_readings(
    inspection: Inspection,
    item: ChecklistItem,
    readings: list[dict[str, Any]],
    *,
    by: Person,
    change_id: UUID | None = None,
) -> Answer:
    """Record judged readings (see readings.py for their shape); the program gives the answer they mean."""
    refuse_unless_open(inspection, by)
    refuse_measuring(inspection, item.id)
    answer = answer_of(inspection, item, by)
    before = list(answer.readings or [])
    answer.readings = readings
    wrote(answer, "readings", change_id)
    result = rules.result_from_readings([bool(reading["conforms"]) for reading in readings])
    if result is not None:
        answer.result = Result(result)
    answer.answered_at, answer.answered_by_id = clock.now(), by.id
    keep_finding(answer, item, inspection)
    db.session.flush()
    audit.record("readings_saved", answer, by=by.id, change_id=change_id, before=before, after=readings)
    return answer


def _settle_announced(photo: Photo, inspection: Inspection) -> None:
    """What an outbox announced came through a page's own upload: nobody waits for it any more. Raises Refused."""
    announced = db.session.get(AnnouncedPhoto, photo.id)
    if announced is None or announced.arrived_at is not None:
        return
    if (announced.inspection_id, announced.sha256) != (inspection.id, photo.sha256):
        raise Refused(N_("Another photo was already announced under this number. Take this photo again."))
    announced.arrived_at, announced.problem = photo.received_at, ""


def attach_photo(inspection: Inspection, photo: Photo, item: ChecklistItem | None, *, by: Person) -> InspectionPhoto:
    """Give an accepted photo its place in the visit. The same photo id again gives the same row."""
    _settle_announced(photo, inspection)
    known = db.session.get(InspectionPhoto, photo.id)
    if known is not None:
        if known.inspection_id != inspection.id:
            raise Refused(N_("This photo already belongs to another visit."))
        return known
    refuse_unless_open(inspection, by)
    answer = None
    if item is not None:
        answer = answer_of(inspection, item, by)
        db.session.flush()
    row = InspectionPhoto(
        photo_id=photo.id,
        inspection_id=inspection.id,
        answer_id=answer.id if answer else None,
        premises_id=inspection.premises_id,
        inspector_id=by.id,
        region_id=inspection.region_id,
        county_id=inspection.county_id,
        township_id=inspection.township_id,
        village_id=inspection.village_id,
        domain=item.version.domain if item else "",
        severity=item.severity if item else "",
        received_at=photo.received_at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("photo_received", row, by=by.id, after={"sha256": photo.sha256, "inspection": str(inspection.id)})
    return row
