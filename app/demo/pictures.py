"""Drawn pictures instead of photos: an installation for trial shows nobody's kitchen."""

import io
import random

from PIL import Image, ImageDraw, ImageFont

from app.core.settings import Settings

_GROUNDS = ("#6d8f83", "#8a7f6c", "#5f7f98", "#98705f", "#7b8a5c", "#83709a")


def draw_scene(text: str, seed: int, settings: Settings) -> bytes:
    """A JPEG of 1280 × 960 with a simple room and the words 演示照片, different for each `seed`."""
    dice = random.Random(seed)
    image = Image.new("RGB", (1280, 960), dice.choice(_GROUNDS))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 640, 1280, 960), fill="#c9c2b4")
    for _ in range(9):
        left, top = dice.randrange(40, 1100), dice.randrange(330, 760)
        side = dice.randrange(80, 200)
        colour = tuple(dice.randrange(90, 230) for _ in range(3))
        draw.rounded_rectangle((left, top, left + side, top + side), 8, fill=colour, outline="#3a3a3a", width=3)
    font = _font(settings, 64)
    draw.text((48, 40), "演示照片 DEMO", font=font, fill="white", stroke_width=3, stroke_fill="#222222")
    draw.text((48, 130), text[:18], font=_font(settings, 46), fill="white", stroke_width=2, stroke_fill="#222222")
    data = io.BytesIO()
    image.save(data, "JPEG", quality=82)
    return data.getvalue()


def draw_signature(seed: int) -> bytes:
    """A PNG scribble as a finger draws it."""
    dice = random.Random(seed)
    image = Image.new("RGBA", (640, 240), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    for start in (60, 230, 400):
        points = [(start + step * 14, 120 + dice.randrange(-70, 70)) for step in range(11)]
        draw.line(points, fill="#14211d", width=6, joint="curve")
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def _font(settings: Settings, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for folder in (settings.font_dir, settings.font_dir.parent):
        path = folder / "NotoSansSC-Regular.ttf"
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
