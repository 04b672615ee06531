"""The product's own index on a database of its own: filled with distinct photos, then asked for changed ones.

Photos are invented, described and compared by several processes; this one alone writes into the index, and only before
anything is looked up, so that every photo is compared with all others whichever way the work falls.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from app.core.database import db, transaction
from app.photos import likeness
from app.photos.likeness import Places
from app.photos.likeness_work import LEAST_AGREEMENT, Copy, copies_of, put_in
from tools.bench.places import make_app
from tools.reuse.copies import changes
from tools.reuse.shelf import CHUNK, Shelf

NEAR = 0.5  # agreement from which distinct photos are told of, far below what makes a copy
Say = Callable[[str], None]


@dataclass
class Tally:
    """How it went with one way of changing photos."""

    asked: int = 0
    found: int = 0
    false_pairs: int = 0
    missed: list[str] = field(default_factory=list)
    least: float = 1.0  # the lowest agreement of those found

    def add(self, name: str, agreements: dict[str, float]) -> None:
        self.asked += 1
        self.false_pairs += len(agreements) - (name in agreements)
        if name not in agreements:
            self.missed.append(name)
        else:
            self.found += 1
            self.least = min(self.least, agreements[name])

    @property
    def recall(self) -> float:
        return self.found / self.asked if self.asked else 1.0


@dataclass(frozen=True)
class Nearness:
    """Two distinct photos that agree more than a little."""

    one: str
    other: str
    copy: Copy

    @property
    def is_false(self) -> bool:
        return self.copy.agreement >= LEAST_AGREEMENT


class Measurement:
    """The shelf, its index and the processes that work on them."""

    def __init__(self, shelf: Shelf, folder: Path, processes: int, say: Say) -> None:
        self.shelf, self.say = shelf, say
        app = make_app(folder)
        app.app_context().push()
        db.create_all()
        self.pool = ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_begin, initargs=(shelf, folder)
        )

    def fill(self) -> None:
        """Put all photos of the shelf into the index."""
        names = list(self.shelf.names())
        done = 0
        for described in self.pool.map(_describe, _portions(names)):
            with transaction():
                for name, places in described:
                    put_in(name, places)
            done += len(described)
            self.say(f"{done} of {len(names)} photos in the index")

    def near_ones(self) -> Iterator[Nearness]:
        """Each pair of distinct photos that agree more than a little, once, as the later one comes upon the other."""
        names = list(self.shelf.names())
        seen, done = set[frozenset[str]](), 0
        portions = _portions(names)
        for part, found in zip(portions, self.pool.map(_compare, portions), strict=True):
            for one in found:
                if (pair := frozenset((one.one, one.other))) not in seen:
                    seen.add(pair)
                    yield one
            done += len(part)
            self.say(f"{done} of {len(names)} photos compared with all others")

    def ask(self, names: Sequence[str]) -> dict[str, Tally]:
        """Change each of these photos in every way and look it up, as if it came again."""
        tallies = {way: Tally() for way, _change in changes()}
        for done, (name, answers) in enumerate(zip(names, self.pool.map(_ask, names), strict=True), start=1):
            for way, agreements in answers.items():
                tallies[way].add(name, agreements)
            if done % 50 == 0:
                self.say(f"{done} of {len(names)} photos changed in every way and asked for")
        return tallies


def _portions(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + CHUNK] for start in range(0, len(names), CHUNK)]


_shelves: list[Shelf] = []  # of a working process: one


def _begin(shelf: Shelf, folder: Path) -> None:
    _shelves.append(shelf)
    make_app(folder).app_context().push()


def _describe(names: Sequence[str]) -> list[tuple[str, Places]]:
    (shelf,) = _shelves
    return [(name, Places.unpack(likeness.places_of(shelf.base(name)).pack())) for name in names]


def _compare(names: Sequence[str]) -> list[Nearness]:
    (shelf,) = _shelves
    found = []
    for name in names:
        base = shelf.base(name)
        copies = copies_of(name, likeness.places_of(base), base, shelf.base, least=NEAR)
        found += [Nearness(name, copy.match.sha256, copy) for copy in copies]
        db.session.rollback()
    return found


def _ask(name: str) -> dict[str, dict[str, float]]:
    """Agreement of what is found, by way of changing and by name."""
    (shelf,) = _shelves
    picture, answers = shelf.picture(name), {}
    for way, change in changes():
        base = likeness.base_of(change(picture, random.Random(f"{shelf.seed} {name} {way}")))
        copies = copies_of(f"{name} again", likeness.places_of(base), base, shelf.base)
        answers[way] = {copy.match.sha256: copy.agreement for copy in copies}
        db.session.rollback()
    return answers
