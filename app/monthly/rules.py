"""Months, and what each figure of a monthly report counts. Pure.

The list of figures is the one the field asks for: premises, visits, coverage, findings, notices, closed, overdue,
referred, information reports and their rate; and, because completeness of records is itself assessed, what is missing.
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from app.core.errors import N_, Invalid, Refused

DEFINITIONS = 1  # counts up when a figure is counted otherwise; it stands in each frozen report
FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_REASON = 500


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month, as people of the county see it on the wall."""

    year: int
    number: int  # 1 to 12

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month | None":
        """From "2026-10"; None for anything else."""
        if not re.fullmatch("[0-9]{4}-[0-9]{2}", text):
            return None
        found = cls(int(text[:4]), int(text[5:]))
        return found if FIRST_YEAR <= found.year <= LAST_YEAR and 1 <= found.number <= 12 else None

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def following(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def before(self) -> "Month":
        return Month(self.year - 1, 12) if self.number == 1 else Month(self.year, self.number - 1)

    def begin(self, zone: tzinfo) -> datetime:
        """The moment it begins on the wall clock of `zone`."""
        return datetime.combine(self.first, time(), zone)

    def end(self, zone: tzinfo) -> datetime:
        """The first moment that is no longer in it."""
        return self.following.begin(zone)

    def has_ended(self, today: date) -> bool:
        return self.following.first <= today


def months_back(last: Month, count: int) -> list[Month]:
    """`count` months, `last` first."""
    found = [last]
    while len(found) < count:
        found.append(found[-1].before)
    return found


class Figure(enum.StrEnum):
    """What is counted. Each is a whole number; the two rates are made of two of them."""

    PREMISES = "premises"
    VISITED = "visited"
    VISITS = "visits"
    RETURNS = "returns"
    FINDINGS = "findings"
    CRITICAL = "critical"
    FIXED_AT_ONCE = "fixed_at_once"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    SEEN_FIXED = "seen_fixed"
    ACCEPTED = "accepted"
    CLOSED_OTHERWISE = "closed_otherwise"
    OPEN_AT_END = "open_at_end"
    OVERDUE = "overdue"
    REFERRED = "referred"
    REFERRALS_CLOSED = "referrals_closed"
    REPORTS = "reports"
    UNTRUE = "untrue"
    PASSED_ON = "passed_on"
    NOT_VISITED = "not_visited"
    NO_PHOTO = "no_photo"
    UNSIGNED = "unsigned"
    UNFINISHED = "unfinished"


class Rate(enum.StrEnum):
    """A share in per cent."""

    COVERAGE = "coverage"  # VISITED of PREMISES
    REPORT_RATE = "report_rate"  # PASSED_ON of REPORTS less UNTRUE


class Group(enum.StrEnum):
    """The parts of the report, in its order."""

    PLACES = "places"
    FINDINGS = "findings"
    NOTICES = "notices"
    REFERRALS = "referrals"
    REPORTS = "reports"
    MISSING = "missing"


Line = Figure | Rate
F = Figure
GROUPS: Mapping[Group, tuple[Line, ...]] = {
    Group.PLACES: (F.PREMISES, F.VISITED, Rate.COVERAGE, F.VISITS, F.RETURNS),
    Group.FINDINGS: (F.FINDINGS, F.CRITICAL, F.FIXED_AT_ONCE),
    Group.NOTICES: (
        F.ISSUED, F.WITHDRAWN, F.CLOSED, F.SEEN_FIXED, F.ACCEPTED, F.CLOSED_OTHERWISE, F.OPEN_AT_END, F.OVERDUE,
    ),
    Group.REFERRALS: (F.REFERRED, F.REFERRALS_CLOSED),
    Group.REPORTS: (F.REPORTS, F.UNTRUE, F.PASSED_ON, Rate.REPORT_RATE),
    Group.MISSING: (F.NOT_VISITED, F.NO_PHOTO, F.UNSIGNED, F.UNFINISHED),
}  # fmt: skip
PARTS = frozenset(  # shown under the line before, as a part of it
    {
        F.RETURNS,
        F.CRITICAL,
        F.FIXED_AT_ONCE,
        F.WITHDRAWN,
        F.SEEN_FIXED,
        F.ACCEPTED,
        F.CLOSED_OTHERWISE,
        F.UNTRUE,
        F.PASSED_ON,
    }
)
# while all of these are nothing, nothing happened in the month
HAPPENED = (F.VISITS, F.FINDINGS, F.ISSUED, F.CLOSED, F.REFERRED, F.REFERRALS_CLOSED, F.REPORTS, F.UNFINISHED)
Figures = Mapping[str, int]  # by the value of Figure


def is_empty(figures: Figures) -> bool:
    return not any(figures[one] for one in HAPPENED)


def rate(which: Rate, figures: Figures) -> str:
    """The share as it is printed, with one decimal; "" where there is nothing to be a share of.

    Coverage: distinct premises visited ÷ premises on the register. Rate of information reports: those passed on to
    the authority ÷ those recorded and not found untrue (indicator of the national service standard, third edition:
    events or leads reported ÷ events or leads found).
    """
    if which is Rate.COVERAGE:
        return share(figures[F.VISITED], figures[F.PREMISES])
    return share(figures[F.PASSED_ON], figures[F.REPORTS] - figures[F.UNTRUE])


def share(part: int, whole: int) -> str:
    """Tenths of a per cent, rounded half up, but never to all or nothing where it is not."""
    if whole <= 0:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    if part and not tenths:
        tenths = 1
    if part < whole and tenths >= 1000:
        tenths = 999
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"


def check_month(month: Month, today: date) -> None:
    """Only a month that is over can be issued. Raises Refused."""
    if month.has_ended(today):
        return
    raise Refused(
        N_("This month is not over yet, so its report cannot be issued."),
        hint=N_("The figures so far are for reading; issue them from the first day of the next month on."),
    )


def check_correction(reason: str, *, changed: bool, number: str) -> None:
    """A new version says why, and says something else. Raises Invalid or Refused."""
    if not reason.strip():
        raise Invalid(N_("Write why the report is corrected."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            N_("This is too long: %(most)s characters at most."), field="reason", most=LONGEST_REASON
        )
    if not changed:
        raise Refused(
            N_("The figures are the same as in %(number)s, so there is nothing to correct."),
            hint=N_("The issued report still holds."),
            number=number,
        )


def format_number(pattern: str, prefix: str, month: Month, code: str, edition: int) -> str:
    """Return the number as printed: 南卫月报〔2026〕10-990101-1号. Area, month and edition make it unique."""
    return pattern.format(prefix=prefix, year=month.year, month=month.number, code=code, edition=edition)
