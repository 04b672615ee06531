"""A verification from beginning to end: begun, looked, kept; each part in a transaction of its own."""

from uuid import UUID

from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.settings import settings
from app.core.storage import storage
from app.proof import alone, naming, services, troubles
from app.proof.checking import EVERYTHING, Result, Wish, verify
from app.proof.models import Anchor, AuditCheck


def run(
    wish: Wish = EVERYTHING, *, by: UUID | None = None, check_id: UUID | None = None
) -> tuple[AuditCheck, Result, list[naming.Name]]:
    """Verify and keep what was found. The service goes on meanwhile.

    Raises Refused while another one runs, CannotVerify or StorageFull where the machine does not allow it.
    """
    with troubles.told(), alone.only_one():
        return _run(wish, by, check_id or new_id())


def _run(wish: Wish, by: UUID | None, check_id: UUID) -> tuple[AuditCheck, Result, list[naming.Name]]:
    with transaction():
        services.begin_check(check_id, wish, by=by, now=clock.now())
    db.session.rollback()
    result = verify(settings(), storage(), wish)
    names = naming.names_of(result.found)
    db.session.rollback()
    with transaction():
        check = db.session.get_one(AuditCheck, check_id)
        services.end_check(check, result, names, now=clock.now())
    return check, result, names


def anchor() -> list[Anchor]:
    """Send the head to every second place; nothing where none is set or nothing was written since."""
    head = services.head_to_send() if settings().anchors else None
    db.session.rollback()
    if head is None:
        return []
    rows = services.send_out(head, settings())
    with transaction():
        services.keep_anchors(rows)
    return rows
