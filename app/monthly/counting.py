"""Counts the figures of an area and a month: seven statements, whatever the size, each along its index.

What each figure counts stands in words.py. States of the past are told from moments and turns, not from today's state:
a report that is counted again later says the same, but for what arrived or was withdrawn since. Deleted photos keep
their rows, so nothing here changes when a period ends.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    distinct,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.accounts.regions import Region, within
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.core import clock
from app.core.database import db
from app.inspections.models import (
    AnnouncedPhoto,
    Answer,
    Finding,
    Inspection,
    InspectionPhoto,
    Outcome,
    Sheet,
    Status,
)
from app.monthly.rules import Figure, Month
from app.notices.models import Notice, NoticeFinding, Turn
from app.notices.models import Status as NoticeStatus
from app.notices.progress import Event, Step
from app.premises.kinds import domains
from app.premises.models import Premises, PremisesDomain
from app.premises.models import Status as PlaceStatus
from app.referrals.models import Referral
from app.referrals.models import Status as ReferralStatus
from app.referrals.rules import Outcome as ReferralOutcome
from app.reports.models import Report, ReportTurn
from app.reports.rules import Event as ReportEvent

ZONE = ZoneInfo(clock.DEFAULT_ZONE)
CRITICAL = "A"
NO_RESULT = (ReferralOutcome.WITHDRAWN, ReferralOutcome.NOT_SENT)
F = Figure


@dataclass(frozen=True)
class Frame:
    """What is counted: an area, a month, up to `until` (its end, or now while it runs)."""

    region: Region
    begin: datetime
    end: datetime
    until: datetime
    every_days: int  # how often each place is to be visited at least

    @classmethod
    def of(cls, region: Region, month: Month, now: datetime, every_days: int) -> "Frame":
        begin, end = month.begin(ZONE), month.end(ZONE)
        return cls(region, begin, end, min(end, max(now, begin)), every_days)

    def during(self, column: Any) -> ColumnElement[bool]:
        return and_(column >= self.begin, column < self.end)

    @property
    def day(self) -> date:
        """The day at whose beginning, or in whose middle, the count stands: what was due before is overdue."""
        return clock.local(self.until).date()


@dataclass(frozen=True)
class DomainLine:
    """The same for one domain."""

    domain: str
    premises: int
    visited: int
    visits: int
    findings: int


@dataclass(frozen=True)
class Counted:
    """All figures by their name, and those that are told by domain."""

    figures: dict[str, int]
    domains: list[DomainLine]


def count(frame: Frame) -> Counted:
    """Count everything."""
    figures: dict[str, int] = {}
    figures |= _visits(frame)
    by_domain = _visits_by_domain(frame)
    findings = _findings(frame)
    figures |= {
        name: sum(row[name] for row in findings.values())
        for name in (F.FINDINGS, F.CRITICAL, F.FIXED_AT_ONCE)
    }
    registered = _registered_by_domain(frame)
    figures |= _points_closed(frame) | _standing_at_end(frame)
    alone = _scalars(frame)
    figures[F.PREMISES] = alone.pop(F.PREMISES) + figures.pop("elsewhere")
    figures |= alone
    return Counted({str(one): figures[one] for one in Figure}, _lines(by_domain, findings, registered))


def _lines(
    visits: dict[str, Counter[str]], findings: dict[str, Counter[str]], registered: dict[str, int]
) -> list[DomainLine]:
    """In the order of the domains; those with nothing at all are left out."""
    order = list(domains())
    keys = sorted(
        {*visits, *findings, *registered}, key=lambda key: (order.index(key) if key in order else 99, key)
    )
    none: Counter[str] = Counter()
    return [
        DomainLine(
            key,
            registered.get(key, 0) + visits.get(key, none)["elsewhere"],
            visits.get(key, none)[F.VISITED],
            visits.get(key, none)[F.VISITS],
            findings.get(key, none)[F.FINDINGS],
        )
        for key in keys
    ]


def _begun(frame: Frame) -> ColumnElement[bool]:
    return and_(within(Inspection, frame.region), frame.during(Inspection.started_at))


def _finished(frame: Frame) -> ColumnElement[bool]:
    return and_(_begun(frame), Inspection.status == Status.FINISHED)


def _on_register(frame: Frame) -> ColumnElement[bool]:
    """Entered before the end of the month, not closed down, not merged into another file."""
    return and_(
        within(Premises, frame.region),
        Premises.created_at < frame.until,
        Premises.merged_into_id.is_(None),
        Premises.status != PlaceStatus.CLOSED,
    )


def _times(condition: ColumnElement[bool]) -> Any:
    """How many rows meet it."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _visits(frame: Frame) -> dict[str, int]:
    """`elsewhere`: places visited that are on this register no more (closed, moved away) or not yet."""
    done = Inspection.status == Status.FINISHED
    no_photo = and_(
        ~exists().where(InspectionPhoto.inspection_id == Inspection.id),
        ~exists().where(AnnouncedPhoto.inspection_id == Inspection.id),
    )
    row = db.session.execute(
        select(
            _times(done),
            func.count(distinct(case((done, Inspection.premises_id)))),
            func.count(distinct(case((_on_register(frame), null()), (done, Inspection.premises_id)))),
            _times(and_(done, Inspection.parent_id.is_not(None))),
            _times(and_(done, no_photo)),
            _times(and_(done, Inspection.receipt.is_(None))),
            _times(Inspection.status == Status.OPEN),
        )
        .join(Premises, Premises.id == Inspection.premises_id)
        .where(_begun(frame))
    ).one()
    names = (F.VISITS, F.VISITED, "elsewhere", F.RETURNS, F.NO_PHOTO, F.UNSIGNED, F.UNFINISHED)
    return dict(zip(names, map(int, row), strict=True))


