"""When two files of one place become one, its notices come along; their frozen content stays as printed."""

from sqlalchemy import update

from app.core.database import db
from app.notices.models import Notice
from app.premises import services as premises_services
from app.premises.models import Premises


def move_notices(kept: Premises, other: Premises) -> None:
    """Hand the notices of `other` to `kept`."""
    db.session.execute(update(Notice).where(Notice.premises_id == other.id).values(premises_id=kept.id))


def add() -> None:
    """Take part in merging."""
    if move_notices not in premises_services.on_merge:
        premises_services.on_merge.append(move_notices)
