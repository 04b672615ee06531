"""Reads of reminders: everybody's own list, and the county's log. Both are paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.accounts.models import Organisation, Person
from app.accounts.regions import Level, within
from app.core import clock
from app.core.database import db
from app.core.errors import NotFound
from app.core.roles import Role
from app.notices.models import Notice, NoticeFinding, Status, Turn
from app.notices.progress import Event, Step
from app.notices.shelves import TO_VERIFY
from app.premises.models import Premises
from app.referrals.models import Referral
from app.referrals.rules import EDITABLE
from app.reminders.channels import APP
from app.reminders.claims import OWNER
from app.reminders.models import Reminder, ReminderRequest, Subject
from app.reminders.rules import Kind, State

PAGE = 30
FEW = 10
STALE = timedelta(days=30)  # after that nobody wants it said any more


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


def uncertain(person: Person, now: datetime, most: int = FEW) -> list[Entry]:
    """What nobody knows of whether it arrived, about matters this person answers for; the newest first."""
    query = _joined(*_COLUMNS, Person.name).outerjoin(Person, Person.id == Reminder.person_id)
    fresh = (Reminder.state == State.UNCERTAIN, Reminder.claimed_at > now - STALE)
    query = query.where(*fresh, _answers_for(person)).order_by(Reminder.claimed_at.desc())
    return [_entry(*row) for row in db.session.execute(query.limit(most))]


def get_uncertain(reminder_id: UUID, person: Person) -> Reminder:
    """A row of the log this person may have sent again: of their matters, administrators any. Raises NotFound."""
    mine = Reminder.county_id == person.region.county_id
    if not (person.is_any(Role.ADMINISTRATOR) and person.region.level is Level.COUNTY):
        mine = _answers_for(person)
    found: Reminder | None = db.session.scalars(_joined(Reminder).where(Reminder.id == reminder_id, mine)).one_or_none()
    if found is None:
        raise NotFound
    return found


def _answers_for(person: Person) -> ColumnElement[bool]:
    notice, referral = Notice.lead_id == person.id, Referral.created_by_id == person.id
    if person.is_supervisor:
        notice, referral = within(Notice, person.region), within(Referral, person.region)
    return and_(Reminder.county_id == person.region.county_id, or_(notice, referral))


@dataclass(frozen=True)
class Asking:
    """What decides whether one more reminder may be asked for."""

    not_fixed: bool  # a point that is awaited was seen not to be fixed, or in part
    told_today: bool  # asked for today, or the owner was told by itself
    asked: ReminderRequest | None = None  # the latest


def facts_of_asking(notice: Notice, today: date) -> Asking:
    """Read them: one statement each."""
    seen = (Event.VERIFIED_NOT_FIXED, Event.VERIFIED_PARTLY)
    point = and_(NoticeFinding.notice_id == Turn.notice_id, NoticeFinding.finding_id == Turn.finding_id)
    not_fixed = db.session.scalar(
        select(Turn.id)
        .join(NoticeFinding, point)
        .where(Turn.notice_id == notice.id, Turn.event.in_(seen), NoticeFinding.step == Step.AWAITED)
        .limit(1)
    )
    asked = db.session.scalars(
        select(ReminderRequest)
        .where(ReminderRequest.notice_id == notice.id)
        .order_by(ReminderRequest.day.desc())
        .limit(1)
    ).one_or_none()
    owner = db.session.scalar(
        select(func.max(Reminder.sent_at)).where(Reminder.subject_id == notice.id, Reminder.recipient == OWNER)
    )
    told = (asked is not None and asked.day == today) or (owner is not None and clock.local(owner).date() == today)
    return Asking(not_fixed is not None, told, asked)


def handing(referral_id: UUID) -> Sequence[Reminder]:
    """What was said to the addressee of a referral, the newest first."""
    mine = (Reminder.subject_id == referral_id, Reminder.kind == Kind.HANDED)
    return db.session.scalars(select(Reminder).where(*mine).order_by(Reminder.claimed_at.desc())).all()


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
    dated = and_(Reminder.kind.not_in((Kind.VERIFY, Kind.AGAIN)), Notice.due_on == Reminder.anchor)
    again = and_(Reminder.kind == Kind.AGAIN, Notice.due_on.is_not(None))
    notice = and_(Notice.status == Status.ISSUED, or_(verify, dated, again))
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
