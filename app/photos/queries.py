"""Reading photos."""

from uuid import UUID

from sqlalchemy import select

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
