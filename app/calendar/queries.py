"""Reads of the calendar's table."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased, defer, joinedload

from app.calendar.models import CalendarChange, CalendarDay, CalendarYear
from app.core.database import db
from app.core.errors import NotFound

CHANGES_SHOWN = 20


def rows_between(first: date, last: date) -> dict[date, CalendarDay]:
    """The stored days from `first` to `last`."""
    found = select(CalendarDay).where(CalendarDay.day.between(first, last))
    return {row.day: row for row in db.session.scalars(found)}


def year_of(year: int) -> CalendarYear | None:
    """What is known of a year, if anything."""
    return db.session.get(CalendarYear, year)


def state_around(year: int) -> Mapping[str, Any]:
    """Everything a page of that year shows and a range on it may touch, JSON-ready: to see whether it changed."""
    known = year_of(year)
    rows = rows_between(date(year - 1, 12, 1), date(year + 1, 1, 31))
    days = {day.isoformat(): [row.is_working, row.name_zh, row.name_en] for day, row in sorted(rows.items())}
    return {"announced": bool(known and known.is_announced), "days": days}


def changes_of(year: int) -> list[tuple[CalendarChange, bool]]:
    """The last changes of a year, the newest first, each with whether it was undone."""
    undoing = aliased(CalendarChange)
    query = (
        select(CalendarChange, undoing.id)
        .outerjoin(undoing, undoing.undoes_id == CalendarChange.id)
        .where(CalendarChange.year == year)
        .options(joinedload(CalendarChange.by), defer(CalendarChange.before))
        .order_by(CalendarChange.number.desc())
        .limit(CHANGES_SHOWN)
    )
    return [(change, undone is not None) for change, undone in db.session.execute(query).unique()]


def change_of(year: int, number: int) -> CalendarChange:
    """The change of that year, else NotFound."""
    query = select(CalendarChange).where(CalendarChange.year == year, CalendarChange.number == number)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found
