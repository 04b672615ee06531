"""Turns on real rows, on both databases: once, in order, with the notice's own row in line."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.inspections.models import Inspection
from app.notices import progress, services, turning
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice, NoticeFinding, Turn
from app.notices.progress import Event, NotPossible, Stage, Step
from app.notices.turning import Move
from tests.notices.conftest import Scene
from tests.notices.factory import set_due, wish


@pytest.fixture
def notice(person: Person, scene: Scene) -> Notice:
    with transaction():
        visit = db.session.get_one(Inspection, scene.visit_id)
        return services.issue_notice(new_id(), wish(visit), by=person, now=clock.now())


def points(notice: Notice) -> list[NoticeFinding]:
    return list(db.session.query(NoticeFinding).filter_by(notice_id=notice.id).order_by(NoticeFinding.position))


def waiting(notice: Notice) -> UUID:
    return next(point.finding_id for point in points(notice) if point.step is Step.AWAITED)


def turn(notice: Notice, finding_id: UUID, event: Event, by: Person | None = None, **said: object) -> Turn:
    move = Move(said.pop("turn_id", None) or new_id(), event, **said)  # type: ignore[arg-type]
    with transaction():
        return turning.take_turn(notice.id, finding_id, move, by=by, now=clock.now())


@pytest.mark.both_databases
def test_from_issue_over_reply_and_look_to_closed(notice: Notice, person: Person) -> None:
    assert {point.step for point in points(notice)} == {Step.AWAITED, Step.REFERRED}
    assert notice.stage is Stage.ISSUED
    with transaction():
        left = Handing(DeliveryMethod.LEFT, reason="门口", witness="某邻居")
        record_delivery(new_id(), notice, left, by=person, now=clock.now())
    assert notice.stage is Stage.DELIVERED
    with transaction():
        services.note_opening(notice.id, clock.now())
    db.session.refresh(notice)
    assert notice.stage is Stage.OPENED
    for point in points(notice):
        if point.step is Step.AWAITED:
            turn(notice, point.finding_id, Event.REPLIED)
            assert notice.stage is Stage.REPLIED
            turn(notice, point.finding_id, Event.LOOK_AGAIN, person)
            turn(notice, point.finding_id, Event.VERIFIED_FIXED, person)
        else:
            turn(notice, point.finding_id, Event.REFERRAL_CLOSED)
    assert notice.stage is Stage.CLOSED
    assert notice.due_on is None
    assert notice.verify_by is None
    assert notice.closed_at is not None
    assert not notice.is_overdue(clock.today() + timedelta(days=400))


def test_a_rejected_reply_gives_the_point_back_to_the_owner_with_the_reason(notice: Notice, person: Person) -> None:
    finding = waiting(notice)
    turn(notice, finding, Event.REPLIED)
    turn(notice, finding, Event.REJECTED, person, reason="  照片里看不到标签  ")
    assert [one.event for one in turning.turns_of(notice.id)] == [Event.REPLIED, Event.REJECTED]
    assert turning.turns_of(notice.id)[-1].reason == "照片里看不到标签"
    assert notice.stage is Stage.ISSUED
    assert notice.due_on is not None


def test_the_same_turn_again_is_the_same_and_another_under_its_id_is_refused(notice: Notice, person: Person) -> None:
    finding, turn_id = waiting(notice), new_id()
    first = turn(notice, finding, Event.REPLIED, turn_id=turn_id)
    assert turn(notice, finding, Event.REPLIED, turn_id=turn_id).id == first.id
    with pytest.raises(Refused):
        turn(notice, finding, Event.ACCEPTED, person, turn_id=turn_id)
    assert len(turning.turns_of(notice.id)) == 1


@pytest.mark.usefixtures("a_monday")
def test_more_time_is_given_once_and_only_later(notice: Notice, person: Person) -> None:
    finding = waiting(notice)
    due_on = next(point.due_on for point in points(notice) if point.finding_id == finding)
    assert due_on
    with pytest.raises(NotPossible, match="after the present"):
        turn(notice, finding, Event.EXTENDED, person, due_on=due_on)
    turn(notice, finding, Event.EXTENDED, person, due_on=due_on + timedelta(days=7), reason="等配件")
    point = next(point for point in points(notice) if point.finding_id == finding)
    assert (point.first_due_on, point.due_on) == (due_on, due_on + timedelta(days=7))
    assert progress.marks([point.standing], clock.today()) == {progress.Mark.EXTENDED}
    with pytest.raises(NotPossible, match="once"):
        turn(notice, finding, Event.EXTENDED, person, due_on=due_on + timedelta(days=14))


@pytest.mark.usefixtures("a_monday")
def test_a_date_on_a_day_of_rest_holds_until_the_next_working_day(person: Person, scene: Scene) -> None:
    saturday = date(2026, 11, 28)
    with transaction():
        visit = db.session.get_one(Inspection, scene.visit_id)
        set_due(visit, saturday)
        notice = services.issue_notice(new_id(), wish(visit), by=person, now=clock.now())
    point = next(point for point in points(notice) if point.step is Step.AWAITED)
    assert (point.first_due_on, point.due_on) == (saturday, date(2026, 11, 30))
    assert notice.content["due_on"] == saturday.isoformat(), "the paper keeps its date"
    assert not notice.is_overdue(date(2026, 11, 30))
    assert notice.is_overdue(date(2026, 12, 1))


def test_a_withdrawn_notice_takes_no_turn(notice: Notice, person: Person) -> None:
    finding = waiting(notice)
    with transaction():
        services.withdraw_notice(notice, "写错了", by=person, now=clock.now())
    with pytest.raises(NotPossible):
        turn(notice, finding, Event.REPLIED)


def test_every_turn_is_in_the_audit_record_and_hooks_see_it(notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Turn] = []
    monkeypatch.setattr(turning, "_hooks", [lambda turn, _notice: seen.append(turn)])
    made = turn(notice, waiting(notice), Event.REPLIED)
    assert seen == [made]
    written = db.session.query(AuditRecord).filter_by(action="notice_turned", change_id=made.id).one()
    assert written.before == {"step": "awaited"}
    assert written.after["stage"] == "replied"


@pytest.mark.both_databases
def test_ten_equal_turns_at_once_are_one(app: Flask, notice: Notice) -> None:
    finding, move = waiting(notice), Move(new_id(), Event.REPLIED)

    def take(_n: int) -> UUID:
        with app.app_context(), transaction():
            return turning.take_turn(notice.id, finding, move, by=None, now=clock.now()).id

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(take, range(10))) == {move.id}
    db.session.rollback()  # what was read before is not what is there now
    assert len(turning.turns_of(notice.id)) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=some.lists(some.sampled_from(Event), max_size=8))
def test_whatever_is_tried_the_notice_shows_what_its_points_say(
    notice: Notice, person: Person, events: list[Event]
) -> None:
    finding = waiting(notice) if any(p.step is Step.AWAITED for p in points(notice)) else points(notice)[0].finding_id
    for event in events:
        before = next(point.step for point in points(notice) if point.finding_id == finding)
        date = clock.today() + timedelta(days=90)
        try:
            turn(notice, finding, event, person, due_on=date if event is Event.EXTENDED else None)
        except NotPossible:
            db.session.rollback()
            after = next(point.step for point in points(notice) if point.finding_id == finding)
            assert after is before
        standings = [point.standing for point in points(notice)]
        assert notice.stage is progress.stage_of(standings, delivered=False, opened=False)
        assert notice.due_on == progress.due_of(standings)
    chain = [one for one in turning.turns_of(notice.id) if one.finding_id == finding]
    assert all(a.step_after is b.step_before for a, b in pairwise(chain))
