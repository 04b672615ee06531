"""The stops of a day drawn in order: a plain drawing to scale, or over the map of a map server if one is set.

Only arithmetic: which picture tiles lie under the drawing is known without asking anybody; a vector map is put over it
by a script once it is there (static/js/day_map.js). The browser fetches either, so a map server learns which square of
the map somebody looks at and nothing else; without one nothing leaves this server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import asinh, cos, floor, pi, radians, tan
from urllib.parse import urlsplit

from app.oversight.datum import to_gcj
from app.oversight.drawing import nice
from app.premises.rules import METRES_PER_DEGREE

WIDTH, HEIGHT, EDGE = 360.0, 300.0, 38.0  # units of the drawing; text of 16 units stays 16 px on a phone
FOOT = 34.0  # kept free for the scale bar
LEAST_SPAN = 120.0  # metres shown at least
TILE, DEEPEST = 256, 17  # units of a tile's edge; the closest zoom asked for
EQUATOR = 156_543.03392804097  # metres in a unit at zoom 0
NEAR = 26.0  # units; stops closer than that share one mark
GCJ = "gcj02"


@dataclass(frozen=True)
class Point:
    """A stop on the ground, WGS 84."""

    number: int
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Mark:
    """One or several stops at one place of the drawing."""

    numbers: tuple[int, ...]
    x: float
    y: float

    @property
    def text(self) -> str:
        """As static/js/day_map.js says it, too."""
        first, last = self.numbers[0], self.numbers[-1]
        if len(self.numbers) < 4:
            return "·".join(map(str, self.numbers))
        return f"{first}–{last}" if last - first == len(self.numbers) - 1 else f"{first}·{self.numbers[1]}…"


@dataclass(frozen=True)
class Tile:
    """A picture under the drawing."""

    url: str
    x: float
    y: float


@dataclass(frozen=True)
class Source:
    """A map server: picture tiles with {z}, {x} and {y}, or a vector map's style; the map's datum, whom it thanks."""

    address: str = ""
    datum: str = "wgs84"
    credit: str = ""

    @property
    def is_vector(self) -> bool:
        return bool(self.address) and "{z}" not in self.address

    @property
    def origin(self) -> str:
        """As a Content-Security-Policy names it."""
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.address))


@dataclass(frozen=True)
class Map:
    """Marks in a box of WIDTH × HEIGHT, the way between them, a scale bar; what the map server adds to it."""

    marks: tuple[Mark, ...]
    way: tuple[tuple[float, float], ...]
    bar: float
    bar_metres: float
    tiles: tuple[Tile, ...] = ()
    style: str = ""  # address of a vector map's style
    ground: Mapping[int, tuple[float, float]] = field(default_factory=dict)  # stop -> longitude, latitude on that map
    credit: str = ""
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def path(self) -> str:
        return "M" + "L".join(f"{x} {y}" for x, y in self.way)


def draw_day(points: Sequence[Point], source: Source | None = None) -> Map | None:
    """The drawing of `points` in their order, north up; None where there is no position."""
    if not points:
        return None
    if source is None or not source.address:
        return _plain(points)
    if source.is_vector:
        ground = {one.number: _shifted(one, source.datum)[::-1] for one in points}
        return replace(_plain(points), style=source.address, ground=ground, credit=source.credit)
    return _on_tiles(points, source)


def _plain(points: Sequence[Point]) -> Map:
    origin = points[0]
    east = METRES_PER_DEGREE * max(0.01, cos(radians(origin.latitude)))
    flat = [
        ((one.longitude - origin.longitude) * east, (one.latitude - origin.latitude) * METRES_PER_DEGREE)
        for one in points
    ]
    wide, high = _spans(flat)
    scale = min((WIDTH - 2 * EDGE) / max(LEAST_SPAN, wide), (HEIGHT - FOOT - 2 * EDGE) / max(LEAST_SPAN, high))
    middle_x, middle_y = _middle(flat)
    way = [
        (round(WIDTH / 2 + (x - middle_x) * scale, 1), round((HEIGHT - FOOT) / 2 - (y - middle_y) * scale, 1))
        for x, y in flat
    ]
    return _map(points, way, scale)


def _on_tiles(points: Sequence[Point], source: Source) -> Map:
    shown = [_shifted(one, source.datum) for one in points]
    zoom = _zoom(shown)
    flat = [_mercator(latitude, longitude, zoom) for latitude, longitude in shown]
    middle_x, middle_y = _middle(flat)
    left, top = middle_x - WIDTH / 2, middle_y - (HEIGHT - FOOT) / 2
    way = [(round(x - left, 1), round(y - top, 1)) for x, y in flat]
    across = range(floor(left / TILE), floor((left + WIDTH) / TILE) + 1)
    down = range(max(0, floor(top / TILE)), min(2**zoom - 1, floor((top + HEIGHT) / TILE)) + 1)
    tiles = tuple(
        Tile(_address(source.address, zoom, x % 2**zoom, y), round(x * TILE - left, 1), round(y * TILE - top, 1))
        for y in down
        for x in across
    )
    metres = EQUATOR * cos(radians(shown[0][0])) / 2**zoom
    return _map(points, way, 1 / metres, tiles, source.credit)


def _map(
    points: Sequence[Point],
    way: Sequence[tuple[float, float]],
    scale: float,
    tiles: tuple[Tile, ...] = (),
    credit: str = "",
) -> Map:
    metres = nice(WIDTH / 4 / scale)
    return Map(_marks(points, way), tuple(way), round(metres * scale, 1), metres, tiles, credit=credit)


def _marks(points: Sequence[Point], way: Sequence[tuple[float, float]]) -> tuple[Mark, ...]:
    """Stops that would cover each other share a mark that names them all."""
    found: list[Mark] = []
    for point, (x, y) in zip(points, way, strict=True):
        near = next((n for n, one in enumerate(found) if abs(one.x - x) < NEAR and abs(one.y - y) < NEAR), None)
        if near is None:
            found.append(Mark((point.number,), x, y))
        else:
            one = found[near]
            found[near] = Mark((*one.numbers, point.number), one.x, one.y)
    return tuple(found)


def _shifted(point: Point, datum: str) -> tuple[float, float]:
    if datum == GCJ:
        return to_gcj(point.latitude, point.longitude)
    return point.latitude, point.longitude


def _zoom(positions: Sequence[tuple[float, float]]) -> int:
    """The closest at which all stops fit."""
    for zoom in range(DEEPEST, 0, -1):
        wide, high = _spans([_mercator(latitude, longitude, zoom) for latitude, longitude in positions])
        if wide <= WIDTH - 2 * EDGE and high <= HEIGHT - FOOT - 2 * EDGE:
            return zoom
    return 0


def _mercator(latitude: float, longitude: float, zoom: int) -> tuple[float, float]:
    """Units from the north-west corner of the world at `zoom` (EPSG:3857)."""
    latitude = max(-85.0, min(85.0, latitude))
    size = TILE * 2**zoom
    return (longitude + 180) / 360 * size, (1 - asinh(tan(radians(latitude))) / pi) / 2 * size


def _address(template: str, zoom: int, x: int, y: int) -> str:
    return template.replace("{z}", str(zoom)).replace("{x}", str(x)).replace("{y}", str(y))


def _spans(flat: Sequence[tuple[float, float]]) -> tuple[float, float]:
    xs, ys = zip(*flat, strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


def _middle(flat: Sequence[tuple[float, float]]) -> tuple[float, float]:
    xs, ys = zip(*flat, strict=True)
    return (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
