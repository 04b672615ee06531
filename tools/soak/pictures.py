"""The photos of a soak: made from real ones at 3 to 12 MB, each a file of its own; and the real ones as they are."""

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

import pillow_heif
from PIL import Image

from app.core.settings import Settings
from app.demo.pictures import draw_scene
from tools.bench.places import SALT, SECRET

pillow_heif.register_heif_opener()
KINDS = {".jpg", ".jpeg", ".png", ".heic", ".heif", ".webp"}
MB = 1_000_000
SMALLEST, LARGEST = 3 * MB, 12 * MB
DRAWN = 6
MOST_ORIGINALS = 8  # a folder may hold thousands
MOST_PIXELS = 48_000_000
QUALITY = 92


@dataclass(frozen=True)
class Picture:
    """A photo on the phone, before any browser has seen it."""

    path: Path
    sha256: str
    size: int

    @classmethod
    def at(cls, path: Path) -> "Picture":
        data = path.read_bytes()
        return cls(path, hashlib.sha256(data).hexdigest(), len(data))


class NoPhotos(Exception):
    """Nothing in the folder can be opened as a photo."""


def draw(folder: Path) -> Path:
    """A few drawn scenes instead of photos, for those who have none at hand; gives `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings.from_env(
        {"XUNCHA_DATA": str(folder), "XUNCHA_SECRET_KEY": SECRET, "XUNCHA_PASSWORD_SALT": SALT}
    )
    for number in range(DRAWN):
        (folder / f"DRAWN_{number + 1}.jpg").write_bytes(draw_scene(f"场所 {number + 1}", number, settings))
    return folder


def originals(folder: Path, chance: random.Random) -> list[Path]:
    """Some photos of the folder, the same for the same seed. Raises NoPhotos."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in KINDS and path.is_file())
    chance.shuffle(files)
    found = [path for path in files[: 3 * MOST_ORIGINALS] if _opens(path)][:MOST_ORIGINALS]
    if not found:
        raise NoPhotos(f"no photo in {folder}")
    return found


def make(
    count: int, sources: list[Path], folder: Path, chance: random.Random, *, sizes: tuple[int, int]
) -> list[Picture]:
    """`count` photos of about so many bytes (at least `sizes[0]`, at most `sizes[1]`), written into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number in range(count):
        source = sources[number % len(sources)]
        path = folder / f"IMG_{number + 1:04d}.jpg"
        _write(source, path, sizes, chance)
        pictures.append(Picture.at(path))
    return pictures


def _write(source: Path, target: Path, sizes: tuple[int, int], chance: random.Random) -> None:
    """Scaled until the file has the size drawn for it; with grain, as a phone's small sensor gives it."""
    smallest, largest = sizes
    wanted = chance.uniform(smallest * 1.05, largest * 0.95)
    with Image.open(source) as opened:
        photo = opened.convert("RGB")
    area = wanted / 0.6  # pixels, at a guess of 0.6 bytes for each
    grain = Image.effect_noise((800, 800), 60).convert("RGB")
    for _try in range(8):
        scale = (min(area, MOST_PIXELS) / (photo.width * photo.height)) ** 0.5
        image = photo.resize((max(1, round(photo.width * scale)), max(1, round(photo.height * scale))))
        _add_grain(image, grain, chance)
        image.save(target, "JPEG", quality=QUALITY, comment=f"soak {chance.getrandbits(64):016x}".encode())
        size = target.stat().st_size
        if smallest <= size <= largest and abs(size - wanted) < wanted / 8:
            return
        area *= wanted / size
    raise NoPhotos(f"{source.name} cannot be made into {smallest / MB:.1f} to {largest / MB:.1f} MB")


def _add_grain(image: Image.Image, grain: Image.Image, chance: random.Random) -> None:
    """One sheet of grain laid over all of it, piece by piece."""
    for left in range(0, image.width, grain.width):
        for top in range(0, image.height, grain.height):
            box = (left, top, min(image.width, left + grain.width), min(image.height, top + grain.height))
            piece = grain.crop((0, 0, box[2] - left, box[3] - top))
            image.paste(Image.blend(image.crop(box), piece, chance.uniform(0.12, 0.2)), box)


def _opens(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            image.load()
            return image.width * image.height <= MOST_PIXELS
    except (OSError, ValueError, Image.DecompressionBombError):
        return False
