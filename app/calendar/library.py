"""What the library knows: the holidays and make-up working days of the years already announced. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar
from chinese_calendar import Holiday, constants

_CHINESE = {one.value: one.chinese for one in Holiday}


@dataclass(frozen=True)
class KnownDay:
    """One day as announced. Names are empty on ordinary days."""

    day: date
    is_working: bool
    name_zh: str = ""
    name_en: str = ""


@cache
def years() -> frozenset[int]:
    """The years the library knows."""
    named = {day.year for day in (*constants.holidays, *constants.workdays)}
    return frozenset(year for year in named if _knows(date(year, 6, 1)))


def _knows(day: date) -> bool:
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:  # it says so by raising (CHECKLISTS 6.5)
        return False
    return True


def days_of(year: int) -> Iterator[KnownDay]:
    """Every day of a year it knows; nothing of another one."""
    if year not in years():
        return
    day = date(year, 1, 1)
    while day.year == year:
        name = constants.holidays.get(day) or constants.workdays.get(day) or ""
        yield KnownDay(day, bool(chinese_calendar.is_workday(day)), _CHINESE.get(name, name), name)
        day += timedelta(days=1)


@cache
def differing() -> dict[date, bool]:
    """All days it knows that are not simply Monday to Friday."""
    return {
        one.day: one.is_working
        for year in years()
        for one in days_of(year)
        if one.is_working != (one.day.weekday() < 5)
    }


NAMES = {one.chinese: one.value for one in Holiday}
