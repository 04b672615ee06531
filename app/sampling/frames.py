"""The list a sample is drawn from: which visits, in which order, in which strata, and which are left out and why."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, literal, select

from app.accounts.models import Person
from app.accounts.regions import Level, Region, within
from app.checklists.models import ChecklistVersion
from app.core import clock
from app.core.database import db
from app.core.errors import N_, Invalid
from app.inspections.models import Inspection, Sheet, Status
from app.inspections.queries import worked_on_by
from app.notices.models import Notice
from app.premises.kinds import domain_of
from app.premises.models import Premises
from app.sampling import rules
from app.sampling.rules import Plan, Stratum, Unit

OWN = "own"  # Exclusion.what: visits that whoever draws took part in
MOST_LINES = 50
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Names = Mapping[str, tuple[str, str]]  # key of a stratum → its name in both languages


@dataclass(frozen=True)
class Frame:
    """The visits meant: finished, begun on one of these days, in this area. `sample_id` makes the keys of people."""

    sample_id: UUID
    region: Region
    first: date
    last: date
    stratum: Stratum = Stratum.NONE

    def check(self) -> None:
        """Raise Invalid (with its field) for a period nobody can mean."""
        if self.last < self.first:
            raise Invalid(N_("The period ends before it begins."), field="last")
        if (self.last - self.first).days > rules.MOST_DAYS:
            raise Invalid(N_("At most three years at once."), field="first")


@dataclass(frozen=True)
class LeftOut:
    """What whoever draws leaves out: lines that each name a visit, a notice or a place; own visits; and why."""

    lines: Sequence[str] = ()
    reason: str = ""
    own: bool = False


@dataclass(frozen=True)
class Prepared:
    """Everything a draw needs but its seed."""

    frame: Frame
    plan: Plan
    units: Sequence[Unit]
    sizes: Mapping[str, int]  # visits of each stratum, by key
    size: int  # how many will be drawn
    names: Names
    exclusions: Sequence[dict[str, Any]]


def prepare(frame: Frame, plan: Plan, left_out: LeftOut, *, by: Person) -> Prepared:
    """The population as it stands now. Reads only, a constant number of times. Raises Invalid (with its field)."""
    frame.check()
    plan.check()
    units, names = _units(frame)
    exclusions = _exclusions(frame, left_out, {unit.id for unit in units}, by)
    gone = {one for entry in exclusions for one in entry["ids"]}
    left = [unit for unit in units if unit.id not in gone]
    sizes = rules.sizes_of(left)
    return Prepared(frame, plan, left, sizes, plan.size(len(left), len(sizes)), names, exclusions)


def ids_now(frame: Frame) -> set[str]:
    """The ids a population of this frame would have today, before anything is left out."""
    return {str(one) for one in db.session.scalars(select(Inspection.id).where(*_meant(frame)))}


def _meant(frame: Frame) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(clock.DEFAULT_ZONE)
    return [
        within(Inspection, frame.region),
        Inspection.status == Status.FINISHED,
        Inspection.started_at >= datetime.combine(frame.first, time.min, zone),
        Inspection.started_at < datetime.combine(frame.last + timedelta(days=1), time.min, zone),
    ]


def _units(frame: Frame) -> tuple[list[Unit], Names]:
    """The visits in the order in which they began, each with the key of its stratum; and the strata's names."""
    if frame.stratum is Stratum.TOWNSHIP:
        towns = _towns(frame.region)
        own = (frame.region.code, frame.region.name_zh, frame.region.name_en)
        keyed = _keyed(frame, Inspection.township_id, lambda town: towns.get(town, own)[0])
        return keyed, {code: (zh, en) for code, zh, en in (*towns.values(), own)}
    if frame.stratum is Stratum.DOMAIN:
        keyed = _keyed(frame, _domain(), lambda domain: domain or "none")
        found = {unit.stratum for unit in keyed} - {"none"}
        return keyed, {key: (domain_of(key).name_zh, domain_of(key).name_en) for key in found}
    if frame.stratum is Stratum.INSPECTOR:
        return _keyed(frame, Inspection.lead_id, lambda lead: _mark(frame.sample_id, lead)), {}
    return _keyed(frame, literal(""), str), {}


def _keyed(frame: Frame, column: Any, key_of: Callable[[Any], str]) -> list[Unit]:
    """One read. `key_of` is asked once for each value of `column`."""
    rows = db.session.execute(
        select(Inspection.id, column).where(*_meant(frame)).order_by(Inspection.started_at, Inspection.id)
    )
    keys: dict[Any, str] = {}
    units = []
    for one, value in rows.tuples():
        if value not in keys:
            keys[value] = key_of(value)
        units.append(Unit(str(one), keys[value]))
    return units


def _domain() -> Any:
    """SQL: the domain of the visit's first sheet. A visit counts once."""
    return (
        select(ChecklistVersion.domain)
        .join(Sheet, Sheet.version_id == ChecklistVersion.id)
        .where(Sheet.inspection_id == Inspection.id)
        .order_by(Sheet.position)
        .limit(1)
        .correlate(Inspection)
        .scalar_subquery()
    )


def _towns(region: Region) -> dict[UUID | None, tuple[str, str, str]]:
    query = select(Region.id, Region.code, Region.name_zh, Region.name_en)
    rows = db.session.execute(query.where(within(Region, region), Region.level == Level.TOWNSHIP))
    return {one: (code, zh, en) for one, code, zh, en in rows}


def _mark(sample_id: UUID, person_id: UUID) -> str:
    """A key for an inspector that says nothing outside its sample: the exported list is no list of people's visits."""
    return hashlib.sha256(f"{sample_id}:{person_id}".encode()).hexdigest()[:12]


def _exclusions(frame: Frame, left_out: LeftOut, known: set[str], by: Person) -> list[dict[str, Any]]:
    lines = list(dict.fromkeys(line.strip() for line in left_out.lines if line.strip()))
    if len(lines) > MOST_LINES:
        raise Invalid(N_("At most %(most)s lines."), field="leave_out", most=MOST_LINES)
    if lines and not left_out.reason.strip():
        raise Invalid(N_("Say why these visits are left out."), field="reason")
    found, named = [], _named(frame, lines)
    for line in lines:
        ids = sorted(named[line] & known)
        if not ids:
            raise Invalid(N_("No visit of the period is meant by “%(line)s”."), field="leave_out", line=line[:60])
        found.append({"what": line, "reason": left_out.reason.strip(), "ids": ids})
    if left_out.own:
        ids = sorted({str(one) for one in _own(frame, by)} & known)
        found.append({"what": OWN, "reason": "", "ids": ids})
    return found


def _named(frame: Frame, lines: Sequence[str]) -> dict[str, set[str]]:
    """What each line means: the address or id of a visit, the number of a notice, or the name of a place."""
    meant = {line: {found.group().lower()} if (found := _ID.search(line)) else set() for line in lines}
    if not lines:
        return meant
    visits = select(Notice.number, Notice.inspection_id).where(within(Notice, frame.region), Notice.number.in_(lines))
    places = (
        select(Premises.name, Inspection.id)
        .join(Inspection, Inspection.premises_id == Premises.id)
        .where(Premises.name.in_(lines), *_meant(frame))
    )
    for query in (visits, places):
        for text, one in db.session.execute(query):
            meant[text].add(str(one))
    return meant


def _own(frame: Frame, by: Person) -> Sequence[UUID]:
    return db.session.scalars(select(Inspection.id).where(*_meant(frame), worked_on_by(by.id))).all()
