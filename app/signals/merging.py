"""When two files of one place become one, the signals about it come along."""

from sqlalchemy import update

from app.core.database import db
from app.premises import services as premises_services
from app.premises.models import Premises
from app.signals.models import Signal, VisitTrace


def move_signals(kept: Premises, other: Premises) -> None:
    """Hand the signals about `other` to `kept`; visits to either were visits to one place."""
    for model in (Signal, VisitTrace):
        db.session.execute(update(model).where(model.premises_id == other.id).values(premises_id=kept.id))


def add() -> None:
    """Take part in merging."""
    if move_signals not in premises_services.on_merge:
        premises_services.on_merge.append(move_signals)
