"""What the pages of a visit say about its arrival: what is still on phones, what stands side by side, whose clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import bindparam, exists, inspect, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.core.database import db
from app.inspections.digests import late_photos
from app.inspections.models import AnnouncedPhoto, Answer, Inspection, InspectionPhoto
from app.inspections.pages import fact_of, outcome_choices
from app.sync import rules, values
from app.sync.conflicts import Conflict, Side, conflicts_among, is_torn
from app.sync.models import SyncChange
from app.sync.rules import Status
from app.sync.waiting import Missing, missing_of
from app.web.i18n import say

MOST_LATE = 50


@dataclass(frozen=True)
class Late:
    """Something that arrived after the visit was finished."""

    change: SyncChange
    title: str
    text: str
    answer_id: str
    photo_id: UUID | None = None  # of a photo whose bytes are here


@dataclass(frozen=True)
class Clock:
    """A phone's time beside the server's, where they differ."""

    what: str
    device_at: datetime
    received_at: datetime
    offset_ms: int | None

    @property
    def minutes(self) -> int:
        return round((self.offset_ms or 0) / 60_000)


@dataclass(frozen=True)
class Arrival:
    """Everything that is worth saying; empty where all went as it should."""

    visit: Inspection
    missing: list[Missing]
    conflicts: list[Conflict]
    late: list[Late]
    clocks: list[Clock]
    can_choose: bool

    def __bool__(self) -> bool:
        return bool(self.missing or self.conflicts or self.late or self.clocks)


_TELLS = select(
    exists().where(AnnouncedPhoto.inspection_id == bindparam("visit"), AnnouncedPhoto.arrived_at.is_(None)),
    exists().where(SyncChange.inspection_id == bindparam("visit"), SyncChange.status == Status.LATE),
)
_TIMES = select(
    Answer.id, Answer.heads, Answer.answered_at, Answer.device_at, Answer.clock_offset_ms, Answer.received_at
).where(Answer.inspection_id == bindparam("visit"))


def arrival(visit: Inspection, reader: Person) -> Arrival:
    """Gather it: two light reads of a visit with nothing to tell, one where its answers have been read already."""
    can_choose = visit.is_open and visit.is_worked_on_by(reader)
    waits, came_late = db.session.execute(_TELLS, {"visit": visit.id}).one()
    known = "answers" not in inspect(visit).unloaded
    answers: Sequence[Any] = visit.answers if known else db.session.execute(_TIMES, {"visit": visit.id}).all()
    return Arrival(
        visit,
        missing=missing_of(visit.id) if waits else [],
        conflicts=conflicts_among(visit.id, [row.id for row in answers if is_torn(row.heads)]),
        late=_late(visit) if came_late and not visit.is_open else [],
        clocks=_clocks(visit, answers),
        can_choose=can_choose,
    )


def _late(visit: Inspection) -> list[Late]:
    rows = db.session.scalars(
        select(SyncChange)
        .where(SyncChange.inspection_id == visit.id, SyncChange.status == Status.LATE)
        .options(joinedload(SyncChange.person))
        .order_by(SyncChange.received_at)
        .limit(MOST_LATE)
    ).unique()
    late = late_photos(visit.id)
    arrived = set(db.session.scalars(select(InspectionPhoto.photo_id).where(InspectionPhoto.photo_id.in_(late))))
    return [_late_of(visit, row, {str(one): one for one in arrived}) for row in rows]


def _late_of(visit: Inspection, row: SyncChange, arrived: Mapping[str, UUID]) -> Late:
    item = _item(visit, row)
    if item is not None and row.field:
        return Late(row, f"{item.code} {say(item, 'title')}", words(item, row.field, row.value), str(row.answer_id))
    titles = {"finish": _("Another end of the visit"), "photo_announced": _("A photo")}
    text = str(row.value.get("signer_name") or row.value.get("conclusion") or row.value.get("name") or "")
    about = f" · {item.code} {say(item, 'title')}" if item else ""
    photo_id = arrived.get(str(row.value.get("photo_id"))) if row.kind == "photo_announced" else None
    return Late(row, titles.get(row.kind, _("Another change")) + about, text, "", photo_id)


def _item(visit: Inspection, row: SyncChange) -> ChecklistItem | None:
    if row.item_id is None:
        return None
    for sheet in visit.sheets:
        found = published(sheet.version_id).items.get(row.item_id)
        if found is not None:
            return found
    return None


def words(item: ChecklistItem, field: str, value: dict[str, Any]) -> str:
    """What a version says, in the page's words."""
    if field == "result":
        said = {
            "conforms": "✓ " + _("Conforms"),
            "does_not": "✗ " + _("Does not conform"),
            "fixed": "✓ " + _("Fixed"),
            "partly": "◐ " + _("Partly fixed"),
            "not_fixed": "✗ " + _("Not fixed"),
            "not_applicable": _("Not applicable"),
        }
        return said.get(value.get("result") or "", _("not looked at"))
    if field == "outcome":
        chosen = dict(outcome_choices(item.severity)).get(value.get("outcome") or "", "")
        parts = (chosen, value.get("due_on"), value.get("guard"), value.get("scene"))
        return " · ".join(part for part in parts if part)
    note, phrases = value.get("note", ""), value.get("phrases", [])
    readings = values.judged(item, value) if field == "readings" else []
    answer = Answer(note=note, phrases=phrases, readings=readings)
    return fact_of(item, answer) or _("nothing")


def side_words(conflict: Conflict, side: Side) -> str:
    """What one side of a conflict says."""
    return words(conflict.answer.item, conflict.field, side.change.value)


def field_word(field: str) -> str:
    """What a field is called."""
    return {
        "result": _("Answer"),
        "note": _("What you saw"),
        "readings": _("Measured value"),
        "outcome": _("What happens with it"),
    }[field]


def _clocks(visit: Inspection, answers: Sequence[Any]) -> list[Clock]:
    """The start, the end, and the first answer whose phone was off; photos say it beside themselves."""
    found = []
    received = visit.received_at or visit.started_at
    if visit.device_started_at and rules.clock_is_off(visit.device_started_at, visit.clock_offset_ms, received):
        found.append(Clock(_("Start"), visit.device_started_at, received, visit.clock_offset_ms))
    if visit.device_finished_at and rules.clock_is_off(visit.device_finished_at, None, visit.finish_received_at):
        assert visit.finish_received_at is not None
        found.append(Clock(_("End"), visit.device_finished_at, visit.finish_received_at, None))
    sent = [row for row in answers if row.device_at is not None and row.received_at is not None]
    for row in sorted(sent, key=lambda row: row.received_at, reverse=True):
        if rules.clock_is_off(row.device_at, row.clock_offset_ms, row.received_at) or _before(row.answered_at, visit):
            found.append(Clock(_("Answers"), row.device_at, row.received_at, row.clock_offset_ms))
            break
    return found


def _before(answered_at: datetime, visit: Inspection) -> bool:
    return answered_at < visit.started_at - rules.CLOCKS_DIFFER
