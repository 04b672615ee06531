"""Comparing photos beside the requests: each new picture is described, put into the index and looked up.

A picture is put in before it is looked up, both for good. So of two copies that two processes compare at once, at least
one finds the other; and a process that dies in between leaves a row without `compared_at`, which is compared again.
"""

import logging
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image, ImageOps
from sqlalchemy import func, insert, select, update

from app.core import clock
from app.core.database import db, transaction
from app.core.errors import AppError, NotFound
from app.core.storage import Storage
from app.photos import likeness, likeness_compare
from app.photos.decode import BrokenPhoto
from app.photos.likeness import Places
from app.photos.likeness_compare import Fit
from app.photos.likeness_index import LikenessKey, LikenessPair, PhotoLikeness, tell_compared, unless_there
from app.photos.likeness_renew import renew
from app.photos.models import Photo
from app.photos.views import reduced

log = logging.getLogger("xuncha.photos")

BATCH = 16  # photos between two commits
EDGE = 512  # pixels of what is decoded for the base
CROWDED = 64  # pictures under one key; a key that so many have tells little and takes no more
VOTES = 2  # keys a photo has in common with what is looked up before it is looked at
LOOKED_AT = 12  # photos that are looked at closer, those with the most keys in common first
LAID_OVER = 4  # photos that are laid over it, those with the most places lying the same way first
LEAST_AGREEMENT = 0.75  # watermarks leave that; of 10,000 distinct invented photos the nearest two reach 0.70
LOOK_EVERY = 2.0  # seconds
RECENT = timedelta(minutes=10)  # arrived since then is looked for each time, which reads next to nothing
COMPLETE_EVERY = timedelta(hours=1)  # everything is looked through for what was left
NICE = 15  # everybody else comes first
UNREADABLE = 0  # as version: the bytes are gone or cannot be decoded any more


@dataclass(frozen=True)
class Match:
    """A picture in the index that shows the same photo, as far as places can say."""

    number: int
    sha256: str
    mirrored: bool
    fit: Fit


@dataclass(frozen=True)
class _Described:
    sha256: str
    places: Places | None
    base: Image.Image | None


def catch_up(files: Storage, *, since: datetime | None = None, most: int | None = None) -> int:
    """Compare what has not been compared yet, the newest first; gives how many pictures. Opens transactions.

    `since` looks only at photos received from then on, which costs nothing when there are none. A photo whose bytes
    cannot be had at the moment is left for the next time.
    """
    renew(CROWDED)
    done, left = 0, set[UUID]()
    while most is None or done < most:
        waiting = _waiting(since, left, BATCH if most is None else min(BATCH, most - done))
        db.session.rollback()  # nothing is held while pictures are decoded
        if not waiting:
            break
        described = [one for photo in waiting if (one := _described(photo, files, left))]
        _compare(described, files)
        done += len(described)
    return done


def watch(files: Storage, *, beside: int) -> None:
    """Catch up, then look every LOOK_EVERY seconds for what has arrived, until the process that started this is gone.

    `beside` is that one's id.

    A process of its own with hardly a claim on the processor: a request never waits for pictures that are compared,
    and a worker needs no memory for them.
    """
    if os.getppid() != beside:
        return
    os.nice(NICE)
    complete_at: datetime | None = None
    while os.getppid() == beside:
        now = clock.now()
        complete = complete_at is None or now - complete_at > COMPLETE_EVERY
        try:
            catch_up(files, since=None if complete else now - RECENT)
            if complete:
                complete_at = now
        except Exception as error:  # noqa: BLE001 - the database or the files may be away for a while
            log.warning('"comparing photos failed: %s"', type(error).__name__)
            complete_at = None
            time.sleep(LOOK_EVERY * 10)
        finally:
            db.session.remove()
        time.sleep(LOOK_EVERY)


def _waiting(since: datetime | None, left: set[UUID], most: int) -> list[Photo]:
    """One photo of each picture that was not compared."""
    compared = select(PhotoLikeness.number).where(
        PhotoLikeness.sha256 == Photo.sha256, PhotoLikeness.compared_at.is_not(None)
    )
    waiting = select(Photo).where(~compared.exists(), Photo.removed_at.is_(None), Photo.id.not_in(left))
    if since is not None:
        waiting = waiting.where(Photo.received_at >= since)
    newest = db.session.scalars(waiting.order_by(Photo.received_at.desc()).limit(most))
    return list({photo.sha256: photo for photo in newest}.values())


