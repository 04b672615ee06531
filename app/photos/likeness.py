"""Whether two pictures are one photo: cropped, recompressed, mirrored, brightened, turned a little or marked.

A single fingerprint of a whole picture is lost with the first crop, so a photo is described by many small places: blobs
that stand out at their size (extrema of the Laplacian over a pyramid of sizes) with the signs of the lowest 64 cosine
coefficients of what surrounds them. Signs forget brightness and contrast, and a mirror only flips those that are odd
from left to right. The lowest of them make a key that an index finds; which photos are alike is decided by the places
lying the same way in both. Pure: no database, no files, no clock. Coordinates are pixels of the base, a grey picture
of BASE_AREA pixels.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

VERSION = 2  # of the keys; 1 had the same places under other keys (likeness_renew)
BASE_AREA = 256 * 256  # pixels
STEP = 2 ** (1 / 3)  # from one size to the next
SIZES = 9
REACH = 9  # a place takes this many pixels of its size to each side
GRID = 16  # samples across a place
FAINTEST = 1.0  # grey values of the Laplacian; less is noise and JPEG blocks
EDGE_RATIO = 12.1  # (r + 1)² / r with r = 10: a longer shape is an edge and slides along itself (Lowe 2004, 4.1)
PLACES = 96  # of one photo
CELLS = 4  # across and down: places are taken from everywhere, not only where the contrast is
FINE_SIZES = 3  # the finest sizes count apart from the coarse ones
FADE = 0.8  # each further place of one cell counts that much less
SIGNS = 64
_HEAD = struct.Struct("<BHHB")
_PLACE = np.dtype([("x", "<u2"), ("y", "<u2"), ("size", "u1"), ("signs", "u1", (SIGNS // 8,))])
_SUB = 64  # positions are kept in this part of a pixel
_SIZE_SUB = 24  # sizes are kept as this part of a doubling


def _order() -> tuple[Ints, Ints]:
    """Which coefficients, lowest first: frequency from top to bottom, and from left to right."""
    pairs = [(down, across) for down in range(9) for across in range(9) if down + across]
    pairs.sort(key=lambda pair: (sum(pair), max(pair), pair[0]))
    chosen = np.array(pairs[:SIGNS])
    return chosen[:, 0], chosen[:, 1]


_DOWN, _ACROSS = _order()
ODD = _ACROSS % 2 == 1  # what a mirror flips
_COSINES = np.cos(np.pi * np.outer(np.arange(9), np.arange(GRID) + 0.5) / GRID).astype(np.float32)
_OFFSETS = ((np.arange(GRID) - (GRID - 1) / 2) * (2 * REACH / GRID)).astype(np.float32)


@dataclass(frozen=True)
class Places:
    """The places of one photo, the most telling first. `coefficients` are there until it was packed."""

    width: int  # of the base
    height: int
    x: Floats
    y: Floats
    size: Floats  # times the finest
    signs: NDArray[np.bool_]  # one row of SIGNS a place
    coefficients: Floats | None = None

    def __len__(self) -> int:
        return len(self.x)

    def pack(self) -> bytes:
        """Thirteen bytes a place."""
        rows = np.zeros(len(self), _PLACE)
        rows["x"], rows["y"] = np.rint(self.x * _SUB), np.rint(self.y * _SUB)
        rows["size"] = np.clip(np.rint(np.log2(np.maximum(self.size, 0.5)) * _SIZE_SUB) + _SIZE_SUB, 0, 255)
        rows["signs"] = np.packbits(self.signs, axis=1)
        return _HEAD.pack(VERSION, self.width, self.height, len(self)) + rows.tobytes()

    @classmethod
    def unpack(cls, data: bytes) -> "Places":
        _version, width, height, count = _HEAD.unpack_from(data)
        rows = np.frombuffer(data, _PLACE, count, _HEAD.size)
        return cls(
            width,
            height,
            (rows["x"] / _SUB).astype(np.float32),
            (rows["y"] / _SUB).astype(np.float32),
            (2.0 ** ((rows["size"].astype(np.float32) - _SIZE_SUB) / _SIZE_SUB)).astype(np.float32),
            np.unpackbits(rows["signs"], axis=1).astype(bool),
        )

    def mirrored(self) -> "Places":
        """The same photo from left to right."""
        flipped = None
        if self.coefficients is not None:
            flipped = np.where(ODD, -self.coefficients, self.coefficients)
        x = (self.width - self.x).astype(np.float32)
        return Places(self.width, self.height, x, self.y, self.size, self.signs ^ ODD, flipped)


def base_of(image: Image.Image) -> Image.Image:
    """The picture in grey with BASE_AREA pixels, its proportions kept."""
    width, height = image.size
    factor = (BASE_AREA / (width * height)) ** 0.5
    size = max(2 * REACH, round(width * factor)), max(2 * REACH, round(height * factor))
    filter_ = Image.Resampling.BOX if factor < 0.5 else Image.Resampling.BICUBIC
    return image.convert("L").resize(size, filter_)


def places_of(base: Image.Image) -> Places:
    """What describes the photo whose base this is. A blank wall has few places or none."""
    pyramid = _pyramid(base)
    found = [peaks for number in range(len(pyramid)) if len(peaks := _peaks(pyramid, number))]
    if not found:
        none = np.zeros(0, np.float32)
        nothing = np.zeros((0, SIGNS))
        return Places(*base.size, none, none, none, nothing.astype(bool), nothing.astype(np.float32))
    peaks = np.concatenate(found)
    number = peaks[:, 0].astype(int)
    x = (peaks[:, 2] + 0.5) / np.array([one.across for one in pyramid])[number]
    y = (peaks[:, 1] + 0.5) / np.array([one.down for one in pyramid])[number]
    chosen = _spread(x / base.size[0], y / base.size[1], number, peaks[:, 3])
    peaks, number, x, y = peaks[chosen], number[chosen], x[chosen], y[chosen]
    coefficients = _coefficients(pyramid, peaks)
    x, y, size = (values.astype(np.float32) for values in (x, y, STEP ** (number + peaks[:, 4])))
    return Places(*base.size, x, y, size, coefficients > 0, coefficients)


@dataclass(frozen=True)
class _Level:
    """The base at one size: as it is, smoothed, its Laplacian, and pixels for each pixel of the base."""

    grey: Floats
    smooth: Floats
    laplacian: Floats
    across: float
    down: float


def _pyramid(base: Image.Image) -> list[_Level]:
    whole = Image.fromarray(np.asarray(base, dtype=np.float32))
    width, height = whole.size
    levels = []
    for number in range(SIZES):
        size = round(width * STEP**-number), round(height * STEP**-number)
        if min(size) < 2 * REACH + 4:
            break
        grey = np.asarray(whole.resize(size, Image.Resampling.BICUBIC) if number else whole, dtype=np.float32)
        smooth = _smooth(_smooth(grey, _FIVE), _FIVE)
        laplacian = np.zeros_like(smooth)
        laplacian[1:-1, 1:-1] = (
            smooth[:-2, 1:-1] + smooth[2:, 1:-1] + smooth[1:-1, :-2] + smooth[1:-1, 2:] - 4 * smooth[1:-1, 1:-1]
        )
        levels.append(_Level(_smooth(grey, _THREE), smooth, laplacian, size[0] / width, size[1] / height))
    return levels


_FIVE, _THREE = (6, 4, 1), (2, 1)  # binomial, from the middle outwards


def _smooth(values: Floats, weights: tuple[int, ...]) -> Floats:
    """Smoothed both ways, the edge repeated."""
    wide = len(weights) - 1
    sides = np.pad(values, wide, mode="edge")
    for _way in range(2):
        end = sides.shape[0] - wide
        total = weights[0] * sides[wide:end]
        for step in range(1, wide + 1):
            total += weights[step] * (sides[wide - step : end - step] + sides[wide + step : end + step])
        sides = total.T
    scale = (weights[0] + 2 * sum(weights[1:])) ** 2
    return np.ascontiguousarray(sides) * np.float32(1 / scale)


def _peaks(pyramid: list[_Level], number: int) -> NDArray[np.float64]:
    """Blobs of one size: rows of size number, y, x, strength, and what is left to the exact size in steps."""
    level = pyramid[number]
    strength = np.abs(level.laplacian)
    height, width = strength.shape
    if min(height, width) <= 2 * REACH + 2:
        return np.zeros((0, 5))
    rows = np.maximum(np.maximum(strength[:-2], strength[2:]), strength[1:-1])
    around = np.maximum(rows[:, :-2], rows[:, 2:])
    around = np.maximum(around, np.maximum(strength[:-2, 1:-1], strength[2:, 1:-1]))
    inner = slice(REACH - 1, 1 - REACH)
    middle = strength[REACH:-REACH, REACH:-REACH]
    y, x = np.nonzero((middle > around[inner, inner]) & (middle > FAINTEST))
    y, x = y + REACH, x + REACH
    blob = _is_blob(level.smooth, y, x)
    y, x = y[blob], x[blob]
    if not len(y):
        return np.zeros((0, 5))
    sign: Any = np.sign(level.laplacian[y, x])
    value: Any = strength[y, x]
    below, above = (_best_near(pyramid, number, other, y, x, sign) for other in (number - 1, number + 1))
    highest = (value >= below) & (value >= above)
    y, x, sign, value = y[highest], x[highest], sign[highest], value[highest]
    below, above = below[highest], above[highest]
    has_both = 0 < number < len(pyramid) - 1
    to_size = _summit(below, value, above) if has_both else np.zeros_like(value)
    lap = level.laplacian
    to_y = _summit(sign * lap[y - 1, x], value, sign * lap[y + 1, x])
    to_x = _summit(sign * lap[y, x - 1], value, sign * lap[y, x + 1])
    return np.stack([np.full(len(y), number), y + to_y, x + to_x, value, to_size], axis=1).astype(np.float64)


def _is_blob(smooth: Floats, y: Ints, x: Ints) -> NDArray[np.bool_]:
    """Not drawn out along an edge: both principal curvatures count."""
    here = 2 * smooth[y, x]
    xx = smooth[y, x - 1] + smooth[y, x + 1] - here
    yy = smooth[y - 1, x] + smooth[y + 1, x] - here
    xy = (smooth[y + 1, x + 1] + smooth[y - 1, x - 1] - smooth[y + 1, x - 1] - smooth[y - 1, x + 1]) / 4
    spread = xx * yy - xy * xy
    blob: NDArray[np.bool_] = (spread > 0) & ((xx + yy) ** 2 < EDGE_RATIO * spread)
    return blob


def _best_near(pyramid: list[_Level], number: int, other: int, y: Ints, x: Ints, sign: Floats) -> Floats:
    """The strongest of the nine pixels of another size that lie where these lie."""
    if not 0 <= other < len(pyramid):
        return np.full(len(y), -np.inf, np.float32)
    lap = pyramid[other].laplacian
    down = pyramid[other].down / pyramid[number].down
    across = pyramid[other].across / pyramid[number].across
    rows = np.clip(np.rint((y + 0.5) * down - 0.5).astype(int), 1, lap.shape[0] - 2)
    columns = np.clip(np.rint((x + 0.5) * across - 0.5).astype(int), 1, lap.shape[1] - 2)
    steps = np.arange(-1, 2)
    around = lap[(rows[:, None] + steps)[:, :, None], (columns[:, None] + steps)[:, None, :]]
    best: Floats = (sign[:, None, None] * around).max(axis=(1, 2))
    return best


def _summit(before: Floats, here: Floats, after: Floats) -> Floats:
    """Where between the three the parabola through them is highest, from -0.5 to 0.5."""
    bend = np.minimum(before + after - 2 * here, -1e-6)
    summit: Floats = np.clip(0.5 * (before - after) / bend, -0.5, 0.5)
    return summit


def _spread(x: Any, y: Any, number: Any, strength: Any) -> Ints:
    """The places to keep, the most telling first, from all over the picture and from fine and coarse."""
    column = np.minimum((x * CELLS).astype(int), CELLS - 1)
    row = np.minimum((y * CELLS).astype(int), CELLS - 1)
    cell = row * CELLS + column + CELLS * CELLS * (number >= FINE_SIZES)
    order = np.lexsort((-strength, cell))
    sorted_cells = cell[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_cells, sorted_cells)
    worth = strength[order] * FADE**rank
    chosen: Ints = order[np.argsort(-worth, kind="stable")[:PLACES]]
    return chosen


def _coefficients(pyramid: list[_Level], peaks: NDArray[np.float64]) -> Floats:
    """The lowest cosine coefficients around each place, taken at its exact size and position."""
    result = np.zeros((len(peaks), SIGNS), np.float32)
    for number in np.unique(peaks[:, 0]).astype(int):
        mine = np.nonzero(peaks[:, 0] == number)[0]
        grey = pyramid[number].grey
        reach = _OFFSETS * STEP ** peaks[mine, 4, None]
        top, y = _split(peaks[mine, 1, None] + reach, grey.shape[0])
        left, x = _split(peaks[mine, 2, None] + reach, grey.shape[1])
        rows, columns, y, x = top[:, :, None], left[:, None, :], y[:, :, None], x[:, None, :]
        upper = grey[rows, columns] * (1 - x) + grey[rows, columns + 1] * x
        lower = grey[rows + 1, columns] * (1 - x) + grey[rows + 1, columns + 1] * x
        around = upper * (1 - y) + lower * y
        result[mine] = (_COSINES @ around @ _COSINES.T)[:, _DOWN, _ACROSS]
    return result


def _split(position: Any, length: int) -> tuple[Ints, Floats]:
    inside = np.clip(position, 0, length - 1.001)
    whole = inside.astype(int)
    return whole, (inside - whole).astype(np.float32)


def smoothed(values: Floats) -> Floats:
    """A little blurred, as places are looked at."""
    return _smooth(values, _THREE)
