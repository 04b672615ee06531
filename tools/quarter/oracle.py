"""Who should have been told what: written a second time, from the words of the issue and not from the product's rules.

It is told what was done to each notice, keeps its own book, and is asked at every half hour. Whatever arrives is held
against it: something that was not due, or arrived before, is doubled; something due in a whole run is missed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import chinese_calendar

NEAR, TODAY, PAST, VERIFY = "整改日期将到", "今天是整改日期", "整改日期已过", "待核实"
CLOCK, HANDED = "报告时限", "案件转交"
# how long a matter may take until it is reported: hours through nights and holidays, working days, the day itself
LIMITS: dict[str, tuple[str, int] | None] = {
    "illegal_practice": ("hours", 24), "food_poisoning": ("hours", 2), "outbreak": ("hours", 2),
    "water_pollution": ("hours", 2), "medical_waste": ("hours", 0), "foodborne_case": ("working days", 2),
    "fire_hazard": ("same day", 0), "other": None,
}  # fmt: skip
Key = tuple[str, str, str, date, int]  # path, number, heading, date, days


@dataclass
class Paper:
    """What the oracle knows of one notice, kept by hand."""

    number: str
    issued: date
    due: date | None
    consents: bool = False
    township: int = 0
    verify_by: date | None = None  # set while a reply waits


@dataclass
class Case:
    """What the oracle knows of one referral. `sent`: when a link was last given to the authority."""

    name: str  # by what a message about it is known: its id, once it is out its number
    matter: str
    opened: datetime
    found: datetime
    township: int
    was_sent: bool = False
    number: str = ""
    sent: datetime | None = None
    rounds: int = 0


@dataclass
class Days:
    """Working days as announced at the beginning, and what was announced since."""

    entered: dict[date, tuple[bool, datetime]] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        if day in self.entered:
            return self.entered[day][0]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5

    def first_working(self, day: date) -> date:
        return day if self.works(day) else self.first_working(day + timedelta(days=1))

    def freed_since(self, day: date, moment: datetime) -> bool:
        """Whether nobody works on a day because of something that was announced after this moment."""
        return day in self.entered and not self.entered[day][0] and self.entered[day][1] > moment


@dataclass
class Oracle:
    """The book. All times are local."""

    quiet: tuple[int, int] = (21, 8)
    papers: dict[str, Paper] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    days: Days = field(default_factory=Days)
    sent: set[Key] = field(default_factory=set)
    lost: set[Key] = field(default_factory=set)  # claimed by a run that was killed
    tries: dict[Key, tuple[int, datetime]] = field(default_factory=dict)
    due_count: int = 0
    doubled: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def is_quiet(self, now: datetime) -> bool:
        return now.hour >= self.quiet[0] or now.hour < self.quiet[1]

    def wanted(self, now: datetime) -> dict[tuple[str, str, str], Key]:
        """What holds now, by what can be read off a message: path, number, heading."""
        found = {key[:3]: key for key in self._of_cases(now) if key[2] == HANDED or not self.is_quiet(now)}
        if self.is_quiet(now):
            return found
        for paper in self.papers.values():
            for heading, day, days, leads_only, owner in _said(paper, now.date()):
                paths = ["/group", f"/mail/lead{paper.township}@example.com"]
                if not leads_only:
                    paths.append("/mail/supervisor@example.com")
                if owner and paper.consents:
                    paths.append("/sms/000-0000009")
                for path in paths:
                    found[path, paper.number, heading] = (path, paper.number, heading, day, days)
        return found

    def _of_cases(self, now: datetime) -> Iterator[Key]:
        """An authority hears at any hour that something was handed over; we hear of limits by day."""
        for case in self.cases.values():
            if case.sent is not None and now - case.sent < timedelta(days=7):
                yield "/authority", case.number, HANDED, case.sent.date(), case.rounds
            due = limit_of(case, self.days)
            moment = _moment(case, due, now) if due is not None and not case.was_sent else None
            if due is None or moment is None:
                continue
            paths = ["/group", f"/mail/lead{case.township}@example.com"]
            for path in paths + (["/mail/supervisor@example.com"] if moment >= 0 else []):
                yield path, case.name, CLOCK, due.date(), moment

    def expected(self, now: datetime) -> dict[tuple[str, str, str], Key]:
        """What a whole run has to bring now: true, not brought before, not waiting for its next try."""
        return {
            short: key
            for short, key in self.wanted(now).items()
            if key not in self.sent | self.lost and self._is_free(key, now)
        }

    def _is_free(self, key: Key, now: datetime) -> bool:
        if key not in self.tries:
            return True
        count, last = self.tries[key]
        wait = min([30, 60, 120, 240][min(count, 4) - 1], 240)
        return count < 12 and now >= last + timedelta(minutes=wait)

    def hear(self, now: datetime, arrived: list[tuple[str, str, str, bool]], *, whole: bool, down: set[str]) -> None:
        """Hold a run against the book. `whole`: it was not killed, so that everything expected must be there."""
        expected, refused = self.expected(now), Counter[str]()
        for path, number, heading, taken in arrived:
            key = expected.pop((path, number, heading), None)
            if key is None:
                self.doubled.append(f"{now:%m-%d %H:%M} {heading} {number} at {path} was not due")
            elif taken:
                self._count(key)
            else:
                refused[path.split("/")[1]] += 1
                self.tries[key] = (self.tries.get(key, (0, now))[0] + 1, now)
        if whole:
            for key in expected.values():
                channel = key[0].split("/")[1]
                if channel not in down or refused[channel] < 3:  # a channel that is down is tried three times a run
                    self._count(key)
                    self.missed.append(f"{now:%m-%d %H:%M} {key[2]} {key[1]} at {key[0]}")

    def _count(self, key: Key) -> None:
        self.due_count += 1
        self.sent.add(key)

    def lose(self, now: datetime, path: str, number: str, heading: str) -> None:
        """A run was killed with this one in its hands and it did not arrive: it may not come any more."""
        key = self.wanted(now).get((path, number, heading))
        if key is None:
            self.doubled.append(f"{now:%m-%d %H:%M} {heading} {number} for {path} was claimed and not due")
        else:
            self.lost.add(key)


def _said(paper: Paper, today: date) -> list[tuple[str, date, int, bool, bool]]:
    """(heading, date, days, for leads only, for owners): three and one day before, on the day, 1, 3, 7, 14, 21 …"""
    found = []
    if paper.due is not None:
        away = (today - paper.due).days
        if away < 0:
            near = [days for days in (-3, -1) if days <= away]
            if near and paper.due + timedelta(days=near[-1]) > paper.issued:
                found.append((NEAR, paper.due, near[-1], True, True))
        elif away == 0:
            found.append((TODAY, paper.due, 0, True, True))
        else:
            found.append((PAST, paper.due, _round(away), False, True))
    if paper.verify_by is not None and today >= paper.verify_by:
        away = (today - paper.verify_by).days
        found.append((VERIFY, paper.verify_by, _round(away), away == 0, False))
    return found


def limit_of(case: Case, days: Days) -> datetime | None:
    """Until when it is to be reported: the end of a day is the midnight after it."""
    rule = LIMITS[case.matter]
    if rule is None:
        return None
    kind, amount = rule
    if kind == "hours":
        return case.found + timedelta(hours=amount)
    day = case.found.date()
    while kind == "working days" and amount:
        day += timedelta(days=1)
        amount -= days.works(day)
    return datetime.combine(day + timedelta(days=1), time(), case.found.tzinfo)


def _moment(case: Case, due: datetime, now: datetime) -> int | None:
    """Hours from the limit of what is to be said: a day and an hour before, at it, an hour and every day after."""
    moments = [-24, -1, 0, 1, *range(24, 24 * 400, 24)]
    past = [hours for hours in moments if due + timedelta(hours=hours) <= now]
    return past[-1] if past and due + timedelta(hours=past[-1]) > case.opened else None


def _round(away: int) -> int:
    return 0 if away == 0 else 1 if away < 3 else 3 if away < 7 else away // 7 * 7
