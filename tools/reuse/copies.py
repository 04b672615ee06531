"""What somebody does to a photo to use it once more: each way with its name, the same for the same seed."""

import math
import random
from collections.abc import Callable, Iterator
from io import BytesIO

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Change = Callable[[Image.Image, random.Random], Image.Image]


def changes() -> Iterator[tuple[str, Change]]:
    """Every way that is tried, by name; `crop` takes that part of the width and of the height away."""
    for percent in (5, 10, 20, 30):
        yield f"crop {percent} %", lambda image, dice, part=percent / 100: crop(image, part, dice)
    for quality in (95, 70, 50, 30):
        yield f"JPEG quality {quality}", lambda image, _dice, quality=quality: jpeg(image, quality)
    yield "resize to 25 %", lambda image, _dice: smaller(image, 0.25)
    yield "mirror", lambda image, _dice: ImageOps.mirror(image)
    for percent in (-30, -15, 15, 30):
        yield f"brightness {percent:+d} %", lambda image, _dice, by=1 + percent / 100: brighter(image, by)
    for degrees in (1, 2, 3, 5):
        yield f"rotation {degrees}°", lambda image, dice, by=degrees: turned(image, dice.choice((-by, by)))
    yield "watermark, date in a corner", lambda image, _dice: stamped(image)
    yield "watermark, strip below", lambda image, _dice: stripped(image)
    yield "watermark, words across", lambda image, _dice: marked(image)
    yield "mirror, crop 10 %, quality 50", lambda image, dice: jpeg(crop(ImageOps.mirror(image), 0.1, dice), 50)
    yield "rotation 2°, crop 15 %, +15 %, 50 %", _everything


def _everything(image: Image.Image, dice: random.Random) -> Image.Image:
    return jpeg(smaller(brighter(crop(turned(image, 2), 0.15, dice), 1.15), 0.5), 70)


def crop(image: Image.Image, part: float, dice: random.Random) -> Image.Image:
    """Without that part of the width and of the height, taken from the sides as it falls."""
    width, height = (round(length * (1 - part)) for length in image.size)
    left, top = dice.randint(0, image.width - width), dice.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(BytesIO(out.getvalue()))


def smaller(image: Image.Image, factor: float) -> Image.Image:
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS)


def brighter(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """Turned, and cut so that no empty corner shows, as editors do."""
    across = image.height * abs(math.sin(math.radians(degrees))) / 2
    down = image.width * abs(math.sin(math.radians(degrees))) / 2
    box = round(across), round(down), round(image.width - across), round(image.height - down)
    return image.rotate(degrees, Image.Resampling.BICUBIC).crop(box)


def stamped(image: Image.Image) -> Image.Image:
    """The date in large figures, as cameras print it."""
    image, font = image.convert("RGB"), ImageFont.load_default(max(10, image.width // 18))
    place = image.width * 0.55, image.height * 0.88
    ImageDraw.Draw(image).text(place, "2026-11-22 10:24", font=font, fill=(255, 140, 0))
    return image


def stripped(image: Image.Image) -> Image.Image:
    """A dark strip with writing, as watermark cameras do."""
    image = image.convert("RGB")
    draw, font = ImageDraw.Draw(image, "RGBA"), ImageFont.load_default(max(9, image.width // 32))
    draw.rectangle((0, image.height * 0.86, image.width, image.height), fill=(0, 0, 0, 200))
    for row, words in enumerate(("Nanshan 2026-11-22 10:24 Sunday", "N 28.4123 E 112.8456 inspected")):
        place = image.width * 0.02, image.height * (0.87 + 0.06 * row)
        draw.text(place, words, font=font, fill=(255, 255, 255, 255))
    return image


def marked(image: Image.Image) -> Image.Image:
    """Half transparent words across the middle."""
    image = image.convert("RGB")
    draw, font = ImageDraw.Draw(image, "RGBA"), ImageFont.load_default(max(12, image.width // 12))
    draw.text((image.width * 0.08, image.height * 0.44), "FOR INSPECTION ONLY", font=font, fill=(255, 255, 255, 128))
    return image
