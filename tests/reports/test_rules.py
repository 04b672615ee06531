"""What may happen to an information report: the table, every pair it forbids, and the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.categories import categories, category_named
from app.reports.rules import (
    OPEN,
    TABLE,
    Event,
    NotPossible,
    State,
    discovered,
    due_at,
    is_waiting,
    next_state,
    possible,
)

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_what_the_table_does_not_name_is_forbidden(state: State, event: Event) -> None:
    if (state, event) in TABLE:
        assert next_state(state, event) is TABLE[state, event]
    else:
        with pytest.raises(NotPossible):
            next_state(state, event)


def test_the_table_is_what_the_standard_asks_for() -> None:
    assert {state: set(possible(state)) for state in State} == {
        State.REPORTED: {Event.FOUND_TRUE, Event.FOUND_UNTRUE, Event.CANNOT_TELL, Event.FORWARDED},
        State.VERIFIED: {Event.FORWARDED, Event.HANDLED},
        State.UNFOUNDED: {Event.FED_BACK},
        State.UNCLEAR: {Event.FOUND_TRUE, Event.FOUND_UNTRUE, Event.FORWARDED, Event.FED_BACK},
        State.FORWARDED: {Event.FORWARDED, Event.HANDLED, Event.FED_BACK},
        State.HANDLED: {Event.FED_BACK},
        State.FED_BACK: set(),
    }


@given(st.lists(st.sampled_from(Event), max_size=12))
def test_however_it_goes_every_report_can_be_answered(events: list[Event]) -> None:
    state = State.REPORTED
    for event in events:
        if event in possible(state):
            state = next_state(state, event)
            assert state is not State.REPORTED
    reachable, todo = {state}, [state]
    while todo:
        for event in possible(here := todo.pop()):
            if (after := next_state(here, event)) not in reachable:
                reachable.add(after)
                todo.append(after)
    assert State.FED_BACK in reachable
    assert state in OPEN or not possible(state)


def test_nothing_is_discovered_after_it_was_reported() -> None:
    assert discovered(None, NOON) == NOON
    assert discovered(NOON + timedelta(hours=1), NOON) == NOON
    assert discovered(NOON - timedelta(days=2), NOON) == NOON - timedelta(days=2)


def test_the_clock_counts_natural_hours_and_stops_when_it_is_passed_on() -> None:
    assert due_at(NOON, 24) == NOON + timedelta(days=1)
    assert is_waiting(State.VERIFIED, None)
    assert not is_waiting(State.FORWARDED, NOON)
    assert not is_waiting(State.UNFOUNDED, None)


@pytest.mark.parametrize(
    ("said", "key"),
    [("食品安全", "food"), ("饮用水卫生", "water"), ("学校卫生", "school"), ("非法行医（采供血）", "practice"),
     ("非法行医", "practice"), ("计划生育", "family"), ("职业病危害", "occupational")],
)  # fmt: skip
def test_categories_of_older_forms_find_their_place(said: str, key: str) -> None:
    found = category_named(said)
    assert found is not None
    assert found.key == key


def test_the_five_categories_of_the_form_stand_in_its_order() -> None:
    names = [one.name_zh for one in categories().values() if not one.retired]
    assert names == ["食源性疾病", "饮用水卫生", "学校卫生", "非法行医(采供血)", "计划生育"]
    assert category_named("别的") is None
