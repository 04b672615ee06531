"""A photo's bytes are collected over as many requests as the line needs; what arrived once is not asked for again.

Two requests for one photo may run at once, in two worker processes: the phone went on, and the server has not noticed
yet that the old line is dead. Each piece is appended under a lock and only where the file ends just there, so the old
one stops by itself at its next piece.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.storage import Readable
from app.core.stores import speaking

PIECE = 256 * 1024  # bytes


@dataclass(frozen=True)
class Collected:
    """How far the photo is. `sha256` is known where one request brought all of it."""

    offset: int
    sha256: str = ""


def offset_of(path: Path) -> int:
    """How many bytes are here."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def collect(path: Path, stream: Readable, *, offset: int, total: int) -> Collected:
    """Append what the stream brings from `offset` on; a line that breaks leaves what had arrived.

    Gives back where the file ends; elsewhere than expected when another request was quicker.
    """
    digest = hashlib.sha256() if offset == 0 else None
    place = offset
    with _opened(path) as file:
        while place < total:
            piece = stream.read(min(PIECE, total - place))
            if not piece:
                break
            if not _append(file, piece, place):
                return Collected(os.fstat(file).st_size)
            place += len(piece)
            if digest is not None:
                digest.update(piece)
        whole = digest is not None and place == total
        return Collected(max(place, os.fstat(file).st_size), digest.hexdigest() if digest and whole else "")


def drain(stream: Readable) -> None:
    """Read what nobody needs: a phone that is cut off in mid-sentence would not hear the answer."""
    while stream.read(PIECE):
        pass


@contextmanager
def finishing(path: Path) -> Iterator[bool]:
    """Hold the file while it is looked at and moved away; False when another request has done so."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path.exists() and os.path.samestat(os.fstat(file), path.stat())
    finally:
        os.close(file)


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    with speaking():
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o640)
    try:
        yield file
    finally:
        os.close(file)


def _append(file: int, piece: bytes, place: int) -> bool:
    """Add the piece if the file ends at `place`."""
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        if os.fstat(file).st_size != place:
            return False
        view = memoryview(piece)
        with speaking():
            while view:
                written = os.pwrite(file, view, place)
                view, place = view[written:], place + written
        return True
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
