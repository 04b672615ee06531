"""What changes an information report. Services flush, they never commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, NotFound, Refused
from app.core.ids import derived_id
from app.core.roles import INSPECTORS, Role
from app.photos.intake import Received, record_photo
from app.photos.rules import PhotoMeta
from app.premises.models import Premises
from app.reports import rules
from app.reports.categories import categories
from app.reports.models import Report, ReportPhoto, ReportTurn
from app.reports.rules import Event

REPORTERS = (Role.INFORMANT, *INSPECTORS)


@dataclass(frozen=True)
class Told:
    """What the reporter says. `discovered_at` None means now; position in WGS 84 degrees and metres."""

    category: str
    content: str
    discovered_at: datetime | None = None
    premises: Premises | None = None
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None
    recorded_at: datetime | None = None  # on a phone that sent it later, by its corrected clock
    device_at: datetime | None = None
    clock_offset_ms: int | None = None


def make_report(
    report_id: UUID, told: Told, *, by: Person, now: datetime, change_id: UUID | None = None
) -> Report:
    """Keep what was reported. The same id again gives the same report.

    Raises NotAllowed for people who do not report, Invalid (with its field) for what is missing, Refused when the
    id stands for another report.
    """
    known = db.session.get(Report, report_id)
    if known is not None:
        if known.reporter_id != by.id or known.content != told.content.strip():
            raise Refused(N_("Another report was already sent under this number."))
        return known
    if not by.is_any(*REPORTERS):
        raise NotAllowed(N_("Your role does not include this."))
    _check(told)
    reported_at = told.recorded_at or now
    report = Report(
        id=report_id,
        organisation_id=by.organisation_id,
        reporter_id=by.id,
        category=told.category,
        premises_id=told.premises.id if told.premises else None,
        place=told.place.strip(),
        latitude=told.latitude,
        longitude=told.longitude,
        accuracy_m=told.accuracy_m,
        content=told.content.strip(),
        discovered_at=rules.discovered(told.discovered_at, reported_at),
        reported_at=reported_at,
        received_at=now,
        device_at=told.device_at,
        clock_offset_ms=told.clock_offset_ms,
        state=rules.State.REPORTED,
    )
    report.place_in(_region_of(told, by))
    db.session.add(report)
    db.session.flush()
    after = {"category": report.category, "premises": str(report.premises_id or "")}
    audit.record("report_made", report, by=by.id, change_id=change_id, after=after)
    return report


def _check(told: Told) -> None:
    category = categories().get(told.category)
    if category is None or category.retired:
        raise Invalid(N_("Choose what kind of matter it is."), field="category")
    if not told.content.strip():
        raise Invalid(N_("Say in a few words what you saw."), field="content")
    if len(told.content) > rules.LONGEST_CONTENT:
        raise Invalid(N_("At most %(max)s characters."), field="content", max=rules.LONGEST_CONTENT)
    if len(told.place) > rules.LONGEST_PLACE:
        raise Invalid(N_("At most %(max)s characters."), field="place", max=rules.LONGEST_PLACE)
    if told.premises is None and not told.place.strip() and told.latitude is None:
        raise Invalid(N_("Say where it is: choose a place or describe it."), field="place")


def _region_of(told: Told, by: Person) -> Region:
    """Where the place lies; without one of the register, where the reporter works."""
    if told.premises is not None and by.region.contains(told.premises):
        return told.premises.region
    return by.region


def take_step(
    report_id: UUID, event: Event, *, turn_id: UUID, by: Person, now: datetime, note: str = "", to: str = ""
) -> ReportTurn:
    """Verify, pass on, settle or answer a report; the same `turn_id` again changes nothing.

    Raises NotPossible when the state forbids it, Invalid when words are missing.
    """
    known = db.session.get(ReportTurn, turn_id)
    if known is not None:
        if (known.report_id, known.event) != (report_id, event):
            raise Refused(N_("Another step was already sent under this number. Reload the page."))
        return known
    held = select(Report).where(Report.id == report_id).with_for_update()
    report = db.session.scalar(held.execution_options(populate_existing=True))  # as it stands now
    if report is None:
        raise NotFound
    if not by.is_inspector:
        raise NotAllowed(N_("Your role does not include this."))
    before, after = report.state, rules.next_state(report.state, event)
    note, to = note.strip(), to.strip()
    _check_words(event, note, to)
    turn = ReportTurn(
        id=turn_id, report_id=report.id, event=event, state_before=before, state_after=after, at=now, by_id=by.id,
        note=note, to=to,
    )  # fmt: skip
    db.session.add(turn)
    report.state = after
    if event is Event.FORWARDED:
        report.forwarded_at = report.forwarded_at or now
        report.forwarded_to = to
    elif event is Event.FED_BACK:
        report.fed_back_at, report.outcome = now, note
    db.session.flush()
    facts: dict[str, Any] = {"state": after.value} | ({"to": to} if to else {})
    audit.record(
        f"report_{event.value}", report, by=by.id, change_id=turn_id, before={"state": before.value}, after=facts
    )
    return turn


def _check_words(event: Event, note: str, to: str) -> None:
    if len(note) > rules.LONGEST_NOTE:
        raise Invalid(N_("At most %(max)s characters."), field="note", max=rules.LONGEST_NOTE)
    if event is Event.FORWARDED and not to:
        raise Invalid(N_("Say to whom it is passed on."), field="to")
    if event not in {Event.FOUND_TRUE, Event.FORWARDED} and not note:
        raise Invalid(N_("A few words are needed here."), field="note")


def attach_photo(report: Report, received: Received, meta: PhotoMeta, *, by: Person, now: datetime) -> ReportPhoto:
    """Keep a photo that came with the report's own form. The same bytes again are the same photo."""
    photo_id = derived_id(report.id, received.file.sha256)
    known = db.session.get(ReportPhoto, photo_id)
    if known is not None:
        return known
    photo = record_photo(received, photo_id=photo_id, by=by.id, meta=meta)
    row = ReportPhoto(
        photo_id=photo.id, report_id=report.id, person_id=by.id, sha256=photo.sha256, size=photo.size, meta={},
        announced_at=now, arrived_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("report_photo_received", row, by=by.id, after={"sha256": photo.sha256, "report": str(report.id)})
    return row


def see_outcome(report: Report, *, by: Person, now: datetime) -> bool:
    """Note that the reporter has read what became of it; whether that is new."""
    if report.reporter_id != by.id or report.fed_back_at is None or report.outcome_seen_at is not None:
        return False
    report.outcome_seen_at = now
    db.session.flush()
    return True
