"""What the server still waits for: photos that were announced and have not arrived, and those that were none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.accounts.regions import Region, within
from app.core.database import db
from app.inspections.models import AnnouncedPhoto, Inspection
from app.inspections.queries import worked_on_by

MOST = 200


@dataclass(frozen=True)
class Missing:
    """The photos of one visit that are still on one person's phone."""

    visit: Inspection
    person: Person
    count: int
    since: datetime
    unreadable: int  # of them, what came and is no photo

    @property
    def on_the_way(self) -> int:
        return self.count - self.unreadable


def missing_of(visit_id: UUID) -> list[Missing]:
    """Of one visit."""
    return _missing(AnnouncedPhoto.inspection_id == visit_id)


def missing_in(region: Region) -> list[Missing]:
    """Of all visits of a region, the longest waiting first."""
    return _missing(within(Inspection, region))


def missing_of_person(person: Person) -> list[Missing]:
    """Of the visits this person leads or goes along on."""
    return _missing(worked_on_by(person.id))


def count_in(region: Region) -> int:
    """How many visits of a region wait for photos."""
    found = (
        select(func.count(func.distinct(AnnouncedPhoto.inspection_id)))
        .join(Inspection, Inspection.id == AnnouncedPhoto.inspection_id)
        .where(AnnouncedPhoto.arrived_at.is_(None), within(Inspection, region))
    )
    return int(db.session.scalar(found) or 0)


def _missing(condition: ColumnElement[bool]) -> list[Missing]:
    """Grouped in the database, along the index of what has not arrived."""
    groups = (
        select(
            AnnouncedPhoto.inspection_id,
            AnnouncedPhoto.person_id,
            func.count().label("count"),
            func.min(AnnouncedPhoto.announced_at).label("since"),
            func.count().filter(AnnouncedPhoto.problem != "").label("unreadable"),
        )
        .join(Inspection, Inspection.id == AnnouncedPhoto.inspection_id)
        .where(AnnouncedPhoto.arrived_at.is_(None), condition)
        .group_by(AnnouncedPhoto.inspection_id, AnnouncedPhoto.person_id)
        .order_by(func.min(AnnouncedPhoto.announced_at))
        .limit(MOST)
    )
    rows = db.session.execute(groups).tuples().all()
    visits = _visits([row[0] for row in rows])
    people = _people([row[1] for row in rows])
    return [Missing(visits[visit], people[who], count, since, bad) for visit, who, count, since, bad in rows]


def _visits(ids: Sequence[UUID]) -> dict[UUID, Inspection]:
    asked = select(Inspection).where(Inspection.id.in_(set(ids))).options(joinedload(Inspection.premises))
    return {row.id: row for row in db.session.scalars(asked).unique()} if ids else {}


def _people(ids: Sequence[UUID]) -> dict[UUID, Person]:
    asked = select(Person).where(Person.id.in_(set(ids)))
    return {row.id: row for row in db.session.scalars(asked).unique()} if ids else {}