def _visits_by_domain(frame: Frame) -> dict[str, Counter[str]]:
    """By the domains of the checklists that were used."""
    registered = and_(PremisesDomain.domain.is_not(None), _on_register(frame))
    rows = db.session.execute(
        select(
            ChecklistVersion.domain,
            func.count(distinct(Inspection.id)),
            func.count(distinct(Inspection.premises_id)),
            func.count(distinct(case((registered, null()), else_=Inspection.premises_id))),
        )
        .select_from(Inspection)
        .join(Premises, Premises.id == Inspection.premises_id)
        .join(Sheet, Sheet.inspection_id == Inspection.id)
        .join(ChecklistVersion, ChecklistVersion.id == Sheet.version_id)
        .outerjoin(
            PremisesDomain,
            and_(PremisesDomain.premises_id == Premises.id, PremisesDomain.domain == ChecklistVersion.domain),
        )
        .where(_finished(frame))
        .group_by(ChecklistVersion.domain)
    )
    names = (F.VISITS, F.VISITED, "elsewhere")
    return {row[0]: Counter(dict(zip(names, row[1:], strict=True))) for row in rows}


def _findings(frame: Frame) -> dict[str, Counter[str]]:
    rows = db.session.execute(
        select(
            ChecklistVersion.domain,
            func.count(),
            _times(ChecklistItem.severity == CRITICAL),
            _times(Finding.outcome == Outcome.FIXED),
        )
        .select_from(Inspection)
        .join(Finding, Finding.inspection_id == Inspection.id)
        .join(Answer, Answer.id == Finding.answer_id)
        .join(ChecklistItem, ChecklistItem.id == Answer.item_id)
        .join(ChecklistVersion, ChecklistVersion.id == Answer.version_id)
        .where(_finished(frame))
        .group_by(ChecklistVersion.domain)
    )
    names = (F.FINDINGS, F.CRITICAL, F.FIXED_AT_ONCE)
    return {row[0]: Counter(dict(zip(names, map(int, row[1:]), strict=True))) for row in rows}


def _registered_by_domain(frame: Frame) -> dict[str, int]:
    counted = (
        select(PremisesDomain.domain, func.count())
        .join(Premises, Premises.id == PremisesDomain.premises_id)
        .where(_on_register(frame))
        .group_by(PremisesDomain.domain)
    )
    return dict(db.session.execute(counted).tuples().all())


def _points_closed(frame: Frame) -> dict[str, int]:
    """How the points of the notices closed in the month were closed; what was put right at once has no turn."""
    rows = db.session.execute(
        select(Turn.event, func.count())
        .join(Notice, Notice.id == Turn.notice_id)
        .where(_closed(frame), Turn.step_after == Step.CLOSED, Turn.step_before != Step.CLOSED)
        .group_by(Turn.event)
    )
    found = Counter(dict(rows.tuples().all()))
    seen, accepted = found[Event.VERIFIED_FIXED], found[Event.ACCEPTED]
    return {F.SEEN_FIXED: seen, F.ACCEPTED: accepted, F.CLOSED_OTHERWISE: found.total() - seen - accepted}


