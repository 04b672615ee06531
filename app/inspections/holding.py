"""Who may write in a visit, and that nobody freezes it meanwhile."""

from app.accounts.models import Person
from app.core.database import db
from app.core.errors import N_, AlreadyClosed, NotAllowed
from app.inspections.models import Inspection


def refuse_unless_open(inspection: Inspection, by: Person) -> None:
    """Raise AlreadyClosed for a frozen visit, NotAllowed for somebody who does not take part."""
    hold(inspection)
    if not inspection.is_open:
        raise AlreadyClosed(
            N_("This visit is finished and frozen."), hint=N_("Use a correction: it shows both versions.")
        )
    if not inspection.is_worked_on_by(by):
        raise NotAllowed(N_("Only the people on this visit can write in it."))


def hold(inspection: Inspection) -> None:
    """Until this transaction ends nobody else writes into the visit or freezes it; its status is the newest.

    SQLite has one writer at a time anyway.
    """
    if db.session.get_bind().dialect.name != "sqlite":
        db.session.refresh(inspection, ["status"], with_for_update={"key_share": True})
