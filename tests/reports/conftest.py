"""A report of the informant, and a way to make more."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.reports.models import Report
from app.reports.services import Told, make_report
from tests.factories.people import County

WORDS = "老桥头有人无证拔牙(演示)"


def told(**changes: Any) -> Told:
    return Told(**{"category": "practice", "content": WORDS, "place": "老桥头"} | changes)


@pytest.fixture
def made(app: Flask, county: County) -> Callable[..., Report]:
    """`made(by=…, content=…)`: a committed report, by default the informant's."""

    def make(by: Any = None, **changes: Any) -> Report:
        with app.app_context():
            person = db.session.get_one(Person, (by or county.person(Role.INFORMANT)).id)
            report = make_report(new_id(), told(**changes), by=person, now=clock.now())
            db.session.commit()
            return report

    return make
