"""Where a photo was taken, drawn to scale beside the place: no map, no tiles, nothing leaves the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, floor, log10, radians

from app.premises.rules import METRES_PER_DEGREE, metres_between

WIDTH, HEIGHT, EDGE = 320.0, 220.0, 34.0  # units of the drawing; text of 16 units stays 16 px
LEAST_SPAN = 60.0  # metres shown at least: closer than a phone can know
NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Spot:
    """A position that something claims: `source` is place, phone or camera."""

    source: str
    latitude: float
    longitude: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Mark:
    """A spot on the drawing."""

    source: str
    x: float
    y: float
    radius: float  # of the accuracy circle; 0 without
    metres: float | None  # from the place


@dataclass(frozen=True)
class Drawing:
    """Marks in a box of WIDTH × HEIGHT and a scale bar."""

    marks: tuple[Mark, ...]
    bar: float  # length of the scale bar in units
    bar_metres: float
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def place(self) -> Mark | None:
        return next((mark for mark in self.marks if mark.source == "place"), None)

    @property
    def others(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.source != "place")


def draw(spots: Sequence[Spot]) -> Drawing | None:
    """The drawing of `spots`, north up; None where there is nothing to draw."""
    if not spots:
        return None
    origin = spots[0]
    east = METRES_PER_DEGREE * max(0.01, cos(radians(origin.latitude)))
    flat = [
        ((spot.longitude - origin.longitude) * east, (spot.latitude - origin.latitude) * METRES_PER_DEGREE)
        for spot in spots
    ]
    reach = [spot.accuracy_m or 0.0 for spot in spots]  # the circle is part of what is seen
    xs = [x + side * r for (x, _), r in zip(flat, reach, strict=True) for side in (-1, 1)]
    ys = [y + side * r for (_, y), r in zip(flat, reach, strict=True) for side in (-1, 1)]
    scale = min(
        (WIDTH - 2 * EDGE) / max(LEAST_SPAN, max(xs) - min(xs)),
        (HEIGHT - 2 * EDGE) / max(LEAST_SPAN, max(ys) - min(ys)),
    )
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    place = next((spot for spot in spots if spot.source == "place"), None)
    marks = tuple(
        Mark(
            spot.source,
            round(WIDTH / 2 + (x - middle_x) * scale, 1),
            round(HEIGHT / 2 - (y - middle_y) * scale, 1),
            round((spot.accuracy_m or 0) * scale, 1),
            _apart(place, spot),
        )
        for spot, (x, y) in zip(spots, flat, strict=True)
    )
    metres = nice(WIDTH / 3.2 / scale)
    return Drawing(marks, round(metres * scale, 1), metres)


def nice(metres: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is no more than `metres`."""
    ten = 10.0 ** floor(log10(metres))
    return max(step * ten for step in NICE if step * ten <= metres * 1.000001)


def _apart(place: Spot | None, spot: Spot) -> float | None:
    if place is None or spot is place:
        return None
    return metres_between(place.latitude, place.longitude, spot.latitude, spot.longitude)
