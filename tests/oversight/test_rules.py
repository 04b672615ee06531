from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.core.cells import cell
from app.oversight.drawing import EDGE, HEIGHT, WIDTH, Spot, draw, nice
from app.oversight.evidence import apart_words
from app.oversight.rules import Clock, DayPart, capped, day_part, phone_is_wrong, readings
from app.web.filters import distance

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_clocks_that_agree_are_said_as_one_time() -> None:
    near = NOON - timedelta(seconds=119)
    assert [one.clock for one in readings(NOON, near, near)] == [Clock.SERVER]
    assert [one.clock for one in readings(NOON, None, None)] == [Clock.SERVER]


def test_each_clock_more_than_two_minutes_off_stands_apart() -> None:
    shown = readings(NOON, NOON + timedelta(minutes=3), NOON - timedelta(days=2))
    assert [one.clock for one in shown] == [Clock.SERVER, Clock.PHONE, Clock.CAMERA]
    assert shown[1].is_ahead
    assert shown[1].minutes == 3
    assert not shown[2].is_ahead
    assert shown[2].minutes == 2880


def test_what_is_far_apart_is_told_as_people_say_it(app: Flask) -> None:
    camera = readings(NOON, None, NOON - timedelta(days=4244))[-1]
    with app.test_request_context():
        assert apart_words(camera) == "早 11 年"
        assert apart_words(readings(NOON, None, NOON - timedelta(days=729))[-1]) == "早 729 天"
    near_and_far = [distance(metres) for metres in (118, 3_460, 99_940, 11_488_800)]
    assert near_and_far == ["120 m", "3.5 km", "99.9 km", "11489 km"]


def test_a_phone_clock_is_wrong_beyond_two_minutes() -> None:
    assert not phone_is_wrong(None)
    assert not phone_is_wrong(-120_000)
    assert phone_is_wrong(-120_001)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_is_taken_for_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


def test_plain_cells_stay_as_they_are() -> None:
    assert [cell(value) for value in ("青禾小饭馆", None, -3.5, 7, "a=b")] == ["青禾小饭馆", "", "-3.5", "7", "a=b"]


def test_counts_stop_at_999_and_say_when_they_stopped() -> None:
    assert [capped(0), capped(999), capped(1000), capped(7, is_least=True)] == ["0", "999", "999+", "7+"]


def test_greetings_follow_the_hour() -> None:
    assert [day_part(hour) for hour in (5, 12, 19, 2)] == [
        DayPart.MORNING,
        DayPart.AFTERNOON,
        DayPart.EVENING,
        DayPart.EVENING,
    ]


def test_a_drawing_is_to_scale_with_north_up() -> None:
    drawing = draw([Spot("place", 30.0, 120.0), Spot("phone", 30.001, 120.0, 25.0)])
    assert drawing is not None
    assert drawing.place is not None
    phone = drawing.others[0]
    assert phone.metres == pytest.approx(111, abs=1)
    assert phone.y < drawing.place.y
    assert phone.x == pytest.approx(drawing.place.x)
    units_per_metre = (drawing.place.y - phone.y) / phone.metres
    assert drawing.bar / drawing.bar_metres == pytest.approx(units_per_metre, rel=0.01)
    assert phone.radius == pytest.approx(25 * units_per_metre, rel=0.01)


def test_every_spot_stays_inside_however_far() -> None:
    drawing = draw([Spot("place", 30.0, 120.0), Spot("phone", 31.0, 121.0, 5e4), Spot("camera", -30.0, 20.0)])
    assert drawing is not None
    for mark in drawing.marks:
        assert EDGE - 1 <= mark.x <= WIDTH - EDGE + 1
        assert EDGE - 1 <= mark.y <= HEIGHT - EDGE + 1


def test_one_spot_alone_and_none() -> None:
    assert draw([]) is None
    drawing = draw([Spot("phone", 30.0, 120.0)])
    assert drawing is not None
    assert drawing.others[0].metres is None


def test_scale_bars_are_round_numbers() -> None:
    assert [nice(metres) for metres in (1, 4.9, 5, 73, 1999, 20000)] == [1, 2, 5, 50, 1000, 20000]
