"""Reads of samples. Every page reads a constant number of times, however large the sample or its population."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.accounts.regions import LEVELS, Level, Region, within
from app.core.database import db
from app.core.errors import NotFound
from app.core.ledger import AuditRecord
from app.core.paging import Cursor, older_than
from app.inspections.models import Answer as ItemAnswer
from app.inspections.models import Fellow, Finding, Inspection, Status
from app.inspections.queries import worked_on_by
from app.notices.models import Notice
from app.sampling.models import Answer, Call, CallSheet, Confirmation, Population, Sample, State

PAGE = 30
REST = timedelta(minutes=30)  # before the same number is proposed again


@dataclass(frozen=True)
class SamplePage:
    """One page of the list, the newest draw first; `next_key` starts the next one."""

    samples: list[Sample]
    next_key: str | None


def page_of_samples(reader: Person, after: str = "", size: int = PAGE) -> SamplePage:
    """Samples of the reader's area after the key `after` (nonsense starts at the beginning)."""
    query = (
        select(Sample)
        .where(within(Sample, reader.region), older_than(Cursor.parse(after), Sample.drawn_at, Sample.id))
        .options(joinedload(Sample.drawn_by), joinedload(Sample.region))
        .order_by(Sample.drawn_at.desc(), Sample.id.desc())
    )
    rows = list(db.session.scalars(query.limit(size + 1)).unique())
    last = rows[size - 1] if len(rows) > size else None
    return SamplePage(rows[:size], str(Cursor(last.drawn_at, last.id)) if last else None)


