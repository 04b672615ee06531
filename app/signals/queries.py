"""Reads of signals. Lists are paged by key; what is in shadow is counted by kind and shown nowhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.accounts.regions import Level, Region, regions_in, within
from app.core.database import db
from app.core.errors import NotFound
from app.core.roles import Role
from app.inspections.models import Answer, Inspection, InspectionPhoto, Result
from app.signals.models import Signal, SignalWord, State, VisitTrace
from app.signals.rules import Kind

PAGE, MOST_COUNTED = 30, 100
READERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
_NOT_ROLES = joinedload(SignalWord.by).lazyload(Person.roles)
_SIDES = (
    joinedload(Signal.premises),
    joinedload(Signal.photo),
    joinedload(Signal.other_photo),
    joinedload(Signal.inspection).options(
        joinedload(Inspection.premises),
        joinedload(Inspection.lead).lazyload(Person.roles),
        selectinload(Inspection.fellows),
    ),
    joinedload(Signal.other_inspection).options(
        joinedload(Inspection.premises),
        joinedload(Inspection.lead).lazyload(Person.roles),
        selectinload(Inspection.fellows),
    ),
    selectinload(Signal.words).options(_NOT_ROLES),
)


@dataclass(frozen=True)
class Filters:
    """Which signals: of an area, in a state, of one kind."""

    region: Region
    state: State = State.OPEN
    kind: Kind | None = None


@dataclass(frozen=True)
class Page:
    """One page; `next_key` starts the next one, None where this is the last."""

    signals: Sequence[Signal]
    next_key: str | None


def page_of_signals(filters: Filters, after: str = "", size: int = PAGE) -> Page:
    """Shown signals, the newest first: two reads."""
    where = [within(Signal, filters.region), Signal.shadow.is_(False), Signal.state == filters.state]
    if filters.kind is not None:
        where.append(Signal.kind == filters.kind)
    return _page(where, after, size, within(Signal, filters.region))


def mine(person: Person, after: str = "", size: int = PAGE) -> Page:
    """Shown and undecided signals about what this person did."""
    return _page(_own(person), after, size, Signal.person_id == person.id)


def count_mine(person: Person) -> int:
    """How many of them nobody has explained yet, MOST_COUNTED at most."""
    return _count(select(Signal.id).where(*_own(person), Signal.answered_at.is_(None)))


def count_open(region: Region) -> int:
    """How many wait in the area, MOST_COUNTED at most."""
    return _count(
        select(Signal.id).where(within(Signal, region), Signal.shadow.is_(False), Signal.state == State.OPEN)
    )


def get_signal(signal_id: UUID, reader: Person) -> Signal:
    """A shown signal of the reader's area; a coordinator's own alone. Raises NotFound."""
    found = db.session.scalars(
        select(Signal)
        .where(Signal.id == signal_id, Signal.shadow.is_(False), within(Signal, reader.region))
        .options(*_SIDES)
    ).one_or_none()
    if found is None or not (reader.is_any(*READERS) or found.is_about(reader)):
        raise NotFound
    return found


def signals_of_visit(inspection: Inspection, reader: Person) -> Sequence[Signal]:
    """Shown signals about a visit or its photos, for who may see them."""
    if not (reader.is_any(*READERS) or inspection.is_worked_on_by(reader)) or not reader.region.contains(
        inspection
    ):
        return ()
    return db.session.scalars(
        select(Signal)
        .where(Signal.inspection_id == inspection.id, Signal.shadow.is_(False))
        .order_by(Signal.found_at, Signal.id)
        .options(selectinload(Signal.words).options(_NOT_ROLES))
    ).all()


def signals_of_photos(photo_ids: Collection[UUID]) -> dict[UUID, list[Signal]]:
    """Shown signals of many photos in one read, for walls and desks."""
    found: dict[UUID, list[Signal]] = {}
    rows = (
        select(Signal)
        .where(Signal.photo_id.in_(photo_ids), Signal.shadow.is_(False))
        .order_by(Signal.found_at)
    )
    for row in db.session.scalars(rows):
        if row.photo_id is not None:
            found.setdefault(row.photo_id, []).append(row)
    return found


def counts_by_kind(region: Region, since: datetime) -> dict[tuple[Kind, bool, State], int]:
    """How many of each kind were found since then, by shadow and state. Never by person."""
    columns = (Signal.kind, Signal.shadow, Signal.state)
    rows = db.session.execute(
        select(*columns, func.count())
        .where(within(Signal, region), Signal.found_at >= since)
        .group_by(*columns)
    )
    return {(kind, shadow, state): count for kind, shadow, state, count in rows.tuples()}


def townships_of(region: Region) -> list[Region]:
    """The areas a list can be narrowed to."""
    return [one for one in regions_in(region) if one.level is Level.TOWNSHIP and one.id != region.id]


def photo_rows(photo_ids: Collection[UUID]) -> dict[UUID, InspectionPhoto]:
    """The places of photos in their visits."""
    rows = (
        select(InspectionPhoto)
        .where(InspectionPhoto.photo_id.in_(photo_ids))
        .options(
            joinedload(InspectionPhoto.premises), joinedload(InspectionPhoto.inspector).lazyload(Person.roles)
        )
    )
    return {row.photo_id: row for row in db.session.scalars(rows)}


def own_entries(inspection_ids: Collection[UUID]) -> dict[UUID, list[Answer]]:
    """What was written by hand at the items of visits: findings, notes, readings."""
    own = or_(Answer.result == Result.DOES_NOT, Answer.note != "")
    rows = (
        select(Answer).where(Answer.inspection_id.in_(inspection_ids), own).options(joinedload(Answer.item))
    )
    found: dict[UUID, list[Answer]] = {one: [] for one in inspection_ids}
    for row in db.session.scalars(rows):
        found[row.inspection_id].append(row)
    return {one: sorted(rows, key=lambda row: row.item.code) for one, rows in found.items()}


def traces(inspection_ids: Collection[UUID]) -> dict[UUID, VisitTrace]:
    """What visits were compared by."""
    rows = select(VisitTrace).where(VisitTrace.inspection_id.in_(inspection_ids))
    return {row.inspection_id: row for row in db.session.scalars(rows)}


def visits_between(person_id: UUID, since: datetime, until: datetime, most: int) -> Sequence[Inspection]:
    """This person's visits by when they began, the first one first."""
    rows = (
        select(Inspection)
        .join(VisitTrace, VisitTrace.inspection_id == Inspection.id)
        .where(
            VisitTrace.person_id == person_id,
            VisitTrace.began_at.between(since, until + timedelta(seconds=1)),
        )
        .order_by(VisitTrace.began_at, Inspection.id)
        .limit(most)
        .options(joinedload(Inspection.premises))
    )
    return db.session.scalars(rows).unique().all()


def _own(person: Person) -> list[ColumnElement[bool]]:
    return [Signal.person_id == person.id, Signal.shadow.is_(False), Signal.state == State.OPEN]


def _count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.limit(MOST_COUNTED).subquery())) or 0


def _page(where: Sequence[ColumnElement[bool]], after: str, size: int, reach: ColumnElement[bool]) -> Page:
    query = select(Signal).where(*where).options(joinedload(Signal.premises))
    start = _start(after, reach)
    if start is not None:
        at = Signal.found_at
        query = query.where(at <= start.found_at, or_(at < start.found_at, Signal.id < start.id))
    rows = (
        db.session.scalars(query.order_by(Signal.found_at.desc(), Signal.id.desc()).limit(size + 1))
        .unique()
        .all()
    )
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def _start(after: str, reach: ColumnElement[bool]) -> Signal | None:
    """The last row of the page before; a key that means nothing, or lies out of reach, starts at the top."""
    try:
        return db.session.scalar(select(Signal).where(Signal.id == UUID(after), reach)) if after else None
    except ValueError:
        return None
