"""Each thing is said once, whatever happens to the runs and to the channels."""

import threading
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.notices.models import Delivery, DeliveryMethod, Notice, NoticeFinding
from app.notices.progress import Event
from app.notices.turning import Move, take_turn
from app.reminders import channels, sending
from app.reminders.models import Reminder
from app.reminders.rules import MOST_TRIES, Kind, State
from tests.factories.people import County
from tests.reminders.conftest import ISSUED, Receiver, decide, on


def rows(**by: object) -> list[Reminder]:
    db.session.rollback()
    return db.session.query(Reminder).filter_by(**by).order_by(Reminder.claimed_at, Reminder.id).all()


def turn(notice_id: UUID, event: Event) -> None:
    with transaction():
        point = db.session.query(NoticeFinding).filter_by(notice_id=notice_id).one()
        take_turn(notice_id, point.finding_id, Move(new_id(), event), by=None, now=clock.now())


def consent(notice_id: UUID, by: Person) -> None:
    db.session.add(Delivery(notice_id=notice_id, method=DeliveryMethod.SENT, at=ISSUED, by_id=by.id, consent=True))
    db.session.commit()


def test_through_apprise_to_a_group_once_however_often_it_runs(
    context: Flask, county: County, notice_id: UUID, receiver: Receiver
) -> None:
    decide(county, staff=(f"{receiver.url}/group",))
    for day in (-5, -3, -3, -2, -1, 0, 0, 1):
        with on(day):
            sending.run()
            sending.run()
    titles = [body["title"] for path, body in receiver.arrived if path == "/group"]
    number = db.session.get_one(Notice, notice_id).number
    assert titles == [f"{word} {number}" for word in ("整改日期将到", "整改日期将到", "今天是整改日期", "整改日期已过")]
    first = receiver.arrived[0][1]["message"]
    assert "还有 3 天" in first
    assert first.endswith(f"/notices/{notice_id}")
    assert {row.channel for row in rows()} == {"app", "json"}
    assert "127.0.0.1" not in str([vars(row) for row in rows()])


def test_who_is_told(context: Flask, county: County, notice_id: UUID, receiver: Receiver) -> None:
    by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    for role in (Role.COORDINATOR, Role.SUPERVISOR):
        db.session.get_one(Person, county.person(role).id).email = f"{role}@example.com"
    db.session.commit()
    decide(county, staff=(f"{receiver.url}/staff/{{email}}",), owners=(f"{receiver.url}/owner/{{phone}}",))
    with on(-3):
        sending.run()
    assert [path for path, _ in receiver.arrived] == ["/staff/coordinator@example.com"]  # no consent: no owner
    consent(notice_id, by)
    with on(1):
        sending.run()
    assert sorted(path for path, _ in receiver.arrived[1:]) == [
        "/owner/000-0000009", "/staff/coordinator@example.com", "/staff/supervisor@example.com",
    ]  # fmt: skip
    to_owner = next(body for path, body in receiver.arrived if path.startswith("/owner"))
    assert f"/n/{db.session.get_one(Notice, notice_id).token}" in to_owner["message"]


def test_nobody_is_disturbed_at_night_and_the_list_in_the_app_knows_already(
    context: Flask, county: County, notice_id: UUID, receiver: Receiver
) -> None:
    decide(county, staff=(receiver.url,))
    with on(-3, 1):
        assert sending.run().listed == 1
    assert not receiver.arrived
    with on(-3, 8):
        sending.run()
    assert len(receiver.arrived) == 1


def test_a_late_run_says_what_is_still_true(
    context: Flask, county: County, notice_id: UUID, receiver: Receiver
) -> None:
    decide(county, staff=(receiver.url,))
    with on(9):
        sending.run()
    assert len(receiver.arrived) == 1
    assert "已过 9 天" in receiver.arrived[0][1]["message"]
    with on(10):
        turn(notice_id, Event.REFERRED)
        sending.run()
    with on(40):
        sending.run()
    assert len(receiver.arrived) == 1


