"""Counting with working days: the rules, what the library knows, what it does not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar import library, rules
from app.calendar.rules import Snapshot

KNOWN = Snapshot(0, library.differing(), library.years())
DAYS = st.dates(date(2004, 2, 1), date(2035, 12, 1))


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 11, 20), date(2026, 11, 23), 1),  # Friday to Monday
        (date(2026, 11, 22), date(2026, 11, 29), 5),
        (date(2026, 11, 20), date(2026, 11, 20), 0),
        (date(2026, 11, 20), date(2026, 11, 10), 0),
        (date(2026, 9, 18), date(2026, 9, 20), 1),  # the Sunday is worked, to make up for a holiday
        (date(2026, 9, 30), date(2026, 10, 8), 1),  # the National Day holiday
        (date(2031, 10, 1), date(2031, 10, 3), 2),  # not announced yet: Monday to Friday
    ],
)
def test_the_first_day_weekends_and_holidays_do_not_count(start: date, end: date, days: int) -> None:
    assert rules.working_days_between(start, end, KNOWN.works) == days


@given(start=DAYS, days=st.integers(1, 120))
def test_adding_and_counting_say_the_same(start: date, days: int) -> None:
    end = rules.add_working_days(start, days, KNOWN.works)
    assert rules.working_days_between(start, end, KNOWN.works) == days
    assert KNOWN.works(end)
    assert rules.working_days_between(start, end - timedelta(days=1), KNOWN.works) == days - 1


@given(start=DAYS, days=st.integers(1, 60), more=st.integers(1, 60))
def test_days_add_up(start: date, days: int, more: int) -> None:
    step = rules.add_working_days(rules.add_working_days(start, days, KNOWN.works), more, KNOWN.works)
    assert step == rules.add_working_days(start, days + more, KNOWN.works)


@given(start=DAYS, days=st.integers(1, 60))
def test_going_back_as_far_arrives_where_one_started(start: date, days: int) -> None:
    begun = rules.roll_to_working_day(start, KNOWN.works)
    end = rules.add_working_days(begun, days, KNOWN.works)
    assert rules.add_working_days(end, -days, KNOWN.works) == begun


@given(start=DAYS, middle=st.integers(0, 90), last=st.integers(0, 90))
def test_counting_may_be_parted_anywhere(start: date, middle: int, last: int) -> None:
    parting, end = start + timedelta(days=middle), start + timedelta(days=middle + last)
    parts = rules.working_days_between(start, parting, KNOWN.works)
    parts += rules.working_days_between(parting, end, KNOWN.works)
    assert parts == rules.working_days_between(start, end, KNOWN.works)


@given(day=DAYS)
def test_a_last_day_of_rest_moves_to_the_first_working_day_and_no_further(day: date) -> None:
    rolled = rules.roll_to_working_day(day, KNOWN.works)
    assert KNOWN.works(rolled)
    assert (rolled == day) == KNOWN.works(day)
    assert rules.working_days_between(day - timedelta(days=1), rolled, KNOWN.works) == 1


def test_the_spring_festival_of_2026_ends_on_a_tuesday() -> None:
    assert rules.roll_to_working_day(date(2026, 2, 15), KNOWN.works) == date(2026, 2, 24)
    assert rules.add_working_days(date(2026, 2, 13), 2, KNOWN.works) == date(
        2026, 2, 24
    )  # the 14th is worked


def test_an_endless_rest_is_no_endless_loop() -> None:
    with pytest.raises(rules.EndlessRest):
        rules.roll_to_working_day(date(2027, 1, 1), lambda _day: False)
    assert rules.longest_rest(date(2027, 1, 1), date(2027, 3, 1), lambda day: day.day == 1) == 30


def test_the_library_knows_2026_as_the_state_council_announced_it() -> None:
    """CHECKLISTS 6.5."""
    extra = {day for day, works in library.differing().items() if works and day.year == 2026}
    assert extra == {date(2026, *one) for one in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
    spans = (((1, 1), (1, 3)), ((2, 15), (2, 23)), ((4, 4), (4, 6)), ((5, 1), (5, 5)), ((6, 19), (6, 21)))
    for first, last in (*spans, ((9, 25), (9, 27)), ((10, 1), (10, 7))):
        day = date(2026, *first)
        while day <= date(2026, *last):
            assert not KNOWN.works(day)
            day += timedelta(days=1)


def test_years_the_library_does_not_know_are_provisional() -> None:
    assert library.years() >= set(range(2004, 2027))
    assert not KNOWN.is_provisional(2026)
    assert not KNOWN.is_provisional(date(2026, 12, 31))
    unknown = max(library.years()) + 1
    assert KNOWN.is_provisional(date(unknown, 1, 1))
    assert list(library.days_of(unknown)) == []
    assert all(
        KNOWN.works(date(unknown, 1, 1) + timedelta(days=n))
        == ((date(unknown, 1, 1) + timedelta(days=n)).weekday() < 5)
        for n in range(365)
    )
