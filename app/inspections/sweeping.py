"""What "the rest conforms" may answer, and what it must leave to the person."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.checklists.models import ChecklistItem
from app.core.database import db
from app.core.ids import derived_id
from app.inspections import queries
from app.inspections.models import Answer, Inspection, InspectionPhoto


@dataclass(frozen=True)
class Swept:
    """The items that conform by this tap, and how many of the unanswered ones it left alone, by reason."""

    items: tuple[ChecklistItem, ...] = ()
    unmeasured: int = 0  # only a value says whether it conforms
    recorded: int = 0  # there is a note, a value or a photo, but no answer

    @property
    def count(self) -> int:
        return len(self.items)


def plan_sweep(inspection: Inspection, version_id: UUID | None = None) -> Swept:
    """What the tap would do now to the visit, or to one checklist of it.

    It says "I have looked, and there was nothing". It cannot say that of a measured item without a value: such a
    record would be invented. Nor of an item for which somebody wrote something down or took a photo and then gave no
    answer: whoever saw something there must say what it means. Both stay not looked at.
    """
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
            elif item.measures:
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
