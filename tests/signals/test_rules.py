"""Each kind by a story, and evenings of honest work that raise nothing whatever the clocks and positions are like."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.signals import rules
from app.signals.kinds import ABOUT, file_marks
from app.signals.rules import Kind, Picture, Spot, Use, Visit

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TOWN = Spot(28.40, 112.80)
FAR_AWAY = Spot(28.49, 112.80)  # ten kilometres north
ANN = UUID(int=1)


def usual(kind: Kind) -> Mapping[str, int]:
    return {one.name: one.default for one in ABOUT[kind].limits}


def visit(number: int = 0, minutes: float = 0, **more: object) -> Visit:
    facts: dict[str, object] = {"place": TOWN} | more
    return Visit(
        UUID(int=100 + number), UUID(int=500 + number), ANN, NINE + timedelta(minutes=minutes), **facts
    )  # type: ignore[arg-type]


def picture(**more: object) -> Picture:
    facts: dict[str, object] = {
        "taken_at": NINE + timedelta(minutes=5),
        "captured_at": NINE + timedelta(minutes=5),
        "offset": timedelta(0),
        "from_camera": True,
        "phone": Spot(*TOWN[:2], 20.0),
    } | more
    at = facts.pop("visit", visit())
    return Picture(UUID(int=900), at, NINE + timedelta(minutes=6), **facts)  # type: ignore[arg-type]


def test_every_kind_has_its_words_and_its_numbers() -> None:
    assert set(ABOUT) == set(Kind)
    assert all(about.causes for about in ABOUT.values())


def test_a_photo_of_another_visit_is_the_nearest_before() -> None:
    uses = [
        Use(UUID(int=1), UUID(int=101), NINE - timedelta(days=9)),
        Use(UUID(int=2), UUID(int=102), NINE - timedelta(days=3)),
        Use(UUID(int=3), UUID(int=103), NINE + timedelta(days=1)),  # that one is the later: it has the signal
        Use(UUID(int=4), visit().id, NINE - timedelta(minutes=1)),  # sent twice in the same visit
    ]
    found = rules.used_before(picture(), uses)
    assert found is not None
    assert (found.other_photo, found.numbers["days"], found.numbers["times"]) == (UUID(int=2), 3, 2)
    assert rules.used_before(picture(), uses[2:]) is None


def test_a_photo_taken_ten_kilometres_away_and_not_one_whose_position_may_be_wrong_by_that_much() -> None:
    limits = usual(Kind.FAR)
    found = rules.far(picture(phone=Spot(*FAR_AWAY[:2], 30.0)), limits)
    assert found is not None
    assert found.numbers == {"km": pytest.approx(10.0, abs=0.1), "accuracy": 30, "limit": 2.0}
    assert rules.far(picture(phone=Spot(*FAR_AWAY[:2], 6_000.0)), limits) is None
    assert rules.far(picture(phone=Spot(*FAR_AWAY[:2], 30.0), camera=TOWN), limits) is None
    assert rules.far(picture(phone=Spot(*FAR_AWAY[:2], 30.0), from_camera=False), limits) is None
    assert rules.far(picture(phone=Spot(*FAR_AWAY[:2], 30.0), visit=visit(place=None)), limits) is None


def test_a_photo_of_last_week_from_the_gallery() -> None:
    limits, last_week = usual(Kind.OLD), NINE - timedelta(days=7)
    old = picture(from_camera=False, taken_at=last_week, captured_at=last_week)
    found = rules.old(old, limits)
    assert found is not None
    assert found.numbers == {"hours": 168, "days": 7, "limit": 24}
    assert rules.old(replace(old, offset=-timedelta(days=7)), limits) is None, (
        "the phone's clock was a week behind"
    )
    assert rules.old(replace(old, offset=None), limits) is None
    assert rules.old(replace(old, taken_at=datetime(2000, 1, 1, tzinfo=UTC)), limits) is None, (
        "a clock never set"
    )
    assert rules.old(replace(old, visit=visit(known=False)), limits) is None


def test_a_picture_just_taken_whose_camera_says_last_month() -> None:
    limits = usual(Kind.CLOCKS)
    found = rules.clocks(picture(taken_at=NINE - timedelta(days=30)), limits)
    assert found is not None
    assert found.numbers["hours"] == 720
    ahead = NINE + timedelta(days=40)
    assert rules.clocks(picture(taken_at=ahead, captured_at=ahead), limits) is None, (
        "the same wrong clock twice"
    )
    assert rules.clocks(picture(taken_at=ahead, from_camera=False), limits) is not None, (
        "taken after it was received"
    )
    assert rules.clocks(picture(taken_at=ahead, from_camera=False, offset=timedelta(days=40)), limits) is None


def test_what_a_file_says_of_itself() -> None:
    said = file_marks()
    found = rules.edited(picture(software="Adobe Photoshop 25.0 (Windows)"), said["editors"])
    assert found is not None
    assert rules.edited(picture(software="HDR+ 1.0.540104767zd"), said["editors"]) is None
    assert rules.screen(picture(name="Screenshot_2026-11-20.png"), said["screens"]) is not None
    assert rules.screen(picture(name="屏幕截图 3.png"), said["screens"]) is not None
    assert rules.screen(picture(name="IMG_20261120_0900.jpg"), said["screens"]) is None


def test_two_places_ten_kilometres_apart_within_a_minute() -> None:
    limits, other = usual(Kind.TOO_FAST), visit(1, 1, place=FAR_AWAY)
    found = rules.too_fast(other, visit(), limits)
    assert found is not None
    assert (found.visit, found.other_visit) == (other.id, visit().id)
    assert rules.too_fast(visit(), other, limits) == found, "whichever is looked at first"
    assert rules.too_fast(visit(), replace(other, known=False), limits) is None
    assert rules.too_fast(visit(), replace(other, began=NINE + timedelta(minutes=20)), limits) is None
    assert rules.too_fast(visit(), replace(other, place=Spot(28.41, 112.80)), limits) is None, (
        "next to each other"
    )


def test_a_year_of_visits_written_in_one_evening_is_one_signal() -> None:
    limits = usual(Kind.EVENING)
    evening = [visit(n, 660 + 4 * n) for n in range(15)]  # from eight o'clock
    found = {rules.evening(one, evening[:n], limits) for n, one in enumerate(evening) if n < 11}
    assert found == {None}
    first = rules.evening(evening[11], evening[:11], limits)
    later = rules.evening(evening[14], evening[:14], limits)
    assert first is not None
    assert later is not None
    assert first.identity == later.identity
    by_day = [visit(n, 4 * n) for n in range(15)]
    assert rules.evening(by_day[14], by_day, limits) is None
    unsure = [replace(one, known=False) for one in evening]
    assert rules.evening(unsure[14], unsure, limits) is None


def test_the_same_words_at_five_places_and_not_five_times_that_all_conforms() -> None:
    limits = usual(Kind.PATTERN)
    rows = [visit(n, 60 * n, pattern="p", marks=4) for n in range(6)]
    assert rules.pattern(rows[3], rows[:3], limits) is None
    found = rules.pattern(rows[4], rows[:4], limits)
    assert found is not None
    assert found.other_visit == rows[3].id
    again = rules.pattern(rows[5], rows[:5], limits)
    assert again is not None
    assert again.identity == found.identity
    clean = [visit(n, 60 * n) for n in range(30)]
    assert rules.pattern(clean[-1], clean[:-1], limits) is None


def test_twenty_items_in_three_seconds() -> None:
    limits = usual(Kind.SECONDS)
    quick = tuple(NINE + timedelta(milliseconds=150 * n) for n in range(20))
    found = rules.seconds(visit(taps=quick), limits)
    assert found is not None
    assert (found.numbers["items"], found.numbers["seconds"]) == (20, 2.9)
    assert rules.seconds(visit(taps=quick[:9]), limits) is None
    assert rules.seconds(visit(taps=tuple(NINE + timedelta(seconds=n) for n in range(20))), limits) is None


def test_ten_visits_without_a_position() -> None:
    limits = usual(Kind.NO_POSITION)
    blind = [visit(n, -60 * n, positioned=False) for n in range(10)]
    found = rules.no_position(blind[0], blind[1:], limits)
    assert found is not None
    assert found.other_visit == blind[9].id
    seen = [*blind[1:5], replace(blind[5], positioned=True), *blind[6:]]
    assert rules.no_position(blind[0], seen, limits) is None
    assert rules.no_position(blind[0], blind[1:8], limits) is None


def test_a_drawing_of_another_visit() -> None:
    here = UUID(int=1)
    uses = [(here, NINE), (UUID(int=2), NINE - timedelta(days=2))]
    found = rules.same_signature(here, uses, NINE)
    assert found is not None
    assert found.numbers == {"days": 2, "times": 1}
    assert rules.same_signature(here, uses[:1], NINE) is None


@some.composite
def honest_round(draw: some.DrawFn) -> list[tuple[Visit, Picture]]:
    """A day or evening of real work: any hour, any wrong clock, any bad position, sent whenever."""
    at = NINE.replace(hour=draw(some.integers(0, 23)))
    off = draw(
        some.sampled_from(
            [None, timedelta(0), timedelta(days=-40), timedelta(hours=9), timedelta(days=3_000)]
        )
    )
    rows, place = [], TOWN
    for number in range(draw(some.integers(1, 10))):
        north, east = draw(some.floats(-0.08, 0.08)), draw(some.floats(-0.08, 0.08))
        there = Spot(place.latitude + north, place.longitude + east)
        metres = rules.metres_between(place.latitude, place.longitude, there.latitude, there.longitude)
        at += timedelta(hours=metres / 1000 / draw(some.floats(15, 80))) + timedelta(
            minutes=draw(some.integers(4, 90))
        )
        place = there
        every = draw(some.floats(0.8, 30))
        taps = [
            at + (off or timedelta(0)) + timedelta(seconds=every * n)
            for n in range(draw(some.integers(0, 30)))
        ]
        words = draw(some.integers(0, 4))
        here = Visit(
            UUID(int=100 + number), UUID(int=500 + number), ANN, at, off is not None, place,
            draw(some.booleans()) or number % 3 == 0, f"own-{number}" if words else "", words, "", taps,
        )  # fmt: skip
        rows.append((here, _honest_photo(draw, here, off)))
    return rows


def _honest_photo(draw: some.DrawFn, here: Visit, off: timedelta | None) -> Picture:
    """Taken there and then; its position may be wrong by kilometres, which it says."""
    taken = here.began + timedelta(minutes=2)
    accuracy = draw(some.sampled_from([5.0, 40.0, 900.0, 4_000.0, 60_000.0]))
    wrong = accuracy * draw(some.floats(0, 2)) / 111_320
    assert here.place is not None
    clock = taken + (off or timedelta(0))
    return Picture(
        UUID(int=here.id.int + 900), here, taken + timedelta(hours=draw(some.integers(0, 24 * 20))), clock, clock, off,
        draw(some.booleans()), Spot(here.place.latitude + wrong, here.place.longitude, accuracy),
        None, draw(some.sampled_from(["", "17.6.1", "MediaTek Camera Application"])), "IMG_0001.jpg",
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(honest_round())
def test_an_honest_round_raises_nothing(rows: list[tuple[Visit, Picture]]) -> None:
    visits, said = [one for one, _ in rows], file_marks()
    for number, (here, photo) in enumerate(rows):
        before = visits[:number]
        found = [
            rules.used_before(photo, []),
            rules.far(photo, usual(Kind.FAR)),
            rules.old(photo, usual(Kind.OLD)),
            rules.clocks(photo, usual(Kind.CLOCKS)),
            rules.edited(photo, said["editors"]),
            rules.screen(photo, said["screens"]),
            rules.evening(here, before, usual(Kind.EVENING)),
            rules.pattern(here, before, usual(Kind.PATTERN)),
            rules.seconds(here, usual(Kind.SECONDS)),
            rules.no_position(here, before[::-1], usual(Kind.NO_POSITION)),
            *(rules.too_fast(here, other, usual(Kind.TOO_FAST)) for other in before[-1:]),
        ]
        assert not any(found), [one for one in found if one]
