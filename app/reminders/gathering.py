"""What waits in a county: notices with a date near or behind, referrals that have not gone out. Few reads."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, or_, select

from app.accounts.models import Organisation, Person, RoleRow, people_roles
from app.accounts.regions import Level, lies_in
from app.core import clock
from app.core.database import db
from app.core.roles import Role
from app.notices.models import Delivery, Notice, Status
from app.notices.shelves import TO_VERIFY
from app.premises.models import Premises
from app.referrals.models import Referral
from app.referrals.rules import EDITABLE
from app.reminders.handing import handed
from app.reminders.models import ReminderRequest, Subject
from app.reminders.rules import (
    ASKED_HOLDS,
    CLOCK_HOURS,
    Audience,
    Due,
    Kind,
    NoticeFacts,
    Plan,
    ReferralFacts,
    due_of_notice,
    due_of_referral,
)

AT_ONCE = 400


@dataclass(frozen=True)
class Matter:
    """A notice or a referral of which something is to be said."""

    subject: Subject
    id: UUID
    dues: tuple[Due, ...]
    name: str  # its number, or what it is about
    place: str
    lead_id: UUID | None
    region_id: UUID
    county_id: UUID
    township_id: UUID | None
    village_id: UUID | None
    token: str = ""  # of the owner's page
    limit: datetime | None = None
    phone: str = ""  # of the premises
    email: str = ""  # of the addressee of a referral
    web_hook: str = ""
    consents: bool = False  # the owner agreed in writing to electronic sending


@dataclass(frozen=True)
class Colleague:
    """Somebody who can be told."""

    id: UUID
    email: str
    phone: str
    locale: str
    is_supervisor: bool
    area: Any  # id and level of what they see

    def sees(self, matter: Matter) -> bool:
        return lies_in(matter, self.area)


@dataclass(frozen=True)
class Area:
    """As much of a region as `lies_in` asks for."""

    id: UUID
    level: Level


def matters(county_id: UUID, plan: Plan, now: datetime, only: UUID | None = None) -> list[Matter]:
    """Everything in the county of which something is due now; `only` this one."""
    today = clock.local(now).date()
    sent_out = [_handed(row, now) for row in handed(county_id, now, only)]
    found = [*_notices(county_id, plan, today, only), *_referrals(county_id, now, only), *sent_out]
    if only is not None:
        return found
    agreed = _consents([one.id for one in found if one.subject is Subject.NOTICE and one.phone])
    return [Matter(**{**vars(one), "consents": True}) if one.id in agreed else one for one in found]


def _notices(county_id: UUID, plan: Plan, today: date, only: UUID | None) -> Iterator[Matter]:
    horizon = today + timedelta(days=max(plan.before, default=0))
    parts = [Notice.due_on <= horizon, *(and_(Notice.stage == one, Notice.verify_by <= today) for one in TO_VERIFY)]
    query = (
        select(
            Notice.id, Notice.number, Notice.due_on, Notice.verify_by, Notice.stage, Notice.issued_at, Notice.lead_id,
            Notice.token, Notice.region_id, Notice.county_id, Notice.township_id, Notice.village_id,
            Premises.name, Premises.phone,
        )
        .join(Premises, Premises.id == Notice.premises_id)
        .where(Notice.county_id == county_id, Notice.status == Status.ISSUED)
    )  # fmt: skip
    # each along its own index; asked for with an "or", the database would read every notice there is
    asked = _asked(county_id, today, only)
    if asked:
        parts.append(Notice.id.in_(asked))
    walks = [Notice.id == only] if only is not None else parts
    found = {row.id: row for walk in walks for row in db.session.execute(query.where(walk))}
    for row in sorted(found.values(), key=lambda row: (row.due_on or row.verify_by or date.max, row.id)):
        issued_on = clock.local(row.issued_at).date()
        asked_on, asked_by = asked.get(row.id, (None, None))
        facts = NoticeFacts(
            issued_on, row.due_on, row.verify_by, is_ours=row.stage in TO_VERIFY, asked_on=asked_on,
            asked_by_lead=asked_by == row.lead_id,
        )  # fmt: skip
        dues = tuple(due_of_notice(facts, plan, today))
        if dues:
            yield Matter(
                Subject.NOTICE, row.id, dues, row.number, row.name, row.lead_id, row.region_id, row.county_id,
                row.township_id, row.village_id, token=row.token, phone=row.phone,
            )  # fmt: skip


def _referrals(county_id: UUID, now: datetime, only: UUID | None) -> Iterator[Matter]:
    horizon = now - timedelta(hours=min(CLOCK_HOURS))
    query = select(
        Referral.id, Referral.matter, Referral.number, Referral.due_at, Referral.discovered_at, Referral.created_at,
        Referral.created_by_id, Referral.region_id, Referral.county_id, Referral.township_id, Referral.village_id,
    ).where(Referral.county_id == county_id, Referral.status.in_(EDITABLE), Referral.due_at <= horizon,
            Referral.sent_at.is_(None)).order_by(Referral.due_at, Referral.id)  # fmt: skip
    if only is not None:
        query = query.where(Referral.id == only)
    for row in db.session.execute(query):
        anchor = clock.local(row.due_at).date()
        dues = tuple(due_of_referral(ReferralFacts(row.created_at, row.due_at), now, anchor))
        if dues:
            yield Matter(
                Subject.REFERRAL, row.id, dues, row.number, row.matter, row.created_by_id, row.region_id,
                row.county_id, row.township_id, row.village_id, limit=row.due_at,
            )  # fmt: skip


def _asked(county_id: UUID, today: date, only: UUID | None) -> dict[UUID, tuple[date, UUID]]:
    """Notices somebody asked one more reminder for, since yesterday: the day of the latest, and who."""
    query = select(ReminderRequest.notice_id, ReminderRequest.day, ReminderRequest.by_id).where(
        ReminderRequest.county_id == county_id, ReminderRequest.day >= today - ASKED_HOLDS
    )
    if only is not None:
        query = query.where(ReminderRequest.notice_id == only)
    return {row.notice_id: (row.day, row.by_id) for row in db.session.execute(query.order_by(ReminderRequest.day))}


def _handed(row: Row[Any], now: datetime) -> Matter:
    due = Due(Kind.HANDED, row.nth, clock.local(row.made_at).date(), frozenset({Audience.ADDRESSEE}))
    return Matter(
        Subject.REFERRAL, row.id, (due,), row.number, row.matter, row.created_by_id, row.region_id, row.county_id,
        row.township_id, row.village_id, token=row.token, limit=now, email=row.to_email, web_hook=row.to_web_hook,
    )  # fmt: skip


def has_consent(notice_id: UUID) -> bool:
    """Whether the owner agreed in writing to electronic sending."""
    return bool(_consents([notice_id]))


def _consents(notice_ids: list[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(notice_ids), AT_ONCE):
        some = Delivery.notice_id.in_(notice_ids[start : start + AT_ONCE])
        found.update(db.session.scalars(select(Delivery.notice_id).where(some, Delivery.consent.is_(True))))
    return found


def colleagues(county_id: UUID, leads: Collection[UUID]) -> dict[UUID, Colleague]:
    """The county's supervisors and these people, as far as they are active."""
    supervises = select(people_roles.c.person_id).join(RoleRow, RoleRow.id == people_roles.c.role_id).where(
        RoleRow.name == Role.SUPERVISOR.value
    )  # fmt: skip
    query = (
        select(Person)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.active.is_(True), Organisation.county_id == county_id)
    )
    chosen = db.session.scalars(query.where(or_(Person.id.in_(supervises), Person.id.in_(list(leads)))))
    return {
        one.id: Colleague(
            one.id, one.email or "", one.phone, one.locale, one.is_supervisor, Area(one.region.id, one.region.level)
        )
        for one in chosen
    }
