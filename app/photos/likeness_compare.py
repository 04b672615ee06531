"""From the places of two photos to a verdict, in three steps, each of which the next one checks.

1. Keys: what an index holds of each place, and which to ask for, so that few photos of all have to be looked at.
2. Fit: the places that match lie the same way in both photos, but for size, a small turn and a shift.
3. Agreement: laid over each other, the two pictures show the same, block for block. Two photos taken of one room from
   nearly one spot pass the second step and fail here, as do two sheets of one printed form or two screens of one app.

Pure: no database, no files, no clock.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.photos.likeness import ODD, Floats, Ints, Places, smoothed

KEY_SIGNS = 24  # of the lowest coefficients make a key
KEYED = 48  # places of a photo that are in the index
ASKED = 64  # places of a photo that are looked up
UNSURE = 5  # signs of a place that are tried the other way round too, the weakest first
FEWEST = 5  # places that must lie the same way
_APART = 14  # signs of 64 in which two views of one place may differ; strangers differ in 32, give or take 4
_NEAR = 1.5  # pixels of the base a place may lie off, for the finest; coarse ones are not found more exactly
_OFF = 0.56  # ... times its size
_SLACK = (3, 2, 1, 1)  # times that, while the fit is refined
# of each sign in a key: the first one, which a mirror turns round, comes last; the finest, which are unsure most often,
# come next to it, so that what is asked for lies together in the index
_WEIGHTS = 1 << np.array([0, *range(KEY_SIGNS - 1, 0, -1)], dtype=np.int64)
_TURNED = int(_WEIGHTS[1:] @ ODD[1:KEY_SIGNS])  # the others that a mirror turns round
MIRRORED = 1  # the key of a place, and that of the place in a mirror, differ in this alone


def keys_of(places: Places) -> list[int]:
    """The keys under which a photo stands in the index."""
    keys = _keys(places.signs[:KEYED, :KEY_SIGNS])
    return sorted(set(keys.tolist()))


def keys_to_ask(places: Places) -> list[int]:
    """The keys its copies may stand under: as it is, and with one of its weakest signs the other way round.

    Its mirrored copies stand under the same keys with MIRRORED turned round.
    """
    asked = places.signs[:ASKED, :KEY_SIGNS]
    keys = _keys(asked)
    if places.coefficients is None or not len(keys):
        return sorted(set(keys.tolist()))
    weakest = np.argsort(np.abs(places.coefficients[:ASKED, :KEY_SIGNS]), axis=1)[:, :UNSURE]
    tried = _standing(_plain(asked)[:, None] ^ _WEIGHTS[weakest])
    return sorted(set(keys.tolist()) | set(tried.ravel().tolist()))


def _keys(signs: NDArray[np.bool_]) -> Ints:
    return _standing(_plain(signs))


def _plain(signs: NDArray[np.bool_]) -> Ints:
    plain: Ints = signs.astype(np.int64) @ _WEIGHTS
    return plain


def _standing(plain: Ints) -> Ints:
    """Of a place and of its mirror image the same but for the last bit."""
    return np.where(plain & MIRRORED, plain ^ _TURNED, plain)


@dataclass(frozen=True)
class Fit:
    """How one photo lies in another: x' = a·x - b·y + right, y' = b·x + a·y + down, in pixels of the two bases."""

    a: float
    b: float
    right: float
    down: float
    places: int  # that lie so in both
    share: float  # of the places in the part both show


def fit(one: Places, other: Places) -> Fit | None:
    """How `one` lies in `other`; None when they have too little in common. A mirror is the caller's to try."""
    mine, theirs = _pairs(one, other)
    if len(mine) < FEWEST:
        return None
    x, y = one.x[mine].astype(float), one.y[mine].astype(float)
    to_x, to_y = other.x[theirs].astype(float), other.y[theirs].astype(float)
    larger = other.size[theirs].astype(float) / one.size[mine]
    agreed = _first_guess(x, y, to_x, to_y, larger, 0.06 * max(other.width, other.height))
    near = np.maximum(_NEAR, _OFF * other.size[theirs])
    solved = None
    for slack in _SLACK:
        if agreed.sum() < FEWEST:
            return None
        solved = a, b, right, down = _similarity(x[agreed], y[agreed], to_x[agreed], to_y[agreed])
        off = np.hypot(a * x - b * y + right - to_x, b * x + a * y + down - to_y)
        agreed = (off < near * slack) & (np.abs(np.log(larger / np.hypot(a, b))) < 0.35)
    count = int(agreed.sum())
    if solved is None or count < FEWEST:
        return None
    return Fit(*solved, count, count / max(1, _in_both(one, other, *solved)))


