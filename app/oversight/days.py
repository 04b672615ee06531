"""A place over time, and one person's day in its order: what was recorded, without marks or ranks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.accounts.queries import person_in
from app.accounts.regions import Region, within
from app.core import clock
from app.core.database import db
from app.core.errors import NotFound
from app.core.paging import Cursor, older_than
from app.inspections.models import Finding, Inspection, InspectionPhoto
from app.inspections.queries import worked_on_by
from app.notices.models import Notice
from app.oversight.comparing import Pair, pairs
from app.oversight.forms import day_of
from app.oversight.mapping import Map, Point, Source, draw_day
from app.oversight.queries import start_of
from app.premises.models import Premises
from app.premises.rules import metres_between

VISITS, SHOWN = 10, 12  # visits on a page of a place; photos shown of each
MOST_STOPS = 60  # visits of one person on one day that are shown
Row = InspectionPhoto


@dataclass(frozen=True)
class Shot:
    """A photo of a visit, as the timeline shows it."""

    photo_id: UUID
    at: datetime


@dataclass(frozen=True)
class Visit:
    """A visit with its photos, findings and notices."""

    row: Inspection
    photos: Sequence[Shot]
    findings: int
    notices: Sequence[Notice]

    @property
    def day(self) -> str:
        return clock.local(self.row.started_at).date().isoformat()

    @property
    def more(self) -> int:
        return max(0, len(self.photos) - SHOWN)


@dataclass(frozen=True)
class PlaceTime:
    """A place's visits, newest first, and its pairs of then and now on the first page."""

    premises: Premises
    visits: Sequence[Visit]
    pairs: Sequence[Pair]
    older_url: str


def place_time(premises_id: UUID, arguments: Mapping[str, str], region: Region) -> PlaceTime:
    """One page of a place's time line: a constant number of reads. Raises NotFound."""
    premises = db.session.get(Premises, premises_id)
    if premises is None or not region.contains(premises):
        raise NotFound
    before = Cursor.parse(arguments.get("before", ""))
    query = select(Inspection).where(Inspection.premises_id == premises_id, within(Inspection, region))
    query = query.where(older_than(before, Inspection.started_at, Inspection.id))
    newest = query.options(joinedload(Inspection.lead)).order_by(
        Inspection.started_at.desc(), Inspection.id.desc()
    )
    rows = db.session.scalars(newest.limit(VISITS + 1)).all()
    shown = rows[:VISITS]
    older = (
        url_for("oversight.place", premises_id=premises_id, before=str(Cursor(shown[-1].started_at, shown[-1].id)))
        if len(rows) > VISITS
        else ""
    )
    found = [] if before else pairs(premises_id, region)
    return PlaceTime(premises, _visits(shown), found, older)


def _visits(rows: Sequence[Inspection]) -> list[Visit]:
    ids = [row.id for row in rows]
    photos: dict[UUID, list[Shot]] = defaultdict(list)
    shots = select(Row.inspection_id, Row.photo_id, Row.received_at).where(Row.inspection_id.in_(ids))
    for visit_id, photo_id, at in db.session.execute(shots.order_by(Row.received_at)):
        photos[visit_id].append(Shot(photo_id, at))
    notices: dict[UUID, list[Notice]] = defaultdict(list)
    for notice in db.session.scalars(
        select(Notice).where(Notice.inspection_id.in_(ids), Notice.number != "").order_by(Notice.number)
    ):
        notices[notice.inspection_id].append(notice)
    findings = _findings(ids)
    return [Visit(row, photos[row.id], findings.get(row.id, 0), notices[row.id]) for row in rows]


def _findings(ids: Sequence[UUID]) -> dict[UUID, int]:
    counted = select(Finding.inspection_id, func.count()).where(Finding.inspection_id.in_(ids))
    return dict(db.session.execute(counted.group_by(Finding.inspection_id)).tuples().all())


@dataclass(frozen=True)
class Stop:
    """One visit of a day. `metres` and `gap` are from the end of the one before, in a straight line."""

    number: int
    visit: Inspection
    photos: int
    findings: int
    where: tuple[float, float] | None
    where_from_place: bool  # the phone gave no position; the place's own is drawn
    metres: float | None = None
    gap: timedelta | None = None

    @property
    def minutes(self) -> int | None:
        if self.visit.finished_at is None:
            return None
        return round((self.visit.finished_at - self.visit.started_at) / timedelta(minutes=1))

    @property
    def gap_minutes(self) -> int | None:
        return None if self.gap is None else round(self.gap / timedelta(minutes=1))


@dataclass(frozen=True)
class PersonDay:
    """The visits one person led or came along on, in their order."""

    person: Person
    day: date
    stops: Sequence[Stop]
    map: Map | None
    previous: date | None
    next: date | None

    @property
    def metres(self) -> float:
        return sum(stop.metres or 0.0 for stop in self.stops)


def person_day(person_id: UUID, arguments: Mapping[str, str], region: Region, source: Source) -> PersonDay:
    """The day the address names, else the latest with a visit. Raises NotFound for somebody of another area."""
    person = person_in(region, person_id)
    mine = and_(within(Inspection, region), worked_on_by(person_id))
    day = day_of(arguments.get("on", "")) or _nearest(mine, newest=True) or clock.today()
    start, end = start_of(day), start_of(day + timedelta(days=1))
    rows = db.session.scalars(
        select(Inspection)
        .where(mine, Inspection.started_at >= start, Inspection.started_at < end)
        .options(joinedload(Inspection.premises), joinedload(Inspection.lead))
        .order_by(Inspection.started_at, Inspection.id)
        .limit(MOST_STOPS)
    ).all()
    stops = _stops(rows)
    points = [Point(stop.number, *stop.where) for stop in stops if stop.where]
    before = _nearest(and_(mine, Inspection.started_at < start), newest=True)
    after = _nearest(and_(mine, Inspection.started_at >= end), newest=False)
    return PersonDay(person, day, stops, draw_day(points, source), before, after)


def _stops(rows: Sequence[Inspection]) -> list[Stop]:
    ids = [row.id for row in rows]
    counted = select(Row.inspection_id, func.count()).where(Row.inspection_id.in_(ids)).group_by(Row.inspection_id)
    photos = dict(db.session.execute(counted).tuples().all()) if ids else {}
    findings = _findings(ids) if ids else {}
    found: list[Stop] = []
    for number, row in enumerate(rows, 1):
        where, of_place = _where(row)
        last = found[-1] if found else None
        metres = metres_between(*last.where, *where) if last and last.where and where else None
        gap = row.started_at - (last.visit.finished_at or last.visit.started_at) if last else None
        found.append(
            Stop(number, row, photos.get(row.id, 0), findings.get(row.id, 0), where, of_place, metres, gap)
        )
    return found


def _where(row: Inspection) -> tuple[tuple[float, float] | None, bool]:
    if row.latitude is not None and row.longitude is not None:
        return (row.latitude, row.longitude), False
    place = row.premises
    if place.latitude is not None and place.longitude is not None:
        return (place.latitude, place.longitude), True
    return None, False


def _nearest(where: ColumnElement[bool], *, newest: bool) -> date | None:
    order = Inspection.started_at.desc() if newest else Inspection.started_at.asc()
    at = db.session.scalar(select(Inspection.started_at).where(where).order_by(order).limit(1))
    return clock.local(at).date() if at else None
