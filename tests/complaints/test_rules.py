"""What may happen to a complaint: the table and every pair it forbids."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.complaints.rules import TABLE, Event, Haste, NotPossible, State, haste, next_state, possible

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_what_the_table_does_not_name_is_forbidden(state: State, event: Event) -> None:
    if (state, event) in TABLE:
        assert next_state(state, event) is TABLE[state, event]
    else:
        with pytest.raises(NotPossible):
            next_state(state, event)


def test_nothing_happens_before_somebody_takes_it_on_nor_after_the_answer() -> None:
    assert possible(State.RECEIVED) == [Event.TAKEN_ON]
    assert possible(State.ANSWERED) == []
    assert Event.ANSWERED not in possible(State.ACCEPTED)
    assert Event.ANSWERED not in possible(State.VERIFIED)


@given(st.lists(st.sampled_from(Event), max_size=12))
def test_however_it_goes_every_complaint_can_be_answered(events: list[Event]) -> None:
    state = State.RECEIVED
    for event in events:
        state = next_state(state, event) if event in possible(state) else state
    reachable, todo = {state}, [state]
    while todo:
        here = todo.pop()
        new = {next_state(here, event) for event in possible(here)} - reachable
        reachable |= new
        todo += new
    assert State.ANSWERED in reachable


def test_haste_is_measured_from_showing_the_form() -> None:
    shown = round(NOON.timestamp() * 1000)
    assert haste(shown, NOON + timedelta(seconds=1)) is Haste.TOO_QUICK
    assert haste(shown, NOON + timedelta(seconds=5)) is Haste.FINE
    assert haste(shown, NOON + timedelta(days=2)) is Haste.TOO_OLD
