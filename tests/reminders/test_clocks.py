"""The limit of a referral that has not gone out: natural hours, supervisors from the limit on."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.referrals.models import Referral
from app.referrals.rules import Event
from app.referrals.services import Facts, Opening, open_referral
from app.referrals.steps import Step, take_step
from app.reminders import sending
from app.reminders.models import Reminder, Subject
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.reminders.conftest import ISSUED, Receiver, decide


@pytest.fixture
def referral_id(context: Flask, county: County) -> UUID:
    """Unlicensed practice, found at ten in the morning: to be reported within 24 hours."""
    with clock.freeze(ISSUED), transaction():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        seen = {"address": "演示路 1 号", "facts": "门口有人拔牙(演示)", "scene": "没有进入"}
        facts = Facts(clock.now(), subject="某某(演示)", **seen)
        region = db.session.get_one(Region, county.villages[0].id)
        referral = open_referral(new_id(), Opening("illegal_practice", region, facts), by=by, now=clock.now())
        assert referral.due_at == ISSUED + timedelta(hours=24)
        return referral.id


def at(hours: float) -> sending.Tally:
    with clock.freeze(ISSUED + timedelta(hours=24 + hours)):
        return sending.run()


def listed() -> list[tuple[int, UUID | None]]:
    rows = db.session.query(Reminder).filter_by(subject=Subject.REFERRAL, channel="app")
    return [(row.step, row.person_id) for row in rows.order_by(Reminder.claimed_at, Reminder.step)]


def test_it_speaks_up_before_the_limit_at_it_and_after_it(
    county: County, referral_id: UUID, receiver: Receiver
) -> None:
    decide(county, staff=(receiver.url,))
    lead, supervisor = county.person(Role.COORDINATOR).id, county.person(Role.SUPERVISOR).id
    for hours in (-23, -1.5, -0.9, -0.2, 0.1, 1.2, 2):
        at(hours)
    heard = listed()
    assert [step for step, person in heard if person == lead] == [-1, 0, 1]
    assert [step for step, person in heard if person == supervisor] == [0, 1]
    assert [body["title"] for _, body in receiver.arrived] == ["报告时限"] * 3
    assert all("某某" not in body["message"] for _, body in receiver.arrived)  # no name leaves the house
    assert str(referral_id) in receiver.arrived[0][1]["message"]


def test_once_it_has_gone_out_it_is_silent(county: County, referral_id: UUID, sign_in: SignIn) -> None:
    at(-0.5)
    with clock.freeze(ISSUED + timedelta(hours=23, minutes=45)):
        page = sign_in(Role.COORDINATOR).get("/reminders").get_data(as_text=True)
        assert "报告时限" in page
        with transaction():
            by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
            take_step(db.session.get_one(Referral, referral_id), Step(new_id(), Event.SEND), by=by, now=clock.now())
        assert "报告时限" not in sign_in(Role.COORDINATOR).get("/reminders").get_data(as_text=True)
    assert at(0.5).listed == 0
