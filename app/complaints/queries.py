"""Reads of complaints; none of them opens what is locked away."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import Level, Region, within
from app.complaints.judges import no_supervisor_left
from app.complaints.models import Complaint, ComplaintPhoto, ComplaintSubject, ComplaintTurn
from app.complaints.rules import OPEN, Channel, State
from app.core.database import db
from app.core.errors import NotFound
from app.core.paging import Cursor, older_than
from app.core.roles import INSPECTORS, Role

PAGE = 30
MOST_PEOPLE = 200


class Shelf(enum.StrEnum):
    """The parts of the list."""

    NEW = "new"
    OPEN = "open"
    DONE = "done"


STATES = {Shelf.NEW: (State.RECEIVED,), Shelf.OPEN: OPEN, Shelf.DONE: (State.ANSWERED,)}


@dataclass(frozen=True)
class Page:
    """One page, the newest first; `next_key` starts the next one."""

    complaints: list[Complaint]
    next_key: str | None


def readable(reader: Person) -> ColumnElement[bool]:
    """SQL: the case may be read by the county's supervisors, whoever registered it and whoever verifies it.

    By administrators where it is about all supervisors. Never by somebody it is about: to them it does not exist.
    """
    county: ColumnElement[bool] = within(Complaint, reader.region) if reader.is_supervisor else false()
    if reader.is_any(Role.ADMINISTRATOR) and not reader.is_supervisor:
        county = and_(within(Complaint, reader.region), or_(no_supervisor_left(), Complaint.handler_id == reader.id))
    theirs = or_(county, Complaint.registered_by_id == reader.id, Complaint.verifier_id == reader.id)
    about = exists().where(ComplaintSubject.complaint_id == Complaint.id, ComplaintSubject.person_id == reader.id)
    return and_(theirs, ~about)


def get_complaint(complaint_id: UUID, reader: Person) -> Complaint:
    """The case with its history; NotFound where it is not this person's to read."""
    found = db.session.scalars(
        select(Complaint)
        .where(Complaint.id == complaint_id, readable(reader))
        .options(
            joinedload(Complaint.premises),
            joinedload(Complaint.region),
            joinedload(Complaint.handler),
            joinedload(Complaint.verifier),
            joinedload(Complaint.registered_by),
            selectinload(Complaint.turns).joinedload(ComplaintTurn.by),
            selectinload(Complaint.subjects).joinedload(ComplaintSubject.person),
            selectinload(Complaint.photos),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_photo(photo_id: UUID, reader: Person) -> tuple[ComplaintPhoto, Complaint]:
    """A photo and its case, where the case is this person's to read."""
    photo = db.session.get(ComplaintPhoto, photo_id)
    if photo is None:
        raise NotFound
    return photo, get_complaint(photo.complaint_id, reader)


def page_of_complaints(reader: Person, shelf: Shelf, after: str = "", size: int = PAGE) -> Page:
    """Complaints on a shelf after the key `after` (nonsense starts at the beginning)."""
    query = (
        select(Complaint)
        .where(readable(reader), Complaint.state.in_(STATES[shelf]))
        .where(older_than(Cursor.parse(after), Complaint.received_at, Complaint.id))
        .options(defer(Complaint.sealed), joinedload(Complaint.premises), joinedload(Complaint.region))
        .order_by(Complaint.received_at.desc(), Complaint.id.desc())
        .limit(size + 1)
    )
    rows = list(db.session.scalars(query).unique())
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], str(Cursor(last.received_at, last.id)) if last else None)


def count_complaints(reader: Person) -> dict[Shelf, int]:
    """How many stand on each shelf: one read."""
    rows = db.session.execute(
        select(Complaint.state, func.count()).where(readable(reader)).group_by(Complaint.state)
    ).tuples()
    counts = dict.fromkeys(Shelf, 0)
    for state, number in rows:
        for shelf, states in STATES.items():
            counts[shelf] += number if state in states else 0
    return counts


def by_number(number: str) -> Complaint | None:
    """For the complainant, who has the code as well."""
    wanted = number.strip().upper().replace("—", "-")
    if "\0" in wanted or len(wanted) > 20:
        return None
    return db.session.scalars(
        select(Complaint).where(Complaint.number == wanted).options(defer(Complaint.sealed))
    ).one_or_none()


def public_last_hour(county_id: UUID, now: datetime) -> int:
    """How many the public form of a county took in the last hour."""
    query = select(func.count()).where(
        Complaint.channel == Channel.ONLINE,
        Complaint.county_id == county_id,
        Complaint.received_at > now - timedelta(hours=1),
    )
    return int(db.session.scalar(query) or 0)


def areas_of(counties: Sequence[Region]) -> list[Region]:
    """The counties with their townships, each county's after it."""
    ids = [county.id for county in counties]
    rows = select(Region).where(Region.county_id.in_(ids), Region.level.in_([Level.COUNTY, Level.TOWNSHIP]))
    return list(db.session.scalars(rows.order_by(Region.code)))


def body_of(region: Region) -> Organisation | None:
    """The county's own body, which takes the complaints of the region."""
    rows = select(Organisation).where(Organisation.region_id == region.county_id)
    return db.session.scalars(rows.order_by(Organisation.name_zh)).first()


def inspectors_of(reader: Person) -> list[Person]:
    """Who of the area may be sent to verify, or be what a complaint is about."""
    query = (
        select(Person)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(within(Organisation, reader.region), Person.active.is_(True))
        .where(Person.roles.any(RoleRow.name.in_([role.value for role in INSPECTORS])))
        .order_by(Organisation.name_zh, Person.name)
        .limit(MOST_PEOPLE)
    )
    return list(db.session.scalars(query).unique())
