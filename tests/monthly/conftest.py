"""A township's October with something in every figure, and a November after it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices.models import Notice, NoticeFinding
from app.notices.progress import Event
from app.notices.services import issue_notice
from app.notices.turning import Move, take_turn
from app.premises.models import Premises
from tests.factories.people import County
from tests.notices.factory import make_premises, make_visit, set_due, wish

CODES = ("CAT-09", "FIR-12")  # both by a date
BEFORE = datetime(2026, 1, 5, 2, tzinfo=UTC)  # when the places were entered
NOVEMBER = datetime(2026, 11, 3, 1, tzinfo=UTC)


def october(day: int, hour: int = 2) -> datetime:
    """A moment of the month; 2 o'clock is ten in the morning on the wall."""
    return datetime(2026, 10, day, hour, tzinfo=UTC)


class Township:
    """Makes rows of the first township as its coordinator. Inside an application context; commit yourself."""

    def __init__(self, county: County, second: bool = False) -> None:
        self.by = db.session.get_one(
            Person, (county.neighbour if second else county.person(Role.COORDINATOR)).id
        )
        self.village = db.session.get_one(Region, county.villages[2 if second else 0].id)

    def place(self, name: str, since: datetime = BEFORE, **changes: Any) -> Premises:
        premises = make_premises(self.village, name)
        premises.created_at = since
        for key, value in changes.items():
            setattr(premises, key, value)
        db.session.flush()
        return premises

    def visit(
        self, premises: Premises, at: datetime, codes: tuple[str, ...] = CODES, **changes: Any
    ) -> Inspection:
        photos = changes.pop("photos", 1)
        finished = changes.pop("finished", True)
        with clock.freeze(at):
            visit = make_visit(self.by, premises, codes, photos=photos, finished=finished)
            premises.last_inspected_at = at if finished else premises.last_inspected_at
        for key, value in changes.items():
            setattr(visit, key, value)
        db.session.flush()
        return visit

    def notice(self, visit: Inspection, at: datetime, due_on: date) -> Notice:
        with clock.freeze(at):
            set_due(visit, due_on)
            return issue_notice(new_id(), wish(visit), by=self.by, now=at)

    def turn(self, notice: Notice, event: Event, at: datetime, due_on: date | None = None) -> None:
        """The same for every point."""
        points = db.session.query(NoticeFinding).filter_by(notice_id=notice.id)
        for finding_id in [point.finding_id for point in points]:
            with clock.freeze(at):
                take_turn(notice.id, finding_id, Move(new_id(), event, due_on=due_on), by=self.by, now=at)


@pytest.fixture
def busy(app: Flask, county: County) -> Callable[[], Premises]:
    """`busy()`: one visit with a notice in the first township's October, committed; its place."""

    def make() -> Premises:
        with app.app_context():
            town = Township(county)
            place = town.place("月报面馆(演示)")
            visit = town.visit(place, october(12))
            town.notice(visit, october(12, 3), date(2026, 10, 20))
            db.session.commit()
            return place

    return make


__all__ = ["BEFORE", "CODES", "NOVEMBER", "Township", "busy", "october"]
