"""Draws: the same again from the same seed, every share right, every visit with its chance."""

import hashlib
from collections import Counter
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.core.settings import project_root
from app.sampling import rules
from app.sampling.rules import Method, Plan, Stratum, Unit

SEEDS = st.text(alphabet="0123456789abcdef", min_size=1, max_size=32)


def units(*sizes: int) -> list[Unit]:
    """So many visits in each stratum, mixed."""
    found = [Unit(str(UUID(int=n * 1000 + s)), f"s{s}") for s, size in enumerate(sizes) for n in range(size)]
    return sorted(found, key=lambda one: hashlib.sha256(one.id.encode()).digest())


POPULATIONS = st.lists(st.integers(1, 40), min_size=1, max_size=8).map(lambda sizes: units(*sizes))


@given(POPULATIONS, SEEDS, st.sampled_from(Method), st.data())
@settings(max_examples=80, deadline=None)
def test_the_same_seed_gives_the_same_sample_whatever_python_does(
    population: list[Unit], seed: str, method: Method, data: st.DataObject
) -> None:
    least = len(rules.sizes_of(population)) if method is Method.STRATIFIED else 0
    size = data.draw(st.integers(least, len(population)))
    drawn = rules.draw(population, size, seed, method)
    assert drawn == rules.draw(list(population), size, seed, method)
    assert len(set(drawn)) == len(drawn) == size
    assert set(drawn) <= set(population)
    lots = [rules.lot(seed, one.id) for one in drawn]
    assert lots == sorted(lots), "called in the order of their lots"
    kept = rules.as_lines(population)
    assert rules.from_lines(kept) == population
    assert rules.draw(rules.from_lines(kept), size, seed, method) == drawn


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20), st.data())
@settings(max_examples=150, deadline=None)
def test_an_allocation_sums_up_gives_each_its_share_and_at_least_one(sizes: list[int], data: st.DataObject) -> None:
    held = {f"s{n:02}": size for n, size in enumerate(sizes)}
    size = data.draw(st.integers(len(sizes), sum(sizes)))
    given_ = rules.allocate(held, size)
    assert sum(given_.values()) == size
    assert all(1 <= given_[key] <= held[key] for key in held)
    shares = {key: size * count / sum(sizes) for key, count in held.items()}
    if min(shares.values()) >= 1:
        assert all(abs(given_[key] - shares[key]) < 1 for key in held), "largest remainder: never a whole one off"
    assert rules.allocate(dict(reversed(held.items())), size) == given_, "the order of the strata does not matter"


def test_known_allocations() -> None:
    assert rules.allocate({"a": 50, "b": 950}, 100) == {"a": 5, "b": 95}
    assert rules.allocate({"a": 1, "b": 1, "c": 998}, 10) == {"a": 1, "b": 1, "c": 8}
    assert rules.allocate({"a": 1, "b": 1, "c": 1}, 3) == {"a": 1, "b": 1, "c": 1}
    assert rules.allocate({"a": 10, "b": 10, "c": 10}, 4) == {"a": 2, "b": 1, "c": 1}, "equal remainders: first key"
    with pytest.raises(ValueError, match="at least one"):
        rules.allocate({"a": 5, "b": 5}, 1)


@given(st.integers(1, 300), st.data())
@settings(max_examples=60, deadline=None)
def test_over_all_starts_a_systematic_draw_meets_each_visit_equally_often(population: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, population))
    met: Counter[int] = Counter()
    for start in range(population):
        met.update({(start + turn * population) // size for turn in range(size)})
    assert set(met) == set(range(population))
    assert set(met.values()) == {size}
    places = rules.systematic_places(population, size, "seed")
    assert len(places) == len(set(places)) == size
    gaps = {later - earlier for earlier, later in pairwise(places)}
    assert len(gaps) <= 2
    assert max(places) < population


@pytest.mark.parametrize(("method", "sizes"), [(Method.SIMPLE, (40,)), (Method.STRATIFIED, (30, 10))])
def test_every_visit_is_drawn_as_often_as_its_share_says(method: Method, sizes: tuple[int, ...]) -> None:
    """Over 2000 seeds each of 40 visits comes up in a fifth of all draws of 8: 400 ± 5 standard deviations."""
    population, met = units(*sizes), Counter[str]()
    for seed in range(2000):
        met.update(one.id for one in rules.draw(population, 8, f"{seed:x}", method))
    assert all(abs(met[one.id] - 400) < 5 * (2000 * 0.2 * 0.8) ** 0.5 for one in population)


def test_a_lot_can_be_worked_out_by_hand() -> None:
    """As a shell does: printf '%s' '00ff:6f9619ff-8b86-4011-b42d-00c04fc964ff' | sha256sum"""
    unit = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
    by_hand = hashlib.sha256(b"00ff:6f9619ff-8b86-4011-b42d-00c04fc964ff").hexdigest()
    assert rules.lot("00ff", unit) == by_hand


@pytest.mark.parametrize(
    ("population", "confidence", "margin", "wanted"),
    [  # Cochran's formula with the finite population correction, as in the usual tables
        (100, 95, 5, 80), (500, 95, 5, 218), (1000, 95, 5, 278), (10_000, 95, 5, 370), (100_000, 95, 5, 383),
        (1_000_000, 95, 5, 384), (1_000_000, 99, 5, 664), (1_000_000, 95, 10, 97), (1000, 90, 10, 64), (1, 95, 5, 1),
        (0, 95, 5, 0),
    ],
)  # fmt: skip
def test_sample_sizes_are_those_of_the_tables(population: int, confidence: int, margin: int, wanted: int) -> None:
    assert rules.size_for(population, confidence, margin) == wanted


def test_a_plan_says_what_it_cannot_draw() -> None:
    assert Plan(Method.SIMPLE, number=30).size(1000, 1) == 30
    assert Plan(Method.SIMPLE, number=30).size(12, 1) == 12, "all there are"
    assert Plan(Method.STRATIFIED, Stratum.TOWNSHIP, number=3).size(100, 7) == 7, "one for each"
    with pytest.raises(Invalid, match="no finished visit"):
        Plan(Method.SIMPLE).size(0, 0)
    with pytest.raises(Invalid, match="calls"):
        Plan(Method.STRATIFIED, Stratum.INSPECTOR, number=5).size(9000, 3000)
    with pytest.raises(Invalid, match="spread"):
        Plan(Method.STRATIFIED).check()
    with pytest.raises(Invalid):
        Plan(Method.SIMPLE, confidence=80).check()


def test_the_manual_shows_the_script_as_it_is() -> None:
    manual = (project_root() / "docs" / "sampling.md").read_text(encoding="utf-8")
    script = (project_root() / "app" / "sampling" / "data" / "redraw.py").read_text(encoding="utf-8")
    assert f"```python\n{script}```" in manual
