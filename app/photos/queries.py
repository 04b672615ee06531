"""Reading photos."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from app.core.database import db
from app.core.errors import NotFound
from app.photos.models import Photo


def photo_by_id(photo_id: UUID) -> Photo:
    """The photo. Raises NotFound; whether this person may see it is the caller's to decide."""
    photo = db.session.get(Photo, photo_id)
    if photo is None:
        raise NotFound
    return photo


def known_sha(photo_id: UUID) -> str | None:
    """The hash recorded under an upload's id; None when it has not arrived yet."""
    return db.session.scalar(select(Photo.sha256).where(Photo.id == photo_id))


def earlier_uploads(photo: Photo) -> list[Photo]:
    """Uploads of the very same bytes before this one, oldest first: the reuse signal."""
    same = select(Photo).where(Photo.sha256 == photo.sha256, Photo.id != photo.id)
    return list(
        db.session.scalars(same.where(Photo.received_at <= photo.received_at).order_by(Photo.received_at))
    )


def upload_counts(hashes: Collection[str]) -> dict[str, int]:
    """How often each of these pictures was uploaded: one query for a whole wall of photos."""
    counted = select(Photo.sha256, func.count()).where(Photo.sha256.in_(hashes)).group_by(Photo.sha256)
    return dict(db.session.execute(counted).tuples().all())
