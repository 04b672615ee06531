"""The product's own index on a database of its own: filled with distinct photos, then asked for changed ones."""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image

from app.core.database import transaction
from app.photos import likeness
from app.photos.decode import decoding, media_type_of, open_picture, upright_orientation
from app.photos.likeness import Places
from app.photos.likeness_work import Copy, copies_of, put_in
from app.photos.views import TURNS
from tools.reuse import scenes
from tools.reuse.copies import changes

WORKING_EDGE = 1600  # pixels: what is changed is the plain view, not twelve megapixels
BATCH = 200
Described = tuple[str, Places, Image.Image]  # name, places, base


@dataclass
class Tally:
    """How it went with one way of changing photos."""

    asked: int = 0
    found: int = 0
    false_pairs: int = 0
    missed: list[str] = field(default_factory=list)
    least: float = 1.0  # the lowest agreement of those found

    def add(self, name: str, wanted: str, copies: Sequence[Copy]) -> None:
        self.asked += 1
        hit = next((copy for copy in copies if copy.match.sha256 == wanted), None)
        self.false_pairs += len(copies) - (hit is not None)
        if hit is None:
            self.missed.append(name)
        else:
            self.found += 1
            self.least = min(self.least, hit.agreement)

    @property
    def recall(self) -> float:
        return self.found / self.asked if self.asked else 1.0


@dataclass(frozen=True)
class Falsehood:
    """Two distinct photos that were taken for one."""

    one: str
    other: str
    copy: Copy


class Shelf:
    """The photos in the index by name, and how their pictures are had again."""

    def __init__(self, seed: int) -> None:
        self.seed, self.real = seed, dict[str, Image.Image]()
        self.bases: dict[str, Image.Image] = {}  # 64 KB each

    def base(self, name: str) -> Image.Image | None:
        return self.bases.get(name)

    def picture(self, name: str) -> Image.Image:
        if name in self.real:
            return self.real[name]
        return scenes.photo(int(name.rsplit(" ", 1)[1]), self.seed)[1]

    def copies(self, name: str, image: Image.Image) -> list[Copy]:
        base = likeness.base_of(image)
        return copies_of(name, likeness.places_of(base), base, self.base)


def fill(shelf: Shelf, count: int, say: Callable[[str], None]) -> Iterator[Falsehood]:
    """Put the real photos and `count` invented ones into the index and compare each with all the others there."""
    for name, image in shelf.real.items():
        base = likeness.base_of(image)
        yield from _compared(shelf, [(name, likeness.places_of(base), base)])
    with ProcessPoolExecutor(2) as pool:
        described = pool.map(partial(_described, shelf.seed), range(count), chunksize=25)
        batch: list[Described] = []
        for done, one in enumerate(described, start=1):
            batch.append(one)
            if len(batch) == BATCH or done == count:
                yield from _compared(shelf, batch)
                say(f"{done} invented photos in the index")
                batch = []


def _described(seed: int, number: int) -> Described:
    kind, image = scenes.photo(number, seed)
    base = likeness.base_of(image)
    return f"{kind} {number}", likeness.places_of(base), base


def _compared(shelf: Shelf, batch: Sequence[Described]) -> Iterator[Falsehood]:
    with transaction():
        for name, places, base in batch:
            put_in(name, places)
            shelf.bases[name] = base
    for name, places, base in batch:
        for copy in copies_of(name, places, base, shelf.base):
            yield Falsehood(name, copy.match.sha256, copy)


def ask(shelf: Shelf, names: Sequence[str]) -> dict[str, Tally]:
    """Change each of these photos in every way and look it up, as if it came again."""
    tallies: dict[str, Tally] = {}
    for name in names:
        image = shelf.picture(name)
        for way, change in changes():
            changed = change(image, random.Random(f"{shelf.seed} {name} {way}"))
            copies = shelf.copies(f"{name} again", changed)
            tallies.setdefault(way, Tally()).add(name, name, copies)
    return tallies


def read(folder: Path) -> Iterator[tuple[str, Image.Image | None]]:
    """The photos of a folder, upright; None for a file that is none."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        try:
            yield str(path.relative_to(folder)), _picture(path)
        except Exception:  # noqa: BLE001 - decoders fed with anything raise anything
            yield str(path.relative_to(folder)), None


def _picture(path: Path) -> Image.Image | None:
    with path.open("rb") as file:
        media_type = media_type_of(file.read(32))
        if media_type is None:
            return None
        file.seek(0)
        with decoding():
            image = open_picture(file, media_type)
            turn = TURNS.get(upright_orientation(image, media_type))
            image.draft("RGB", (WORKING_EDGE, WORKING_EDGE))
            whole = image.convert("RGB")
    whole.thumbnail((WORKING_EDGE, WORKING_EDGE))
    return whole if turn is None else whole.transpose(turn)
