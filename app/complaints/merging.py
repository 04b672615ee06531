"""When two files of one place become one, the complaints about it come along."""

from sqlalchemy import update

from app.complaints.models import Complaint
from app.core.database import db
from app.premises import services as premises_services
from app.premises.models import Premises


def move_complaints(kept: Premises, other: Premises) -> None:
    """Hand the complaints about `other` to `kept`."""
    db.session.execute(update(Complaint).where(Complaint.premises_id == other.id).values(premises_id=kept.id))


def add() -> None:
    """Take part in merging."""
    if move_complaints not in premises_services.on_merge:
        premises_services.on_merge.append(move_complaints)
