"""Counting with working days (CHECKLISTS 6.4). Pure: which days are worked is handed in."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
LONGEST_REST = 30  # days on end without work: more is a slip of the finger, and counting would never end

Works = Callable[[date], bool]


class EndlessRest(ValueError):
    """More than LONGEST_REST days on end on which nobody works."""


def is_weekday(day: date) -> bool:
    """Monday to Friday: all that is known of a year whose holidays are not announced."""
    return day.weekday() < 5


@dataclass(frozen=True)
class Snapshot:
    """The whole calendar as it was at one version."""

    version: int
    differing: Mapping[date, bool] = field(
        default_factory=dict
    )  # only where it is not simply Monday to Friday
    announced: Collection[int] = frozenset()

    def works(self, day: date) -> bool:
        """Whether people work on `day`."""
        return self.differing.get(day, is_weekday(day))

    def is_provisional(self, day: date | int) -> bool:
        """Whether the holidays of that day's year are still to be announced."""
        return (day if isinstance(day, int) else day.year) not in self.announced


def working_days_between(start: date, end: date, works: Works) -> int:
    """Working days after `start` up to and with `end`: the first day does not count. None where `end` is earlier."""
    return sum(works(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def add_working_days(start: date, days: int, works: Works) -> date:
    """The day by which `days` working days have passed; the first day does not count. Negative: as many before."""
    step, left, day = (ONE_DAY if days > 0 else -ONE_DAY), abs(days), start
    while left:
        day = _next(day, step, works)
        left -= 1
    return day


def roll_to_working_day(day: date, works: Works) -> date:
    """The day itself or, where it is a day of rest, the first working day after it (末日为法定休假日的顺延).

    Civil Procedure Law article 85, as CHECKLISTS 6.4 has it.
    """
    return day if works(day) else _next(day, ONE_DAY, works)


def _next(day: date, step: timedelta, works: Works) -> date:
    for n in range(1, LONGEST_REST + 2):
        if works(day + n * step):
            return day + n * step
    raise EndlessRest(f"nobody works for {LONGEST_REST} days from {day}")


def longest_rest(first: date, last: date, works: Works) -> int:
    """The most days on end without work from `first` to `last`."""
    longest = run = 0
    for n in range((last - first).days + 1):
        run = 0 if works(first + timedelta(days=n)) else run + 1
        longest = max(longest, run)
    return longest
