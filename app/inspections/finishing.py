"""The end of a visit: it is frozen, once."""

from collections.abc import Callable
from uuid import UUID

from app.accounts.models import Person
from app.core import audit, clock
from app.core.database import db
from app.inspections.deciding import Ending, check_ending
from app.inspections.digests import content_digest
from app.inspections.holding import hold, refuse_unless_open
from app.inspections.models import Inspection, Status
from app.inspections.progress import progress_of

Hook = Callable[[Inspection, Person], None]
_hooks: list[Hook] = []


def on_finished(hook: Hook) -> None:
    """Call `hook(inspection, by)` in the transaction of a re-inspection's end, so that upper features can follow.

    First visits end without it: whole days of them arrive in one statement (app/sync).
    """
    if hook not in _hooks:
        _hooks.append(hook)


def tell_finished(inspection: Inspection, by: Person) -> None:
    """Let the upper features follow; whoever ends a re-inspection in another way calls this once."""
    for hook in _hooks:
        hook(inspection, by)


def finish_inspection(
    inspection: Inspection, ending: Ending, *, by: Person, change_id: UUID | None = None
) -> Inspection:
    """Freeze the visit. A second finishing, also from another phone, finds it finished and changes nothing.

    Raises Invalid naming what is missing.
    """
    hold(inspection)
    if not inspection.is_open:
        return inspection
    refuse_unless_open(inspection, by)
    progress = progress_of(inspection)
    check_ending(ending, answered=progress.answered, incomplete=len(progress.incomplete))
    inspection.conclusion = ending.conclusion
    inspection.receipt = ending.receipt
    inspection.signer_name, inspection.signature_key = ending.signer_name, ending.signature_key
    inspection.refusal_reason, inspection.witness = ending.refusal_reason, ending.witness
    inspection.finished_at = clock.now()
    inspection.status = Status.FINISHED
    inspection.digest = content_digest(inspection)
    inspection.premises.last_inspected_at = inspection.finished_at
    db.session.flush()
    audit.record("inspection_finished", inspection, by=by.id, change_id=change_id, after={"digest": inspection.digest})
    if inspection.parent_id is not None:
        tell_finished(inspection, by)
    return inspection
