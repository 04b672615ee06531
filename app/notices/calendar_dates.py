"""Dates of notices after the calendar changed: which fall on a day of rest, and by which day there is time instead.

The date on the paper stays what it is. Only a person moves the date that holds; the day by which somebody looks again
is nobody's promise, so it follows the calendar by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from app.accounts.models import Person
from app.accounts.regions import Region, within
from app.calendar import days
from app.calendar.models import CalendarDay
from app.calendar.rules import LONGEST_REST
from app.calendar.services import Changed, on_change
from app.core.database import db
from app.notices import progress, turning
from app.notices.models import Notice, NoticeFinding, Status
from app.premises.models import Premises

PAGE = 30
MOST_AT_ONCE = 100  # notices moved by one tap: a transaction that others wait for


@dataclass
class Affected:
    """A notice in force with points whose date has become a day of rest since it was issued."""

    notice_id: UUID
    number: str
    premises: str
    first: date
    points: list[tuple[UUID, int, date]] = field(default_factory=list)  # finding, place on the paper, date

    @property
    def moves(self) -> list[tuple[date, date, list[int]]]:
        """Each date with the first working day after it, and the points it holds for."""
        found: dict[date, list[int]] = {}
        for _finding, place, due_on in self.points:
            found.setdefault(due_on, []).append(place)
        return [(due_on, days.first_working_day(due_on), places) for due_on, places in sorted(found.items())]


@dataclass(frozen=True)
class Page:
    """Part of the list; `next_key` starts the next part."""

    notices: list[Affected]
    next_key: str


def _affected(region: Region) -> tuple[ColumnElement[bool], ...]:
    """An open point whose day was made a day of rest after the notice was issued."""
    return (
        within(Notice, region),
        Notice.status == Status.ISSUED,
        NoticeFinding.step.in_(progress.WHILE_OWNERS_TURN),
        CalendarDay.is_working.is_(False),
        CalendarDay.changed_at > Notice.issued_at,
    )


def _joined(query: Select) -> Select:
    return query.join(CalendarDay, CalendarDay.day == NoticeFinding.due_on).join(
        Notice, Notice.id == NoticeFinding.notice_id
    )


def count_affected(region: Region) -> int:
    """How many notices of the region are affected."""
    query = _joined(select(func.count(NoticeFinding.notice_id.distinct())).select_from(NoticeFinding))
    return db.session.scalar(query.where(*_affected(region))) or 0


def affected(region: Region, *, key: str = "", most: int = PAGE) -> Page:
    """Affected notices, the earliest date first: two reads, however many there are."""
    first = func.min(NoticeFinding.due_on)
    query = _joined(select(NoticeFinding.notice_id, first).select_from(NoticeFinding)).where(
        *_affected(region)
    )
    query = query.group_by(NoticeFinding.notice_id).order_by(first, NoticeFinding.notice_id).limit(most + 1)
    after = _key(key)
    if after is not None:
        query = query.having(
            or_(first > after[0], and_(first == after[0], NoticeFinding.notice_id > after[1]))
        )
    rows = db.session.execute(query).tuples().all()
    ids = [notice_id for notice_id, _first in rows[:most]]
    found = {one.notice_id: one for one in _with_points(region, ids)}
    next_key = f"{rows[most - 1][1].isoformat()}~{rows[most - 1][0]}" if len(rows) > most else ""
    return Page([found[one] for one in ids], next_key)


def _key(text: str) -> tuple[date, UUID] | None:
    day, _, notice_id = text.partition("~")
    try:
        return date.fromisoformat(day), UUID(notice_id)
    except ValueError:
        return None


def _with_points(region: Region, ids: Sequence[UUID]) -> Iterable[Affected]:
    columns = (Notice.id, Notice.number, Premises.name, NoticeFinding.finding_id, NoticeFinding.position)
    query = _joined(select(*columns, NoticeFinding.due_on).select_from(NoticeFinding))
    query = query.join(Premises, Premises.id == Notice.premises_id)
    query = query.where(Notice.id.in_(ids), *_affected(region)).order_by(
        NoticeFinding.due_on, NoticeFinding.position
    )
    found: dict[UUID, Affected] = {}
    for notice_id, number, name, finding_id, position, due_on in db.session.execute(query):
        one = found.setdefault(notice_id, Affected(notice_id, number, name, due_on))
        one.points.append((finding_id, position, due_on))
    return found.values()


def move_dates(ids: Sequence[UUID], *, by: Person, now: datetime) -> int:
    """Move the affected dates of these notices to the first working day; how many notices that were.

    What somebody else has moved or closed meanwhile is no longer affected and is left as it is.
    """
    moved = 0
    for notice_id in sorted(ids):
        turning.lock_notice(notice_id)
        for one in _with_points(by.region, [notice_id]):
            for finding_id, _place, due_on in one.points:
                turning.move_date(notice_id, finding_id, days.first_working_day(due_on), by=by, now=now)
            moved += 1
    return moved


# ---- by when somebody looks again


def recount(changed: Changed) -> None:
    """Count anew by when open notices near the changed days are looked at again."""
    touched = changed.days()
    if not touched:
        return
    latest = touched[-1] + timedelta(days=LONGEST_REST + progress.WORKING_DAYS_TO_VERIFY)
    near = select(Notice.id, Notice.verify_by).where(
        Notice.status == Status.ISSUED, Notice.verify_by.between(touched[0], latest)
    )
    known = dict(db.session.execute(near.order_by(Notice.id).with_for_update()).tuples().all())
    standings: dict[UUID, list[progress.Standing]] = {}
    for start in range(0, len(known), 500):
        part = list(known)[start : start + 500]
        for point in db.session.scalars(select(NoticeFinding).where(NoticeFinding.notice_id.in_(part))):
            standings.setdefault(point.notice_id, []).append(point.standing)
    fresh = {one: progress.verify_by(standings.get(one, []), changed.after.works) for one in known}
    rows = [{"id": one, "verify_by": day} for one, day in fresh.items() if day != known[one]]
    if rows:
        db.session.execute(update(Notice), rows)


on_change(recount)