def _compare(described: Sequence[_Described], files: Storage) -> None:
    with transaction():
        for one in described:
            put_in(one.sha256, one.places)
    rows = [row for one in described for row in _pairs(one, files)]
    db.session.rollback()
    hashes = [one.sha256 for one in described]
    with transaction():
        if rows:
            db.session.execute(unless_there(LikenessPair), rows)
        mine = update(PhotoLikeness).where(PhotoLikeness.sha256.in_(hashes))
        db.session.execute(mine.values(compared_at=clock.now()))
        told = {*hashes, *(row["other"] for row in rows)}  # whichever of two came later has news
        tell_compared(list(db.session.scalars(select(Photo.id).where(Photo.sha256.in_(told)))))


def _described(photo: Photo, files: Storage, left: set[UUID]) -> _Described | None:
    """None, and `left` grows, when the bytes cannot be had now; without places when never again."""
    try:
        base = base_of(photo, files)
    except AppError as error:
        log.warning('"photo %s cannot be compared: %s"', photo.id, type(error).__name__)
        if isinstance(error, NotFound | BrokenPhoto):
            return _Described(photo.sha256, None, None)
        left.add(photo.id)
        return None
    return _Described(photo.sha256, likeness.places_of(base), base)


def base_of(photo: Photo, files: Storage) -> Image.Image:
    """What is described and compared of a photo. Raises NotFound, BrokenPhoto."""
    return likeness.base_of(reduced(photo, EDGE, storage=files))


def put_in(sha256: str, places: Places | None) -> None:
    """Have the picture found from now on; None: it cannot be read. Flushes."""
    if db.session.scalar(select(PhotoLikeness.number).where(PhotoLikeness.sha256 == sha256)) is not None:
        return  # another process was first, or this one died before it had compared
    row = PhotoLikeness(sha256=sha256, version=UNREADABLE, places=b"")
    if places is not None:
        row.version, row.places = likeness.VERSION, places.pack()
    db.session.add(row)
    db.session.flush()
    if places is not None and (keys := _open_keys(likeness_compare.keys_of(places))):
        rows = [{"key": key, "number": row.number} for key in keys]
        db.session.execute(insert(LikenessKey.__table__), rows)


def _open_keys(keys: Sequence[int]) -> list[int]:
    """Those that still tell something."""
    counted = select(LikenessKey.key).where(LikenessKey.key.in_(keys)).group_by(LikenessKey.key)
    crowded = set(db.session.scalars(counted.having(func.count() >= CROWDED)))
    return [key for key in keys if key not in crowded]


def look_up(places: Places) -> list[Match]:
    """Pictures in the index in which the places lie the same way, as they are or from left to right."""
    ways = {mirrored: places.mirrored() if mirrored else places for mirrored in (False, True)}
    candidates = _candidates(likeness_compare.keys_to_ask(places))
    kept = _kept({number for number, _mirrored in candidates})
    found = []
    for number, mirrored in candidates:
        if number in kept:
            sha256, packed = kept[number]
            fit = likeness_compare.fit(ways[mirrored], Places.unpack(packed))
            if fit is not None:
                found.append(Match(number, sha256, mirrored, fit))
    return found


def _candidates(keys: Sequence[int]) -> list[tuple[int, bool]]:
    """Pictures with the most of these keys in common, and whether they have them in a mirror; the oldest first.

    A key counts the less, the more pictures have it: forms, corners and tiles share dozens of common ones.
    """
    if not keys:
        return []
    plain, mirrored = _under(keys, [key ^ likeness_compare.MIRRORED for key in keys])
    ways, mine, votes = np.unique(
        np.concatenate([plain[1] * 2, mirrored[1] * 2 + 1]), return_inverse=True, return_counts=True
    )
    worth = np.bincount(mine, _rarity(np.concatenate([plain[0], mirrored[0]])), len(ways))
    most = np.lexsort((ways, -np.where(votes >= VOTES, worth, 0)))[:LOOKED_AT]
    return [(way >> 1, bool(way & 1)) for way in ways[most[votes[most] >= VOTES]].tolist()]


def _rarity(keys: likeness.Ints) -> likeness.Floats:
    _keys, mine, pictures = np.unique(keys, return_inverse=True, return_counts=True)
    rarity: likeness.Floats = (pictures**-0.5)[mine]
    return rarity


