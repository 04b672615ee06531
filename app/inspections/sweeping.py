"""“The rest conforms”: what this tap may answer, what it must leave to the person, and how it is taken back."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.core import audit, clock
from app.core.database import db
from app.core.ids import derived_id
from app.inspections import queries, rules
from app.inspections.answering import new_answer
from app.inspections.deciding import wrote
from app.inspections.holding import refuse_unless_open
from app.inspections.models import Answer, Inspection, InspectionPhoto, Result


@dataclass(frozen=True)
class Swept:
    """The items that conform by this tap, and how many of the unanswered ones it left alone, by reason."""

    items: tuple[ChecklistItem, ...] = ()
    unmeasured: int = 0  # only a value says whether it conforms
    recorded: int = 0  # there is a note, a value or a photo, but no answer

    @property
    def count(self) -> int:
        return len(self.items)


def sweep_rest(
    inspection: Inspection, sweep_id: UUID, *, by: Person, version_id: UUID | None = None, change_id: UUID | None = None
) -> Swept:
    """"The rest conforms": answer the items not looked at yet that can be judged by eye. Undone by `undo_sweep`."""
    refuse_unless_open(inspection, by)
    swept = plan_sweep(inspection, version_id)
    answers, now = queries.answers_of(inspection), clock.now()
    for item in swept.items:
        answer = answers.get(item.id) or new_answer(inspection, item.id, item.version_id, by)
        answer.result, answer.sweep_id = Result.CONFORMS, sweep_id
        wrote(answer, "result", change_id)
        answer.answered_at, answer.answered_by_id = now, by.id
    db.session.flush()
    after = {"sweep": str(sweep_id), "count": swept.count}
    audit.record("rest_conforms", inspection, by=by.id, change_id=change_id, after=after)
    return swept


def undo_sweep(inspection: Inspection, sweep_id: UUID, *, by: Person, change_id: UUID | None = None) -> int:
    """Take back exactly the answers that `sweep_rest` gave and nobody has touched since. Returns how many."""
    refuse_unless_open(inspection, by)
    taken_back = [answer for answer in queries.answers_of(inspection).values() if answer.sweep_id == sweep_id]
    for answer in taken_back:
        answer.result, answer.sweep_id = None, None
        wrote(answer, "result", change_id)
    db.session.flush()
    audit.record(
        "rest_conforms_undone",
        inspection,
        by=by.id,
        change_id=change_id,
        after={"sweep": str(sweep_id), "count": len(taken_back)},
    )
    return len(taken_back)


def plan_sweep(inspection: Inspection, version_id: UUID | None = None) -> Swept:
    """What the tap would do now to the visit, or to one checklist of it.

    It says "I have looked, and there was nothing". It cannot say that of a measurement without a value: such a
    record would be invented. Nor of an item for which somebody wrote something down or took a photo and then gave no
    answer: whoever saw something there must say what it means. Both stay not looked at.
    """
    if inspection.parent_id is not None:
        return Swept()  # what was found once is looked at one by one
    items, answers = queries.items_of(inspection), queries.answers_of(inspection)
    with_photo = _with_photo(inspection)
    by_eye, unmeasured, recorded = [], 0, 0
    for sheet in inspection.sheets:
        if version_id is not None and sheet.version_id != version_id:
            continue
        for item in (items[UUID(item_id)] for item_id in sheet.item_ids):
            answer = answers.get(item.id)
            if answer is not None and answer.result is not None:
                continue
            if derived_id(inspection.id, str(item.id)) in with_photo or (answer is not None and _says(answer)):
                recorded += 1
            elif rules.is_measurement(item.code):
                unmeasured += 1
            else:
                by_eye.append(item)
    return Swept(tuple(by_eye), unmeasured, recorded)


def _says(answer: Answer) -> bool:
    return bool(answer.note.strip() or answer.phrases or answer.readings)


def _with_photo(inspection: Inspection) -> set[UUID | None]:
    """The answers that have photos."""
    found = select(InspectionPhoto.answer_id).where(InspectionPhoto.inspection_id == inspection.id)
    return set(db.session.scalars(found.distinct()))