def _pairs(one: Places, other: Places) -> tuple[Ints, Ints]:
    """Places of the two that look the same, each at most once."""
    if not len(one) or not len(other):
        none = np.zeros(0, np.int64)
        return none, none
    left, right = (np.packbits(places.signs, axis=1).view(np.uint64) for places in (one, other))
    apart = np.bitwise_count(left ^ right.T)
    nearest = apart.argmin(axis=1)
    distance = apart[np.arange(len(one)), nearest]
    mine = np.argsort(distance, kind="stable")[: int((distance <= _APART).sum())]
    theirs, first = np.unique(nearest[mine], return_index=True)
    return mine[first], theirs


def _first_guess(x: Any, y: Any, to_x: Any, to_y: Any, larger: Any, slack: float) -> NDArray[np.bool_]:
    """Each pair says where everything else would lie if nothing was turned; the one most agree with is believed."""
    guess_x = to_x[:, None] + (x[None] - x[:, None]) * larger[:, None]
    guess_y = to_y[:, None] + (y[None] - y[:, None]) * larger[:, None]
    close = np.hypot(guess_x - to_x[None], guess_y - to_y[None]) < slack
    close &= np.abs(np.log(larger[None] / larger[:, None])) < 0.45
    best: NDArray[np.bool_] = close[close.sum(axis=1).argmax()]
    return best


def _similarity(x: Any, y: Any, to_x: Any, to_y: Any) -> tuple[float, float, float, float]:
    """Size, turn and shift by least squares."""
    mean_x, mean_y, mean_to_x, mean_to_y = x.mean(), y.mean(), to_x.mean(), to_y.mean()
    x, y, to_x, to_y = x - mean_x, y - mean_y, to_x - mean_to_x, to_y - mean_to_y
    total = max(float((x * x + y * y).sum()), 1e-9)
    a = float((x * to_x + y * to_y).sum()) / total
    b = float((x * to_y - y * to_x).sum()) / total
    right = float(mean_to_x - a * mean_x + b * mean_y)
    return a, b, right, float(mean_to_y - b * mean_x - a * mean_y)


def _in_both(one: Places, other: Places, a: float, b: float, right: float, down: float) -> int:
    """How many places lie in the part that both photos show, in the one that has fewer there."""
    x, y = a * one.x - b * one.y + right, b * one.x + a * one.y + down
    mine = ((x > 0) & (x < other.width) & (y > 0) & (y < other.height)).sum()
    larger = max(a * a + b * b, 1e-9)
    back_x, back_y = other.x - right, other.y - down
    x, y = (a * back_x + b * back_y) / larger, (a * back_y - b * back_x) / larger
    theirs = ((x > 0) & (x < one.width) & (y > 0) & (y < one.height)).sum()
    return int(min(mine, theirs))


BLOCK = 24  # pixels of the base
SAME = 0.95  # correlation from which two blocks show the same; a wall behind moved things has less
LEAST_IN_COMMON = 0.5  # of the smaller picture's area; less is one thing on two photos, a package or a poster
_FLAT = 6.0  # grey values of deviation; a block with less shows nothing that could agree
_FEWEST_BLOCKS = 6
_MOVES = 2  # pixels
_ROUNDS = 8
_SETTLED = 0.02  # pixels


def agreement(one: Image.Image, other: Image.Image, found: Fit, least: float = 0.0) -> float:
    """The share of blocks that show the same when base `one` is laid over base `other`, exactly as it lies there, less
    those that show the same a little beside it: marks hide what is there, another standpoint moves it.

    First the fit is refined to a fraction of a pixel, with slants and shears too, for whatever the larger part of the
    picture says; blocks without any drawing are left out. 0 when hardly anything is left or in common. What is below
    `least` is not told exactly.
    """
    larger = float(np.hypot(found.a, found.b))  # pixels of the other's side for one of mine
    mine, theirs = _as_coarse(one, larger), _as_coarse(other, 1 / max(larger, 1e-6))
    start = np.array([[found.a, -found.b, found.right], [found.b, found.a, found.down]])
    over = _refined(smoothed(mine), smoothed(theirs), start)
    y, x = np.mgrid[0 : mine.shape[0], 0 : mine.shape[1]]
    seen, inside = _look(theirs, over, x, y)
    if inside.sum() < LEAST_IN_COMMON * min(mine.size, theirs.size / max(larger**2, 1e-6)):
        return 0.0
    left, right = _deviations(mine), _deviations(seen)
    drawn = _blocks(inside).all(axis=1) & (np.maximum(left.std(axis=1), right.std(axis=1)) > _FLAT)
    if drawn.sum() < _FEWEST_BLOCKS:
        return 0.0
    same = _correlation(left, right) > SAME
    if (at_most := float(same[drawn].mean())) < least:
        return at_most
    moved = np.zeros_like(same)
    for across in range(-_MOVES, _MOVES + 1):
        for down in range(-_MOVES, _MOVES + 1):
            moved |= _correlation(left, _deviations(np.roll(seen, (down, across), (0, 1)))) > SAME
    return at_most - float((moved & ~same)[drawn].mean())


