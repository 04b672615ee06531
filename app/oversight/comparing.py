"""Two photos beside each other, and what a photo of a place may be compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.accounts.regions import Region, within
from app.checklists.models import ChecklistItem
from app.core.database import db
from app.core.ids import read_id
from app.inspections.models import Answer, Inspection, InspectionPhoto
from app.oversight import queries
from app.photos.models import Photo, Purpose

SAME_ITEM, OTHERS = 8, 12  # photos offered to compare with
PAIRS = 24  # pairs of then and now shown of a place
MOST_READ = 400  # photos of a place that are looked through for them
Row = InspectionPhoto


@dataclass(frozen=True)
class Comparison:
    """`then` is the older of the two; `then` alone where there is nothing to compare with."""

    row: InspectionPhoto
    other: InspectionPhoto | None
    same_item: Sequence[InspectionPhoto]
    others: Sequence[InspectionPhoto]

    @property
    def pair(self) -> tuple[InspectionPhoto, InspectionPhoto] | None:
        if self.other is None:
            return None
        first, second = sorted((self.row, self.other), key=lambda row: (row.received_at, row.photo_id))
        return first, second


def comparison(photo_id: UUID, arguments: Mapping[str, str], region: Region) -> Comparison:
    """This photo beside the one the address names, else beside the newest earlier one of the same item there."""
    row = queries.log_row(photo_id, region)
    same = _same_item(row, region)
    others = _others(row, region, {one.photo_id for one in same})
    wanted = read_id(arguments.get("with", ""))
    other = queries.log_row(wanted, region) if wanted and wanted != photo_id else None
    if other is None:
        earlier = [one for one in same if one.received_at <= row.received_at]
        other = next(iter(earlier or same or [one for one in others if one.inspection_id != row.inspection_id]), None)
    return Comparison(row, other, same, others)


def _same_item(row: InspectionPhoto, region: Region) -> list[InspectionPhoto]:
    if row.answer is None:
        return []
    found = (
        _of_place(row.premises_id, region)
        .join(Answer, Answer.id == Row.answer_id)
        .join(ChecklistItem, ChecklistItem.id == Answer.item_id)
        .where(ChecklistItem.code == row.answer.item.code, Row.photo_id != row.photo_id)
    )
    return list(db.session.scalars(found.limit(SAME_ITEM)))


def _others(row: InspectionPhoto, region: Region, known: set[UUID]) -> list[InspectionPhoto]:
    found = db.session.scalars(_of_place(row.premises_id, region).limit(OTHERS + len(known) + 1))
    return [one for one in found if one.photo_id not in known | {row.photo_id}][:OTHERS]


def _of_place(premises_id: UUID, region: Region) -> Select[InspectionPhoto]:
    newest = (Row.received_at.desc(), Row.photo_id.desc())
    return select(Row).where(Row.premises_id == premises_id, within(Row, region)).order_by(*newest)


@dataclass(frozen=True)
class Pair:
    """One item of a place: the first photo of what was found, and the newest of how it is."""

    then: InspectionPhoto
    now: InspectionPhoto


def pairs(premises_id: UUID, region: Region) -> list[Pair]:
    """Before and after at a place, item by item, the latest change first; one read of its photos.

    A pair is a photo marked "after", or one of a re-inspection, with the newest earlier photo of the same item; a photo
    sent in answer to one that was sent back pairs with that one.
    """
    found = db.session.scalars(
        _of_place(premises_id, region)
        .options(
            joinedload(Row.photo).load_only(Photo.id, Photo.purpose),
            joinedload(Row.answer).load_only(Answer.id).joinedload(Answer.item),
            joinedload(Row.inspection).load_only(Inspection.id, Inspection.parent_id),
        )
        .limit(MOST_READ)
    )
    rows, made = list(found.unique()), []
    for place, row in enumerate(rows):
        then = _before(row, rows[place + 1 :])
        if then is not None:
            made.append(Pair(then, row))
    return made[:PAIRS]


def _before(row: InspectionPhoto, older: Sequence[InspectionPhoto]) -> InspectionPhoto | None:
    if row.in_answer_to_id is not None:
        return next((one for one in older if one.photo_id == row.in_answer_to_id), None)
    if row.answer is None or not (row.photo.purpose is Purpose.AFTER or row.inspection.parent_id):
        return None
    code = row.answer.item.code
    same = (one for one in older if one.answer is not None and one.answer.item.code == code)
    return next((one for one in same if one.photo.purpose is not Purpose.AFTER), None)
