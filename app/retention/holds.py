"""Legal hold: a supervisor or an administrator puts something aside, with a reason; nothing under it is deleted."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text

from app.accounts.models import Person
from app.complaints import queries as complaints
from app.complaints import services as complaint_services
from app.complaints.models import Complaint
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotFound
from app.core.roles import Role
from app.inspections import queries as visits
from app.notices import queries as notices
from app.notices.models import Notice
from app.premises.models import Premises
from app.referrals import queries as referrals
from app.referrals.models import Referral
from app.retention.models import LegalHold
from app.retention.rules import Subject

HOLDERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
LONGEST = 1000  # characters of a reason


def keep_holders_waiting() -> None:
    """Until this transaction ends no hold begins: what is deleted in it was on none. SQLite has one writer anyway."""
    if db.session.get_bind().dialect.name != "sqlite":
        db.session.execute(text(f"LOCK TABLE {LegalHold.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def held_ids() -> set[UUID]:
    """Everything a hold in force stands on, and what belongs to it: a notice's visit, what a complaint led to."""
    rows = db.session.execute(select(LegalHold.subject, LegalHold.subject_id).where(LegalHold.lifted_at.is_(None)))
    held: dict[Subject, set[UUID]] = {subject: set() for subject in Subject}
    for subject, subject_id in rows:
        held[subject].add(subject_id)
    for model, subject, linked in (
        (Complaint, Subject.COMPLAINT, ("inspection_id", "notice_id", "referral_id")),
        (Referral, Subject.REFERRAL, ("inspection_id", "notice_id")),
        (Notice, Subject.NOTICE, ("inspection_id",)),
    ):
        _add_linked(held, model, subject, linked)
    merged = select(Premises.merged_into_id).where(
        Premises.id.in_(held[Subject.PREMISES]), Premises.merged_into_id.is_not(None)
    )
    return set().union(*held.values(), db.session.scalars(merged) if held[Subject.PREMISES] else ())


def _add_linked(held: dict[Subject, set[UUID]], model: Any, subject: Subject, names: tuple[str, ...]) -> None:
    if not held[subject]:
        return
    columns = [getattr(model, name) for name in names]
    for row in db.session.execute(select(*columns).where(model.id.in_(held[subject]))):
        for name, value in zip(names, row, strict=True):
            if value is not None:
                held[Subject(name.removesuffix("_id"))].add(value)


def spare_complaints(ids: Collection[UUID]) -> set[UUID]:
    """Those of these complaints that are on hold, by themselves or with their premises."""
    held = held_ids()
    rows = db.session.execute(select(Complaint.id, Complaint.premises_id).where(Complaint.id.in_(ids)))
    return {one for one, premises_id in rows.tuples() if one in held or premises_id in held}


# what a hold stands on today: a file that was merged into another one is that one
_ON = func.coalesce(Premises.merged_into_id, LegalHold.subject_id)


def hold_on(subject_id: UUID) -> LegalHold | None:
    """The hold in force on exactly this; of a file merged into another its own, too."""
    rows = select(LegalHold).outerjoin(Premises, Premises.id == LegalHold.subject_id)
    rows = rows.where(or_(LegalHold.subject_id == subject_id, _ON.in_([subject_id])), LegalHold.lifted_at.is_(None))
    return db.session.scalars(rows.order_by(LegalHold.placed_at, LegalHold.id).limit(1)).first()


def holds_on(subject_ids: Collection[UUID]) -> dict[UUID, LegalHold]:
    """The holds in force on exactly these, by what they are on."""
    rows = select(_ON, LegalHold).outerjoin(Premises, Premises.id == LegalHold.subject_id)
    rows = rows.where(_ON.in_(subject_ids), LegalHold.lifted_at.is_(None))
    return dict(db.session.execute(rows).tuples().all())


def subject_of(subject: Subject, subject_id: UUID, reader: Person) -> Any:
    """The row, if this person may see it. Raises NotFound."""
    if subject is Subject.PREMISES:
        row = db.session.get(Premises, subject_id)
        if row is None or not reader.region.contains(row):
            raise NotFound
        return row
    read: Any = {
        Subject.INSPECTION: visits.get_inspection,
        Subject.NOTICE: notices.get_notice,
        Subject.COMPLAINT: complaints.get_complaint,
        Subject.REFERRAL: referrals.get_referral,
    }[subject]
    return read(subject_id, reader)


def name_of(subject: Subject, row: Any) -> str:
    """What it is called on lists."""
    if subject is Subject.PREMISES:
        return str(row.name)
    if subject is Subject.INSPECTION:
        return str(row.premises.name)
    place = row.premises.name if row.premises else ""
    return " · ".join(part for part in (row.number, place) if part) or str(row.id)[:8]


def place(hold_id: UUID, subject: Subject, row: Any, reason: str, *, by: Person, now: datetime) -> LegalHold:
    """Put it on hold. The same id again, or a hold already in force, gives that one. Raises Invalid. Flushes."""
    known = db.session.get(LegalHold, hold_id) or hold_on(row.id)
    if known is not None:
        return known
    hold = LegalHold(
        id=hold_id, subject=subject, subject_id=row.id, name=name_of(subject, row), reason=_reason(reason),
        placed_at=now, placed_by_id=by.id, lifted_reason="",
    )  # fmt: skip
    hold.region_id, hold.county_id = row.region_id, row.county_id
    hold.township_id, hold.village_id = row.township_id, row.village_id
    db.session.add(hold)
    db.session.flush()
    audit.record("hold_placed", row, by=by.id, change_id=hold_id, after={"hold": str(hold.id)}, note=hold.reason)
    return hold


def lift(hold: LegalHold, row: Any, reason: str, *, by: Person, now: datetime) -> None:
    """End it; twice does nothing more. Raises Invalid without a reason. Flushes."""
    if not hold.is_in_force:
        return
    hold.lifted_at, hold.lifted_by_id, hold.lifted_reason = now, by.id, _reason(reason)
    db.session.flush()
    audit.record("hold_lifted", row, by=by.id, before={"hold": str(hold.id)}, note=hold.lifted_reason)


def _reason(given: str) -> str:
    reason = given.strip()
    if not reason:
        raise Invalid(N_("Write down why."), field="reason")
    if len(reason) > LONGEST:
        raise Invalid(N_("At most %(max)s characters."), field="reason", max=LONGEST)
    return reason


def add() -> None:
    """`flask complaints purge` asks here, too."""
    complaint_services.spared.append(spare_complaints)
