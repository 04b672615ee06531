"""The photos that stand in the index: those of a folder and the invented ones, each by its name.

Inventing ten thousand photos takes minutes, so what is compared of them is kept in the system's temporary folder and
made anew when the scenes change.
"""

import hashlib
import inspect
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from app.photos import likeness
from app.photos.decode import decoding, media_type_of, open_picture, upright_orientation
from app.photos.views import TURNS
from tools.reuse import copies, scenes

WORKING_EDGE = 1600  # pixels: what is changed is the plain view, not twelve megapixels
CHUNK = 125  # photos
CACHE = Path(tempfile.gettempdir()) / "xuncha-reuse"


class Shelf:
    """Photos by name; the same for the same seed in whichever process."""

    def __init__(self, photos: Path, seed: int, invented: int) -> None:
        self.seed, self.invented = seed, invented
        self.real, self.no_photos = dict[str, Path](), list[str]()
        for path in sorted(one for one in photos.rglob("*") if one.is_file()):
            name = str(path.relative_to(photos))
            try:
                read(path)
            except Exception:  # noqa: BLE001 - decoders fed with anything raise anything
                self.no_photos.append(name)
            else:
                self.real[name] = path
        self._kept = CACHE / f"{seed}-{_version()}"
        self._clear_older()

    def names(self) -> Iterator[str]:
        yield from self.real
        for number in range(self.invented):
            yield scenes.name_of(number)

    def picture(self, name: str) -> Image.Image:
        if name in self.real:
            return read(self.real[name])
        return scenes.photo(_number(name), self.seed)[1]

    def base(self, name: str) -> Image.Image:
        """What is described and compared of the photo."""
        if name in self.real:
            return _base_of_file(self.real[name])
        chunk, place = divmod(_number(name), CHUNK)
        return Image.fromarray(np.array(self._chunk(chunk)[place]))

    def _chunk(self, chunk: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """The bases of so many invented photos, one above the other; made when they are asked for first."""
        path = self._kept / f"{chunk}.npy"
        if not path.exists():
            numbers = range(chunk * CHUNK, (chunk + 1) * CHUNK)
            bases = [np.asarray(likeness.base_of(scenes.photo(number, self.seed)[1])) for number in numbers]
            self._kept.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            with unfinished.open("wb") as file:
                np.save(file, np.stack(bases))
            unfinished.rename(path)
        return _mapped(path)

    def _clear_older(self) -> None:
        for other in CACHE.glob(f"{self.seed}-*"):
            if other != self._kept:
                shutil.rmtree(other, ignore_errors=True)


def _number(name: str) -> int:
    return int(name.rsplit(" ", 1)[1])


def _version() -> str:
    """Changes with the scenes and with what is kept of them."""
    sources = inspect.getsource(scenes) + inspect.getsource(copies) + inspect.getsource(likeness.base_of)
    return hashlib.sha256(f"{likeness.BASE_AREA} {sources}".encode()).hexdigest()[:12]


@lru_cache(maxsize=512)
def _mapped(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    kept: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = np.load(path, mmap_mode="r")
    return kept


@lru_cache(maxsize=4096)
def _base_of_file(path: Path) -> Image.Image:
    return likeness.base_of(read(path))


def read(path: Path) -> Image.Image:
    """The photo of a file, upright. Raises what decoders raise."""
    with path.open("rb") as file:
        media_type = media_type_of(file.read(32))
        if media_type is None:
            raise ValueError("no photo")
        file.seek(0)
        with decoding():
            image = open_picture(file, media_type)
            turn = TURNS.get(upright_orientation(image, media_type))
            image.draft("RGB", (WORKING_EDGE, WORKING_EDGE))
            whole = image.convert("RGB")
    whole.thumbnail((WORKING_EDGE, WORKING_EDGE))
    return whole if turn is None else whole.transpose(turn)
