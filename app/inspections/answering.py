"""How answers and their findings come to be. Used by the services of a visit, which check who may do it."""

from uuid import UUID

from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.core import clock
from app.core.database import db
from app.core.ids import derived_id
from app.inspections import queries
from app.inspections.deciding import proposed
from app.inspections.models import Answer, Finding, Inspection, Result


def answer_of(inspection: Inspection, item: ChecklistItem, by: Person) -> Answer:
    """The answer of an item, new when it is the first; its id is the same on every device."""
    answer = queries.answer_with_finding(derived_id(inspection.id, str(item.id)))
    return answer or new_answer(inspection, item.id, item.version_id, by)


def new_answer(inspection: Inspection, item_id: UUID, version_id: UUID, by: Person) -> Answer:
    """An answer that says nothing yet."""
    answer = Answer(
        id=derived_id(inspection.id, str(item_id)),
        inspection_id=inspection.id,
        item_id=item_id,
        version_id=version_id,
        note="",
        phrases=[],
        readings=[],
        answered_at=clock.now(),
        answered_by_id=by.id,
        finding=None,
    )
    db.session.add(answer)
    return answer


def keep_finding(answer: Answer, item: ChecklistItem, inspection: Inspection) -> None:
    """A non-conforming answer has a finding with its proposal; any other answer has none."""
    finding = answer.finding
    if answer.result is Result.DOES_NOT:
        if finding is None:
            answer.finding = _proposed_finding(answer, item, inspection)
            db.session.add(answer.finding)
    elif finding is not None:
        db.session.delete(finding)
        answer.finding = None


def _proposed_finding(answer: Answer, item: ChecklistItem, inspection: Inspection) -> Finding:
    visited_on = clock.local(inspection.started_at).date()
    return Finding(
        id=derived_id(answer.id, "finding"),
        answer_id=answer.id,
        inspection_id=inspection.id,
        **proposed(item, visited_on, clock.today()),
    )