def _under(*lists: Sequence[int]) -> list[tuple[likeness.Ints, likeness.Ints]]:
    """Of each list of keys what stands under them: keys, and numbers of pictures.

    The keys stand in the statement: they are numbers of ours, and binding hundreds takes longer than looking them up.
    Thousands of numbers come as one text: to group them in the database, or to fetch them as rows, takes three times
    as long as finding them.
    """
    connection = db.session.connection()
    together = "string_agg({}::text, ',')" if connection.dialect.name == "postgresql" else "group_concat({})"
    columns = ", ".join(together.format(name) for name in ("key", "number"))
    parts = (
        f"SELECT {order}, {columns} FROM {LikenessKey.__tablename__} WHERE key IN ({','.join(map(str, keys))})"  # noqa: S608
        for order, keys in enumerate(lists)
    )
    found = connection.exec_driver_sql(f"{' UNION ALL '.join(parts)} ORDER BY 1").all()
    return [(_numbers(keys), _numbers(numbers)) for _order, keys, numbers in found]


def _numbers(text: str | None) -> likeness.Ints:
    return np.fromstring(text or "", dtype=np.int64, sep=",")


def _kept(numbers: Collection[int]) -> dict[int, tuple[str, bytes]]:
    columns = select(PhotoLikeness.number, PhotoLikeness.sha256, PhotoLikeness.places)
    rows = db.session.execute(columns.where(PhotoLikeness.number.in_(numbers))) if numbers else ()
    return {number: (sha256, packed) for number, sha256, packed in rows}


@dataclass(frozen=True)
class Copy:
    """A picture that shows the same photo, laid over it and believed."""

    match: Match
    agreement: float  # of the blocks of the part both show, 0 to 1


def copies_of(
    sha256: str,
    places: Places,
    base: Image.Image,
    base_of_other: Callable[[str], Image.Image | None],
    *,
    least: float = LEAST_AGREEMENT,
) -> list[Copy]:
    """What the index has of this photo. `base_of_other` gives the base of a picture by hash; without it no verdict."""
    best: dict[str, Copy] = {}
    suspects = [match for match in look_up(places) if match.sha256 != sha256]
    for match in sorted(suspects, key=lambda match: -match.fit.places)[:LAID_OVER]:
        if (other := base_of_other(match.sha256)) is None:
            continue
        mine = ImageOps.mirror(base) if match.mirrored else base
        agreement = likeness_compare.agreement(mine, other, match.fit, least)
        known = best.get(match.sha256)
        if agreement >= least and (known is None or agreement > known.agreement):
            best[match.sha256] = Copy(match, agreement)
    return list(best.values())


def _pairs(one: _Described, files: Storage) -> Iterator[dict[str, Any]]:
    """Rows of what was found."""
    if one.places is None or one.base is None:
        return
    for copy in copies_of(one.sha256, one.places, one.base, partial(_base_of_picture, files=files)):
        yield {
            "sha256": one.sha256,
            "other": copy.match.sha256,
            "mirrored": copy.match.mirrored,
            "places": copy.match.fit.places,
            "share": copy.match.fit.share,
            "agreement": copy.agreement,
            "found_at": clock.now(),
        }


def _base_of_picture(sha256: str, files: Storage) -> Image.Image | None:
    """None when the picture's bytes were deleted after their period."""
    kept = select(Photo).where(Photo.sha256 == sha256, Photo.removed_at.is_(None)).limit(1)
    photo = db.session.scalar(kept)
    if photo is None:
        return None
    try:
        return base_of(photo, files)
    except (NotFound, BrokenPhoto):
        return None


def forget(hashes: Sequence[str]) -> None:
    """Take pictures out of the index and out of all pairs, once the last of their photos is gone for good. Flushes."""
    for row in db.session.scalars(select(PhotoLikeness).where(PhotoLikeness.sha256.in_(hashes))):
        if row.places:
            keys = likeness_compare.keys_of(Places.unpack(row.places))
            mine = LikenessKey.__table__.delete().where(LikenessKey.number == row.number, LikenessKey.key.in_(keys))
            db.session.execute(mine)
        db.session.delete(row)
    pairs = LikenessPair.__table__.delete()
    db.session.execute(pairs.where(LikenessPair.sha256.in_(hashes) | LikenessPair.other.in_(hashes)))
    db.session.flush()
