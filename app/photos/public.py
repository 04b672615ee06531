"""Photos as the public sees them: covered where a colleague drew over faces or plates. Staff always see the whole."""

import hashlib
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.core import audit
from app.core.database import db
from app.core.errors import N_, NotFound, Refused
from app.core.storage import Storage
from app.photos.covering import Box
from app.photos.models import Photo, PhotoCover
from app.photos.views import View, ensure_view, view_key


def covers_of(ids: Collection[UUID]) -> dict[UUID, list[Box]]:
    """What is covered on these photos; nothing of those that are open."""
    rows = db.session.execute(
        select(PhotoCover.photo_id, PhotoCover.boxes)
        .where(PhotoCover.photo_id.in_(ids), PhotoCover.undone_at.is_(None))
        .order_by(PhotoCover.at, PhotoCover.id)
    )
    newest = {photo_id: [Box(*box) for box in boxes] for photo_id, boxes in rows.tuples()}
    return {photo_id: boxes for photo_id, boxes in newest.items() if boxes}


def versions(ids: Collection[UUID]) -> dict[UUID, str]:
    """What stands in a public photo's address: another one as soon as something is covered, opened or deleted."""
    covers = covers_of(ids)
    photos = db.session.scalars(select(Photo).where(Photo.id.in_(ids)))
    return {photo.id: version_of(photo, covers.get(photo.id, [])) for photo in photos}


def changed(ids: Collection[UUID]) -> list[str]:
    """Names what is covered or deleted among these photos: for files that were made with them. Mostly nothing."""
    covers = covers_of(ids)
    removed = select(Photo).where(Photo.id.in_(ids), Photo.removed_at.is_not(None) | Photo.id.in_(covers))
    return sorted(f"{photo.id}-{version_of(photo, covers.get(photo.id, []))}" for photo in db.session.scalars(removed))


def version_of(photo: Photo, covers: list[Box]) -> str:
    """The same for one photo whose covers are known."""
    return hashlib.sha256(view_key(photo, View.PRINT, covers=covers).encode()).hexdigest()[:10]


def ensure_public_view(photo: Photo, view: View, *, storage: Storage) -> tuple[str, str]:
    """The key of the view the public may see, and its version."""
    covers = covers_of([photo.id]).get(photo.id, [])
    return ensure_view(photo, view, storage=storage, covers=covers), version_of(photo, covers)


def history(photo_id: UUID) -> list[PhotoCover]:
    """Everything that was ever drawn on it, the newest first."""
    rows = select(PhotoCover).where(PhotoCover.photo_id == photo_id)
    return list(db.session.scalars(rows.order_by(PhotoCover.at.desc(), PhotoCover.id.desc())))


def cover_photo(cover_id: UUID, photo: Photo, boxes: list[Box], *, by: UUID, now: datetime) -> PhotoCover:
    """Let these rectangles, and no others, be covered. The same id again gives the same row. Raises Refused."""
    known = db.session.get(PhotoCover, cover_id)
    if known is not None:
        return known
    if photo.removed_at is not None:
        raise Refused(N_("This photo was deleted after its period; there is nothing left to cover."))
    before = covers_of([photo.id]).get(photo.id, [])
    row = PhotoCover(id=cover_id, photo_id=photo.id, boxes=[list(box) for box in boxes], at=now, by_id=by)
    db.session.add(row)
    db.session.flush()
    said, was = {"boxes": row.boxes, "sha256": photo.sha256}, {"boxes": [list(box) for box in before]}
    audit.record("photo_covered", photo, by=by, change_id=cover_id, before=was, after=said)
    return row


def take_back(cover_id: UUID, photo: Photo, *, by: UUID, now: datetime) -> None:
    """Undo one drawing: what was covered before it holds again. Twice does nothing more. Raises NotFound."""
    row = db.session.get(PhotoCover, cover_id, populate_existing=True)
    if row is None or row.photo_id != photo.id:
        raise NotFound
    if row.undone_at is not None:
        return
    row.undone_at, row.undone_by_id = now, by
    db.session.flush()
    audit.record("photo_cover_taken_back", photo, by=by, before={"boxes": row.boxes, "cover": str(row.id)})
