"""Photos that were used before: the very same bytes, or another picture made from the same photo.

What is kept is derived from the pictures and can be made again: for each picture (by hash, however often it was
uploaded) its places, the keys under which an index finds it, and the pairs that were found. They are found beside
the requests (likeness_work); here they are only read, without numpy, so that a web worker stays small.
"""

import enum
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, SmallInteger, String, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import db
from app.photos.models import Photo

MOST = 50  # photos named as alike; one picture may have been sent a thousand times


class PhotoLikeness(db.Model):  # type: ignore[name-defined] # made at run time
    """What one picture is recognised by. A picture that shows nothing to recognise has a row as well."""

    __tablename__ = "photo_likenesses"
    __table_args__ = (Index("ix_photo_likenesses_version", "version", "number"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True)  # short: it stands in the index dozens of times
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int] = mapped_column(SmallInteger)  # of its keys; 0: the picture could not be read
    places: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    compared_at: Mapped[datetime | None]  # with all that were there; none: it stands in the index, no more


class LikenessKey(db.Model):  # type: ignore[name-defined]
    """Under which keys a picture is found: `number` is that of its likeness."""

    __tablename__ = "likeness_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)  # the table is its own index

    key: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class LikenessPair(db.Model):  # type: ignore[name-defined]
    """Two pictures of different bytes that show one photo; `sha256` is the one that was compared later."""

    __tablename__ = "likeness_pairs"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    other: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)
    mirrored: Mapped[bool]
    places: Mapped[int]  # that lie the same way in both
    share: Mapped[float]  # of all places in the part both show, 0 to 1
    agreement: Mapped[float]  # of the blocks of the part both show, 0 to 1
    found_at: Mapped[datetime]


def unless_there(model: Any) -> Any:
    """An insert that leaves out the rows that are there already."""
    own = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    return own.insert(model.__table__).on_conflict_do_nothing()


class Kind(enum.StrEnum):
    """In what two photos are the same."""

    SAME_BYTES = "same bytes"
    ALIKE = "alike"


@dataclass(frozen=True)
class Alike:
    """A photo that was received before, and the numbers that say why it is named."""

    photo_id: UUID
    sha256: str
    received_at: datetime
    kind: Kind
    mirrored: bool = False
    places: int = 0  # that lie the same way in both; 0 for the same bytes
    share: float = 1.0
    agreement: float = 1.0


def find_alike(photo: Photo) -> list[Alike]:
    """Photos received before this one that are the same or were made from the same, oldest first, at most MOST.

    Whoever asks before the photo was compared (`is_compared`) sees the same bytes only. Regions are not looked at: a
    photo may come from any premises, and whether a person may see the other one is the caller's to decide.
    """
    return find_alike_of([photo])[photo.id]


def find_alike_of(photos: Sequence[Photo]) -> dict[UUID, list[Alike]]:
    """The same for many photos with two statements."""
    hashes = {photo.sha256 for photo in photos}
    partners = _partners(hashes)
    wanted = hashes | {other for found in partners.values() for other in found}
    uploads: dict[str, list[tuple[UUID, datetime]]] = {}
    columns = select(Photo.sha256, Photo.id, Photo.received_at).where(Photo.sha256.in_(wanted))
    for sha256, photo_id, at in db.session.execute(columns.order_by(Photo.received_at, Photo.id)):
        uploads.setdefault(sha256, []).append((photo_id, at))
    return {photo.id: _before(photo, uploads, partners.get(photo.sha256, {})) for photo in photos}


def is_compared(photo: Photo) -> bool:
    """Whether the photo's picture has been compared with all others yet."""
    compared = select(PhotoLikeness.compared_at).where(PhotoLikeness.sha256 == photo.sha256)
    return db.session.scalar(compared) is not None


def _partners(hashes: Collection[str]) -> dict[str, dict[str, LikenessPair]]:
    found: dict[str, dict[str, LikenessPair]] = {}
    pairs = select(LikenessPair).where(or_(LikenessPair.sha256.in_(hashes), LikenessPair.other.in_(hashes)))
    for pair in db.session.scalars(pairs):
        found.setdefault(pair.sha256, {})[pair.other] = pair
        found.setdefault(pair.other, {})[pair.sha256] = pair
    return found


def _before(
    photo: Photo, uploads: dict[str, list[tuple[UUID, datetime]]], pairs: dict[str, LikenessPair]
) -> list[Alike]:
    found = [
        Alike(photo_id, photo.sha256, at, Kind.SAME_BYTES)
        for photo_id, at in uploads.get(photo.sha256, ())
        if photo_id != photo.id
    ]
    for other, pair in pairs.items():
        numbers = (pair.mirrored, pair.places, pair.share, pair.agreement)
        found += [Alike(photo_id, other, at, Kind.ALIKE, *numbers) for photo_id, at in uploads.get(other, ())]
    mine = (photo.received_at, str(photo.id))
    earlier = [one for one in found if (one.received_at, str(one.photo_id)) < mine]
    return sorted(earlier, key=lambda one: (one.received_at, str(one.photo_id)))[:MOST]


Compared = Callable[[Sequence[UUID]], None]
_told: list[Compared] = []


def when_compared(tell: Compared) -> Compared:
    """Have `tell(photo_ids)` called when photos were compared, inside the transaction that wrote what was found.

    Those it was found of are told as well: where the later of two was compared first, the news are the later one's.
    """
    _told.append(tell)
    return tell


def tell_compared(photo_ids: Sequence[UUID]) -> None:
    for tell in _told:
        tell(photo_ids)
