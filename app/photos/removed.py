"""The card in a deleted photo's place: when it went, and the hash that stays."""

from PIL import Image, ImageDraw

from app.core import clock
from app.core.errors import N_
from app.photos.fonts import FontShelf
from app.photos.models import Photo
from app.photos.strip import Pen, broken
from app.web.i18n import both

GROUND, INK = (232, 236, 233), (45, 55, 50)
WORDS = N_("Deleted after its period")


def card(photo: Photo, edge: int, shelf: FontShelf) -> Image.Image:
    """As wide as the view would be at most; the same for every reader, so in both languages."""
    assert photo.removed_at is not None
    width, height = edge, edge * 3 // 4
    pen = Pen(shelf, max(16, edge // 22))
    canvas = Image.new("RGB", (width, height), GROUND)
    draw = ImageDraw.Draw(canvas)
    whole = edge > 800  # a small view names the beginning of the hash
    said = [*both(WORDS).split(" / "), f"{clock.local(photo.removed_at):%Y-%m-%d}", f"SHA-256 {photo.short_hash}…"]
    said[3:] = [f"SHA-256 {photo.sha256}"] if whole else said[3:]
    margin = pen.size
    lines = [line for text in said for line in broken(text, pen, width - 2 * margin)]
    leading = pen.size * 8 // 5
    top = max(0, (height - leading * len(lines)) // 2)
    for number, line in enumerate(lines):
        pen.write(draw, int((width - pen.width(line)) / 2), top + number * leading, line, INK)
    draw.rectangle((0, 0, width - 1, height - 1), outline=INK)
    return canvas
