"""Staff decide on replies: what each may, once, and whoever comes second is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.accounts.county import set_option
from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import AppError, Invalid, NotAllowed, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import queries, services
from app.inspections.models import Result
from app.notices import progress, turning
from app.notices import services as notices
from app.notices.models import Notice
from app.notices.progress import Event, NotPossible, Step
from app.replies import verifying
from app.replies.deciding import Decision, decide
from app.replies.deciding_rules import Act, Powers, Situation, bad_date, may, why_not
from app.replies.desk_options import ACCEPT_ON_PHOTO, COORDINATOR, EXTENSION_BY
from app.replies.models import ReplyKind
from tests.factories.people import County
from tests.replies.staff import point_of, points_of, replied
from tests.replies.test_verifying import REFUSED

TODAY = clock.today()


def take(notice: Notice, code: str, act: Act, by: Person, **said: object) -> object:
    with transaction():
        decision = Decision(said.pop("id", None) or new_id(), act, **said)  # type: ignore[arg-type]
        return decide(notice.id, point_of(notice, code).finding_id, decision, by=by, now=clock.now())


@pytest.fixture
def supervisor(person: Person, county: County) -> Person:
    return db.session.get_one(Person, county.person(Role.SUPERVISOR).id)


def test_a_minor_point_is_accepted_on_its_photo_others_are_not(notice: Notice, person: Person) -> None:
    severities = {point.finding.answer.item.code: point.finding.answer.item.severity for point in points_of(notice)}
    for code, severity in severities.items():
        if point_of(notice, code).step is Step.REFERRED:
            continue
        replied(notice, code)
        if severity == "C":
            take(notice, code, Act.ACCEPT, person)
            assert point_of(notice, code).step is Step.CLOSED
        else:
            with pytest.raises(NotAllowed, match="minor"):
                take(notice, code, Act.ACCEPT, person)
            take(notice, code, Act.LOOK, person)
            assert point_of(notice, code).step is Step.TO_VERIFY


def test_a_reply_is_rejected_with_a_reason_only(notice: Notice, person: Person) -> None:
    replied(notice, "CAT-10")
    with pytest.raises(Invalid, match="owner reads"):
        take(notice, "CAT-10", Act.REJECT, person, reason="  ")
    take(notice, "CAT-10", Act.REJECT, person, reason="照片不是同一台冰箱")
    assert point_of(notice, "CAT-10").step is Step.AWAITED
    assert turning.turns_of(notice.id)[-1].reason == "照片不是同一台冰箱"


def test_more_time_is_the_supervisors_unless_the_county_says_otherwise(
    notice: Notice, person: Person, supervisor: Person
) -> None:
    due_on = point_of(notice, "CAT-10").due_on
    assert due_on
    later = due_on + timedelta(days=7)
    replied(notice, "CAT-10", ReplyKind.MORE_TIME, "等配件", wished_on=later)
    with pytest.raises(NotAllowed, match="supervisor"):
        take(notice, "CAT-10", Act.EXTEND, person, reason="等配件", due_on=later)
    with transaction():
        set_option(notice.county_id, EXTENSION_BY, COORDINATOR, by=None, now=clock.now())
    take(notice, "CAT-10", Act.EXTEND, person, reason="等配件", due_on=later)
    assert point_of(notice, "CAT-10").due_on == later
    with pytest.raises(NotAllowed, match="once"):
        take(notice, "CAT-10", Act.EXTEND, supervisor, reason="还要等", due_on=later + timedelta(days=3))


def test_after_the_date_only_a_supervisor_gives_more_time(notice: Notice, person: Person, supervisor: Person) -> None:
    with transaction():
        set_option(notice.county_id, EXTENSION_BY, COORDINATOR, by=None, now=clock.now())
    with clock.freeze(clock.now() + timedelta(days=9)):
        later = clock.today() + timedelta(days=5)
        with pytest.raises(NotAllowed, match="passed"):
            take(notice, "CAT-10", Act.EXTEND, person, reason="等配件", due_on=later)
        take(notice, "CAT-10", Act.EXTEND, supervisor, reason="等配件", due_on=later)
    assert point_of(notice, "CAT-10").extended_at is not None


def test_a_new_date_has_its_bounds(notice: Notice, supervisor: Person) -> None:
    due_on = point_of(notice, "CAT-10").due_on
    assert due_on
    for wrong in (clock.today(), due_on, clock.today() + timedelta(days=400), None):
        with pytest.raises(Invalid):
            take(notice, "CAT-10", Act.EXTEND, supervisor, reason="等配件", due_on=wrong)


def test_a_county_can_have_every_point_looked_at(notice: Notice, person: Person) -> None:
    with transaction():
        set_option(notice.county_id, ACCEPT_ON_PHOTO, value=False, by=None, now=clock.now())
    replied(notice, "CAT-10")
    with pytest.raises(NotAllowed):
        take(notice, "CAT-10", Act.ACCEPT, person)


@pytest.mark.both_databases
def test_of_two_people_deciding_at_once_the_second_is_told(
    app: Flask, notice: Notice, person: Person, county: County
) -> None:
    reply = replied(notice, "CAT-10")
    finding, people = reply.finding_id, (person.id, county.person(Role.SUPERVISOR).id)
    acts = {people[0]: Act.REJECT, people[1]: Act.LOOK}

    def one(person_id: object) -> str:
        with app.app_context():
            by = db.session.get_one(Person, person_id)
            decision = Decision(new_id(), acts[by.id], reason="看不清", seen=reply.id)
            try:
                with transaction():
                    decide(notice.id, finding, decision, by=by, now=clock.now())
            except Refused as error:
                return str(error.status)
            return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, people)) == ["409", "done"]


def test_who_decides_on_what_the_owner_has_replaced_is_told(notice: Notice, person: Person) -> None:
    first = replied(notice, "CAT-10", text="改好了")
    replied(notice, "CAT-10", text="又拍了一张")
    with pytest.raises(Refused, match="meanwhile"):
        take(notice, "CAT-10", Act.REJECT, person, reason="看不清", seen=first.id)


def test_the_same_decision_again_is_the_same(notice: Notice, person: Person) -> None:
    reply, again = replied(notice, "CAT-10"), new_id()
    for _ in range(2):
        take(notice, "CAT-10", Act.REJECT, person, reason="看不清", id=again, seen=reply.id)
    assert [turn.event for turn in turning.turns_of(notice.id)] == [Event.REPLIED, Event.REJECTED]


@pytest.mark.parametrize(("step", "act"), list(product(Step, Act)))
def test_nothing_is_offered_that_the_table_forbids(step: Step, act: Act) -> None:
    stands = Situation(step, "C", ReplyKind.FIXED, TODAY + timedelta(days=3), extended=False, today=TODAY)
    all_of_it = Powers(supervisor=True, inspector=True, accepts_on_photo=True, coordinator_extends=True)
    from app.replies.deciding_rules import EVENTS

    if may(act, stands, all_of_it):
        assert progress.allows(step, EVENTS[act])
    assert not may(act, stands, Powers(False, False, True, True))
    assert why_not(act, stands, Powers(False, False, True, True))


@given(days=some.integers(-10, 400), present=some.integers(-30, 60))
def test_a_date_that_is_taken_lies_ahead_and_within_half_a_year(days: int, present: int) -> None:
    stands = Situation(
        Step.AWAITED, "B", None, TODAY + timedelta(days=present), extended=False, today=TODAY
    )
    day = TODAY + timedelta(days=days)
    if not bad_date(day, stands, TODAY - timedelta(days=30)):
        assert day > TODAY
        assert day > stands.due_on  # type: ignore[operator]
        assert (day - (TODAY - timedelta(days=30))).days <= 180


STEPS = some.sampled_from(
    ["reply", "wish", "accept", "look", "reject", "extend", "fixed", "partly", "not_fixed", "withdraw"]
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=some.lists(STEPS, max_size=7))
def test_whatever_owner_and_staff_do_in_whatever_order_it_ends_consistent(
    notice: Notice, person: Person, supervisor: Person, steps: list[str]
) -> None:
    for step in steps:
        try:
            _do(step, notice, person, supervisor)
        except (AppError, NotPossible):
            db.session.rollback()
        db.session.refresh(notice)
        standings = [point.standing for point in points_of(notice)]
        if notice.is_issued:
            assert notice.stage is progress.stage_of(standings, delivered=False, opened=False)
            assert notice.due_on == progress.due_of(standings)
            assert (notice.closed_at is not None) == (notice.stage is progress.Stage.CLOSED)
    for point in points_of(notice):
        chain = [turn for turn in turning.turns_of(notice.id) if turn.finding_id == point.finding_id]
        if chain:
            assert chain[-1].step_after is point.step
        assert sum(turn.event is Event.EXTENDED for turn in chain) <= 1


def _do(step: str, notice: Notice, person: Person, supervisor: Person) -> None:
    if step in {"reply", "wish"}:
        replied(notice, "CAT-10", ReplyKind.FIXED if step == "reply" else ReplyKind.MORE_TIME)
    elif step == "withdraw":
        with transaction():
            notices.withdraw_notice(notice, "写错了", by=person, now=clock.now())
    elif step in set(Act):
        later = (point_of(notice, "CAT-10").due_on or clock.today()) + timedelta(days=3)
        take(notice, "CAT-10", Act(step), supervisor, reason="说明", due_on=later if step == "extend" else None)
    else:
        with transaction():
            visit = verifying.begin(new_id(), notice, by=person)
            item = next(one for one in queries.items_of(visit).values() if one.code == "CAT-10")
            services.save_answer(visit, item, Result(step), by=person)
            services.finish_inspection(visit, REFUSED, by=person)
