"""What the public is not to see of a photo: rectangles over faces and plates.

They are told in ten-thousandths of the upright picture. A covered rectangle becomes a few flat squares: averages
over large parts, in few tones, so nothing of what was there can be worked out again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from PIL import Image

from app.core.errors import N_, Invalid

WHOLE = 10_000  # ten-thousandths of the picture's width or height
MOST = 40  # rectangles on one photo
LEAST = 50  # ten-thousandths: a tap that slipped covers nothing
SQUARES = 4  # along the longer edge of a rectangle
TONE = 48  # steps in which each colour is told
DESIGN = "1"  # raise it when the drawing changes


class Box(NamedTuple):
    """One rectangle."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


def read_boxes(raw: Iterable[Any]) -> list[Box]:
    """The rectangles of what was sent, cut to the picture, each once, in one order. Raises Invalid."""
    found = set()
    for one in raw:
        try:
            left, top, width, height = (round(float(part)) for part in one)
        except (TypeError, ValueError, OverflowError):
            raise Invalid(N_("A rectangle is four numbers."), field="boxes") from None
        right, bottom = min(left + width, WHOLE), min(top + height, WHOLE)
        left, top = max(left, 0), max(top, 0)
        if right - left >= LEAST and bottom - top >= LEAST:
            found.add(Box(left, top, right - left, bottom - top))
    if len(found) > MOST:
        raise Invalid(N_("At most %(most)s places can be covered on one photo."), field="boxes", most=MOST)
    return sorted(found)


def version_of(covers: Sequence[Box]) -> str:
    """Names these rectangles and their drawing: others are another picture."""
    said = ";".join([DESIGN, *(",".join(map(str, box)) for box in covers)])
    return hashlib.sha256(said.encode()).hexdigest()[:10]


def cover(image: Image.Image, covers: Sequence[Box]) -> Image.Image:
    """The picture with the rectangles gone; itself where there are none."""
    if not covers:
        return image
    covered = image.convert("RGB")
    for box in covers:
        area = (
            box.left * image.width // WHOLE,
            box.top * image.height // WHOLE,
            -(-box.right * image.width // WHOLE),
            -(-box.bottom * image.height // WHOLE),
        )
        covered.paste(_squares(covered.crop(area)), area)
    return covered


def _squares(part: Image.Image) -> Image.Image:
    width, height = part.size
    longer = max(width, height)
    few = max(1, round(SQUARES * width / longer)), max(1, round(SQUARES * height / longer))
    flat = part.resize(few, Image.Resampling.BOX).point(lambda tone: min(255, tone // TONE * TONE + TONE // 2))
    return flat.resize(part.size, Image.Resampling.NEAREST)
