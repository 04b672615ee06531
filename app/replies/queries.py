"""Reads of replies, for the owner's pages and for the desk."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.checklists.models import ChecklistItem
from app.core.database import db
from app.inspections.models import Inspection, Sheet
from app.photos.models import Photo
from app.replies.models import Reply, ReplyLock, ReplyPhoto, SelfCheck

_PHOTOS = selectinload(Reply.photos).joinedload(ReplyPhoto.photo).defer(Photo.exif)


def replies_of(notice_id: UUID) -> list[Reply]:
    """Every reply to a notice with its photos, the oldest first; two reads."""
    return list(
        db.session.scalars(select(Reply).where(Reply.notice_id == notice_id).options(_PHOTOS).order_by(Reply.sequence))
    )


def reply_of(notice_id: UUID, reply_id: UUID) -> Reply | None:
    """One reply with its photos, if it belongs to this notice."""
    found = select(Reply).where(Reply.id == reply_id, Reply.notice_id == notice_id).options(_PHOTOS)
    return db.session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def photos_of_draft(notice_id: UUID, draft_id: UUID) -> list[ReplyPhoto]:
    """What has arrived for a reply that is not sent yet, in the order of arrival."""
    return list(
        db.session.scalars(
            select(ReplyPhoto)
            .where(
                ReplyPhoto.notice_id == notice_id, ReplyPhoto.draft_id == draft_id, ReplyPhoto.reply_id.is_(None)
            )
            .order_by(ReplyPhoto.received_at, ReplyPhoto.photo_id)
            .execution_options(populate_existing=True)
        )
    )


def photo_of(notice_id: UUID, photo_id: UUID) -> Photo | None:
    """A photo that came with a reply to this notice, sent or not."""
    return db.session.scalars(
        select(Photo)
        .join(ReplyPhoto, ReplyPhoto.photo_id == Photo.id)
        .where(ReplyPhoto.photo_id == photo_id, ReplyPhoto.notice_id == notice_id)
    ).one_or_none()


def count_unsent(notice_id: UUID, since: datetime) -> int:
    """Photos of a notice that came after `since` and wait for their replies."""
    asked = select(func.count()).where(
        ReplyPhoto.notice_id == notice_id, ReplyPhoto.reply_id.is_(None), ReplyPhoto.received_at > since
    )
    return db.session.scalar(asked) or 0


def lock_of(notice_id: UUID) -> ReplyLock | None:
    return db.session.get(ReplyLock, notice_id, populate_existing=True)


def self_checks_of(notice_id: UUID) -> dict[UUID, SelfCheck]:
    """What the owner says about each item, by item."""
    rows = db.session.scalars(select(SelfCheck).where(SelfCheck.notice_id == notice_id))
    return {row.item_id: row for row in rows}


def items_of_visit(inspection_id: UUID) -> list[tuple[str, Sequence[ChecklistItem]]]:
    """What that visit's sheets ask of this place: domain and its items, in the order of the sheets."""
    sheets = db.session.scalars(
        select(Sheet).where(Sheet.inspection_id == inspection_id).order_by(Sheet.position).options(
            joinedload(Sheet.version)
        )
    ).all()
    rows = db.session.scalars(
        select(ChecklistItem)
        .where(ChecklistItem.version_id.in_([sheet.version_id for sheet in sheets]))
        .order_by(ChecklistItem.position)
    ).all()
    found = []
    for sheet in sheets:
        applied = set(sheet.item_ids)
        found.append(
            (sheet.version.domain, [i for i in rows if i.version_id == sheet.version_id and str(i.id) in applied])
        )
    return [(domain, items) for domain, items in found if items]


def items_found(inspection_id: UUID, codes: Collection[str]) -> dict[str, ChecklistItem]:
    """The items of that visit's sheets by code: what they say on how to do it right."""
    rows = db.session.scalars(
        select(ChecklistItem)
        .join(Sheet, Sheet.version_id == ChecklistItem.version_id)
        .join(Inspection, Inspection.id == Sheet.inspection_id)
        .where(Inspection.id == inspection_id, ChecklistItem.code.in_(codes))
    )
    return {row.code: row for row in rows}
