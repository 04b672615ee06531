"""Who should have been told what: written a second time, from the words of the issue and not from the product's rules.

It is told what was done to each notice, keeps its own book, and is asked at every half hour. Whatever arrives is held
against it: something that was not due, or arrived before, is doubled; something due in a whole run is missed.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

NEAR, TODAY, PAST, VERIFY = "整改日期将到", "今天是整改日期", "整改日期已过", "待核实"
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
class Oracle:
    """The book. All times are local."""

    quiet: tuple[int, int] = (21, 8)
    papers: dict[str, Paper] = field(default_factory=dict)
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
        if self.is_quiet(now):
            return {}
        found = {}
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


def _round(away: int) -> int:
    return 0 if away == 0 else 1 if away < 3 else 3 if away < 7 else away // 7 * 7
