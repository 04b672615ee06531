"""When two files of one place become one, its visits and photos come along."""

from sqlalchemy import update

from app.core.database import db
from app.inspections.models import Inspection, InspectionPhoto
from app.premises import services as premises_services
from app.premises.models import Premises


def move_visits(kept: Premises, other: Premises) -> None:
    """Hand the visits and photos of `other` to `kept`. What was recorded in them stays as it was."""
    for model in (Inspection, InspectionPhoto):
        db.session.execute(update(model).where(model.premises_id == other.id).values(premises_id=kept.id))
    latest = [moment for moment in (kept.last_inspected_at, other.last_inspected_at) if moment is not None]
    kept.last_inspected_at = max(latest, default=None)


def add() -> None:
    """Take part in merging."""
    if move_visits not in premises_services.on_merge:
        premises_services.on_merge.append(move_visits)