def done_by_sample(ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many sheets of each of these samples are filled."""
    counted = (
        select(CallSheet.sample_id, func.count())
        .where(CallSheet.sample_id.in_(ids), CallSheet.state == State.DONE)
        .group_by(CallSheet.sample_id)
    )
    return dict(db.session.execute(counted).tuples().all())


def get_sample(sample_id: UUID, reader: Person) -> Sample:
    """The sample; NotFound where it is not in the reader's area."""
    query = select(Sample).where(Sample.id == sample_id, within(Sample, reader.region))
    query = query.options(joinedload(Sample.drawn_by), joinedload(Sample.region))
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def lines_of(sample_id: UUID) -> bytes:
    """The frozen population. Raises NotFound where it is gone."""
    kept = db.session.get(Population, sample_id)
    if kept is None:
        raise NotFound
    return kept.lines


def drawn_ids(sample_id: UUID) -> list[str]:
    """The drawn visits in the order of their lots."""
    query = select(CallSheet.inspection_id).where(CallSheet.sample_id == sample_id).order_by(CallSheet.position)
    return [str(one) for one in db.session.scalars(query)]


def draws_of_period(sample: Sample) -> int:
    """Which draw over this area and period it is, counted from 1: who draws until it suits is seen."""
    before = or_(Sample.drawn_at < sample.drawn_at, Sample.id == sample.id)
    overlaps = and_(Sample.first <= sample.last, Sample.last >= sample.first)
    query = select(func.count()).select_from(Sample).where(Sample.region_id == sample.region_id, before, overlaps)
    return int(db.session.scalar(query) or 0)


# ---- sheets


@dataclass(frozen=True)
class SheetPage:
    """Sheets in the order of their lots; `next_position` starts the next page."""

    sheets: list[CallSheet]
    next_position: int | None


def page_of_sheets(sample_id: UUID, state: State | None, after: int = 0, size: int = PAGE) -> SheetPage:
    """Sheets after this position, of one state or of all."""
    query = (
        select(CallSheet)
        .where(CallSheet.sample_id == sample_id, CallSheet.position > after)
        .options(joinedload(CallSheet.inspection).joinedload(Inspection.premises))
        .order_by(CallSheet.position)
    )
    if state is not None:
        query = query.where(CallSheet.state == state)
    rows = list(db.session.scalars(query.limit(size + 1)).unique())
    return SheetPage(rows[:size], rows[size - 1].position if len(rows) > size else None)


def get_sheet(sample_id: UUID, sheet_id: UUID, reader: Person) -> CallSheet:
    """A sheet with its visit, place, people and calls; NotFound where its sample is not in the reader's area."""
    visit = joinedload(CallSheet.inspection)
    query = (
        select(CallSheet)
        .join(Sample, Sample.id == CallSheet.sample_id)
        .where(CallSheet.id == sheet_id, Sample.id == sample_id, within(Sample, reader.region))
        .options(
            joinedload(CallSheet.sample),
            visit.joinedload(Inspection.premises),
            visit.joinedload(Inspection.lead).lazyload(Person.roles),
            visit.selectinload(Inspection.fellows).joinedload(Fellow.person).lazyload(Person.roles),
            selectinload(CallSheet.calls).joinedload(Call.by).lazyload(Person.roles),
        )
        .execution_options(populate_existing=True)
    )
    found = db.session.scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def findings_to_ask(inspection_id: UUID) -> Sequence[Finding]:
    """What the visit found, to be read out on the phone."""
    query = (
        select(Finding)
        .where(Finding.inspection_id == inspection_id)
        .options(joinedload(Finding.answer).joinedload(ItemAnswer.item))
    )
    rows = db.session.scalars(query).unique().all()
    return sorted(rows, key=lambda one: (one.answer.item.position, one.answer.item.code))


@dataclass(frozen=True)
class OtherNumber:
    """That the phone number of a place was changed after a visit: when, by whom, and what it was."""

    at: datetime
    by: str
    before: str


def number_since(visit: Inspection) -> OtherNumber | None:
    """The first such change, as the audit record tells it; None where there was none, or it was forgotten."""
    query = (
        select(AuditRecord.at, Person.name, AuditRecord.before, AuditRecord.after)
        .outerjoin(Person, Person.id == AuditRecord.person_id)
        .where(AuditRecord.object_type == "premises", AuditRecord.object_id == visit.premises_id)
        .where(AuditRecord.action == "premises_changed", AuditRecord.at > visit.started_at)
        .order_by(AuditRecord.at)
        .limit(50)
    )
    for at, name, before, after in db.session.execute(query):
        if isinstance(before, dict) and isinstance(after, dict) and "phone" in after:
            return OtherNumber(at, name or "", str(before.get("phone") or ""))
    return None


def next_sheet(sample_id: UUID, person: Person, now: datetime, besides: UUID | None = None) -> UUID | None:
    """The sheet this person calls next: not called yet, else tried longest ago; never of a visit they took part in."""
    tried = and_(CallSheet.state == State.LATER, CallSheet.last_call_at <= now - REST)
    query = (
        select(CallSheet.id)
        .join(Inspection, Inspection.id == CallSheet.inspection_id)
        .where(
            CallSheet.sample_id == sample_id,
            or_(CallSheet.state == State.WAITING, tried),
            ~worked_on_by(person.id),
        )
        .order_by(case((CallSheet.state == State.WAITING, 0), else_=1), CallSheet.last_call_at, CallSheet.position)
        .limit(1)
    )
    if besides is not None:
        query = query.where(CallSheet.id != besides)
    found: UUID | None = db.session.scalar(query)
    return found


@dataclass(frozen=True)
class Counted:
    """So many sheets of a stratum that stand the same."""

    stratum: str
    state: State
    visited: Answer | None
    as_recorded: Answer | None
    satisfied: Answer | None
    count: int


def count_sheets(sample_id: UUID) -> list[Counted]:
    """All sheets of a sample, counted: one read."""
    by = (CallSheet.stratum, CallSheet.state, CallSheet.visited, CallSheet.as_recorded, CallSheet.satisfied)
    query = select(*by, func.count()).where(CallSheet.sample_id == sample_id).group_by(*by)
    return [Counted(*row) for row in db.session.execute(query)]


@dataclass(frozen=True)
class Owners:
    """What owners of the drawn visits said on the page of the code."""

    noticed: int  # drawn visits with a notice in anybody's hand: only those could be answered
    said: dict[Answer, int]
    confirmed_any: int  # drawn visits confirmed by a call or by an owner


def count_owners(sample_id: UUID) -> Owners:
    """Two reads. Of several notices of a visit one yes confirms it; a visit counts as no where nobody said yes."""
    notices = select(func.count(Notice.inspection_id.distinct())).join(
        CallSheet, CallSheet.inspection_id == Notice.inspection_id
    )
    noticed = notices.where(CallSheet.sample_id == sample_id, Notice.issued_at.is_not(None))
    rows: Sequence[tuple[UUID, Answer | None, Answer | None]] = db.session.execute(  # type: ignore[assignment]
        select(CallSheet.id, CallSheet.visited, Confirmation.says)
        .outerjoin(Confirmation, Confirmation.inspection_id == CallSheet.inspection_id)
        .where(
            CallSheet.sample_id == sample_id, or_(Confirmation.says.is_not(None), CallSheet.visited == Answer.YES)
        )
    ).tuples()
    best: dict[UUID, Answer] = {}
    confirmed: set[UUID] = set()
    rank = {Answer.YES: 0, Answer.NO: 1, Answer.NOT_KNOWN: 2}
    for sheet_id, visited, says in rows:
        if says is not None and (sheet_id not in best or rank[says] < rank[best[sheet_id]]):
            best[sheet_id] = says
        if Answer.YES in (visited, says):
            confirmed.add(sheet_id)
    said = {answer: sum(one is answer for one in best.values()) for answer in Answer}
    return Owners(int(db.session.scalar(noticed) or 0), said, len(confirmed))


def owners_of_visits(inspection_ids: Sequence[UUID]) -> dict[UUID, Answer]:
    """What owners said about these visits, by the visit's id; of several notices a yes counts."""
    query = select(Confirmation.inspection_id, Confirmation.says).where(Confirmation.inspection_id.in_(inspection_ids))
    found: dict[UUID, Answer] = {}
    for inspection_id, says in db.session.execute(query).tuples():
        if found.get(inspection_id) is not Answer.YES:
            found[inspection_id] = says
    return found


def confirmation_of(notice_id: UUID) -> Answer | None:
    """What the owner of this notice said last."""
    said: Answer | None = db.session.scalar(select(Confirmation.says).where(Confirmation.notice_id == notice_id))
    return said


def areas(region: Region) -> list[Region]:
    """Where may be drawn: the reader's own area and the townships in it, by code."""
    wide = Region.level.in_((Level.COUNTY, Level.TOWNSHIP))
    rows = db.session.scalars(select(Region).where(within(Region, region), or_(wide, Region.id == region.id)))
    return sorted(rows, key=lambda one: (LEVELS.index(one.level), one.code))


def has_visits(region: Region) -> bool:
    """Whether there is anything to draw from."""
    query = select(Inspection.id).where(within(Inspection, region), Inspection.status == Status.FINISHED).limit(1)
    return db.session.scalar(query) is not None


@dataclass(frozen=True)
class Waiting:
    """Call-backs that wait in somebody's area."""

    sample_id: UUID | None  # of the newest sample with one
    count: int


def waiting_calls(reader: Person) -> Waiting:
    """One read: how many sheets nobody has filled yet, and the newest sample that has one."""
    query = (
        select(Sample.id, Sample.drawn_at, func.count())
        .join(CallSheet, CallSheet.sample_id == Sample.id)
        .where(within(Sample, reader.region), CallSheet.state.in_((State.WAITING, State.LATER)))
        .group_by(Sample.id, Sample.drawn_at)
        .order_by(Sample.drawn_at.desc())
    )
    rows = db.session.execute(query).tuples().all()
    return Waiting(rows[0][0] if rows else None, sum(row[2] for row in rows))
