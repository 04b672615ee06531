"""Photos to measure with: the real one when it is there, else drawn; each copy with its own hash."""

import itertools
from io import BytesIO
from pathlib import Path

from PIL import Image

from app.core.settings import project_root

REAL = project_root().parent / "shared/photos/HMD_Nokia_8.3_5G.jpg"
_count = itertools.count(1)


def twelve_megapixels() -> bytes:
    """A phone's original of about twelve megapixels."""
    if REAL.is_file():
        with Image.open(REAL) as image:
            size = image.size
        if size[0] * size[1] > 11_000_000:
            return REAL.read_bytes()
    return _jpeg(_scene((4000, 3000)), 88)


def about(kilobytes: int) -> bytes:
    """A photo as the phone reduces it (2560 px), at the quality that comes nearest to `kilobytes`."""
    image = Image.open(BytesIO(twelve_megapixels())).convert("RGB")
    image.thumbnail((2560, 2560))
    tries = (_jpeg(image, quality) for quality in range(30, 96, 5))
    return min(tries, key=lambda data: abs(len(data) - kilobytes * 1000))


def of_thirty_megabytes(folder: Path) -> bytes:
    """A JPEG of 48 megapixels just under 30 MB, the largest that is taken; kept in `folder`."""
    path = folder / "thirty.jpg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        image = _scene((8000, 6000))
        data = next(data for quality in range(95, 10, -3) if len(data := _jpeg(image, quality)) < 29_000_000)
        path.write_bytes(_padded(data, 30 * 1024 * 1024 - 70_000))
    return path.read_bytes()


def another(data: bytes) -> bytes:
    """The same picture as another file: a comment of a few bytes right after the start of the JPEG."""
    comment = b"bench %020d" % next(_count)
    return data[:2] + _segment(comment) + data[2:]


def _segment(comment: bytes) -> bytes:
    return b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment


def _padded(data: bytes, size: int) -> bytes:
    """Comments up to `size` bytes, as some makers fill their files."""
    block = _segment(b"\0" * 65_000)
    return data[:2] + block * max(0, (size - len(data)) // len(block)) + data[2:]


def _scene(size: tuple[int, int]) -> Image.Image:
    """Something with the detail of a photo: noise over soft areas."""
    areas = Image.radial_gradient("L").resize(size)
    noise = Image.effect_noise(size, 40)
    return Image.merge("RGB", (areas, Image.blend(areas, noise, 0.5), noise))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
