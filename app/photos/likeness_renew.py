"""The index made anew from what is kept of each picture, after its keys have changed.

No picture is decoded for it. Keys are sorted as the index is, many pictures together, and written in small portions:
whoever writes beside it waits for hundredths of a second. A process that dies in between begins its part again.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import select, update

from app.core.database import db, transaction
from app.photos import likeness, likeness_compare
from app.photos.likeness import Ints, Places
from app.photos.likeness_index import LikenessKey, PhotoLikeness, unless_there

PART = 100_000  # pictures whose keys are sorted together
PORTION = 5_000  # keys between two commits
CHANGED = 500  # pictures between two commits
READ = 1_000  # pictures


def renew(crowded: int) -> int:
    """Have the pictures found that are known from an older version, at most `crowded` under a key; gives how many.

    Opens transactions. Costs a look into a small index when there are none.
    """
    done = 0
    for version in range(1, likeness.VERSION):
        while count := _renew_part(version, crowded):
            done += count
    return done


def _renew_part(version: int, crowded: int) -> int:
    numbers, together = list[int](), list[Ints]()
    for number, packed in _kept(version):
        numbers.append(number)
        together.append(np.array(likeness_compare.keys_of(Places.unpack(packed)), np.int64) << 32 | number)
    if not numbers:
        return 0
    for rows in _portions(np.sort(np.concatenate(together)), crowded):
        with transaction():
            db.session.execute(unless_there(LikenessKey), rows)
    for start in range(0, len(numbers), CHANGED):
        with transaction():
            mine = PhotoLikeness.number.in_(numbers[start : start + CHANGED])
            db.session.execute(update(PhotoLikeness).where(mine).values(version=likeness.VERSION))
    return len(numbers)


def _kept(version: int) -> Iterator[tuple[int, bytes]]:
    """A part of the pictures of that version, by number; walked along an index, for whole rows are long to sort."""
    columns = select(PhotoLikeness.number, PhotoLikeness.places).where(PhotoLikeness.version == version)
    last = 0
    for _read in range(PART // READ):
        rows = db.session.execute(
            columns.where(PhotoLikeness.number > last).order_by(PhotoLikeness.number).limit(READ)
        ).all()
        db.session.rollback()
        yield from ((number, packed) for number, packed in rows)
        if len(rows) < READ:
            break
        last = rows[-1][0]


def _portions(together: Ints, crowded: int) -> Iterator[list[dict[str, Any]]]:
    """Rows of the index, without those that come too late under their key."""
    keys = together >> 32
    rank = np.arange(len(keys)) - np.searchsorted(keys, keys)
    open_ = together[rank < crowded]
    for start in range(0, len(open_), PORTION):
        part = open_[start : start + PORTION]
        both = zip((part >> 32).tolist(), (part & 0xFFFFFFFF).tolist(), strict=True)
        yield [{"key": key, "number": number} for key, number in both]