def _as_coarse(image: Image.Image, factor: float) -> Floats:
    """The picture with no more detail than it has at that part of its size: a crop of this area has more."""
    if factor < 1:
        small = max(1, round(image.width * factor)), max(1, round(image.height * factor))
        image = image.resize(small, Image.Resampling.BICUBIC).resize(image.size, Image.Resampling.BICUBIC)
    return smoothed(np.asarray(image, dtype=np.float32))


def _deviations(values: Any) -> Any:
    blocks = _blocks(values)
    return blocks - blocks.mean(axis=1, keepdims=True)


def _correlation(left: Any, right: Any) -> Any:
    """Of each pair of blocks, from -1 to 1."""
    sizes = np.sqrt((left**2).sum(axis=1) * (right**2).sum(axis=1))
    return (left * right).sum(axis=1) / np.maximum(sizes, 1e-6)


def _blocks(values: Any) -> Any:
    """One row a block; what is left over at the right and below is left out."""
    down, across = values.shape[0] // BLOCK, values.shape[1] // BLOCK
    cut = values[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across, BLOCK)
    return cut.swapaxes(1, 2).reshape(down * across, -1)


def _look(values: Floats, over: Any, x: Any, y: Any) -> tuple[Floats, NDArray[np.bool_]]:
    """What lies in `values` under the pixels (x, y) laid `over` it, and whether they lie inside at all."""
    to_x = over[0, 0] * (x + 0.5) + over[0, 1] * (y + 0.5) + over[0, 2] - 0.5
    to_y = over[1, 0] * (x + 0.5) + over[1, 1] * (y + 0.5) + over[1, 2] - 0.5
    height, width = values.shape
    inside = (to_x >= 0) & (to_x <= width - 1) & (to_y >= 0) & (to_y <= height - 1)
    to_x, to_y = np.clip(to_x, 0, width - 1.001), np.clip(to_y, 0, height - 1.001)
    left, top = to_x.astype(int), to_y.astype(int)
    right, down = (to_x - left).astype(np.float32), (to_y - top).astype(np.float32)
    flat, at = values.ravel(), top * width + left
    upper = flat[at] * (1 - right) + flat[at + 1] * right
    lower = flat[at + width] * (1 - right) + flat[at + width + 1] * right
    return upper * (1 - down) + lower * down, inside


def _refined(mine: Floats, theirs: Floats, over: Any) -> Any:
    """The placing that leaves the least difference (Gauss-Newton), but for brightness, contrast and what stands out."""
    slope_y: Any
    slope_x: Any
    slope_y, slope_x = np.gradient(theirs)
    gain, shift = 0.0, 0.0
    y, x = (one.ravel() for one in np.mgrid[1 : mine.shape[0] : 4, 1 : mine.shape[1] : 4])
    values = mine[y, x]
    for turn in range(_ROUNDS):
        seen, inside = _look(theirs, over, x, y)
        if inside.sum() < 100:
            break
        gx, gy = _look(slope_x, over, x, y)[0], _look(slope_y, over, x, y)[0]
        px, py, target, now = x[inside] + 0.5, y[inside] + 0.5, values[inside], seen[inside]
        gx, gy = gx[inside], gy[inside]
        columns = np.stack([gx * px, gx * py, gx, gy * px, gy * py, gy, -target, -np.ones_like(target)], axis=1)
        if turn == 0:
            gain = (now.std() + 1) / (target.std() + 1)
            shift = now.mean() - gain * target.mean()
        rest = now - gain * target - shift
        scale = 1.5 * np.median(np.abs(rest)) + 1
        weights = 1 / (1 + (rest / scale) ** 2)
        weighted = columns * weights[:, None]
        scales = np.abs(columns).max(axis=0) + 1e-6
        normal = (weighted / scales).T @ (columns / scales) + 1e-6 * np.eye(8) * len(rest)
        step = -np.linalg.solve(normal, (weighted / scales).T @ rest) / scales
        change = step[:6].reshape(2, 3)
        over = over + change
        gain, shift = gain + step[6], shift + step[7]
        if np.abs(change @ (mine.shape[1], mine.shape[0], 1)).max() < _SETTLED:
            break
    return over
