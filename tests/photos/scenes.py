"""Invented rooms to photograph: enough to see in them, and different from each other."""

import random

from PIL import Image, ImageDraw, ImageFilter


def room(seed: int, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A room full of things. The same seed gives the same room."""
    dice = random.Random(seed)
    width, height = size
    image = Image.new("RGB", size, tuple(dice.randrange(120, 220) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _thing in range(140):
        x, y = dice.randrange(width), dice.randrange(height)
        w, h = dice.randrange(8, width // 5), dice.randrange(8, height // 5)
        colour = tuple(dice.randrange(256) for _ in range(3))
        shape = dice.choice((draw.rectangle, draw.ellipse))
        shape((x - w // 2, y - h // 2, x + w // 2, y + h // 2), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(1.2))
