"""Marks on photos, many at once and each exactly once: given, refused with a reason, taken back."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.accounts.regions import Region, within
from app.core.database import db
from app.core.errors import N_
from app.inspections.deciding import LONGEST_NOTE
from app.inspections.models import InspectionPhoto, Review
from app.inspections.reviewing import review_photo, standing, take_back_review
from app.oversight.models import PhotoMark
from app.oversight.rules import may_undo

DECISIONS = (Review.REVIEWED, Review.SENT_BACK)


@dataclass(frozen=True)
class Wish:
    """A decision somebody tapped. `seen` is how the photo stood on the screen; None where it is not known."""

    id: UUID
    photo_id: UUID
    review: Review
    remark: str = ""
    seen: Review | None = None


class Fate(enum.StrEnum):
    """What became of a wish."""

    DONE = "done"
    CHANGED = "changed"  # somebody else was quicker; nothing was written over
    GONE = "gone"
    LATE = "late"
    REFUSED = "refused"


SAID = {
    Fate.CHANGED: N_("Somebody else decided about this photo in the meantime. Yours was not taken."),
    Fate.GONE: N_("This photo is not in your area."),
    Fate.LATE: N_("It is too late to take this back. Decide anew instead."),
    Fate.REFUSED: N_("This could not be taken as it was sent."),
}


@dataclass(frozen=True)
class Told:
    """The answer to one wish: its fate, and how the photo stands now."""

    id: UUID
    fate: Fate
    review: Review | None = None


def mark_photos(
    wishes: Sequence[Wish], region: Region, *, by: Person, batch_id: UUID | None = None
) -> list[Told]:
    """Carry out `wishes` in their order; one that cannot be carried out never stops the others."""
    rows = _rows([wish.photo_id for wish in wishes], region)  # held first: who waited here sees what the other did
    known = {mark.id: mark for mark in _marks([wish.id for wish in wishes])}
    found = []
    for wish in wishes:
        row, told = rows.get(wish.photo_id), known.get(wish.id)
        if told is not None:
            same = (told.photo_id, told.review, told.remark) == (wish.photo_id, wish.review, _remark(wish))
            fate = Fate.DONE if same and told.by_id == by.id else Fate.REFUSED
        else:
            fate = _fate(wish, row)
            if fate is Fate.DONE and row is not None:
                known[wish.id] = _mark(wish, row, by, batch_id)
        found.append(Told(wish.id, fate, row.review if row else None))
    return found


def take_back(mark_ids: Sequence[UUID], region: Region, *, by: Person, now: datetime) -> list[Told]:
    """Take one's own marks back, as long as nothing was built on them; doing it twice is doing it once."""
    known = {mark.id: mark for mark in _marks(mark_ids)}
    rows = _rows([mark.photo_id for mark in known.values()], region)
    known = {mark.id: mark for mark in _marks(mark_ids)}  # again, now that nobody else can take them back
    found = []
    for mark_id in mark_ids:
        mark = known.get(mark_id)
        row = rows.get(mark.photo_id) if mark else None
        if mark is None:  # it was never taken: nothing stands there to be taken back
            fate = Fate.DONE
        else:
            fate = _undone(mark, row, by, now) if row is not None and mark.by_id == by.id else Fate.GONE
        found.append(Told(mark_id, fate, row.review if row else None))
    return found


@dataclass(frozen=True)
class Batch:
    """What was decided together, and whether it can still be taken back."""

    id: UUID
    review: Review
    photos: int
    undone: int
    at: datetime
    can_undo: bool


def batch_of(batch_id: UUID, *, by: Person, now: datetime) -> Batch | None:
    """What this person decided together under this id; None where there is no such."""
    marks = marks_of(batch_id, by)
    if not marks:
        return None
    undone, at = sum(mark.undone_at is not None for mark in marks), min(mark.at for mark in marks)
    return Batch(batch_id, marks[0].review, len(marks), undone, at, may_undo(at, now) and undone < len(marks))


def marks_of(batch_id: UUID, by: Person) -> Sequence[PhotoMark]:
    """The marks this person gave together."""
    rows = select(PhotoMark).where(PhotoMark.batch_id == batch_id, PhotoMark.by_id == by.id)
    return db.session.scalars(rows.order_by(PhotoMark.id)).all()


def _fate(wish: Wish, row: InspectionPhoto | None) -> Fate:
    if row is None:
        return Fate.GONE
    if wish.review not in DECISIONS or (wish.review is Review.SENT_BACK and not _remark(wish)):
        return Fate.REFUSED
    return Fate.CHANGED if wish.seen not in {None, row.review} else Fate.DONE


def _remark(wish: Wish) -> str:
    return wish.remark.strip()[:LONGEST_NOTE] if wish.review is Review.SENT_BACK else ""


def _mark(wish: Wish, row: InspectionPhoto, by: Person, batch_id: UUID | None) -> PhotoMark:
    was = standing(row)
    review_photo(row, wish.review, by=by, remark=_remark(wish), change_id=wish.id)
    mark = PhotoMark(
        id=wish.id,
        photo_id=row.photo_id,
        batch_id=batch_id,
        by_id=by.id,
        at=row.reviewed_at,
        review=wish.review,
        remark=_remark(wish),
        was=was,
    )
    db.session.add(mark)
    db.session.flush()
    return mark


def _undone(mark: PhotoMark, row: InspectionPhoto, by: Person, now: datetime) -> Fate:
    if mark.undone_at is not None:
        return Fate.DONE
    if (row.review, row.reviewed_at, row.reviewed_by_id) != (mark.review, mark.at, mark.by_id):
        return Fate.CHANGED
    if not may_undo(mark.at, now):
        return Fate.LATE
    take_back_review(row, mark.was, by=by, change_id=mark.id)
    mark.undone_at = now
    db.session.flush()
    return Fate.DONE


def _marks(ids: Sequence[UUID]) -> Sequence[PhotoMark]:
    rows = select(PhotoMark).where(PhotoMark.id.in_(ids)).execution_options(populate_existing=True)
    return db.session.scalars(rows).all() if ids else ()


def _rows(ids: Sequence[UUID], region: Region) -> dict[UUID, InspectionPhoto]:
    """The photos in `region`, held until the end of the transaction; always in one order, so nobody waits in a ring."""
    if not ids:
        return {}
    rows = db.session.scalars(
        select(InspectionPhoto)
        .where(InspectionPhoto.photo_id.in_(set(ids)), within(InspectionPhoto, region))
        .options(joinedload(InspectionPhoto.premises))
        .order_by(InspectionPhoto.photo_id)
        .with_for_update(of=InspectionPhoto)
        .execution_options(populate_existing=True)
    )
    return {row.photo_id: row for row in rows}
