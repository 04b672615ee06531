"""What changes a visit. Services flush and never commit; routes open the transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, AlreadyClosed, Invalid, NotAllowed, Refused
from app.core.ids import derived_id
from app.inspections import queries, rules
from app.inspections.answering import answer_of, keep_finding, new_answer
from app.inspections.applies import applicable_items
from app.inspections.deciding import (
    LONGEST_NOTE,
    Ending,
    Plan,
    check_ending,
    check_plan,
    known_phrases,
    planned,
    refuse_long,
    wrote,
)
from app.inspections.digests import content_digest
from app.inspections.models import (
    Answer,
    Fellow,
    Finding,
    Inspection,
    InspectionPhoto,
    Result,
    Review,
    Sheet,
    Status,
)
from app.inspections.sweeping import Swept, plan_sweep
from app.photos.models import Photo
from app.premises.models import Premises

__all__ = ["LONGEST_NOTE", "Ending", "Plan"]


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
    domains: Sequence[str] | None = None,
    fellows: Iterable[Person] = (),
    start: Start | None = None,
    change_id: UUID | None = None,
) -> Inspection:
    """Begin a visit of `premises` in `domains` (all of the place by default), tied to today's checklist versions.

    The same id again gives the same visit. Raises NotAllowed for people who do not inspect, Invalid without any
    checklist.
    """
    premises = _not_merged_away(premises, by)
    known = db.session.get(Inspection, inspection_id)
    if known is not None:
        if known.premises_id != premises.id or known.lead_id != by.id:
            raise Refused(N_("This visit was already begun elsewhere. Reload the page."))
        return known
    if not by.is_inspector:
        raise NotAllowed(N_("Your role does not include this."))
    sheets = applicable_items(premises, domains or premises.domains)
    if not sheets:
        raise Invalid(N_("This place has no domain yet. Add one on its page, then start again."))
    start = start or Start()
    inspection = Inspection(
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
    inspection.sheets = [
        Sheet(version_id=version.id, position=place, item_ids=[str(item.id) for item in items])
        for place, (version, items) in enumerate(sheets)
    ]
    inspection.fellows = [Fellow(person_id=fellow.id) for fellow in fellows if fellow.id != by.id]
    db.session.add(inspection)
    db.session.flush()
    audit.record("inspection_started", inspection, by=by.id, change_id=change_id, after={"premises": str(premises.id)})
    return inspection


def _not_merged_away(premises: Premises, by: Person) -> Premises:
    """The file that stands for the place now: an old page may still show one that was merged into another."""
    if premises.merged_into_id is None:
        return premises
    kept = db.session.get_one(Premises, premises.merged_into_id)
    if not by.region.contains(kept):
        raise Refused(N_("This file was merged into one outside your area, so no visit can start here."))
    return kept


def refuse_unless_open(inspection: Inspection, by: Person) -> None:
    """Raise AlreadyClosed for a frozen visit, NotAllowed for somebody who does not take part."""
    _hold(inspection)
    if not inspection.is_open:
        raise AlreadyClosed(
            N_("This visit is finished and frozen."), hint=N_("Use a correction: it shows both versions.")
        )
    if not inspection.is_worked_on_by(by):
        raise NotAllowed(N_("Only the people on this visit can write in it."))


def _hold(inspection: Inspection) -> None:
    """Until this transaction ends nobody else writes into the visit or freezes it; its status is the newest.

    SQLite has one writer at a time anyway.
    """
    if db.session.get_bind().dialect.name != "sqlite":
        db.session.refresh(inspection, ["status"], with_for_update={"key_share": True})


def save_answer(
    inspection: Inspection, item: ChecklistItem, result: Result | None, *, by: Person, change_id: UUID | None = None
) -> Answer:
    """Record what was seen for `item`; None takes the answer back. A finding comes and goes with it."""
    refuse_unless_open(inspection, by)
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


def sweep_rest(
    inspection: Inspection, sweep_id: UUID, *, by: Person, version_id: UUID | None = None, change_id: UUID | None = None
) -> Swept:
    """"The rest conforms": answer the items not looked at yet that can be judged by eye. Undone by `undo_sweep`."""
    refuse_unless_open(inspection, by)
    swept = plan_sweep(inspection, version_id)
    answers, now = queries.answers_of(inspection), clock.now()
    for item in swept.items:
        answer = answers.get(item.id) or new_answer(inspection, item.id, item.version_id, by)
        answer.result, answer.sweep_id = Result.CONFORMS, sweep_id
        wrote(answer, "result", change_id)
        answer.answered_at, answer.answered_by_id = now, by.id
    db.session.flush()
    after = {"sweep": str(sweep_id), "count": swept.count}
    audit.record("rest_conforms", inspection, by=by.id, change_id=change_id, after=after)
    return swept


def undo_sweep(inspection: Inspection, sweep_id: UUID, *, by: Person, change_id: UUID | None = None) -> int:
    """Take back exactly the answers that `sweep_rest` gave and nobody has touched since. Returns how many."""
    refuse_unless_open(inspection, by)
    taken_back = [answer for answer in queries.answers_of(inspection).values() if answer.sweep_id == sweep_id]
    for answer in taken_back:
        answer.result, answer.sweep_id = None, None
        wrote(answer, "result", change_id)
    db.session.flush()
    audit.record(
        "rest_conforms_undone",
        inspection,
        by=by.id,
        change_id=change_id,
        after={"sweep": str(sweep_id), "count": len(taken_back)},
    )
    return len(taken_back)


def attach_photo(inspection: Inspection, photo: Photo, item: ChecklistItem | None, *, by: Person) -> InspectionPhoto:
    """Give an accepted photo its place in the visit. The same photo id again gives the same row."""
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


def finish_inspection(
    inspection: Inspection, ending: Ending, *, by: Person, change_id: UUID | None = None
) -> Inspection:
    """Freeze the visit. A second finishing, also from another phone, finds it finished and changes nothing.

    Raises Invalid naming what is missing.
    """
    _hold(inspection)
    if not inspection.is_open:
        return inspection
    refuse_unless_open(inspection, by)
    progress = queries.progress_of(inspection)
    check_ending(ending, answered=progress.answered, incomplete=len(progress.incomplete))
    inspection.conclusion = ending.conclusion
    inspection.receipt = ending.receipt
    inspection.signer_name, inspection.signature_key = ending.signer_name, ending.signature_key
    inspection.refusal_reason, inspection.witness = ending.refusal_reason, ending.witness
    inspection.finished_at = clock.now()
    inspection.status = Status.FINISHED
    inspection.digest = content_digest(inspection)
    inspection.premises.last_inspected_at = inspection.finished_at
    db.session.flush()
    audit.record("inspection_finished", inspection, by=by.id, change_id=change_id, after={"digest": inspection.digest})
    return inspection


def review_photo(
    row: InspectionPhoto, review: Review, *, by: Person, remark: str = "", change_id: UUID | None = None
) -> InspectionPhoto:
    """A supervisor has looked: reviewed, or sent back with a remark the coordinator sees."""
    if review is Review.SENT_BACK and not remark.strip():
        raise Invalid(N_("Write what the coordinator should do."), field="remark")
    before, remark = row.review, remark.strip()[:LONGEST_NOTE]
    row.review = review
    if review is Review.SENT_BACK:
        row.remark, row.reply, row.replied_at = remark, "", None
    row.reviewed_by_id, row.reviewed_at = by.id, clock.now()
    db.session.flush()
    audit.record("photo_reviewed", row, by=by.id, change_id=change_id, before=before, after=review, note=remark)
    return row
