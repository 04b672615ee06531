"""The lists with a county's whole history, against the same pages with one part in a hundred of it.

Server time is what the application takes from request to answer (Flask's test client, no network). The two counties
are asked in turns, so that whatever else the machine does touches both. Statements are counted as they are sent.
"""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import db
from app.inspections.models import Answer, Inspection, Status
from tests.fixtures.statements import statements
from tools.bench.county import Size
from tools.bench.places import county_app, sign_in
from tools.bench.report import Figure

FULL = Size(50_000, 100_000, 500_000)
QUICK = Size(500, 1_000, 5_000)
SHARE = 0.01
WORDS = ("饭馆", "小吃", "旅馆", "理发店", "fg", "xcd", "镇1村", "0999", "青", "云 饭馆")
Ask = Callable[["Side", random.Random], str]


def measure(*, quick: bool) -> list[Figure]:
    """p95 with everything, its ratio to p95 with a hundredth of it, and the number of statements, for each page."""
    size, share = (QUICK, 0.2) if quick else (FULL, SHARE)
    large, small = Side(size), Side(size.part(share))
    figures = []
    for name, who, ask in PAGES:
        times, counts = _in_turns((large, small), who, ask, 10 if quick else 120)
        p95, p95_small = (_p95(one) for one in times)
        note = f"{p95_small * 1000:.1f} ms with {share:.0%} of the data"
        figures += [
            Figure.at_most(
                f"{name}: p95 server time with {size.photos:,} photos", p95 * 1000, 60, "ms", note
            ),
            Figure.at_most(f"{name}: p95 against {share:.0%} of the data", p95 / p95_small, 1.5, "×"),
            _constant(name, share, *counts),
        ]
    return figures


@dataclass
class Side:
    """One county with people who are signed in, and visits to open."""

    size: Size
    app: Flask = field(init=False)
    people: dict[str, FlaskClient] = field(init=False)
    visits: dict[Status, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.app = county_app(self.size)
        self.people = {who: sign_in(self.app, who) for who in ("supervisor", "coordinator0")}
        with self.app.app_context():
            self.visits = {status: _full_visits(status) for status in Status}

    def fetch(self, who: str, path: str) -> None:
        headers = {"HX-Request": "true"} if path.startswith("!") else {}
        response = self.people[who].get(path.lstrip("!"), headers=headers)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")


def _full_visits(status: Status) -> list[str]:
    """Addresses of visits in which nearly every item was looked at, and which have their photos."""
    fully = select(Answer.inspection_id).group_by(Answer.inspection_id).having(db.func.count() > 10)
    rows = db.session.scalars(
        select(Inspection.id)
        .where(Inspection.id.in_(fully), Inspection.status == status)
        .order_by(Inspection.id)
    )
    return [f"/inspections/{one}" for one in rows]


def _word(_side: Side, dice: random.Random) -> str:
    return f"!/premises?q={quote(dice.choice(WORDS))}"


PAGES: tuple[tuple[str, str, Ask], ...] = (
    ("premises list, county", "supervisor", lambda _side, _dice: "/premises"),
    ("premises list, township", "coordinator0", lambda _side, _dice: "/premises"),
    ("premises search as typed", "supervisor", _word),
    ("inspection page, open", "supervisor", lambda side, dice: dice.choice(side.visits[Status.OPEN])),
    ("inspection page, finished", "supervisor", lambda side, dice: dice.choice(side.visits[Status.FINISHED])),
    ("photo log, newest", "supervisor", lambda _side, _dice: "/photo-log"),
    ("notices to verify", "supervisor", lambda _side, _dice: "/notices?shelf=verify"),
    ("notices overdue", "supervisor", lambda _side, _dice: "/notices?shelf=overdue"),
    ("notices closed", "supervisor", lambda _side, _dice: "/notices?shelf=closed"),
    ("notices of my visits", "coordinator0", lambda _side, _dice: "/notices?shelf=mine"),
)


def _in_turns(
    sides: tuple["Side", "Side"], who: str, ask: Ask, turns: int
) -> tuple[list[list[float]], list[set[int]]]:
    times: list[list[float]] = [[], []]
    counts: list[set[int]] = [set(), set()]
    for turn in range(turns + 5):
        for place, side in enumerate(sides):
            path = ask(side, random.Random(turn))
            with statements(side.app) as sent:
                begun = time.perf_counter()
                side.fetch(who, path)
                took = time.perf_counter() - begun
            if turn >= 5:  # the first ones warm up
                times[place].append(took)
                counts[place].add(len(sent))
    return times, counts


def _constant(name: str, share: float, large: set[int], small: set[int]) -> Figure:
    """The most statements a page sent with everything may not exceed the most with a part of it."""
    note = f"{_range(large)} with everything, {_range(small)} with {share:.0%}"
    return Figure.at_most(
        f"{name}: more statements than with {share:.0%} of the data", max(large) - max(small), 0, "", note
    )


def _range(counts: set[int]) -> str:
    return f"{min(counts)}" if len(counts) == 1 else f"{min(counts)} to {max(counts)}"


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
