"""Putting reminders away. They flush; the caller holds the transaction."""

from datetime import datetime
from uuid import UUID

from app.core.database import db
from app.reminders.queries import get_own


def put_away(reminder_id: UUID, person_id: UUID, now: datetime) -> None:
    """Take it off this person's list; again changes nothing. The log keeps it. Raises NotFound."""
    row = get_own(reminder_id, person_id)
    row.done_at = row.done_at or now
    db.session.flush()
