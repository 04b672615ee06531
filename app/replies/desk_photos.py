"""Photos of replies as staff see them, and where the same picture served elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from app.accounts.models import Person
from app.core.database import db
from app.core.errors import NotFound
from app.inspections.models import InspectionPhoto
from app.notices import queries as notices
from app.notices.models import Notice
from app.photos.models import Photo
from app.replies.models import ReplyPhoto

MOST = 50


@dataclass(frozen=True)
class Use:
    """Another place where the same bytes were sent. `name` and ids are empty for places outside the reader's area."""

    at: datetime
    name: str = ""
    notice_id: UUID | None = None
    inspection_id: UUID | None = None


def reply_photo(photo_id: UUID, reader: Person) -> ReplyPhoto:
    """A photo that came with a reply to a notice the reader may see; NotFound otherwise."""
    row = db.session.get(ReplyPhoto, photo_id, options=[joinedload(ReplyPhoto.photo)])
    if row is None:
        raise NotFound
    notices.read_notice(row.notice_id, reader)
    return row


def uses_of(row: ReplyPhoto, reader: Person) -> Sequence[Use]:
    """The newest other uses of the picture, by its bytes: in visits and in replies."""
    same = select(Photo.id).where(Photo.sha256 == row.photo.sha256, Photo.id != row.photo_id)
    seen = db.session.scalars(
        select(InspectionPhoto)
        .where(InspectionPhoto.photo_id.in_(same))
        .options(joinedload(InspectionPhoto.premises))
        .limit(MOST)
    )
    sent = db.session.execute(
        select(ReplyPhoto, Notice)
        .join(Notice, Notice.id == ReplyPhoto.notice_id)
        .where(ReplyPhoto.photo_id.in_(same))
        .options(defer(Notice.content), joinedload(Notice.premises))
        .limit(MOST)
    )
    uses = [
        Use(one.received_at, one.premises.name, inspection_id=one.inspection_id)
        if reader.region.contains(one)
        else Use(one.received_at)
        for one in seen
    ]
    uses += [
        Use(one.received_at, notice.premises.name, notice_id=notice.id)
        if reader.region.contains(notice)
        else Use(one.received_at)
        for one, notice in sent
    ]
    return sorted(uses, key=lambda use: use.at, reverse=True)
