"""Reading verifications, what they found, and the log itself."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.models import Organisation, Person
from app.accounts.regions import Level, Region, within
from app.complaints.models import Complaint
from app.complaints.queries import readable
from app.core import clock
from app.core.database import db
from app.core.ledger import AuditRecord
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices.models import Notice
from app.premises.models import Premises
from app.proof.models import Anchor, AuditCheck, AuditFinding
from app.proof.rules import UNREADABLE
from app.proof.rules import Level as Weight
from app.referrals.models import Referral

PAGE, SHOWN, LAST = 40, 100, 5
SPARE = 10  # rows looked at in place of those that cannot be read
BROKEN = (*UNREADABLE, SQLAlchemyError)
READERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
ENDED = AuditCheck.ended_at.is_not(None)
WHOLE = and_(ENDED, AuditCheck.quick.is_(False), AuditCheck.since == 0)  # left nothing out, as AuditCheck.is_whole
LOCKED = ("complaints", "complaint_turns", "complaint_photos")  # only for who may read the case


def _readable(asked: Select[Any], most: int) -> list[Any]:
    """The first `most` rows, without those that somebody altered so that they cannot be read."""
    try:
        return list(db.session.scalars(asked.limit(most)))
    except BROKEN:
        found: list[Any] = []
        for place in range(most + SPARE):
            with suppress(*BROKEN):
                found += db.session.scalars(asked.limit(1).offset(place)).all()
        return found[:most]


def last_check(*, whole: bool = False) -> AuditCheck | None:
    """The newest verification that came to its end; `whole`: that left nothing out."""
    asked = select(AuditCheck).where(WHOLE if whole else ENDED)
    return next(iter(_readable(asked.order_by(AuditCheck.started_at.desc()), 1)), None)


def last_sound() -> datetime | None:
    """When a whole verification last found nothing."""
    asked = select(AuditCheck.started_at).where(WHOLE, AuditCheck.differences == 0)
    return next(iter(_readable(asked.order_by(AuditCheck.started_at.desc()), 1)), None)


def last_anchors() -> Sequence[Anchor]:
    return _readable(select(Anchor).order_by(Anchor.at.desc(), Anchor.id), LAST)


def _in_force() -> Select[Any]:
    """The last whole verification and those after it: what a short one cannot see, it cannot clear."""
    whole = select(func.max(AuditCheck.started_at)).where(WHOLE).scalar_subquery()
    standing = or_(whole.is_(None), AuditCheck.started_at >= whole)
    return select(AuditCheck.id).where(ENDED, standing)


def findings_in(reader: Person) -> Sequence[AuditFinding]:
    """What stands now of the reader's area, and what belongs to no place; each once."""
    mine = select(Region.id).where(within(Region, reader.region))
    asked = (
        select(AuditFinding)
        .join(AuditCheck, AuditCheck.id == AuditFinding.check_id)
        .where(AuditFinding.check_id.in_(_in_force()))
        .where(or_(AuditFinding.region_id.is_(None), AuditFinding.region_id.in_(mine)))
        .order_by(AuditCheck.started_at.desc(), AuditFinding.place)
    )
    found = {(one.kind, one.tab, one.key, one.detail): one for one in reversed(_readable(asked, SHOWN))}
    order = {Weight.DIFFERENCE: 0, Weight.WARNING: 1, Weight.NOTE: 2}
    return sorted(found.values(), key=lambda one: (order[one.level], str(one.place).zfill(9)))


def findings_of(object_ids: Collection[UUID]) -> Sequence[AuditFinding]:
    """Differences that concern these objects, in one read."""
    concerned = or_(AuditFinding.object_id.in_(object_ids), AuditFinding.parent_id.in_(object_ids))
    asked = select(AuditFinding).where(concerned, AuditFinding.level == Weight.DIFFERENCE)
    asked = asked.where(AuditFinding.check_id.in_(_in_force())).order_by(AuditFinding.place)
    found = {(one.kind, one.tab, one.key): one for one in _readable(asked, 20)}
    return list(found.values())


@dataclass(frozen=True)
class Filters:
    """Which events. Empty: all of the reader's area."""

    before: int | None = None
    object_type: str = ""
    object_id: UUID | None = None
    person_id: UUID | None = None
    action: str = ""
    day: date | None = None


def events(reader: Person, wanted: Filters) -> list[AuditRecord]:
    """One page of the log and one more, the newest first."""
    asked = select(AuditRecord).where(AuditRecord.seq.is_not(None), *_scope(reader))
    if wanted.before is not None:
        asked = asked.where(AuditRecord.seq < wanted.before)
    for column, value in (
        (AuditRecord.object_type, wanted.object_type),
        (AuditRecord.object_id, wanted.object_id),
        (AuditRecord.person_id, wanted.person_id),
        (AuditRecord.action, wanted.action),
    ):
        if value:
            asked = asked.where(column == value)
    if wanted.day is not None:
        begin = datetime.combine(wanted.day, time(), clock.local(clock.now()).tzinfo)
        asked = asked.where(AuditRecord.at >= begin, AuditRecord.at < begin + timedelta(days=1))
    asked = asked.order_by(AuditRecord.seq.desc()).limit(PAGE + 1)
    try:
        return list(db.session.scalars(asked))
    except BROKEN:  # somebody put something there that no record of ours has
        return [_record(seq) for seq in db.session.scalars(asked.with_only_columns(AuditRecord.seq)).all()]


def _record(seq: int | None) -> AuditRecord:
    """The record; where it cannot be read, one that says only its number."""
    try:
        return db.session.scalars(select(AuditRecord).where(AuditRecord.seq == seq)).one()
    except BROKEN:
        return AuditRecord(seq=seq, action="", object_type="")


def _scope(reader: Person) -> list[ColumnElement[bool]]:
    """What people of the area did, and what the system or an owner did to something that lies in it."""
    cases = select(Complaint.id).where(readable(reader))
    rules: list[ColumnElement[bool]] = [
        or_(AuditRecord.object_type.not_in(LOCKED), AuditRecord.object_id.in_(cases))
    ]
    counties = db.session.scalar(select(func.count()).where(Region.level == Level.COUNTY)) or 0
    if reader.region.level is Level.COUNTY and counties == 1:
        return rules
    people = select(Person.id).join(Organisation).where(within(Organisation, reader.region))
    things: list[Any] = [
        AuditRecord.object_id.in_(select(model.id).where(within(model, reader.region)))
        for model in (Premises, Inspection, Notice, Referral)
    ]
    nobody = and_(AuditRecord.person_id.is_(None), or_(*things))
    return [*rules, or_(AuditRecord.person_id.in_(people), nobody)]


def names_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """People's names, in one read."""
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).tuples().all())
