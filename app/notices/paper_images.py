"""Pictures as the paper takes them: upright, without EXIF, small enough for the printer."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

LONGEST_EDGE = 1000  # pixels on A4; derived photos come so already
MOST_PIXELS = 60_000_000
QUALITY = 80
_BROKEN = (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Picture:
    data: bytes
    ending: str
    width: int
    height: int


def for_a4(data: bytes) -> Picture | None:
    """A plain JPEG of fitting size goes in as it is; anything else is made one. None: cannot be read."""
    try:
        with Image.open(BytesIO(data)) as image:
            plain = image.format == "JPEG" and image.mode in {"RGB", "L"} and not image.getexif()
            if plain and max(image.size) <= LONGEST_EDGE * 1.7:
                picture = Picture(data, "jpg", *image.size)
                image.draft(None, (1, 1))  # little work, yet every byte is read: a cut-off file shows
                image.load()
                return picture
            return _jpeg(image, (LONGEST_EDGE, LONGEST_EDGE), "RGB")
    except _BROKEN:
        return None


def for_strip(data: bytes, dots: int) -> Picture | None:
    """Grey, `dots` wide at most: what a thermal print head can show. None: cannot be read."""
    try:
        with Image.open(BytesIO(data)) as image:
            image.draft("L", (dots, dots))
            return _jpeg(image, (dots, dots), "L")
    except _BROKEN:
        return None


def signature_png(data: bytes) -> Picture | None:
    """The drawn signature, cropped to its ink, black on nothing. None: cannot be read, or nothing is drawn."""
    try:
        with Image.open(BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            drawn = image.convert("RGBA")
    except _BROKEN:
        return None
    ink = Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("L")
    ink = ImageOps.invert(ink)
    box = ink.point(lambda tone: 255 if tone > 32 else 0).getbbox()
    if box is None:
        return None
    ink = ink.crop(box)
    out = BytesIO()
    Image.merge("LA", (Image.new("L", ink.size, 0), ink)).save(out, "PNG")
    return Picture(out.getvalue(), "png", *ink.size)


def _jpeg(image: Image.Image, most: tuple[int, int], mode: str) -> Picture:
    if image.width * image.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail(most)
    out = BytesIO()
    upright.convert(mode).save(out, "JPEG", quality=QUALITY)
    return Picture(out.getvalue(), "jpg", *upright.size)
