"""Which phones send, and by how much their clocks differ. Bookkeeping: once in ten minutes of each is enough."""

from threading import Lock
from time import monotonic
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as insert_or_update  # both databases speak its ON CONFLICT

from app.accounts.callers import Caller
from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.sync.models import Device
from app.sync.wire import Envelope

SECONDS, MOST = 600, 10_000
_written: dict[tuple[str, UUID, UUID], float] = {}
_lock = Lock()


def seen(sent: Envelope, person: Person | Caller) -> None:
    """Write down that this phone sent something."""
    if sent.device_id is None or not _is_due(sent.device_id, person.id):
        return
    now = clock.now()
    offset = None if sent.sent_at_ms is None else sent.sent_at_ms - round(now.timestamp() * 1000)
    row = {"id": sent.device_id, "person_id": person.id, "first_seen_at": now, "last_seen_at": now}
    new = {"last_seen_at": now, "clock_offset_ms": offset}
    adding = insert_or_update(Device.__table__).values(**row, clock_offset_ms=offset)
    with transaction():
        db.session.execute(adding.on_conflict_do_update(index_elements=["id", "person_id"], set_=new))


def _is_due(device_id: UUID, person_id: UUID) -> bool:
    key = (db.engine.url.database or "", device_id, person_id)
    with _lock:
        if monotonic() - _written.get(key, -SECONDS) < SECONDS:
            return False
        if len(_written) >= MOST:
            _written.clear()
        _written[key] = monotonic()
        return True
