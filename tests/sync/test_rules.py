"""The register: the same versions in any order, any number of times, give the same heads."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.sync import rules
from app.sync.rules import Version

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Versions whose `after` names earlier ones, as phones that see each other's work now and then make them."""
    made: list[Version] = []
    for number in range(draw(st.integers(1, 9))):
        seen = draw(st.sets(st.sampled_from([v.id for v in made]))) if made else set()
        unheard = draw(st.sets(st.sampled_from(["x1", "x2"])))  # versions that never arrived
        made.append(Version(f"v{number}", frozenset(seen | unheard), draw(st.integers(0, 4))))
    return made


@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repeats_make_no_difference(versions: list[Version], random: object) -> None:
    again = versions * 2
    random.shuffle(again)  # type: ignore[attr-defined]
    assert rules.heads(again) == rules.heads(versions)
    assert rules.shown(again) == rules.shown(versions)


@given(histories())
def test_what_was_seen_is_no_head_and_the_rest_is(versions: list[Version]) -> None:
    named = set().union(*(version.after for version in versions))
    assert {head.id for head in rules.heads(versions)} == {v.id for v in versions} - named


@given(histories(), histories())
def test_a_version_after_all_heads_ends_every_conflict(first: list[Version], second: list[Version]) -> None:
    versions = first + [Version(f"w{v.id}", frozenset(f"w{a}" for a in v.after), v.device_at) for v in second]
    choice = Version("choice", frozenset(head.id for head in rules.heads(versions)), 0)
    assert rules.follows(choice.after, [head.id for head in rules.heads(versions)])
    assert rules.heads([*versions, choice]) == [choice]


def test_versions_that_name_each_other_in_a_circle_are_all_kept() -> None:
    circle = [Version("a", frozenset("b"), 1), Version("b", frozenset("a"), 2)]
    assert [head.id for head in rules.heads(circle)] == ["b", "a"]


def test_a_known_offset_gives_back_the_true_moment() -> None:
    years = timedelta(days=3 * 365)
    wrong = ms(NOW - years - timedelta(hours=2))
    assert rules.happened_at(wrong, ms(NOW - years) - ms(NOW), NOW) == NOW - timedelta(hours=2)


def test_a_clock_in_the_future_or_years_back_is_not_believed() -> None:
    assert rules.happened_at(ms(NOW + timedelta(days=400)), 0, NOW) == NOW
    assert rules.happened_at(0, None, NOW) == NOW
    assert rules.happened_at(ms(NOW - timedelta(days=3)), None, NOW) == NOW - timedelta(days=3)


def test_a_clock_is_shown_as_off_when_it_is_two_minutes_out_or_ahead() -> None:
    assert not rules.clock_is_off(NOW - timedelta(days=2), 90_000, NOW)
    assert rules.clock_is_off(NOW, -121_000, NOW)
    assert rules.clock_is_off(NOW + timedelta(minutes=3), None, NOW)
    assert not rules.clock_is_off(None, None, None)
