"""Invented photos that are all distinct, and many of them nearly not: the same number gives the same photo.

Of twenty pairs, nine show rooms (each room twice, from two standpoints a step apart), three the same goods on other
shelves, two tiled walls, two bare walls, two one printed form filled in differently by hand, and two screens of one
app with other content.
"""

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tools.reuse.copies import jpeg

SIZE = 640, 480
Colour = tuple[int, int, int]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def name_of(number: int) -> str:
    """What the photo of that number is called: its kind and number."""
    return f"{KINDS[number // 2 % len(KINDS)].__name__} {number}"


def photo(number: int, seed: int) -> tuple[str, Image.Image]:
    """The kind of the photo of that number, and the photo."""
    kind = KINDS[number // 2 % len(KINDS)]
    dice = random.Random(f"{seed} {number}")
    if kind is room:
        image = room(random.Random(f"{seed} room {number // 2}"), dice, second=bool(number % 2))
    else:
        image = kind(dice)
    return kind.__name__, jpeg(_taken(image, dice), dice.randint(60, 92)).convert("RGB")


def room(thing: random.Random, dice: random.Random, *, second: bool = False) -> Image.Image:
    """Things at different depths; for the second photo the camera stands a little further to one side and nearer."""
    aside, nearer = (dice.choice((-1, 1)) * dice.uniform(0.12, 0.4), dice.uniform(0.97, 1.06)) if second else (0, 1)
    width, height = SIZE
    image = Image.new("RGB", SIZE, _colour(thing, 120, 225))
    draw = ImageDraw.Draw(image)
    floor = round(height * (0.5 + (thing.uniform(0.6, 0.8) - 0.5) * nearer))
    draw.rectangle((0, floor, width, height), fill=_colour(thing, 60, 160))
    for depth in sorted((thing.uniform(1.5, 8) for _ in range(thing.randint(25, 60))), reverse=True):
        x, y = thing.uniform(-1.2, 1.2) * depth, thing.uniform(-0.7, 0.7) * depth
        w, h = thing.uniform(0.08, 0.9), thing.uniform(0.08, 0.9)
        scale = width / 2 / max(0.4, depth - (nearer - 1) * 4)
        left, top = width / 2 + (x - aside) * scale, height / 2 + y * scale
        _thing(draw, thing, (left, top, left + w * scale, top + h * scale))
    return image


def _thing(draw: ImageDraw.ImageDraw, thing: random.Random, box: tuple[float, float, float, float]) -> None:
    """A box, a round thing, or a box with stripes, panes or a word; drawn with as many dice wherever it stands."""
    left, top, right, bottom = box
    kind, colour, second, parts = thing.randrange(5), _colour(thing), _colour(thing), thing.randint(2, 5)
    word = "".join(thing.choices(LETTERS, k=5))
    if kind == 0:
        draw.ellipse(box, fill=colour, outline=second)
        return
    draw.rectangle(box, fill=colour, outline=second)
    for part in range(1, parts):
        if kind in (2, 3):
            x = left + (right - left) * part / parts
            draw.line((x, top, x, bottom), fill=second, width=2)
        if kind == 3:
            y = top + (bottom - top) * part / parts
            draw.line((left, y, right, y), fill=second, width=2)
    if kind == 4 and right - left > 24:
        draw.text((left + 3, top + 2), word, font=_font((right - left) / 4), fill=second)


def shelf(dice: random.Random) -> Image.Image:
    """Goods of one catalogue for all shelves: the same packages, in another order and from another distance."""
    image = Image.new("RGB", SIZE, _colour(dice, 150, 240))
    draw = ImageDraw.Draw(image)
    height = dice.randint(80, 150)
    y = dice.randint(-40, 20)
    while y < SIZE[1]:
        x = dice.randint(-60, 0)
        while x < SIZE[0]:
            goods = random.Random(f"package {dice.randrange(30)}")
            w, h = round(height * goods.uniform(0.35, 0.7)), round(height * goods.uniform(0.6, 0.9))
            for _facing in range(dice.randint(1, 4)):
                _package(draw, goods.getrandbits(32), (x, y + height - h, x + w, y + height))
                x += w + dice.randint(1, 4)
        draw.rectangle((0, y + height, SIZE[0], y + height + 8), fill=(90, 80, 70))
        y += height + 12
    return image


def _package(draw: ImageDraw.ImageDraw, seed: int, box: tuple[int, int, int, int]) -> None:
    goods, (left, top, right, bottom) = random.Random(seed), box
    w, h = right - left, bottom - top
    draw.rectangle(box, fill=_colour(goods))
    for _mark in range(4):
        x, y = left + goods.uniform(0, 0.7) * w, top + goods.uniform(0, 0.8) * h
        draw.rectangle((x, y, x + goods.uniform(0.1, 0.3) * w, y + goods.uniform(0.05, 0.2) * h), fill=_colour(goods))
    draw.text((left + 2, top + h * 0.4), "".join(goods.choices(LETTERS, k=4)), font=_font(w / 3), fill=_colour(goods))


def tiles(dice: random.Random) -> Image.Image:
    """Square tiles with joints, a few of them stained or broken."""
    tile, colour, joint = dice.randint(35, 110), _colour(dice, 170, 250), _colour(dice, 90, 160)
    image = Image.new("RGB", (SIZE[0] + 200, SIZE[1] + 200), joint)
    draw = ImageDraw.Draw(image)
    for top in range(0, image.height, tile):
        for left in range(0, image.width, tile):
            shade = dice.randint(-6, 6) if dice.random() > 0.04 else dice.randint(-80, -20)
            fill = tuple(max(0, min(255, part + shade)) for part in colour)
            draw.rectangle((left + 2, top + 2, left + tile - 2, top + tile - 2), fill=fill)
    for _stain in range(dice.randint(0, 5)):
        x, y, r = dice.randrange(image.width), dice.randrange(image.height), dice.randint(4, 30)
        draw.ellipse((x, y, x + r, y + r * dice.uniform(0.5, 2)), fill=_colour(dice, 60, 150))
    return _seen_aslant(image, dice, 0.12)


def wall(dice: random.Random) -> Image.Image:
    """White paint, light from one side, and sometimes a socket."""
    image = Image.new("RGB", SIZE, _colour(dice, 215, 245))
    if dice.random() < 0.5:
        x, y = dice.randrange(50, SIZE[0] - 90), dice.randrange(50, SIZE[1] - 90)
        socket = ImageDraw.Draw(image)
        socket.rounded_rectangle((x, y, x + 44, y + 44), 5, fill=(250, 250, 250), outline=(190, 190, 190))
    return image


def form(dice: random.Random) -> Image.Image:
    """One printed sheet for all, filled in by hand, and laid under the camera by hand."""
    printed = random.Random("form")
    image = Image.new("RGB", (SIZE[0] + 100, SIZE[1] + 100), (246, 244, 238))
    draw = ImageDraw.Draw(image)
    draw.text((240, 60), "PATROL RECORD FORM 7", font=_font(24), fill=(20, 20, 20))
    for row in range(11):
        y = 110 + row * 40
        draw.line((60, y, 680, y), fill=(60, 60, 60), width=2)
        words = " ".join("".join(printed.choices(LETTERS, k=printed.randint(3, 8))) for _ in range(2))
        draw.text((70, y + 12), words, font=_font(15), fill=(30, 30, 30))
        _handwriting(draw, dice, 260, y + 22)
    for x in (60, 250, 680):
        draw.line((x, 110, x, 510), fill=(60, 60, 60), width=2)
    return _seen_aslant(image, dice, 0.06)


def _handwriting(draw: ImageDraw.ImageDraw, dice: random.Random, x: float, y: float) -> None:
    ink = dice.choice(((20, 30, 120), (15, 15, 20)))
    for _stroke in range(dice.randint(6, 40)):
        to_x, to_y = x + dice.uniform(2, 12), y + dice.uniform(-11, 11)
        draw.line((x, y + dice.uniform(-11, 11), to_x, to_y), fill=ink, width=2)
        x = to_x


def screen(dice: random.Random) -> Image.Image:
    """A page of one app: the same bar, menu and buttons, another list. Pixel on pixel, for nobody holds a camera."""
    image = Image.new("RGB", SIZE, (245, 246, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 46), fill=(24, 110, 90))
    draw.text((16, 10), "Records of today", font=_font(22), fill=(255, 255, 255))
    draw.rectangle((0, SIZE[1] - 50, SIZE[0], SIZE[1]), fill=(255, 255, 255))
    for number, name in enumerate(("Home", "Places", "Photos", "Me")):
        draw.text((60 + 150 * number, SIZE[1] - 38), name, font=_font(18), fill=(90, 90, 90))
    for row in range(5):
        y = 56 + row * 74
        draw.rounded_rectangle((10, y, SIZE[0] - 10, y + 66), 8, fill=(255, 255, 255), outline=(220, 220, 220))
        draw.rectangle((20, y + 8, 72, y + 58), fill=_colour(dice))
        _package(draw, dice.getrandbits(32), (24, y + 12, 68, y + 54))
        title = " ".join("".join(dice.choices(LETTERS, k=dice.randint(3, 9))) for _ in range(dice.randint(2, 4)))
        draw.text((86, y + 8), title, font=_font(18), fill=(30, 30, 30))
        draw.text((86, y + 36), f"2026-11-{dice.randint(1, 28):02} {dice.randint(8, 18):02}:{dice.randint(0, 59):02}",
                  font=_font(14), fill=(130, 130, 130))  # fmt: skip
    return image


KINDS: tuple[Callable[..., Image.Image], ...] = (
    room, shelf, room, tiles, room, wall, room, form, room, screen,
    room, shelf, room, tiles, room, wall, room, form, shelf, screen,
)  # fmt: skip


_NOISE = np.random.default_rng(20261122).normal(0, 1, (SIZE[1] + 300, SIZE[0] + 300)).astype(np.float32)


def _taken(image: Image.Image, dice: random.Random) -> Image.Image:
    """What a camera adds: light falling off to one side, softness, noise."""
    pixels = np.asarray(image, dtype=np.float32)
    height, width = pixels.shape[:2]
    top, left, strength = dice.randrange(300), dice.randrange(300), dice.uniform(1, 5)
    noise = _NOISE[top : top + height, left : left + width, None] * np.float32(strength)
    slope = np.linspace(1 - dice.uniform(0, 0.25), 1, width, dtype=np.float32)[None, :, None]
    pixels = pixels * (slope if dice.random() < 0.5 else slope[:, ::-1])
    softened = Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    return softened.filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 1.1)))


def _seen_aslant(image: Image.Image, dice: random.Random, by: float) -> Image.Image:
    """The flat thing through a camera that nobody holds quite straight."""
    width, height = image.size
    moved = [(dice.uniform(0, by) * width, dice.uniform(0, by) * height) for _corner in range(4)]
    (a, b), (c, d), (e, f), (g, h) = moved
    corners = (a, b, c, height - d, width - e, height - f, width - g, h)
    return image.transform(SIZE, Image.Transform.QUAD, corners, Image.Resampling.BILINEAR)


def _colour(dice: random.Random, least: int = 0, most: int = 255) -> Colour:
    return dice.randint(least, most), dice.randint(least, most), dice.randint(least, most)


_FONTS: dict[int, ImageFont.FreeTypeFont | ImageFont.ImageFont] = {}


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    whole = max(6, min(60, round(size)))
    if whole not in _FONTS:
        _FONTS[whole] = ImageFont.load_default(whole)
    return _FONTS[whole]
