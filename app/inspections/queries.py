"""Reads of visits. Every page reads a constant number of times, however much there is."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, union_all
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.accounts.callers import Caller
from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import Region, within
from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.core import clock
from app.core.database import db, read_once
from app.core.errors import NotFound
from app.core.roles import INSPECTORS
from app.inspections import deciding
from app.inspections.models import (
    Answer,
    Fellow,
    Inspection,
    InspectionPhoto,
    Review,
    Status,
)
from app.photos.models import Photo
from app.premises.models import Premises
from app.premises.queries import place_within

# Composed once, because they are asked at every tap.
_VISIT = select(Inspection).where(Inspection.id == bindparam("id")).options(joinedload(Inspection.sheets))
_ANSWER = select(Answer).where(Answer.id == bindparam("id")).options(joinedload(Answer.finding))

_NAMES = (  # of those who were there; what they may do does not matter to who reads
    joinedload(Inspection.lead).lazyload(Person.roles),
    selectinload(Inspection.fellows).joinedload(Fellow.person).lazyload(Person.roles),
)


def get_inspection(inspection_id: UUID, reader: Person) -> Inspection:
    """The visit, if it lies in the reader's region; NotFound otherwise, the same as if there were none."""
    return _inspection(inspection_id, within(Inspection, reader.region))


def read_inspection(inspection_id: UUID, reader: Person) -> Inspection:
    """The same for reading only: also a finished visit of another area to a place that has moved to the reader's."""
    return _inspection(inspection_id, or_(within(Inspection, reader.region), _is_history(reader.region)), *_NAMES)


def _is_history(region: Region) -> ColumnElement[bool]:
    """What other areas finished at a place that lies in `region` now. Work that still goes on stays with its people."""
    return and_(Inspection.status == Status.FINISHED, place_within(Inspection, region))


