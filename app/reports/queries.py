"""Reads of information reports. Every page reads a constant number of times."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.accounts.regions import within
from app.core import clock
from app.core.database import db
from app.core.errors import NotFound
from app.core.paging import Cursor, older_than
from app.core.roles import Role
from app.photos.models import Photo
from app.reports.models import Report, ReportPhoto, ReportTurn
from app.reports.rules import OPEN, State

PAGE = 30
MOST_ROWS = 20_000  # of a register that is taken along


class Shelf(enum.StrEnum):
    """The parts of the list."""

    OPEN = "open"
    TO_VERIFY = "to_verify"
    TO_FORWARD = "to_forward"
    TO_ANSWER = "to_answer"
    DONE = "done"
    ALL = "all"


STATES: dict[Shelf, tuple[State, ...]] = {
    Shelf.OPEN: OPEN,
    Shelf.TO_VERIFY: (State.REPORTED,),
    Shelf.TO_FORWARD: (State.VERIFIED, State.UNCLEAR),
    Shelf.TO_ANSWER: (State.FORWARDED, State.HANDLED, State.UNFOUNDED),
    Shelf.DONE: (State.FED_BACK,),
    Shelf.ALL: tuple(State),
}


@dataclass(frozen=True)
class Filters:
    """What a list shows. The days are calendar days of the discovery, both included."""

    reader: Person
    shelf: Shelf = Shelf.OPEN
    category: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Page:
    """One page, the newest discovery first; `next_key` starts the next one."""

    reports: list[Report]
    next_key: str | None


def readable(reader: Person) -> ColumnElement[bool]:
    """SQL: reports this person may read. Informants read their own only: who reported what is nobody's gossip."""
    own = Report.reporter_id == reader.id
    if not reader.is_any(Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR):
        return own
    return or_(within(Report, reader.region), own)


def get_report(report_id: UUID, reader: Person) -> Report:
    """The report with its history and photos; NotFound where it is not this person's to read."""
    found = db.session.scalars(
        select(Report)
        .where(Report.id == report_id, readable(reader))
        .options(
            joinedload(Report.premises),
            joinedload(Report.reporter),
            joinedload(Report.organisation),
            joinedload(Report.region),
            selectinload(Report.turns).joinedload(ReportTurn.by),
            selectinload(Report.photos).joinedload(ReportPhoto.photo),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_photo(photo_id: UUID, reader: Person) -> Photo:
    """A photo of a report this person may read, once its bytes are here."""
    found = db.session.scalar(
        select(Photo)
        .join(ReportPhoto, ReportPhoto.photo_id == Photo.id)
        .join(Report, Report.id == ReportPhoto.report_id)
        .where(ReportPhoto.photo_id == photo_id, readable(reader))
    )
    if found is None:
        raise NotFound
    return found


def page_of_reports(filters: Filters, after: str = "", size: int = PAGE) -> Page:
    """Reports of the choice after the key `after` (nonsense starts at the beginning)."""
    query = _chosen(filters).where(older_than(Cursor.parse(after), Report.discovered_at, Report.id))
    query = query.options(joinedload(Report.premises), joinedload(Report.reporter))
    rows = list(
        db.session.scalars(query.order_by(Report.discovered_at.desc(), Report.id.desc()).limit(size + 1)).unique()
    )
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], str(Cursor(last.discovered_at, last.id)) if last else None)


def _chosen(filters: Filters, *, any_state: bool = False) -> Select[Report]:
    query = select(Report).where(readable(filters.reader), *_period(filters))
    if filters.category:
        query = query.where(Report.category == filters.category)
    if not any_state and filters.shelf is not Shelf.ALL:
        query = query.where(Report.state.in_(STATES[filters.shelf]))
    return query


def _period(filters: Filters) -> list[ColumnElement[bool]]:
    zone = ZoneInfo(clock.DEFAULT_ZONE)
    found = []
    if filters.first:
        found.append(Report.discovered_at >= datetime.combine(filters.first, time.min, zone))
    if filters.last:
        found.append(Report.discovered_at < datetime.combine(filters.last + timedelta(days=1), time.min, zone))
    return found


@dataclass(frozen=True)
class Counts:
    """Of a period. The rate of the national standard is reported ÷ discovered (CHECKLISTS 1.4).

    Discovered are all but those that verifying found not to be true; reported those that were passed on.
    """

    by_state: dict[State, int]
    discovered: int
    reported: int

    def on(self, shelf: Shelf) -> int:
        return sum(self.by_state.get(state, 0) for state in STATES[shelf])

    @property
    def rate(self) -> float | None:
        return self.reported / self.discovered if self.discovered else None


def count_reports(filters: Filters) -> Counts:
    """How many reports of the choice, whatever its shelf, stand where: one read."""
    rows = db.session.execute(
        _chosen(filters, any_state=True)
        .with_only_columns(Report.state, Report.forwarded_at.is_not(None).label("passed_on"), func.count())
        .group_by(Report.state, Report.forwarded_at.is_not(None))
    ).tuples()
    by_state: dict[State, int] = {}
    discovered = reported = 0
    untrue = _untrue_closed(filters)
    for state, passed_on, count in rows:
        by_state[state] = by_state.get(state, 0) + count
        reported += count if passed_on else 0
        discovered += 0 if state is State.UNFOUNDED else count
    return Counts(by_state, discovered - untrue, reported)


def _untrue_closed(filters: Filters) -> int:
    """Those found not to be true whose reporter has been told already."""
    told = (
        _chosen(filters, any_state=True)
        .join(ReportTurn, ReportTurn.report_id == Report.id)
        .where(ReportTurn.state_before == State.UNFOUNDED)
        .with_only_columns(func.count())
    )
    return int(db.session.scalar(told) or 0)


def register_rows(filters: Filters) -> Sequence[Report]:
    """The lines of form 1 in the order of discovery, whatever their state."""
    query = _chosen(filters, any_state=True).options(joinedload(Report.premises), joinedload(Report.reporter))
    return db.session.scalars(query.order_by(Report.discovered_at, Report.id).limit(MOST_ROWS)).unique().all()


def answered_for(reader: Person, most: int = 5) -> list[Report]:
    """Own reports whose outcome the reporter has not read yet."""
    query = (
        select(Report)
        .where(Report.reporter_id == reader.id, Report.fed_back_at.is_not(None), Report.outcome_seen_at.is_(None))
        .options(joinedload(Report.premises))
        .order_by(Report.discovered_at.desc())
        .limit(most)
    )
    return list(db.session.scalars(query).unique())


def count_to_verify(reader: Person) -> int:
    """How many wait for somebody who goes and looks."""
    query = select(func.count()).where(readable(reader), Report.state == State.REPORTED)
    return int(db.session.scalar(query) or 0)


def reports_of_place(premises_id: UUID, reader: Person, most: int = 5) -> list[Report]:
    """The latest reports about a place."""
    query = (
        select(Report)
        .where(Report.premises_id == premises_id, readable(reader))
        .order_by(Report.discovered_at.desc())
        .limit(most)
    )
    return list(db.session.scalars(query))
