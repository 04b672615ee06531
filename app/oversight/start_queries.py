"""Reads of the start page: a constant number for each role, each along an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import Region, within
from app.checklists.published import published
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import INSPECTORS
from app.inspections.models import Answer, Finding, Inspection
from app.inspections.queries import open_inspections
from app.premises.models import Premises
from app.premises.models import Status as PlaceStatus


@dataclass(frozen=True)
class OpenVisit:
    """A visit to continue."""

    visit: Inspection
    domains: tuple[str, ...]
    answered: int
    total: int
    findings: int


def open_visits(person: Person, most: int = 4) -> list[OpenVisit]:
    """What this person, leading or coming along, left open, the newest first: a constant number of reads."""
    visits = open_inspections(person, most)
    ids = [visit.id for visit in visits]
    answered = _per_visit(ids, Answer, Answer.result.is_not(None))
    findings = _per_visit(ids, Finding)
    return [
        OpenVisit(
            visit,
            tuple(published(sheet.version_id).version.domain for sheet in visit.sheets),
            answered.get(visit.id, 0),
            sum(len(sheet.item_ids) for sheet in visit.sheets),
            findings.get(visit.id, 0),
        )
        for visit in visits
    ]


def _per_visit(ids: Sequence[UUID], model: type[Answer | Finding], *where: object) -> dict[UUID, int]:
    counted = (
        select(model.inspection_id, func.count())
        .where(model.inspection_id.in_(ids), *where)  # type: ignore[arg-type]
        .group_by(model.inspection_id)
    )
    return dict(db.session.execute(counted).tuples().all())


def waiting_longest(region: Region, most: int = 5) -> list[Premises]:
    """Places in business never visited, then those visited longest ago: two reads of an index."""
    places = (
        select(Premises)
        .where(
            within(Premises, region), Premises.merged_into_id.is_(None), Premises.status == PlaceStatus.OPEN
        )
        .options(joinedload(Premises.region))
        .limit(most)
    )
    never = db.session.scalars(places.where(Premises.last_inspected_at.is_(None))).unique().all()
    longest = db.session.scalars(
        places.where(Premises.last_inspected_at.is_not(None)).order_by(Premises.last_inspected_at)
    )
    return [*never, *longest.unique()][:most]


def newest_visits(region: Region, most: int = 5) -> Sequence[Inspection]:
    """The latest visits of a region."""
    return db.session.scalars(
        select(Inspection)
        .where(within(Inspection, region))
        .options(joinedload(Inspection.premises), joinedload(Inspection.lead))
        .order_by(Inspection.started_at.desc())
        .limit(most)
    ).all()


def certificates_ending(region: Region, today: date, days: int, most: int = 8) -> Sequence[Person]:
    """Active people who issue notices and whose certificate is missing, over, or ends within `days`; worst first."""
    until = Person.certificate_until
    return (
        db.session.scalars(
            select(Person)
            .join(Organisation, Organisation.id == Person.organisation_id)
            .where(
                within(Organisation, region),
                Person.active.is_(True),
                Person.roles.any(RoleRow.name.in_([role.value for role in INSPECTORS])),
                or_(until.is_(None), Person.certificate_number == "", until <= today + timedelta(days=days)),
            )
            .order_by(until.is_not(None), until, Person.name)
            .limit(most)
        )
        .unique()
        .all()
    )


def count_premises(region: Region) -> int:
    """How many places are registered."""
    counted = select(func.count()).select_from(Premises)
    return db.session.scalar(counted.where(within(Premises, region), Premises.merged_into_id.is_(None))) or 0


def registered_by(person: Person, most: int = 10) -> list[Premises]:
    """The places this person registered, the newest first."""
    return list(
        db.session.scalars(
            select(Premises)
            .join(AuditRecord, AuditRecord.object_id == Premises.id)
            .where(
                AuditRecord.person_id == person.id,
                AuditRecord.object_type == Premises.__tablename__,
                AuditRecord.action == "premises_registered",
                within(Premises, person.region),
                Premises.merged_into_id.is_(None),
            )
            .options(joinedload(Premises.region))
            .order_by(AuditRecord.at.desc())
            .limit(most)
        ).unique()
    )
