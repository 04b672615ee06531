"""A county with photos on several days."""

from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.roles import Role
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.oversight.factory import COLOURS, MORNING, Log, make_photo, make_visit


@pytest.fixture
def log(app: Flask, county: County) -> Log:
    """Ten photos of the first township on three days, three of the second; committed."""
    with app.app_context():
        person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        neighbour = db.session.get_one(Person, county.neighbour.id)
        here = make_premises(county.villages[0], "青禾小饭馆(演示)", latitude=30.0, longitude=120.0)
        there = make_premises(county.villages[2], "南湾招待所(演示)")
        visit, other = make_visit(here, person), make_visit(there, neighbour)
        now = clock.now()
        north = [
            make_photo(visit, now - timedelta(hours=6 * step), COLOURS[step % 7], severity="A" if step % 2 else "B")
            for step in range(10)
        ]
        south = [make_photo(other, now - timedelta(hours=5 * step, minutes=1), COLOURS[step]) for step in range(3)]
        db.session.commit()
        return Log([row.photo_id for row in north], [row.photo_id for row in south], here.id, visit.id)


@pytest.fixture
def tour(log: Log, app: Flask, county: County) -> Person:
    """Three visits of one day: two places a kilometre apart, the last visit without any position."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        places = [make_premises(county.villages[0], name) for name in ("一号店(演示)", "二号店(演示)", "三号店(演示)")]
        places[0].latitude, places[0].longitude = 30.0, 120.0
        for number, place in enumerate(places):
            start = MORNING + timedelta(hours=number)
            visit = make_visit(place, by, start, finished_at=start + timedelta(minutes=20))
            if number == 1:
                visit.latitude, visit.longitude = 30.009, 120.0
            make_photo(visit, start + timedelta(minutes=5))
        db.session.commit()
        return by
