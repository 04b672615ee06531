"""A re-inspection opens with what is open, and its end moves each point on, exactly once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, current_app

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import Invalid, Refused
from app.core.ids import new_id
from app.inspections import queries, services, widening
from app.inspections.models import Inspection, Receipt, Result
from app.inspections.services import Ending
from app.notices import services as notices
from app.notices import turning
from app.notices.models import Notice
from app.notices.progress import Event, Stage, Step
from app.notices.turning import Move
from app.replies import taken_along, verifying
from app.replies.verified import Verdict, Verification
from tests.notices.conftest import Scene
from tests.replies.staff import points_of

REFUSED = Ending("", Receipt.REFUSED, refusal_reason="店主不在", witness="某邻居")


def begin(notice: Notice, person: Person) -> Inspection:
    with transaction():
        return verifying.begin(new_id(), notice, by=person)


def say(visit: Inspection, code: str, result: Result, person: Person, note: str = "") -> None:
    item = next(item for item in queries.items_of(visit).values() if item.code == code)
    with transaction():
        services.save_answer(visit, item, result, by=person)
        if note:
            services.save_note(visit, item, note, by=person)


def end(visit: Inspection, person: Person) -> None:
    with transaction():
        services.finish_inspection(visit, REFUSED, by=person)


@pytest.mark.both_databases
def test_it_opens_with_the_earlier_findings_and_closes_what_is_fixed(notice: Notice, person: Person) -> None:
    visit = begin(notice, person)
    assert visit.parent_id == notice.inspection_id
    shown = [item_id for sheet in visit.sheets for item_id in sheet.item_ids]
    assert len(shown) == len(points_of(notice)) == 3
    say(visit, "CAT-10", Result.FIXED, person, "冰箱 4 度")
    say(visit, "FIR-03", Result.NOT_FIXED, person)
    say(visit, "CAT-02", Result.FIXED, person)
    end(visit, person)
    steps = {point.finding.answer.item.code: point.step for point in points_of(notice)}
    assert steps["CAT-10"] is steps["CAT-02"] is Step.CLOSED
    assert steps["FIR-03"] is not Step.CLOSED
    rows = {row.result: row for row in db.session.query(Verification)}
    assert set(rows) == {Verdict.FIXED, Verdict.NOT_FIXED}
    assert all(row.turn_id for row in rows.values())
    assert "冰箱 4 度" in {turn.reason for turn in turning.turns_of(notice.id)}


@pytest.mark.both_databases
def test_all_fixed_closes_the_notice_and_finishing_twice_turns_once(notice: Notice, person: Person) -> None:
    visit = begin(notice, person)
    for code in ("CAT-10", "CAT-02", "FIR-03"):
        say(visit, code, Result.FIXED, person)
    end(visit, person)
    end(visit, person)
    db.session.refresh(notice)
    assert notice.stage is Stage.CLOSED
    assert notice.closed_at is not None
    assert len(turning.turns_of(notice.id)) == 3


@pytest.mark.both_databases
def test_two_phones_ending_it_at_once_turn_once(app: Flask, notice: Notice, person: Person) -> None:
    visit = begin(notice, person)
    say(visit, "CAT-10", Result.FIXED, person)

    def finish(_n: int) -> None:
        with app.app_context():
            end(db.session.get_one(Inspection, visit.id), db.session.get_one(Person, person.id))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(finish, range(4)))
    db.session.rollback()
    assert [turn.event for turn in turning.turns_of(notice.id)] == [Event.VERIFIED_FIXED]


def test_what_was_closed_meanwhile_stays_as_it_is_and_the_record_is_kept(notice: Notice, person: Person) -> None:
    visit = begin(notice, person)
    say(visit, "CAT-10", Result.NOT_FIXED, person)
    finding = next(point for point in points_of(notice) if point.finding.answer.item.code == "CAT-10").finding_id
    with transaction():
        turning.take_turn(notice.id, finding, Move(new_id(), Event.ENDED, "歇业"), by=person, now=clock.now())
    end(visit, person)
    row = db.session.query(Verification).one()
    assert (row.result, row.turn_id) == (Verdict.NOT_FIXED, None)
    assert next(point for point in points_of(notice) if point.finding_id == finding).step is Step.CLOSED


def test_a_withdrawn_notice_does_not_keep_a_visit_from_ending(notice: Notice, person: Person) -> None:
    visit = begin(notice, person)
    say(visit, "CAT-10", Result.FIXED, person)
    with transaction():
        notices.withdraw_notice(notice, "写错了", by=person, now=clock.now())
    end(visit, person)
    assert db.session.query(Verification).one().turn_id is None


def test_an_earlier_finding_takes_no_other_answer_and_other_visits_take_no_verdict(
    notice: Notice, person: Person, scene: Scene
) -> None:
    visit = begin(notice, person)
    item = queries.items_of(visit)[next(iter(queries.items_of(visit)))]
    item = next(one for one in queries.items_of(visit).values() if one.code == "CAT-10")
    for wrong in (Result.CONFORMS, Result.DOES_NOT, Result.NOT_APPLICABLE):
        with pytest.raises(Invalid), transaction():
            services.save_answer(visit, item, wrong, by=person)
    with pytest.raises(Invalid), transaction():
        services.save_readings(visit, item, [], by=person)
    with transaction():
        fresh = services.start_inspection(new_id(), notice.premises, by=person)
        other = queries.get_item(fresh, item.id)
    with pytest.raises(Invalid), transaction():
        services.save_answer(fresh, other, Result.FIXED, by=person)


def test_the_rest_conforms_says_nothing_of_earlier_findings(notice: Notice, person: Person) -> None:
    visit = begin(notice, person)
    with transaction():
        assert services.sweep_rest(visit, new_id(), by=person).count == 0


def test_a_closed_notice_has_nothing_to_look_at_again(notice: Notice, person: Person) -> None:
    with transaction():
        for point in points_of(notice):
            move = Move(new_id(), Event.ENDED, "歇业")
            turning.take_turn(notice.id, point.finding_id, move, by=person, now=clock.now())
    with pytest.raises(Refused):
        begin(notice, person)


@pytest.mark.both_databases
def test_the_rest_of_the_list_can_be_looked_at_too_with_ordinary_answers(notice: Notice, person: Person) -> None:
    visit = begin(notice, person)
    again = {item_id for sheet in visit.sheets for item_id in sheet.item_ids}
    offered = sum(len(items) for _version, items in widening.others_of(visit))
    with transaction():
        assert widening.take_others(visit, by=person) == offered > 0
    with transaction():
        assert widening.take_others(visit, by=person) == 0  # again changes nothing
    shown = [item_id for sheet in visit.sheets for item_id in sheet.item_ids]
    assert len(shown) == len(set(shown)) == len(again) + offered
    say(visit, "CAT-10", Result.FIXED, person)
    say(visit, "CAT-09", Result.DOES_NOT, person, "两袋面粉直接放在地上")
    with pytest.raises(Invalid):
        say(visit, "CAT-11", Result.FIXED, person)  # nothing was found there
    with pytest.raises(Invalid):
        say(visit, "CAT-02", Result.CONFORMS, person)  # something was
    with current_app.test_request_context():
        taken = taken_along.running_data(visit)
    assert {item for item, data in taken["items"].items() if data.get("again")} == again
    assert taken["html"].count("<article") == len(shown)
    with pytest.raises(Invalid):  # a new finding is a finding: it needs its photo and outcome
        end(visit, person)
