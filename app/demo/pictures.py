"""Drawn pictures instead of photos: an installation for trial shows nobody's kitchen."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from app.core.settings import Settings

WIDTH, HEIGHT, FLOOR = 1280, 960, 690
_WALLS = (
    (214, 221, 216),
    (222, 215, 203),
    (206, 216, 222),
    (219, 210, 206),
    (211, 217, 201),
    (216, 212, 222),
)
_GOODS = (
    (176, 84, 62),
    (201, 154, 74),
    (92, 122, 104),
    (84, 108, 140),
    (160, 140, 118),
    (120, 92, 84),
    (196, 190, 176),
)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_scene(text: str, seed: int, settings: Settings) -> bytes:
    """A JPEG of 1280 × 960: a storeroom that does not exist, with the words 演示照片; different for each `seed`."""
    dice = random.Random(seed)
    image = Image.new("RGB", (WIDTH, HEIGHT), dice.choice(_WALLS))
    draw = ImageDraw.Draw(image)
    _tiles(draw, dice)
    for level in (260, 460, FLOOR - 24):
        _shelf(draw, dice, level)
    _boxes(draw, dice)
    image = _lit(image.filter(ImageFilter.GaussianBlur(1.4)), dice)
    _words(ImageDraw.Draw(image), text, settings)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=82)
    return data.getvalue()


def _tiles(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    """A tiled wall and a floor."""
    joint = tuple(dice.randrange(176, 196) for _ in range(3))
    for x in range(dice.randrange(0, 80), WIDTH, 96):
        draw.line((x, 0, x, FLOOR), fill=joint, width=3)
    for y in range(40, FLOOR, 96):
        draw.line((0, y, WIDTH, y), fill=joint, width=3)
    shade = dice.randrange(112, 150)
    draw.rectangle((0, FLOOR, WIDTH, HEIGHT), fill=(shade, shade - 6, shade - 16))
    for x in range(-600, WIDTH + 600, 170):
        draw.line((WIDTH / 2 + (x - WIDTH / 2) * 0.6, FLOOR, x, HEIGHT), fill=(shade - 18,) * 3, width=3)


def _shelf(draw: ImageDraw.ImageDraw, dice: random.Random, level: int) -> None:
    """A board with goods on it: jars, boxes, bottles."""
    left, right = dice.randrange(60, 160), WIDTH - dice.randrange(60, 160)
    x = left + 20
    while x < right - 110:
        colour = dice.choice(_GOODS)
        dark, light = tuple(c - 36 for c in colour), tuple(min(255, c + 44) for c in colour)
        width, height = dice.randrange(52, 112), dice.randrange(70, 150)
        top = level - height
        if dice.random() < 0.4:  # a jar with its lid and label
            draw.rounded_rectangle((x, top, x + width, level), 16, fill=colour)
            draw.rectangle((x + 6, top - 12, x + width - 6, top + 8), fill=dark)
            draw.rectangle(
                (x + 8, top + height // 3, x + width - 8, top + height * 2 // 3), fill=(240, 236, 226)
            )
        else:
            draw.rectangle((x, top, x + width, level), fill=colour)
            draw.rectangle((x, top, x + width, top + height // 6), fill=light)
            draw.rectangle((x + width * 3 // 4, top, x + width, level), fill=dark)
        x += width + dice.choice((6, 10, 34))
    draw.rectangle((left, level, right, level + 18), fill=(134, 138, 142))
    draw.rectangle((left, level + 14, right, level + 20), fill=(96, 100, 104))


def _boxes(draw: ImageDraw.ImageDraw, dice: random.Random) -> None:
    """Sacks and cartons on the floor."""
    for _ in range(dice.randrange(2, 5)):
        x, side = dice.randrange(80, 1000), dice.randrange(130, 220)
        y = dice.randrange(FLOOR + 40, HEIGHT - 60) - side // 2
        draw.ellipse((x - 14, y + side - 22, x + side + 30, y + side + 24), fill=(88, 84, 78))
        draw.polygon([(x, y), (x + 28, y - 30), (x + side + 28, y - 30), (x + side, y)], fill=(206, 176, 132))
        draw.rectangle((x, y, x + side, y + side), fill=(184, 150, 104))
        draw.polygon(
            [(x + side, y), (x + side + 28, y - 30), (x + side + 28, y + side - 30), (x + side, y + side)],
            fill=(150, 118, 80),
        )
        draw.rectangle((x + side // 2 - 12, y, x + side // 2 + 12, y + side), fill=(166, 132, 88))


def _lit(image: Image.Image, dice: random.Random) -> Image.Image:
    """One lamp above: bright in the middle, darker in the corners, a little grain."""
    glow = Image.radial_gradient("L").resize((WIDTH * 3 // 2, HEIGHT * 3 // 2))
    left, top = dice.randrange(0, WIDTH // 2), dice.randrange(0, HEIGHT // 3)
    shade = glow.crop((left, top, left + WIDTH, top + HEIGHT)).point([n * 2 // 5 for n in range(256)])
    image = Image.composite(Image.new("RGB", image.size, (34, 30, 26)), image, shade)
    return Image.blend(image, Image.effect_noise(image.size, 40).convert("RGB"), 0.06)


def _words(draw: ImageDraw.ImageDraw, text: str, settings: Settings) -> None:
    """In the middle, so that a square crop keeps them."""
    size = min(54, 880 // max(1, len(text[:18])))
    draw.text(
        (WIDTH / 2, 96),
        "演示照片 DEMO",
        font=_font(settings, 76),
        fill="white",
        anchor="mm",
        stroke_width=5,
        stroke_fill="#26302c",
    )
    draw.text(
        (WIDTH / 2, 176),
        text[:18],
        font=_font(settings, size),
        fill="white",
        anchor="mm",
        stroke_width=4,
        stroke_fill="#26302c",
    )


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


def _font(settings: Settings, size: int) -> Font:
    for folder in (settings.font_dir, settings.font_dir.parent):
        path = folder / "NotoSansSC-Regular.ttf"
        if path.exists():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
