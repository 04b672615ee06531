"""What keeps photos: the visits, notices, replies, referrals and reports they belong to, read for many at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app.core.database import db
from app.inspections.models import Inspection, InspectionPhoto
from app.notices.models import Notice
from app.notices.models import Status as NoticeStatus
from app.referrals.models import Referral, ReferralPhoto
from app.replies.models import ReplyPhoto
from app.reports.models import Report, ReportPhoto
from app.retention.rules import Kind, Use

Uses = dict[UUID, list[Use]]


def uses_of(ids: Collection[UUID]) -> Uses:
    """By photo. One that nothing uses is not named."""
    found: Uses = defaultdict(list)
    _visits(ids, found)
    _replies(ids, found)
    _referrals(ids, found)
    _reports(ids, found)
    return dict(found)


def _visits(ids: Collection[UUID], found: Uses) -> None:
    """A visit, its re-inspections and their notices are one file: photos are kept as long as the longest of them."""
    columns = (InspectionPhoto.photo_id, Inspection.id, Inspection.parent_id, Inspection.premises_id)
    rows = db.session.execute(
        select(*columns, Inspection.county_id, Inspection.finished_at)
        .join(Inspection, Inspection.id == InspectionPhoto.inspection_id)
        .where(InspectionPhoto.photo_id.in_(ids))
    ).all()
    visits = {one for row in rows for one in (row.id, row.parent_id) if one}
    later = _later_visits(visits) if visits else []
    visits.update(one for one, _parent_id in later)
    notices = _notices(Notice.inspection_id.in_(visits)) if visits else []
    referrals = _linked_referrals(visits, [one.id for one in notices]) if visits else []
    for row in rows:
        own = {row.id, row.parent_id} - {None}
        own |= {one for one, parent_id in later if parent_id in own}
        mine = [one for one in notices if one.inspection_id in own]
        sent = [one for one in referrals if one.inspection_id in own or one.notice_id in {n.id for n in mine}]
        under = frozenset({*own, row.premises_id, *(one.id for one in mine), *(one.id for one in sent)})
        uses = found[row.photo_id]
        uses.append(Use(Kind.VISIT_PHOTOS, row.county_id, row.finished_at, under))
        uses += [Use(Kind.NOTICE_PHOTOS, one.county_id, _end(one), under) for one in mine]
        uses += [Use(Kind.REFERRAL_PHOTOS, one.county_id, one.closed_at, under) for one in sent]


def _later_visits(visits: Collection[UUID]) -> list[tuple[UUID, UUID | None]]:
    """Their re-inspections, each with the visit it follows."""
    rows = select(Inspection.id, Inspection.parent_id).where(Inspection.parent_id.in_(visits))
    return list(db.session.execute(rows).tuples())


def _replies(ids: Collection[UUID], found: Uses) -> None:
    """Of a reply that was never sent the period begins when the photo came."""
    columns = (ReplyPhoto.photo_id, ReplyPhoto.reply_id, ReplyPhoto.received_at, ReplyPhoto.notice_id)
    rows = db.session.execute(select(*columns).where(ReplyPhoto.photo_id.in_(ids))).all()
    notices = {one.id: one for one in _notices(Notice.id.in_({row.notice_id for row in rows}))} if rows else {}
    for row in rows:
        notice = notices[row.notice_id]
        under = frozenset({notice.id, notice.inspection_id, notice.premises_id})
        kind, end = (Kind.REPLY_PHOTOS, _end(notice)) if row.reply_id else (Kind.UNSENT, row.received_at)
        found[row.photo_id].append(Use(kind, notice.county_id, end, under))


def _referrals(ids: Collection[UUID], found: Uses) -> None:
    rows = db.session.execute(
        select(ReferralPhoto.photo_id, *_REFERRAL)
        .join(Referral, Referral.id == ReferralPhoto.referral_id)
        .where(ReferralPhoto.photo_id.in_(ids))
    ).all()
    for row in rows:
        under = frozenset({row.id, row.premises_id, row.inspection_id, row.notice_id} - {None})
        found[row.photo_id].append(Use(Kind.REFERRAL_PHOTOS, row.county_id, row.closed_at, under))


def _reports(ids: Collection[UUID], found: Uses) -> None:
    columns = (Report.id, Report.premises_id, Report.referral_id, Report.county_id, Report.fed_back_at)
    rows = db.session.execute(
        select(ReportPhoto.photo_id, *columns)
        .join(Report, Report.id == ReportPhoto.report_id)
        .where(ReportPhoto.photo_id.in_(ids))
    ).all()
    for row in rows:
        under = frozenset({row.id, row.premises_id, row.referral_id} - {None})
        found[row.photo_id].append(Use(Kind.REPORT_PHOTOS, row.county_id, row.fed_back_at, under))


_NOTICE = (
    Notice.id, Notice.inspection_id, Notice.premises_id, Notice.county_id, Notice.status, Notice.closed_at,
    Notice.withdrawn_at,
)  # fmt: skip
_REFERRAL = (
    Referral.id, Referral.premises_id, Referral.inspection_id, Referral.notice_id, Referral.county_id,
    Referral.closed_at,
)  # fmt: skip


def _notices(condition: Any) -> list[Any]:
    return list(db.session.execute(select(*_NOTICE).where(condition)))


def _linked_referrals(visits: Collection[UUID], notices: Iterable[UUID]) -> list[Any]:
    linked = or_(Referral.inspection_id.in_(visits), Referral.notice_id.in_(list(notices)))
    return list(db.session.execute(select(*_REFERRAL).where(linked)))


def _end(notice: Any) -> Any:
    """When a notice came to its end; None while it is a draft or in force."""
    return notice.withdrawn_at if notice.status is NoticeStatus.WITHDRAWN else notice.closed_at
