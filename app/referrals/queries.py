"""Reads of referrals. Every page reads a constant number of times."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.accounts.models import Person
from app.accounts.regions import Region, within
from app.core.database import db
from app.core.errors import NotFound
from app.photos.models import Photo
from app.referrals.models import Referral, ReferralEvent, ReferralFinding, ReferralPhoto
from app.referrals.rules import Status

PAGE = 30
FEW = 5


class Shelf(enum.StrEnum):
    """The parts of the list: what we must do first."""

    TO_SEND = "to_send"
    WAITING = "waiting"
    UNDER_WAY = "under_way"
    CLOSED = "closed"


ON = {
    Shelf.TO_SEND: (Status.DRAFT, Status.RETURNED),
    Shelf.WAITING: (Status.SENT, Status.ACKNOWLEDGED),
    Shelf.UNDER_WAY: (Status.ACCEPTED, Status.FILED, Status.HANDED_OVER),
    Shelf.CLOSED: (Status.CLOSED,),
}
NEWEST_FIRST = frozenset({Shelf.UNDER_WAY, Shelf.CLOSED})


@dataclass(frozen=True)
class Page:
    """One page of a shelf; `next_key` starts the next one, None where this is the last."""

    referrals: list[Referral]
    next_key: str | None


def get_referral(referral_id: UUID, reader: Person) -> Referral:
    """The referral, if it lies in the reader's region or was addressed to their body. Raises NotFound."""
    found = db.session.scalars(
        select(Referral)
        .where(Referral.id == referral_id, within(Referral, reader.region))
        .options(
            joinedload(Referral.organisation),
            joinedload(Referral.created_by),
            joinedload(Referral.notice),
            joinedload(Referral.premises),
            selectinload(Referral.photos).joinedload(ReferralPhoto.photo).defer(Photo.exif),
            selectinload(Referral.events).joinedload(ReferralEvent.by),
            selectinload(Referral.links),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def photo_of(referral_id: UUID, photo_id: UUID, reader: Person) -> Photo:
    """A photo of the evidence. Raises NotFound."""
    found = db.session.scalars(
        select(Photo)
        .join(ReferralPhoto, ReferralPhoto.photo_id == Photo.id)
        .join(Referral, Referral.id == ReferralPhoto.referral_id)
        .where(Referral.id == referral_id, Photo.id == photo_id, within(Referral, reader.region))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def counts_of(region: Region) -> dict[Shelf, int]:
    """How many referrals stand on each shelf, in one read of an index."""
    rows = db.session.execute(
        select(Referral.status, func.count()).where(within(Referral, region)).group_by(Referral.status)
    )
    by_status = {status: int(count) for status, count in rows}
    return {shelf: sum(by_status.get(status, 0) for status in ON[shelf]) for shelf in Shelf}


def late_count(region: Region, now: datetime) -> int:
    """How many drafts are out before their limit was kept."""
    late = and_(Referral.status == Status.DRAFT, Referral.order_at < now)
    return db.session.scalar(select(func.count()).select_from(Referral).where(within(Referral, region), late)) or 0


def referrals_on(shelf: Shelf, region: Region, after: str = "", size: int = PAGE) -> Page:
    """One page of a shelf, the most pressing first; `after` is a page's next_key."""
    newest = shelf in NEWEST_FIRST
    columns: tuple[Any, ...] = (Referral.order_at, Referral.id)
    query = select(Referral).where(within(Referral, region), Referral.status.in_(ON[shelf]))
    start = _start(after)
    if start is not None:
        at, same = Referral.order_at, Referral.order_at == start.order_at
        beyond = (
            or_(at < start.order_at, and_(same, Referral.id < start.id))
            if newest
            else or_(at > start.order_at, and_(same, Referral.id > start.id))
        )
        query = query.where(beyond)
    order = [column.desc() for column in columns] if newest else list(columns)
    rows = list(db.session.scalars(query.options(defer(Referral.content)).order_by(*order).limit(size + 1)))
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def running(region: Region, most: int = FEW) -> Sequence[Referral]:
    """Drafts whose clock runs and referrals that came back, the most pressing first."""
    return referrals_on(Shelf.TO_SEND, region, size=most).referrals


def waiting(region: Region, most: int = FEW) -> Sequence[Referral]:
    """Sent ones that nobody has taken on yet, the longest waiting first."""
    return referrals_on(Shelf.WAITING, region, size=most).referrals


def of_premises(premises_id: UUID, region: Region, most: int = 10) -> Sequence[Referral]:
    """The latest referrals of a place."""
    return db.session.scalars(
        _without_content()
        .where(Referral.premises_id == premises_id, within(Referral, region))
        .order_by(Referral.created_at.desc())
        .limit(most)
    ).all()


def of_inspection(inspection_id: UUID, region: Region) -> Sequence[Referral]:
    """The referrals that came from a visit."""
    return db.session.scalars(
        _without_content()
        .where(Referral.inspection_id == inspection_id, within(Referral, region))
        .order_by(Referral.created_at)
    ).all()


def of_findings(finding_ids: Sequence[UUID], region: Region) -> Sequence[Referral]:
    """The referrals that carry any of these findings."""
    carried = select(ReferralFinding.referral_id).where(ReferralFinding.finding_id.in_(finding_ids))
    return db.session.scalars(
        _without_content().where(Referral.id.in_(carried), within(Referral, region)).order_by(Referral.created_at)
    ).all()


def _without_content() -> Any:
    return select(Referral).options(defer(Referral.content))


def _start(after: str) -> Referral | None:
    try:
        return db.session.get(Referral, UUID(after), options=[defer(Referral.content)]) if after else None
    except ValueError:
        return None
