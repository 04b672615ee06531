"""Finished visits in any number, and samples of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection, Status
from app.premises.models import Premises
from app.sampling.frames import Frame, LeftOut, prepare
from app.sampling.models import Sample
from app.sampling.rules import Plan
from app.sampling.services import keep_sample, new_seed
from tests.factories.people import County
from tests.factories.premises import make_premises

Visits = Callable[..., list[UUID]]
Draws = Callable[..., UUID]


def finished(by: Person, premises: Premises, **changes: Any) -> Inspection:
    """A visit of today with nothing found. Flush and commit yourself."""
    now = clock.now()
    visit = Inspection(
        id=new_id(), premises_id=premises.id, organisation_id=by.organisation_id, lead_id=by.id,
        status=Status.FINISHED, started_at=now - timedelta(minutes=20), finished_at=now, digest="d" * 64,
    )  # fmt: skip
    visit.place_in(premises.region)
    for name, value in changes.items():
        setattr(visit, name, value)
    db.session.add(visit)
    return visit


@pytest.fixture
def visits(app: Flask, county: County) -> Visits:
    """`visits(12, by=…, village=2)`: committed visits to one place, by default the coordinator's; their ids."""

    def make(count: int, by: Any = None, village: int = 0, **changes: Any) -> list[UUID]:
        with app.app_context():
            person = db.session.get_one(Person, (by or county.person(Role.COORDINATOR)).id)
            region = db.session.get_one(Region, county.villages[village].id)
            place = make_premises(region, name=f"回访小吃{village}(演示)", phone="000-0000007")
            made = [finished(person, place, **changes) for _ in range(count)]
            db.session.commit()
            return [visit.id for visit in made]

    return make


@pytest.fixture
def drawn(app: Flask, county: County) -> Draws:
    """`drawn(Plan(…), region=…, left_out=…)`: a committed sample of today's visits, drawn by the supervisor."""

    def draw(plan: Plan, region: Any = None, left_out: LeftOut | None = None) -> UUID:
        with app.app_context():
            by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
            area = db.session.get_one(Region, (region or county.region).id)
            day = clock.today()
            frame = Frame(new_id(), area, day - timedelta(days=2), day, plan.stratum)
            prepared = prepare(frame, plan, left_out or LeftOut(), by=by)
            sample: Sample = keep_sample(prepared, new_seed(), by=by, now=clock.now())
            db.session.commit()
            return sample.id

    return draw
