"""Whatever is tapped in whatever order: a sheet shows its last word; nothing is written over, nothing counts twice."""

from itertools import count
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.errors import AppError, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.sampling import services
from app.sampling.models import Answer, Call, CallSheet, Reached, State
from app.sampling.rules import Method, Plan
from app.sampling.services import Said
from tests.factories.people import County
from tests.sampling.conftest import Draws, Visits

TAPS = st.builds(
    Said,
    reached=st.sampled_from(Reached),
    visited=st.sampled_from([None, *Answer]),
    as_recorded=st.sampled_from([None, *Answer]),
    satisfied=st.sampled_from([None, *Answer]),
    note=st.sampled_from(["", "听错了"]),
    corrects=st.booleans(),
)
STATES = {
    Reached.SPOKEN: State.DONE,
    Reached.NO_ANSWER: State.LATER,
    Reached.WRONG_NUMBER: State.WRONG_NUMBER,
}


def test_a_sheet_follows_its_last_call_whatever_is_tapped(
    visits: Visits, drawn: Draws, app: Flask, county: County
) -> None:
    visits(40)
    sample_id = drawn(Plan(Method.SIMPLE, number=40))
    turns = count(1)

    @given(st.lists(st.tuples(TAPS, st.booleans()), max_size=8))
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def story(taps: list[tuple[Said, bool]]) -> None:
        with app.app_context():
            by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
            position = (next(turns) - 1) % 40 + 1
            sheet = db.session.query(CallSheet).filter_by(sample_id=sample_id, position=position).one()
            _tap(sheet, taps, by)
            db.session.rollback()

    story()


def _tap(sheet: CallSheet, taps: list[tuple[Said, bool]], by: Person) -> None:
    made: list[Call] = []
    for said, twice in taps:
        before = (sheet.state, sheet.visited, sheet.tries)
        call_id: UUID = new_id()
        try:
            call = services.keep_call(sheet.id, said, call_id=call_id, by=by, now=clock.now())
        except AppError as refused:
            assert (sheet.state, sheet.visited, sheet.tries) == before, "what is refused changes nothing"
            if isinstance(refused, Refused):
                assert said.corrects != sheet.is_done
            continue
        made.append(call)
        if twice:
            assert services.keep_call(sheet.id, said, call_id=call_id, by=by, now=clock.now()) is call
    kept = db.session.query(Call).filter_by(sheet_id=sheet.id).all()
    assert {one.id for one in kept} == {one.id for one in made}
    assert sheet.tries == sum(one.corrects_id is None for one in made)
    if made:
        assert sheet.state is STATES[made[-1].reached]
        assert (sheet.visited, sheet.satisfied) == (made[-1].visited, made[-1].satisfied)
        assert (sheet.visited is not None) == sheet.is_done
    else:
        assert sheet.state is State.WAITING