def _inspection(inspection_id: UUID, condition: ColumnElement[bool], *more: ORMOption) -> Inspection:
    found = db.session.scalars(
        select(Inspection)
        .where(Inspection.id == inspection_id, condition)
        .options(joinedload(Inspection.premises), selectinload(Inspection.fellows), selectinload(Inspection.sheets))
        .options(*more)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def get_visit(inspection_id: UUID, reader: Person) -> Inspection:
    """The same with nothing but its sheets, in one read: for a tap that is saved."""
    found = db.session.scalars(_VISIT, {"id": inspection_id}).unique().one_or_none()
    if found is None or not reader.region.contains(found):
        raise NotFound
    return found


def get_item(inspection: Inspection, item_id: UUID) -> ChecklistItem:
    """An item of this visit; NotFound for items of other checklists or not applying to this place."""
    wanted = str(item_id)
    for sheet in inspection.sheets:
        if wanted in sheet.item_ids:
            return published(sheet.version_id).items[item_id]
    raise NotFound


def suggested_date(item: ChecklistItem, inspection: Inspection) -> date:
    """The checklist's suggestion counted from the day of the visit; the inspector confirms it."""
    return deciding.suggested_date(item, clock.local(inspection.started_at).date())


def answer_with_finding(answer_id: UUID) -> Answer | None:
    """The answer, in one read with its finding."""
    return db.session.scalars(_ANSWER, {"id": answer_id}).one_or_none()


def items_of(inspection: Inspection) -> dict[UUID, ChecklistItem]:
    """All items of the visit's checklist versions by id."""
    return {
        item_id: item for sheet in inspection.sheets for item_id, item in published(sheet.version_id).items.items()
    }


def answers_of(inspection: Inspection) -> dict[UUID, Answer]:
    """The visit's answers by item id, with their findings."""
    rows = db.session.scalars(
        select(Answer).where(Answer.inspection_id == inspection.id).options(joinedload(Answer.finding))
    )
    return {answer.item_id: answer for answer in rows}


def photos_of(inspection_id: UUID) -> list[InspectionPhoto]:
    """The visit's photos with their facts, oldest first."""
    query = (
        select(InspectionPhoto)
        .where(InspectionPhoto.inspection_id == inspection_id)
        .options(joinedload(InspectionPhoto.photo).defer(Photo.exif))
        .order_by(InspectionPhoto.received_at, InspectionPhoto.photo_id)
    )
    return list(read_once(("photos of", inspection_id), lambda: db.session.scalars(query).all()))


def get_photo(photo_id: UUID, reader: Person) -> InspectionPhoto:
    """A photo of the reader's region, or of a place's past there, with its visit; NotFound otherwise."""
    found = db.session.scalars(
        select(InspectionPhoto)
        .join(Inspection, Inspection.id == InspectionPhoto.inspection_id)
        .where(
            InspectionPhoto.photo_id == photo_id,
            or_(within(InspectionPhoto, reader.region), _is_history(reader.region)),
        )
        .options(
            joinedload(InspectionPhoto.photo),
            joinedload(InspectionPhoto.inspection),
            joinedload(InspectionPhoto.premises),
            joinedload(InspectionPhoto.inspector),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def worked_on_by(person_id: UUID) -> ColumnElement[bool]:
    """SQL: this person led the visit or came along, as Inspection.is_worked_on_by says of one."""
    along = select(Fellow.inspection_id).where(Fellow.person_id == person_id)
    return or_(Inspection.lead_id == person_id, Inspection.id.in_(along))


def open_to(person: Person, most: int) -> ColumnElement[bool]:
    """That a visit is among the newest `most` open ones this person leads, or among those they came along on.

    Two walks, each along its own index: asked for with an "or", PostgreSQL reads every visit.
    """
    is_open = Inspection.status == Status.OPEN
    led = select(Inspection.id).where(Inspection.lead_id == person.id, is_open)
    led = led.order_by(Inspection.started_at.desc()).limit(most)
    along = select(Inspection.id).join(Fellow, Fellow.inspection_id == Inspection.id)
    along = along.where(Fellow.person_id == person.id, is_open)
    ids = union_all(select(led.subquery().c.id), along).subquery()
    return Inspection.id.in_(select(ids.c.id))


def open_inspections(person: Person, limit: int = 5) -> list[Inspection]:
    """What this person may continue, the newest first."""
    rows = db.session.scalars(
        select(Inspection)
        .where(open_to(person, limit))
        .options(joinedload(Inspection.premises), selectinload(Inspection.sheets))
        .order_by(Inspection.started_at.desc())
    )
    return [row for row in rows if person.region.contains(row)][:limit]


def inspections_of(premises_id: UUID, region: Region, limit: int = 10) -> list[Inspection]:
    """The latest visits of a place in `region`, with those other areas finished before it moved here."""
    rows = db.session.scalars(
        select(Inspection)
        .where(Inspection.premises_id == premises_id)
        .options(joinedload(Inspection.lead))
        .order_by(Inspection.started_at.desc())
        .limit(limit)
    )
    # here, so that no region's index is walked instead
    return [row for row in rows if not row.is_open or region.contains(row)]


def photos_of_place(premises_id: UUID, region: Region, limit: int = 12) -> list[InspectionPhoto]:
    """The latest photos of those visits."""
    rows = db.session.scalars(
        select(InspectionPhoto)
        .where(InspectionPhoto.premises_id == premises_id)
        .options(joinedload(InspectionPhoto.photo), joinedload(InspectionPhoto.inspection))
        .order_by(InspectionPhoto.received_at.desc())
        .limit(limit)
    )
    return [row for row in rows if not row.inspection.is_open or region.contains(row)]


def sent_back_photos(person: Person, limit: int = 20) -> list[InspectionPhoto]:
    """Photos of this person that a supervisor sent back, with the remark."""
    return list(
        db.session.scalars(
            select(InspectionPhoto)
            .where(InspectionPhoto.inspector_id == person.id, InspectionPhoto.review == Review.SENT_BACK)
            .options(joinedload(InspectionPhoto.premises))
            .order_by(InspectionPhoto.reviewed_at.desc())
            .limit(limit)
        )
    )


def colleagues(person: Person | Caller, premises: Premises) -> list[Person]:
    """Inspectors who may come along: those whose area holds the place, so that they can open the visit, too.

    Own organisation first.
    """
    above = {premises.county_id, premises.township_id, premises.village_id, premises.region_id} - {None}
    rows = db.session.scalars(
        select(Person)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(
            Organisation.region_id.in_(above),
            Person.active,
            Person.id != person.id,
            Person.roles.any(RoleRow.name.in_([role.value for role in INSPECTORS])),
        )
        .order_by(Person.name)
        .limit(200)
    )
    return sorted(rows.unique(), key=lambda p: p.organisation_id != person.organisation_id)


def photos_of_answer(answer_id: UUID) -> list[InspectionPhoto]:
    """The photos of one answer, oldest first."""
    return list(
        db.session.scalars(
            select(InspectionPhoto)
            .where(InspectionPhoto.answer_id == answer_id)
            .options(joinedload(InspectionPhoto.photo))
            .order_by(InspectionPhoto.received_at, InspectionPhoto.photo_id)
        )
    )
