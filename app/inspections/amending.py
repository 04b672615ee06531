"""Corrections of finished visits."""

from uuid import UUID

from app.accounts.models import Person
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, Refused
from app.inspections.models import Amendment, Answer, Inspection
from app.inspections.services import LONGEST_NOTE


def amend(
    amendment_id: UUID,
    inspection: Inspection,
    answer: Answer | None,
    after: str,
    reason: str,
    *,
    by: Person,
    change_id: UUID | None = None,
) -> Amendment:
    """Correct a finished visit: the frozen text stays, the correction stands beside it with its reason."""
    known = db.session.get(Amendment, amendment_id)
    if known is not None:
        if known.inspection_id != inspection.id:
            raise Refused(N_("Another correction was already made under this number. Reload the page."))
        return known
    if inspection.is_open:
        raise Refused(N_("This visit is still open: change it directly."))
    if not inspection.is_worked_on_by(by):
        raise NotAllowed(N_("Only the people on this visit can write in it."))
    if not reason.strip() or not after.strip():
        raise Invalid(N_("Write both the corrected text and the reason."))
    before = answer.note if answer is not None else inspection.conclusion
    amendment = Amendment(
        id=amendment_id,
        inspection_id=inspection.id,
        answer_id=answer.id if answer else None,
        at=clock.now(),
        by_id=by.id,
        reason=reason.strip()[:LONGEST_NOTE],
        before=before,
        after=after.strip()[:LONGEST_NOTE],
    )
    db.session.add(amendment)
    db.session.flush()
    audit.record(
        "inspection_amended", inspection, by=by.id, change_id=change_id, before=before, after=after, note=reason
    )
    return amendment
