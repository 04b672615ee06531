"""What the calendar's pages show: months of cells, ranges in words, what an entry would change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_date

from app.calendar import queries
from app.calendar.announcements import Announced
from app.calendar.models import CalendarDay, Source
from app.calendar.rules import Snapshot, is_weekday
from app.web.filters import short_day
from app.web.i18n import is_chinese, say

WEEK = 7


@dataclass(frozen=True)
class Cell:
    """One day in a month's table."""

    day: date
    is_working: bool
    name: str = ""
    is_own: bool = False  # entered by an administrator
    changes: bool = False  # in a preview: it is otherwise now

    @property
    def kind(self) -> str:
        """holiday: rest on a weekday; extra: work on a weekend; rest or work: as every week."""
        if self.is_working == is_weekday(self.day):
            return "work" if self.is_working else "rest"
        return "extra" if self.is_working else "holiday"


@dataclass(frozen=True)
class Month:
    """A month as weeks from Monday to Sunday; None where the week belongs to another month."""

    first: date
    weeks: list[list[Cell | None]]

    @property
    def name(self) -> str:
        return f"{self.first.month}月" if is_chinese() else format_date(self.first, "MMMM")

    @property
    def named(self) -> list["Range"]:
        """The holidays and make-up days of the month in words."""
        return ranges(cell for week in self.weeks for cell in week if cell is not None and cell.name)


@dataclass(frozen=True)
class Range:
    """Days on end that are alike."""

    first: date
    last: date
    is_working: bool
    name: str
    changing: int = 0  # how many of them are otherwise now

    @property
    def dates(self) -> str:
        """2月5日–13日, 28 Sep–3 Oct"""
        if self.first == self.last:
            return short_day(self.first)
        short = is_chinese() and self.first.month == self.last.month
        return f"{short_day(self.first)}–{f'{self.last.day}日' if short else short_day(self.last)}"

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


def months_of(year: int, snapshot: Snapshot) -> list[Month]:
    """The whole year as it is stored."""
    stored = queries.rows_between(date(year, 1, 1), date(year, 12, 31))
    return [month(date(year, number, 1), snapshot, stored, {}) for number in range(1, 13)]


def months_touched(entered: Sequence[Announced], snapshot: Snapshot) -> list[Month]:
    """The months of these days as they would be."""
    wanted = {one.day: one for one in entered}
    firsts = sorted({one.day.replace(day=1) for one in entered})
    if not firsts:
        return []
    stored = queries.rows_between(firsts[0], max(wanted) + timedelta(days=31))
    return [month(first, snapshot, stored, wanted) for first in firsts]


def month(
    first: date, snapshot: Snapshot, stored: Mapping[date, CalendarDay], wanted: Mapping[date, Announced]
) -> Month:
    """One month, with what is wanted over what is stored."""
    cells: list[Cell | None] = [None] * first.weekday()
    day = first
    while day.month == first.month:
        cells.append(_cell(day, snapshot, stored.get(day), wanted.get(day)))
        day += timedelta(days=1)
    cells += [None] * (-len(cells) % WEEK)
    return Month(first, [cells[n : n + WEEK] for n in range(0, len(cells), WEEK)])


def _cell(day: date, snapshot: Snapshot, row: CalendarDay | None, wanted: Announced | None) -> Cell:
    works = snapshot.works(day)
    if wanted is not None:
        return Cell(day, wanted.is_working, wanted.name, is_own=True, changes=wanted.is_working != works)
    name = say(row, "name") if row else ""
    return Cell(day, works, name, is_own=row is not None and row.source is Source.COUNTY)


def ranges(days: Iterable[Cell | Announced], snapshot: Snapshot | None = None) -> list[Range]:
    """Days in order as ranges of alike ones; with a snapshot also how many of them change."""
    found: list[Range] = []
    for one in days:
        changing = int(snapshot is not None and snapshot.works(one.day) != one.is_working)
        last = found[-1] if found else None
        same = last is not None and (last.is_working, last.name) == (one.is_working, one.name)
        if last is not None and same and one.day - last.last == timedelta(days=1):
            found[-1] = Range(last.first, one.day, last.is_working, last.name, last.changing + changing)
        else:
            found.append(Range(one.day, one.day, one.is_working, one.name, changing))
    return found


def weekday_heads() -> list[str]:
    """Monday to Sunday, as short as a column is."""
    return list("一二三四五六日") if is_chinese() else ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
