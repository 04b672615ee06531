"""Which places a phone takes along: what is going on, what is overdue, an area, what is near, what was named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.regions import LEVELS, Level, Region, within
from app.core import clock
from app.core.database import db
from app.inspections.models import Inspection
from app.inspections.models import Status as VisitStatus
from app.inspections.queries import worked_on_by
from app.notices.models import Notice
from app.notices.models import Status as NoticeStatus
from app.premises.models import Premises, Status
from app.premises.pages import filters_from
from app.premises.queries import page_of_premises, region_in

MOST = 300  # places of one pack
PARTS = ("own", "overdue", "named", "near", "area")  # in this order, until the pack is full


@dataclass(frozen=True)
class Choice:
    """What was chosen. `area` None: no area."""

    own: bool = True
    overdue: bool = True
    area: Region | None = None
    near: tuple[float, float] | None = None
    named: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """The places of a choice: each once, the most urgent first. `found` counts what each part would bring alone."""

    choice: Choice
    ids: list[UUID]
    found: dict[str, int] = field(default_factory=dict)


def choice_from(arguments: Mapping[str, str], person: Person) -> Choice:
    """The choice an address makes; without any, what is sensible for this person."""
    if not any(name in arguments for name in ("own", "overdue", "area", "latitude", "named")):
        return Choice(area=usual_area(person))
    code = arguments.get("area", "")
    return Choice(
        own=arguments.get("own") == "1",
        overdue=arguments.get("overdue") == "1",
        area=region_in(code, person.region) if code else None,
        near=filters_from(arguments, person.region).near,
        named=tuple(_ids(arguments.get("named", ""))),
    )


def usual_area(person: Person) -> Region:
    """The village the person was in last; else the whole area, for a pack takes what fits."""
    last = db.session.scalar(
        select(Premises.village_id)
        .join(Inspection, Inspection.premises_id == Premises.id)
        .where(Inspection.lead_id == person.id, within(Premises, person.region))
        .order_by(Inspection.started_at.desc())
        .limit(1)
    )
    return (db.session.get(Region, last) if last else None) or person.region


def areas_of(person: Person) -> list[Region]:
    """What may be chosen: the person's area and those inside it down to the villages."""
    rows = db.session.scalars(
        select(Region).where(
            within(Region, person.region), Region.level.in_([Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE])
        )
    )
    return sorted(rows, key=lambda one: (one.code, LEVELS.index(one.level)))


def choose(choice: Choice, person: Person) -> Chosen:
    """At most MOST places of the person's area; one read for each part."""
    ids: dict[UUID, None] = {}
    found = {}
    for part, rows in _parts(choice, person):
        fresh = list(rows)
        found[part] = len(fresh)
        ids |= dict.fromkeys(fresh)
    return Chosen(choice, list(ids)[:MOST], found)


def _parts(choice: Choice, person: Person) -> Iterator[tuple[str, list[UUID]]]:
    if choice.own:
        yield "own", open_visit_places(person)
    if choice.overdue:
        yield "overdue", _overdue_places(person.region)
    if choice.named:
        yield "named", _named_places(choice.named, person.region)
    if choice.near:
        filters = filters_from(
            {"latitude": str(choice.near[0]), "longitude": str(choice.near[1])}, person.region
        )
        yield "near", [row.id for row in page_of_premises(filters, size=MOST).premises]
    if choice.area is not None:
        yield "area", _area_places(choice.area)


def open_visits(person: Person) -> list[Inspection]:
    """What the person leads or joined and what is not finished, the newest first."""
    return list(
        db.session.scalars(
            select(Inspection)
            .where(
                Inspection.status == VisitStatus.OPEN,
                worked_on_by(person.id),
                within(Inspection, person.region),
            )
            .order_by(Inspection.started_at.desc())
            .limit(50)
        )
    )


def open_visit_places(person: Person) -> list[UUID]:
    visits = open_visits(person)
    inside = select(Premises.id).where(
        Premises.id.in_([visit.premises_id for visit in visits]), within(Premises, person.region)
    )
    known = set(db.session.scalars(inside))
    return [visit.premises_id for visit in visits if visit.premises_id in known]


def _overdue_places(region: Region) -> list[UUID]:
    rows = db.session.scalars(
        select(Notice.premises_id)
        .join(Premises, Premises.id == Notice.premises_id)
        .where(
            within(Notice, region),
            within(Premises, region),
            Notice.status == NoticeStatus.ISSUED,
            Notice.due_on < clock.today(),
        )
        .order_by(Notice.due_on, Notice.id)
        .limit(MOST)
    )
    return list(dict.fromkeys(rows))


def _named_places(ids: tuple[UUID, ...], region: Region) -> list[UUID]:
    inside = set(
        db.session.scalars(select(Premises.id).where(Premises.id.in_(ids[:MOST]), within(Premises, region)))
    )
    return [one for one in ids if one in inside]


def _area_places(area: Region) -> list[UUID]:
    return list(
        db.session.scalars(
            select(Premises.id)
            .where(within(Premises, area), Premises.merged_into_id.is_(None), Premises.status != Status.CLOSED)
            .order_by(Premises.name, Premises.id)
            .limit(MOST)
        )
    )


def _ids(text: Any) -> Iterator[UUID]:
    for part in str(text).split(",")[:MOST]:
        try:
            yield UUID(part)
        except ValueError:
            continue
