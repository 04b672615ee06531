"""Intervals against published values, and what must hold of all of them."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sampling.estimates import Tally, corrected, estimate, wilson


@pytest.mark.parametrize(
    ("yes", "count", "low", "high"),
    [  # Newcombe 1998, table I, method 3 (Wilson's score without continuity correction), 95 %
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
        (27, 30, 0.7438, 0.9654), (29, 29, 0.8830, 1.0),
    ],
)  # fmt: skip
def test_wilsons_interval_gives_the_published_values(yes: int, count: int, low: float, high: float) -> None:
    found = wilson(yes / count, count, 95)
    assert found == pytest.approx((low, high), abs=5e-5)


def test_of_thirty_called_twenty_seven_confirmed_is_said_as_in_the_manual() -> None:
    found = estimate([Tally(10_000_000, 30, 27)], 95)
    assert found is not None
    assert found.percents == (74, 97)


def test_who_asked_everybody_knows_exactly() -> None:
    found = estimate([Tally(30, 30, 27)], 95)
    assert found is not None
    assert found.is_exact
    assert (found.low, found.high) == (0.9, 0.9)


def test_the_finite_population_narrows_the_interval_as_the_variance_does() -> None:
    """So many answers, n (N − 1) ÷ (N − n), have the variance p q ÷ n times (N − n) ÷ (N − 1)."""
    n, population, p = 278, 1000, 0.5
    wanted = p * (1 - p) / n * (population - n) / (population - 1)
    assert p * (1 - p) / corrected(n, population, n) == pytest.approx(wanted)
    assert corrected(5, 5, 5) == math.inf


def test_strata_are_weighted_by_what_they_stand_for() -> None:
    """Two of 900 visits heard, two of 100: the share is 0.9 · ½ + 0.1 · 1; Kish counts the four as 2.44."""
    found = estimate([Tally(900, 2, 1), Tally(100, 2, 2)], 95)
    assert found is not None
    assert found.share == pytest.approx(0.55)
    assert found.effective == pytest.approx(1000**2 / (900**2 / 2 + 100**2 / 2))
    assert found.silent == 0
    proportional = estimate([Tally(900, 9, 6), Tally(100, 1, 1)], 95)
    assert proportional is not None
    assert proportional.effective == pytest.approx(10)


def test_a_silent_stratum_is_counted_and_nothing_is_said_of_it() -> None:
    found = estimate([Tally(900, 10, 9), Tally(100, 0, 0)], 95)
    alone = estimate([Tally(900, 10, 9)], 95)
    assert found is not None and alone is not None
    assert found.silent == 1
    assert (found.low, found.high) == (alone.low, alone.high)
    assert estimate([Tally(100, 0, 0)], 95) is None


TALLIES = st.lists(
    st.integers(1, 60).flatmap(
        lambda answered: st.tuples(st.integers(answered, 5000), st.just(answered), st.integers(0, answered))
    ),
    min_size=1,
    max_size=6,
)


@given(TALLIES, st.sampled_from([90, 95, 99]))
@settings(max_examples=150, deadline=None)
def test_an_interval_holds_its_share_and_grows_with_confidence(
    rows: list[tuple[int, int, int]], confidence: int
) -> None:
    found, surer = (estimate([Tally(*row) for row in rows], level) for level in (confidence, 99))
    assert found is not None and surer is not None
    assert 0 <= found.low <= found.share + 1e-12 and found.share - 1e-12 <= found.high <= 1
    assert surer.low <= found.low + 1e-12 and found.high <= surer.high + 1e-12
    low, high = found.percents
    assert low <= found.low * 100 + 1e-6 and high >= found.high * 100 - 1e-6
    assert 0 <= low <= high <= 100