def _scalars(frame: Frame) -> dict[str, int]:
    """Everything that is one number, in one statement."""
    issued = and_(within(Notice, frame.region), frame.during(Notice.issued_at))
    here = and_(within(Report, frame.region), frame.during(Report.discovered_at))
    untrue = exists().where(ReportTurn.report_id == Report.id, ReportTurn.event == ReportEvent.FOUND_UNTRUE)
    parts: dict[str, list[Select[Any]]] = {
        F.PREMISES: [_count(Premises, _on_register(frame))],
        F.ISSUED: [_count(Notice, issued)],
        F.WITHDRAWN: [_count(Notice, issued, Notice.status == NoticeStatus.WITHDRAWN)],
        F.CLOSED: [_count(Notice, _closed(frame))],
        F.REFERRED: [_count(Referral, within(Referral, frame.region), frame.during(Referral.sent_at))],
        F.REFERRALS_CLOSED: [
            _count(
                Referral,
                within(Referral, frame.region),
                Referral.status == ReferralStatus.CLOSED,
                Referral.order_at >= frame.begin,  # its last step is no earlier than its end: along the index
                frame.during(Referral.closed_at),
                Referral.outcome.not_in(NO_RESULT),
            )
        ],
        F.REPORTS: [_count(Report, here)],
        F.UNTRUE: [_count(Report, here, untrue)],
        F.PASSED_ON: [_count(Report, here, Report.forwarded_at.is_not(None), ~untrue)],
        F.NOT_VISITED: [_count(Premises, one) for one in _waiting(frame)],
    }
    row = db.session.execute(select(*(_sum(one) for one in parts.values()))).one()
    return dict(zip(parts, map(int, row), strict=True))


def _count(model: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(model).where(*conditions)


def _sum(parts: Iterable[Select[Any]]) -> Any:
    first, *rest = (part.scalar_subquery() for part in parts)
    for one in rest:
        first = first + one  # type: ignore[assignment]
    return first


def _closed(frame: Frame) -> ColumnElement[bool]:
    return and_(
        within(Notice, frame.region), frame.during(Notice.closed_at), Notice.status == NoticeStatus.ISSUED
    )


def _open_at_end(frame: Frame) -> list[ColumnElement[bool]]:
    """In force and not closed when the month ended: those open still, and those closed later; each has its index."""
    in_force = or_(
        Notice.status == NoticeStatus.ISSUED,
        and_(Notice.status == NoticeStatus.WITHDRAWN, Notice.withdrawn_at >= frame.until),
    )
    both = and_(within(Notice, frame.region), _aside(and_(Notice.issued_at < frame.until, in_force)))
    return [and_(both, Notice.closed_at.is_(None)), and_(both, Notice.closed_at >= frame.until)]


def _aside(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, for rows that are found another way: no index is to be walked for it, back to the first notice."""
    return case((condition, 1), else_=0) == 1


def _standing_at_end(frame: Frame) -> dict[str, int]:
    parts = (
        select(func.count().label("open"), _times(_has_overdue_point(frame)).label("late"))
        .select_from(Notice)
        .where(one)
        for one in _open_at_end(frame)
    )
    rows = db.session.execute(union_all(*parts)).all()
    return {F.OPEN_AT_END: sum(int(row.open) for row in rows), F.OVERDUE: sum(int(row.late) for row in rows)}


def _has_overdue_point(frame: Frame) -> ColumnElement[bool]:
    """A point whose date had passed while it was awaited, by the date and the turns of that moment."""
    point = NoticeFinding
    due = case((point.extended_at >= frame.until, point.first_due_on), else_=point.due_on)
    last_turn = (
        select(Turn.step_after)
        .where(Turn.notice_id == point.notice_id, Turn.finding_id == point.finding_id, Turn.at < frame.until)
        .order_by(Turn.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    stood = func.coalesce(last_turn, literal(Step.AWAITED, point.step.type))
    return exists().where(point.notice_id == Notice.id, due < frame.day, stood == Step.AWAITED)


def _waiting(frame: Frame) -> list[ColumnElement[bool]]:
    """Open places that were not visited for longer than planned.

    The register keeps the last visit alone; where that came after the month, the visits themselves are asked.
    """
    since = frame.until - timedelta(days=frame.every_days)
    place = and_(
        within(Premises, frame.region),
        Premises.created_at < since,
        Premises.merged_into_id.is_(None),
        Premises.status == PlaceStatus.OPEN,
    )
    last = Premises.last_inspected_at
    visited = exists().where(
        Inspection.premises_id == Premises.id,
        Inspection.started_at >= since,
        Inspection.started_at < frame.until,
        Inspection.status == Status.FINISHED,
    )
    return [
        and_(place, last.is_(None)),
        and_(place, last < since),
        and_(place, last >= frame.until, ~visited),
    ]
