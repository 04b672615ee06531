"""What somebody asks for: one more reminder, an uncertain one again; and what an addressee is told by itself."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.notices.models import NoticeFinding
from app.notices.progress import Event
from app.notices.turning import Move, take_turn
from app.referrals import links, queries
from app.referrals.models import Referral
from app.referrals.rules import Event as Step
from app.reminders import sending
from app.reminders.models import Reminder
from app.reminders.rules import State
from tests.factories.people import County
from tests.fixtures.pages import parse
from tests.fixtures.signing_in import SignIn
from tests.referrals.factory import RECEIVED, make_addressee, sent, take
from tests.reminders.conftest import ISSUED, Receiver, decide, on
from tests.reminders.test_sending import Killed, consent, turn

NO_NIGHT = {"quiet_from": "00:00", "quiet_to": "00:00"}


def press(app: Flask, client: object, path: str, **data: str) -> int:
    app.config["WTF_CSRF_ENABLED"] = False
    return client.post(path, data=data).status_code  # type: ignore[attr-defined, no-any-return]


def uncertain_one(county: County, receiver: Receiver) -> UUID:
    decide(county, staff=(receiver.url,))

    def dies(*_: object) -> bool:
        raise Killed

    with on(0, 9), pytest.raises(Killed):
        sending.run(dies)
    with on(0, 10):
        sending.run()
    return db.session.query(Reminder).filter_by(state=State.UNCERTAIN).one().id


@pytest.mark.both_databases
def test_an_uncertain_one_is_sent_again_when_somebody_says_so_and_only_once(
    app: Flask, county: County, notice_id: UUID, receiver: Receiver, sign_in: SignIn
) -> None:
    with app.app_context():
        row_id = uncertain_one(county, receiver)
    lead, stranger = sign_in(Role.COORDINATOR), sign_in(person=county.neighbour)
    with on(0, 11):
        assert "没人知道" in lead.get("/reminders").get_data(as_text=True)
        assert "没人知道" not in stranger.get("/reminders").get_data(as_text=True)
        assert press(app, stranger, f"/reminders/{row_id}/again") == 404
        for client in (lead, lead, sign_in(Role.ADMINISTRATOR)):
            assert press(app, client, f"/reminders/{row_id}/again") == 303
        assert "没人知道" not in lead.get("/reminders").get_data(as_text=True)
    with app.app_context(), on(0, 12):
        sending.run()
        sending.run()
        assert len(receiver.arrived) == 1
        assert db.session.get_one(Reminder, row_id).state is State.SENT
        assert db.session.query(AuditRecord).filter_by(action="reminder_sent_again").count() == 1


def test_asked_for_again_and_no_longer_true_it_stays_unsaid(
    app: Flask, county: County, notice_id: UUID, receiver: Receiver, sign_in: SignIn
) -> None:
    with app.app_context():
        row_id = uncertain_one(county, receiver)
    with on(0, 11):
        assert press(app, sign_in(Role.SUPERVISOR), f"/reminders/{row_id}/again") == 303
    with app.app_context(), on(0, 12):
        turn(notice_id, Event.REFERRED)
        sending.run()
        assert not receiver.arrived


@pytest.mark.both_databases
def test_an_overdue_notice_is_reminded_of_once_more_a_day(
    app: Flask, county: County, notice_id: UUID, receiver: Receiver, sign_in: SignIn
) -> None:
    with app.app_context():
        consent(notice_id, db.session.get_one(Person, county.person(Role.COORDINATOR).id))
        decide(county, staff=(f"{receiver.url}/staff",), owners=(f"{receiver.url}/owner/{{phone}}",))
        with on(1, 9):
            sending.run()
    receiver.arrived.clear()
    boss = sign_in(Role.SUPERVISOR)
    page, act = f"/notices/{notice_id}", f"/notices/{notice_id}/remind"
    with on(1, 12):  # the owner heard of it this morning
        assert "今天已经提醒过" in boss.get(page).get_data(as_text=True)
        assert press(app, boss, act) == 409
    with on(2, 22):
        assert "再提醒一次" in boss.get(page).get_data(as_text=True)
        change = str(new_id())
        assert [press(app, boss, act, change_id=change) for _ in range(2)] == [303, 303]
        assert press(app, boss, act) == 409
        with app.app_context():
            sending.run()
            assert not receiver.arrived  # the quiet hours hold
    with app.app_context(), on(3, 8):
        sending.run()
        sending.run()
    again = [path for path, body in receiver.arrived if body["title"].startswith("仍未整改")]
    assert sorted(again) == ["/owner/000-0000009", "/staff"]
    with app.app_context():
        assert db.session.query(AuditRecord).filter_by(action="reminder_asked").count() == 1


def test_before_the_date_only_what_was_seen_not_to_be_fixed(
    app: Flask, county: County, notice_id: UUID, sign_in: SignIn
) -> None:
    lead = sign_in(Role.COORDINATOR)
    page = f"/notices/{notice_id}"
    with on(-5):
        assert 'id="remind-again"' not in lead.get(page).get_data(as_text=True)
        assert press(app, lead, f"{page}/remind") == 409
        with app.app_context():
            by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
            point = db.session.query(NoticeFinding).filter_by(notice_id=notice_id).one()
            move = Move(new_id(), Event.VERIFIED_NOT_FIXED, "还在漏水")
            take_turn(notice_id, point.finding_id, move, by=by, now=clock.now())
            db.session.commit()
        said = parse(lead.get(page).get_data(as_text=True)).text
        assert "不能用消息提醒业主" in said and "致电业主" in said  # no consent on file: call
        assert press(app, sign_in(Role.SUPERVISOR), f"{page}/remind") == 303
        with app.app_context():
            sending.run()
        assert "仍未整改" in lead.get("/reminders").get_data(as_text=True)
        with app.app_context():
            turn(notice_id, Event.REPLIED)
        assert "仍未整改" not in lead.get("/reminders").get_data(as_text=True)


def handed(county: County, receiver: Receiver, **address: str) -> Referral:
    """A referral sent at ten to an authority reached at `receiver`."""
    decide(county, staff=(f"{receiver.url}/mail/{{email}}",))
    by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    admin = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    row = make_addressee(admin, db.session.get_one(Region, county.region.id), **address)
    row.web_hook = receiver.url.replace("json://", "http://") + "/hook"
    referral = sent(by, county.villages[0], ISSUED)
    db.session.commit()
    return referral


@pytest.mark.both_databases
def test_whom_it_is_handed_to_is_told_once_at_any_hour_and_again_with_a_new_link(
    app: Flask, county: County, receiver: Receiver
) -> None:
    with app.app_context(), clock.freeze(ISSUED):
        referral = handed(county, receiver)
        referral_id, token = referral.id, referral.link.token  # type: ignore[union-attr]
    with app.app_context(), clock.freeze(ISSUED + timedelta(hours=13)):  # in the night
        sending.run()
        sending.run()
        assert sorted(path for path, _ in receiver.arrived) == ["/hook", "/mail/a@example.org"]
        body = receiver.arrived[0][1]
        assert body["title"].startswith("案件转交 ") and f"/r/{token}" in body["message"]
        assert "牙" not in body["message"]
        assert {row.recipient for row in db.session.query(Reminder)} == {"addressee"}
        receiver.arrived.clear()
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        fresh = links.make_link(queries.get_referral(referral_id, by), by=by, now=clock.now())
        db.session.commit()
        sending.run()
        assert len(receiver.arrived) == 2 and fresh.token in receiver.arrived[0][1]["message"]


def test_nobody_is_told_what_was_answered_before_and_a_failing_hook_is_tried_again(
    app: Flask, county: County, receiver: Receiver, sign_in: SignIn
) -> None:
    with app.app_context(), clock.freeze(ISSUED):
        referral = handed(county, receiver, email="")
        page = f"/referrals/{referral.id}"
        assert "下一次运行时" in sign_in(Role.COORDINATOR).get(page).get_data(as_text=True)
        receiver.down = True
        assert sending.run().failed == 1
        receiver.down = False
        assert "渠道没有接收" in sign_in(Role.COORDINATOR).get(page).get_data(as_text=True)
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        take(queries.get_referral(referral.id, by), Step.ACKNOWLEDGE, by, **RECEIVED)
        link = queries.get_referral(referral.id, by).link
        assert link is not None
        link.used_at = clock.now()
        db.session.commit()
    with app.app_context(), clock.freeze(ISSUED + timedelta(hours=2)):
        sending.run()
        assert not receiver.arrived
