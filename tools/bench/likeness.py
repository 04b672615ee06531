"""Photos that were used before, looked up among a county's half million: the index alone, from places to fits.

The half million are made from the places of some hundreds of invented photos, mixed and with every fourth sign the
other way round, so that keys crowd as they do in real pictures. Half of what is looked up stands in the index, changed
by a crop and recompressed; the rest is unknown to it.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from flask import Flask
from sqlalchemy import insert, text

from app.core.database import db, transaction
from app.photos import likeness, likeness_compare, likeness_work
from app.photos.likeness import Places
from app.photos.likeness_index import LikenessKey, PhotoLikeness
from tools.bench.places import make_app
from tools.bench.report import Figure
from tools.bench.serving import close
from tools.reuse.copies import crop, jpeg
from tools.reuse.scenes import name_of, photo

FULL, QUICK = 500_000, 5_000
MODELS = 240  # invented photos whose places are mixed
BLOBS = 500  # different sets of places among the half million
PORTION = 20_000


def measure(*, quick: bool) -> list[Figure]:
    """p95 of a look-up on both databases, what describing costs, and the room it takes."""
    count = QUICK if quick else FULL
    models = Models(60 if quick else MODELS)
    figures = [
        Figure.at_most(
            "photo described, beside the requests: processor time", models.milliseconds, 15, "ms"
        )
    ]
    for name, served in (("SQLite", _sqlite), ("PostgreSQL", _postgres)):
        with served() as app:
            if app is None:
                figures.append(Figure.missing(f"reuse looked up, {name}", "there is no PostgreSQL here"))
                continue
            with app.app_context():
                figures += _measured(name, models, count)
    return figures


class Models:
    """The photos everything is made from."""

    def __init__(self, count: int) -> None:
        numbers = [n for n in range(3 * count) if not name_of(n).startswith("wall")][:count]
        self.images = [photo(number, 1)[1] for number in numbers]
        bases = [likeness.base_of(image) for image in self.images]
        took, self.places = [], []
        for base in bases:
            begun = time.thread_time()
            self.places.append(likeness.places_of(base))
            took.append(time.thread_time() - begun)
        self.milliseconds = statistics.median(took) * 1000
        self.keys = np.concatenate([np.array(likeness_compare.keys_of(one), np.int64) for one in self.places])

    def mixed(self, dice: np.random.Generator, count: int) -> Any:
        """Keys of `count` places that are like those of the models, with every fourth sign the other way round."""
        most = 1 << likeness_compare.KEY_SIGNS
        flips = dice.integers(0, most, count) & dice.integers(0, most, count)
        return self.keys[dice.integers(0, len(self.keys), count)] ^ flips


def _measured(name: str, models: Models, count: int) -> list[Figure]:
    _fill(models, count)
    times, worked, found = [], [], 0
    busy, server = os.getloadavg()[0], _Server()
    for turn in range(20 + len(models.images)):
        number = turn % len(models.images)
        dice, known = random.Random(turn), turn % 2 == 0
        image = jpeg(crop(models.images[number], 0.15, dice), 60) if known else photo(1_000_000 + turn, 2)[1]
        places = likeness.places_of(likeness.base_of(image))
        begun, work_begun = time.perf_counter(), time.thread_time() + server.worked()
        matches = likeness_work.look_up(places)
        took, work = time.perf_counter() - begun, time.thread_time() + server.worked() - work_begun
        db.session.rollback()
        if turn >= 20:  # the first ones warm up
            times.append(took)
            worked.append(work)
            found += known and any(match.sha256 == _sha(number) for match in matches)
    p95, work = (statistics.quantiles(values, n=20)[-1] for values in (times, worked))
    note = f"median {statistics.median(times) * 1000:.1f} ms, p95 of processor time alone {work * 1000:.1f} ms"
    note += f" at a load of {busy:.1f}; {found} of {len(times) // 2} changed copies found"
    return [
        Figure.at_most(f"reuse looked up among {count:,} photos, {name}: p95", p95 * 1000, 20, "ms", note),
        Figure.to_know(f"room of the index of reuse for each photo, {name}", _bytes() / count / 1000, "KB"),
    ]


class _Server:
    """The process of PostgreSQL that answers this connection, where the system tells how long it has worked."""

    def __init__(self) -> None:
        self._told: Path | None = None
        if db.engine.dialect.name == "postgresql":
            pid = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            told = Path(f"/proc/{pid}/schedstat")
            self._told = told if told.exists() else None
            db.session.rollback()

    def worked(self) -> float:
        """Seconds; 0 where there is none, or nobody tells."""
        return int(self._told.read_text().split()[0]) / 1e9 if self._told else 0.0


def _sha(number: int) -> str:
    return f"{number:064x}"


def _fill(models: Models, count: int) -> None:
    """The models under their own places, then the half million in bulk."""
    with transaction():
        for number, places in enumerate(models.places):
            likeness_work.put_in(_sha(number), places)
    dice = np.random.default_rng(20261122)
    blobs = [_blob(models, dice) for _number in range(BLOBS)]
    first = len(models.places) + 1
    parts = []
    for start in range(first, first + count, PORTION):
        numbers = np.arange(start, min(start + PORTION, first + count))
        keys = models.mixed(dice, len(numbers) * likeness_compare.KEYED)
        parts.append(np.unique(keys << 32 | np.repeat(numbers, likeness_compare.KEYED)))
        rows = [
            {"number": n, "sha256": _sha(n), "version": likeness.VERSION, "places": blobs[n % BLOBS]}
            for n in numbers.tolist()
        ]
        with transaction():
            db.session.execute(insert(PhotoLikeness.__table__), rows)
    together = np.sort(np.concatenate(parts))
    keys = together >> 32
    rank = np.arange(len(keys)) - np.searchsorted(keys, keys)
    together = together[rank < likeness_work.CROWDED]  # as the product does: a crowded key takes no more
    _insert_keys(together >> 32, together & 0xFFFFFFFF)


def _blob(models: Models, dice: np.random.Generator) -> bytes:
    like = models.places[int(dice.integers(len(models.places)))]
    signs = like.signs ^ (dice.random(like.signs.shape) < 0.25)
    return Places(like.width, like.height, like.x, like.y, like.size, signs).pack()


def _insert_keys(keys: Any, numbers: Any) -> None:
    """Sorted as the index is, in one go."""
    with transaction():
        raw: Any = db.session.connection().connection.dbapi_connection
        if db.engine.dialect.name == "postgresql":
            with raw.cursor() as cursor, cursor.copy("COPY likeness_keys (key, number) FROM STDIN") as copy:
                for rows in _portions(keys, numbers):
                    copy.write("".join(f"{key}\t{number}\n" for key, number in rows))
        else:
            for rows in _portions(keys, numbers):
                raw.executemany("INSERT OR IGNORE INTO likeness_keys (key, number) VALUES (?, ?)", rows)
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE likeness_keys"))  # as autovacuum does in time
            connection.execute(text("ANALYZE photo_likenesses"))


def _portions(keys: Any, numbers: Any, size: int = 100_000) -> Iterator[Iterator[tuple[int, int]]]:
    for start in range(0, len(keys), size):
        yield zip(keys[start : start + size].tolist(), numbers[start : start + size].tolist(), strict=True)


def _bytes() -> int:
    if db.engine.dialect.name == "postgresql":
        tables = [table.__tablename__ for table in (PhotoLikeness, LikenessKey)]
        return sum(db.session.execute(text("SELECT pg_total_relation_size(:t)"), {"t": t}).scalar_one() for t in tables)
    pages, size = (db.session.execute(text(f"PRAGMA {what}")).scalar_one() for what in ("page_count", "page_size"))
    return int(pages * size)


@contextmanager
def _sqlite() -> Iterator[Flask | None]:
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as name:
        yield from _made(Path(name), "")


@contextmanager
def _postgres() -> Iterator[Flask | None]:
    try:
        from tests.fixtures import postgres
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as name, postgres.running() as server:
        yield from _made(Path(name), server.create("likeness"))


def _made(folder: Path, url: str) -> Iterator[Flask]:
    app = make_app(folder, url)
    with app.app_context():
        tables = [model.__table__ for model in (PhotoLikeness, LikenessKey)]
        db.metadata.create_all(db.engine, tables=tables)
    try:
        yield app
    finally:
        close(app)
