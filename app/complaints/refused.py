"""Counting refused posts without letting a flood of them keep the database busy: in memory first, then by the heap."""

from collections import Counter
from datetime import date
from threading import Lock
from time import monotonic

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as insert_or_add  # both databases speak its ON CONFLICT

from app.complaints.models import RefusedPosts
from app.core import clock
from app.core.database import db, transaction

EVERY, MOST = 5.0, 500  # seconds between two writes, refusals that are written at once
_waiting: dict[str, Counter[tuple[date, str]]] = {}
_written: dict[str, float] = {}
_lock = Lock()


def count(reason: str) -> None:
    """One more post was refused."""
    place = str(db.engine.url)
    with _lock:
        heap = _waiting.setdefault(place, Counter())
        heap[clock.today(), reason] += 1
        due = monotonic() - _written.get(place, 0.0) >= EVERY or heap.total() >= MOST
    if due:
        write()


def write() -> None:
    """Add what was counted to the database; opens its own transaction."""
    place = str(db.engine.url)
    with _lock:
        heap = _waiting.pop(place, None)
        _written[place] = monotonic()
    if not heap:
        return
    adding = insert_or_add(RefusedPosts.__table__)
    adding = adding.on_conflict_do_update(
        index_elements=["day", "reason"], set_={"count": RefusedPosts.__table__.c.count + adding.excluded.count}
    )
    with transaction():
        rows = [{"day": day, "reason": reason, "count": number} for (day, reason), number in heap.items()]
        db.session.execute(adding, rows)


def counted(since: date) -> dict[str, int]:
    """Refused posts by reason since a day."""
    rows = select(RefusedPosts.reason, func.sum(RefusedPosts.count)).where(RefusedPosts.day >= since)
    return {reason: int(number) for reason, number in db.session.execute(rows.group_by(RefusedPosts.reason)).tuples()}
