"""Photos a notice lists by the hash a phone announced, whose bytes are still on their way.

They belong to its frozen content from the day of issue: afterwards only bytes with this hash are taken for them.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.database import db
from app.inspections.models import AnnouncedPhoto
from app.notices.models import Notice, Status

ON_ITS_WAY, UNREADABLE = "on its way", "unreadable"


def announced_by_answer(inspection_id: UUID, arrived: Sequence[UUID]) -> dict[UUID, list[AnnouncedPhoto]]:
    """The visit's photos that are still awaited, by answer, in the order they were taken; none of its late ones."""
    rows = db.session.scalars(
        select(AnnouncedPhoto).where(
            AnnouncedPhoto.inspection_id == inspection_id,
            AnnouncedPhoto.answer_id.is_not(None),
            AnnouncedPhoto.arrived_at.is_(None),
            AnnouncedPhoto.problem == "",
        )
    ).all()
    found: dict[UUID, list[AnnouncedPhoto]] = {}
    for row in sorted(rows, key=lambda one: (one.meta.get("captured_at", ""), one.photo_id)):
        if row.answer_id is not None and not row.is_late and row.photo_id not in arrived:
            found.setdefault(row.answer_id, []).append(row)
    return found


def lacking(content: dict[str, Any]) -> dict[str, str]:
    """Which photos of a notice are not here, and why; asked only where some were announced when it was issued."""
    told = [photo["id"] for finding in content["findings"] for photo in finding["photos"] if photo.get("announced")]
    if not told:
        return {}
    rows = db.session.execute(
        select(AnnouncedPhoto.photo_id, AnnouncedPhoto.problem).where(
            AnnouncedPhoto.photo_id.in_([UUID(one) for one in told]), AnnouncedPhoto.arrived_at.is_(None)
        )
    )
    return {str(row.photo_id): UNREADABLE if row.problem else ON_ITS_WAY for row in rows}


def is_on_notice(photo_id: UUID, inspection_id: UUID) -> bool:
    """Whether a notice in force of this visit lists the photo that arrives now."""
    contents = db.session.scalars(
        select(Notice.content).where(Notice.inspection_id == inspection_id, Notice.status == Status.ISSUED)
    )
    listed = (photo["id"] for content in contents for finding in content["findings"] for photo in finding["photos"])
    return str(photo_id) in listed
