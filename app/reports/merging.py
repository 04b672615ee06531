"""When two files of one place become one, the reports about it come along."""

from sqlalchemy import update

from app.core.database import db
from app.premises import services as premises_services
from app.premises.models import Premises
from app.reports.models import Report


def move_reports(kept: Premises, other: Premises) -> None:
    """Hand the reports about `other` to `kept`."""
    db.session.execute(update(Report).where(Report.premises_id == other.id).values(premises_id=kept.id))


def add() -> None:
    """Take part in merging."""
    if move_reports not in premises_services.on_merge:
        premises_services.on_merge.append(move_reports)
