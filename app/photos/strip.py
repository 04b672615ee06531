"""The strip under a large view: place, time, inspector, number and hash travel with the picture when it is shared.

It stands below the picture, so that it hides nothing of the evidence.
"""

import hashlib
import unicodedata
from dataclasses import astuple, dataclass

from PIL import Image, ImageDraw, ImageFont

from app.photos.fonts import FontShelf

DESIGN = "1"  # raise it when the drawing changes, and the views are made again
GROUND, INK = (17, 24, 21), (255, 255, 255)
NARROWEST = 480  # pixels; a thinner picture stands in the middle of this width
MOST_LINES = 4
MOST_CHARACTERS = 80  # of one part
BETWEEN = "  ·  "


@dataclass(frozen=True)
class Strip:
    """What is burnt in, as finished text in the language of the record. Empty parts are left out."""

    place: str = ""
    time: str = ""
    inspector: str = ""
    number: str = ""  # of the notice or the inspection
    short_hash: str = ""  # the first eight of the SHA-256

    @property
    def parts(self) -> list[str]:
        return [part for part in map(_plain, astuple(self)) if part]

    @property
    def digest(self) -> str:
        """Names the text and its drawing: another text is another view."""
        return hashlib.sha256("\n".join((DESIGN, *self.parts)).encode()).hexdigest()[:16]


def with_strip(image: Image.Image, strip: Strip, shelf: FontShelf) -> Image.Image:
    """The picture with the strip below it."""
    width = max(image.width, NARROWEST)
    size = max(14, min(30, width // 54))
    padding, leading = size // 2, size * 3 // 2
    pen = Pen(shelf, size)
    lines = _lines(strip.parts, pen, width - 2 * padding)
    canvas = Image.new("RGB", (width, image.height + 2 * padding + leading * len(lines)), GROUND)
    canvas.paste(image, ((width - image.width) // 2, 0))
    draw = ImageDraw.Draw(canvas)
    for number, line in enumerate(lines):
        pen.write(draw, padding, image.height + padding + leading * number, line)
    return canvas


class Pen:
    """Writes text of several fonts on one line."""

    def __init__(self, shelf: FontShelf, size: int) -> None:
        self.shelf = shelf
        self.size = size

    def width(self, text: str) -> float:
        return sum(font.getlength(piece) for piece, font in self._runs(text))

    def write(
        self, draw: ImageDraw.ImageDraw, left: float, top: int, text: str, ink: tuple[int, int, int] = INK
    ) -> None:
        for piece, font in self._runs(text):
            draw.text((left, top + self.size), piece, fill=ink, font=font, anchor="ls")
            left += font.getlength(piece)

    def _runs(self, text: str) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        runs = []
        for piece, file in self.shelf.runs(text):
            if file is None:  # no usable font on this machine: Pillow's own has Latin letters
                font = ImageFont.load_default(self.size)
                assert isinstance(font, ImageFont.FreeTypeFont)
                runs.append((piece, font))
            else:
                runs.append((piece, file.at(self.size)))
        return runs


def _lines(parts: list[str], pen: Pen, room: float) -> list[str]:
    """As many parts on a line as fit; a part longer than a line is broken between characters."""
    lines: list[str] = []
    for part in parts:
        joined = f"{lines[-1]}{BETWEEN}{part}" if lines else part
        if pen.width(joined) <= room:
            lines[-1:] = [joined]
        else:
            lines.extend(broken(part, pen, room))
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [lines[MOST_LINES - 1][:-1] + "…"]
    return lines


def broken(part: str, pen: Pen, room: float) -> list[str]:
    """The text in lines of at most `room` pixels, broken between characters."""
    pieces, piece = [], ""
    for character in part:
        if piece and pen.width(piece + character) > room:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def _plain(text: str) -> str:
    """One line without control, direction or joining signs, cut to a bearable length."""
    kept = "".join(
        " " if sign.isspace() else sign
        for sign in text
        if sign.isspace() or unicodedata.category(sign)[0] != "C"
    )
    flat = " ".join(kept.split())
    return flat if len(flat) <= MOST_CHARACTERS else flat[: MOST_CHARACTERS - 1] + "…"
