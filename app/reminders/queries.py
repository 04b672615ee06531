"""Reads of reminders: everybody's own list, and the county's log. Both are paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.accounts.models import Organisation, Person
from app.core.database import db
from app.core.errors import NotFound
from app.notices.models import Notice, Status
from app.notices.shelves import TO_VERIFY
from app.premises.models import Premises
from app.referrals.models import Referral
from app.referrals.rules import EDITABLE
from app.reminders.channels import APP
from app.reminders.models import Reminder, Subject
from app.reminders.rules import Kind, State

PAGE = 30


@dataclass(frozen=True)
class Entry:
    """A reminder with what its sentence needs. `name`: the number; `place`: of a referral the key of its matter."""

    reminder: Reminder
    name: str
    place: str
    limit: datetime | None
    reader: str = ""


@dataclass(frozen=True)
class Page:
    """One page; `next_key` starts the next one, None where this is the last."""

    entries: list[Entry]
    next_key: str | None


def count_mine(person_id: UUID) -> int:
    """How many things this person is reminded of."""
    return db.session.scalar(_joined(func.count()).where(*_open(person_id), _is_true())) or 0


def mine(person_id: UUID, after: str = "", size: int = PAGE) -> Page:
    """What this person is reminded of and has not put away, the newest first."""
    query = _joined(*_COLUMNS).where(*_open(person_id), _is_true())
    return _page(query, _start(after, person_id=person_id), size)


def log(county_id: UUID, after: str = "", state: State | None = None, size: int = PAGE) -> Page:
    """What was said in the county, to whom, through what, and what became of it; the newest first."""
    query = _joined(*_COLUMNS, Person.name).outerjoin(Person, Person.id == Reminder.person_id)
    query = query.where(Reminder.county_id == county_id)
    if state is not None:
        query = query.where(Reminder.state == state)
    return _page(query, _start(after, county_id=county_id), size)


def overtaken(county_id: UUID) -> Sequence[UUID]:
    """Rows of people's lists whose matter has moved on."""
    here = select(Person.id).join(Organisation).where(Organisation.county_id == county_id)
    listed = (Reminder.person_id.in_(here), Reminder.channel == APP, Reminder.done_at.is_(None))
    return db.session.scalars(_joined(Reminder.id).where(*listed, ~_is_true())).all()


def get_own(reminder_id: UUID, person_id: UUID) -> Reminder:
    """A row of this person's list. Raises NotFound."""
    found = db.session.get(Reminder, reminder_id)
    if found is None or found.person_id != person_id or found.channel != APP:
        raise NotFound
    return found


_COLUMNS: tuple[Any, ...] = (Reminder, Notice.number, Premises.name, Referral.number, Referral.matter, Referral.due_at)


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Reminder)
        .outerjoin(Notice, and_(Reminder.subject == Subject.NOTICE, Notice.id == Reminder.subject_id))
        .outerjoin(Premises, Premises.id == Notice.premises_id)
        .outerjoin(Referral, and_(Reminder.subject == Subject.REFERRAL, Referral.id == Reminder.subject_id))
    )


def _open(person_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Reminder.person_id == person_id, Reminder.channel == APP, Reminder.done_at.is_(None)


def _is_true() -> ColumnElement[bool]:
    """Whether what was said still holds: asked of the matter itself, not of the last run."""
    verify = and_(Reminder.kind == Kind.VERIFY, Notice.stage.in_(TO_VERIFY), Notice.verify_by == Reminder.anchor)
    dated = and_(Reminder.kind != Kind.VERIFY, Notice.due_on == Reminder.anchor)
    notice = and_(Notice.status == Status.ISSUED, or_(verify, dated))
    referral = and_(Referral.status.in_(EDITABLE), Referral.sent_at.is_(None))
    return func.coalesce(or_(and_(Notice.id.is_not(None), notice), and_(Referral.id.is_not(None), referral)), False)


def _page(query: Select[Any], start: Reminder | None, size: int) -> Page:
    if start is not None:
        at = Reminder.claimed_at
        query = query.where(at <= start.claimed_at, or_(at < start.claimed_at, Reminder.id < start.id))
    rows = db.session.execute(query.order_by(Reminder.claimed_at.desc(), Reminder.id.desc()).limit(size + 1)).all()
    entries = [_entry(*row) for row in rows[:size]]
    return Page(entries, str(entries[-1].reminder.id) if len(rows) > size else None)


def _entry(reminder: Reminder, number: str | None, place: str | None, *rest: Any) -> Entry:
    referral_number, matter, limit, *reader = rest
    said = ((number or referral_number) or "", (place or matter) or "")
    return Entry(reminder, *said, limit, (reader[0] or "") if reader else "")


def _start(after: str, **owned: UUID) -> Reminder | None:
    """The last row of the page before; a key that means nothing, or is not the reader's, starts at the top."""
    try:
        found = db.session.get(Reminder, UUID(after)) if after else None
    except ValueError:
        return None
    return found if found and all(getattr(found, name) == value for name, value in owned.items()) else None