def test_what_waits_for_us_reminds_us_and_not_the_owner(
    context: Flask, county: County, notice_id: UUID, receiver: Receiver
) -> None:
    decide(county, staff=(receiver.url,), owners=(f"{receiver.url}/owner/{{phone}}",))
    consent(notice_id, db.session.get_one(Person, county.person(Role.COORDINATOR).id))
    with on(-5):
        turn(notice_id, Event.REPLIED)
    with on(0):
        sending.run()
    ((path, body),) = receiver.arrived
    assert path == "/"
    assert body["title"].startswith("待核实")
    assert {row.kind for row in rows()} == {Kind.VERIFY}


def test_a_failing_channel_holds_nobody_up_and_is_tried_again_later(
    context: Flask, county: County, notice_id: UUID, receiver: Receiver
) -> None:
    decide(county, staff=("json://127.0.0.1:9/dead", receiver.url))
    receiver.down = True
    with on(0, 9):
        assert sending.run().failed == 2
        assert sending.run().failed == 0  # not before its time
    receiver.down = False
    with on(0, 10):
        tally = sending.run()
        assert (tally.sent, tally.failed) == (1, 1)
    states = {row.channel: (row.state, row.tries) for row in rows() if row.channel != "app"}
    assert states == {"json": (State.FAILED, 2), "json-2": (State.SENT, 2)}


def test_given_up_after_enough_tries(context: Flask, county: County, notice_id: UUID) -> None:
    decide(county, staff=("json://127.0.0.1:9/dead",), quiet_from="00:00", quiet_to="00:00")
    tries = []
    for day in range(14, 20):
        for hour in range(0, 24, 4):
            with on(day, hour):
                tries.append(sending.run(lambda *_: False).failed)
    assert sum(tries) == MOST_TRIES
    (row,) = rows(channel="json")
    assert row.next_try_at is None


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("arrives", [False, True])
def test_a_run_that_died_between_claim_and_result_is_shown_and_not_repeated(
    context: Flask, county: County, notice_id: UUID, receiver: Receiver, arrives: bool
) -> None:
    decide(county, staff=(receiver.url,))

    def dies(address: str, title: str, body: str) -> bool:
        if arrives:
            channels.send(address, title, body)
        raise Killed

    with on(0, 9), pytest.raises(Killed):
        sending.run(dies)
    with on(0, 10):
        assert sending.run().uncertain == 1
        assert sending.run().uncertain == 0
    assert len(receiver.arrived) == int(arrives)
    assert rows(channel="json")[0].state is State.UNCERTAIN


def test_two_runs_at_once_say_it_once(
    app: Flask, county: County, notice_id: UUID, receiver: Receiver, database_url: str
) -> None:
    with app.app_context():
        decide(county, staff=tuple(f"{receiver.url}/{n}" for n in range(4)))
    start, problems = threading.Barrier(3), []

    def go() -> None:
        try:
            with app.app_context(), on(0):
                start.wait()
                sending.run()
                db.session.remove()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert sorted(path for path, _ in receiver.arrived) == ["/0", "/1", "/2", "/3"]
    with app.app_context():
        assert {row.state for row in rows()} == {State.SENT}


def test_who_has_no_address_is_logged_as_such(context: Flask, county: County, notice_id: UUID) -> None:
    decide(county, staff=("json://127.0.0.1:9/{phone}",))
    with on(0):
        assert sending.run().skipped == 1
        assert sending.run().skipped == 0
    assert rows(channel="json")[0].why == "no_address"


def test_where_the_lead_has_left_supervisors_hear_of_it(context: Flask, county: County, notice_id: UUID) -> None:
    db.session.get_one(Person, county.person(Role.COORDINATOR).id).active = False
    db.session.commit()
    with on(-3):
        sending.run()
    assert [row.person_id for row in rows(channel="app")] == [county.person(Role.SUPERVISOR).id]


def test_the_command(app: Flask, county: County, notice_id: UUID) -> None:
    runner = app.test_cli_runner()
    with on(0):
        assert "1 new in the app" in runner.invoke(args=["reminders", "send"]).output
        assert "0 new in the app" in runner.invoke(args=["reminders", "send"]).output
    listed = runner.invoke(args=["reminders", "list"]).output
    assert str(notice_id) in listed
    assert "sent" in listed
