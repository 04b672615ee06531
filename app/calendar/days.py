"""The calendar as everybody asks for it: one snapshot, kept by each worker, looked after once a request."""

from datetime import date, timedelta
from typing import Any

from flask import current_app, g
from sqlalchemy import func, select

from app.calendar import library
from app.calendar.models import CalendarChange, CalendarDay, CalendarYear
from app.calendar.rules import (
    Snapshot,
    is_weekday,
    roll_to_working_day,
    working_days_between,
)
from app.core.database import db

_KEPT = "calendar"  # in app.extensions: another application has another database


def snapshot() -> Snapshot:
    """The calendar of now. The first question of a request costs one read, and all days only after a change."""
    found: Snapshot | None = g.get("calendar")
    if found is None:
        version = _version()
        kept: Snapshot | None = current_app.extensions.get(_KEPT)
        found = kept if kept is not None and kept.version == version else _read(version)
        current_app.extensions[_KEPT] = g.calendar = found
    return found


def forget() -> None:
    """Ask anew at the next question: where another process may have changed something."""
    g.pop("calendar", None)


def renew() -> Snapshot:
    """The calendar as this transaction has just changed it; others see it when it is committed."""
    found: Snapshot = _read(_version())
    g.calendar = found
    return found


def _version() -> int:
    return db.session.scalar(select(func.max(CalendarChange.number))) or 0


def _read(version: int) -> Snapshot:
    if not version:  # never filled: what the library says
        return Snapshot(0, library.differing(), library.years())
    days = db.session.execute(select(CalendarDay.day, CalendarDay.is_working)).tuples()
    years = db.session.scalars(select(CalendarYear.year).where(CalendarYear.is_announced.is_(True)))
    return Snapshot(
        version, {day: works for day, works in days if works != is_weekday(day)}, frozenset(years)
    )


def is_working_day(day: date) -> bool:
    """Whether people work on `day`."""
    return snapshot().works(day)


def is_provisional(day: date | int) -> bool:
    """Whether that day's year (or that year) is known by its weekends only."""
    return snapshot().is_provisional(day)


def working_days(start: date, end: date) -> int:
    """Working days after `start` up to and with `end`."""
    return working_days_between(start, end, snapshot().works)


def for_phone(first: date, last: date) -> dict[str, Any]:
    """What a phone counts with, JSON-ready: days of rest from `first` to `last`, and years known by weekends only."""
    known = snapshot()
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    years = range(first.year, last.year + 1)
    return {
        "free_days": [day.isoformat() for day in span if not known.works(day)],
        "provisional_years": [year for year in years if known.is_provisional(year)],
    }


def first_working_day(day: date) -> date:
    """The day itself, or the first working day after it."""
    return roll_to_working_day(day, snapshot().works)
