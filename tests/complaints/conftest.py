"""A complaint that was written down, and the people around it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Person
from app.accounts.regions import Region
from app.complaints.models import Complaint
from app.complaints.rules import Channel
from app.complaints.sealing import Complainant
from app.complaints.services import Lodged, register_complaint
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from tests.factories.people import County

WHO = Complainant(
    name="钱举报甲(演示)", phone="13900001234", address="密语巷7号", other="住在隔壁",
    words="我亲眼看见后厨有老鼠", where="老街面馆",
)  # fmt: skip
MATTER = "后厨有老鼠(演示)"
SECRETS = ("钱举报甲", "13900001234", "密语巷", "住在隔壁", "亲眼看见")


@pytest.fixture
def lodged(app: Flask, county: County) -> Callable[..., Complaint]:
    """`lodged(by=…, about=…)`: a committed complaint, by default taken by the coordinator by phone."""

    def make(by: Any = None, *, itself: bool = False, **changes: Any) -> Complaint:
        with app.app_context():
            person = None if itself else db.session.get_one(Person, (by or county.person(Role.COORDINATOR)).id)
            said = {"channel": Channel.PHONE, "region": db.session.get_one(Region, county.townships[0].id),
                    "matter": "" if itself else MATTER, "complainant": WHO}  # fmt: skip
            complaint = register_complaint(new_id(), Lodged(**said | changes), by=person, now=clock.now())
            db.session.commit()
            return complaint

    return make
