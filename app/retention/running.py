"""One run: what is past its period goes, batch by batch, each in a transaction of its own. For the command only.

It may run twice, at once with another, or be stopped anywhere: every batch asks anew what is due and what is held.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from app.accounts import county
from app.accounts.regions import Level, Region
from app.core import clock, ledger
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.orphans import batched
from app.core.storage import Storage
from app.notices.models import Notice
from app.notices.models import Status as NoticeStatus
from app.photos.models import Photo
from app.referrals.models import Referral
from app.reminders.models import Reminder
from app.replies.models import ReplyPhoto
from app.retention.holds import held_ids, keep_holders_waiting
from app.retention.models import LegalHold, Look, Run
from app.retention.options import days_of
from app.retention.removing import delete_rows, due_complaints, due_photos, forget_complainants, remove_photos
from app.retention.rules import PHOTOS, Kind

PAGE, SMALL = 500, 50  # rows read together; things deleted in one transaction
AHEAD = timedelta(days=30)
Tell = Callable[[str], None]


@dataclass
class Tally:
    """What a run did, by kind; a dry one: what it would do."""

    gone: Counter[str] = field(default_factory=Counter)
    ahead: Counter[str] = field(default_factory=Counter)  # due within the next 30 days


def run(storage: Storage, *, dry: bool = False, tell: Tell = lambda _line: None) -> Tally:
    """Delete what is past its period in all counties; `dry`: only say so."""
    tally, now, run_id = Tally(), clock.now(), new_id()
    if not dry:
        with transaction():
            db.session.add(Run(id=run_id, started_at=now, counts={}))
    counties = list(db.session.scalars(select(Region.id).where(Region.level == Level.COUNTY).order_by(Region.id)))
    county.forget()
    _photos(counties, now, tally, None if dry else storage, tell)
    for county_id in counties:
        _complaints(county_id, now, tally, dry=dry, tell=tell)
        _reminders(county_id, now, tally, dry=dry)
        _looks(county_id, now, tally, dry=dry)
    _audit(counties, now, tally, dry=dry)
    if not dry:
        with transaction():
            row = db.session.get_one(Run, run_id)
            row.ended_at = clock.now()
            row.counts = {**(+tally.gone), **{f"ahead.{kind}": count for kind, count in (+tally.ahead).items()}}
    return tally


def _photos(counties: list[UUID], now: datetime, tally: Tally, storage: Storage | None, tell: Tell) -> None:
    """Photos that are still kept and old enough that a period may be over, the oldest first."""
    for ids in _old_photos(counties, now):
        rows = list(db.session.scalars(select(Photo).where(Photo.id.in_(ids))))
        coming, _uses = due_photos(rows, now + AHEAD)
        due = [(photo, one) for photo, one in coming if one.at <= now]
        tally.ahead.update(one.kind.value for _photo, one in coming if one.at > now)
        db.session.rollback()
        if storage is None:
            tally.gone.update(one.kind.value for _photo, one in due)
            for photo, one in due:
                tell(f"{one.kind.value} {photo.id} {photo.sha256}")
            continue
        for some in batched([str(photo.id) for photo, _one in due], SMALL):
            with transaction():
                county.forget()
                done = remove_photos([UUID(one) for one in some], storage, clock.now())
            tally.gone.update(one.kind.value for one in done)


def _old_photos(counties: list[UUID], now: datetime) -> Iterator[list[UUID]]:
    """Pages of ids: what was never sent after its short period, everything else after the shortest of the others."""
    unsent = min((days_of(one, Kind.UNSENT) for one in counties), default=0)
    rows = select(ReplyPhoto.photo_id, ReplyPhoto.received_at).where(
        ReplyPhoto.reply_id.is_(None), ReplyPhoto.received_at <= now + AHEAD - timedelta(days=unsent)
    )
    yield from _pages(rows, ReplyPhoto.received_at, ReplyPhoto.photo_id)
    others = min((days_of(one, kind) for one in counties for kind in PHOTOS), default=0)
    rows = select(Photo.id, Photo.received_at).where(
        Photo.removed_at.is_(None), Photo.received_at <= now + AHEAD - timedelta(days=others)
    )
    yield from _pages(rows.where(~_is_unsent()), Photo.received_at, Photo.id)


def _is_unsent() -> Any:
    return exists().where(ReplyPhoto.photo_id == Photo.id, ReplyPhoto.reply_id.is_(None))


def _pages(rows: Any, at: Any, key: Any) -> Iterator[list[UUID]]:
    """Keyed, so that no page is read twice whatever was deleted in between."""
    last: tuple[datetime, UUID] | None = None
    while True:
        asked = rows if last is None else rows.where(at >= last[0], or_(at > last[0], key > last[1]))
        found = db.session.execute(asked.order_by(at, key).limit(PAGE)).tuples().all()
        if not found:
            return
        yield [one for one, _at in found]
        last = (found[-1][1], found[-1][0])


def _complaints(county_id: UUID, now: datetime, tally: Tally, *, dry: bool, tell: Tell) -> None:
    days = days_of(county_id, Kind.COMPLAINANTS)
    before = now - timedelta(days=days)
    due, coming = (due_complaints(county_id, end) for end in (before, before + AHEAD))
    db.session.rollback()
    tally.ahead[Kind.COMPLAINANTS.value] += len(coming) - len(due)
    if dry:
        tally.gone[Kind.COMPLAINANTS.value] += len(due)
        for one in due:
            tell(f"{Kind.COMPLAINANTS.value} {one}")
        return
    for some in batched([str(one) for one in due], SMALL):
        with transaction():
            tally.gone[Kind.COMPLAINANTS.value] += forget_complainants([UUID(one) for one in some], days, clock.now())


@dataclass(frozen=True)
class _Log:
    """Rows of a log that may go once they are old enough."""

    kind: Kind
    model: Any
    rows: Any
    at: Any

    def count(self, *conditions: Any) -> int:
        asked = self.rows.where(*conditions).with_only_columns(func.count()).order_by(None)
        return db.session.scalar(asked) or 0


def _reminders(county_id: UUID, now: datetime, tally: Tally, *, dry: bool) -> None:
    """Rows about what is closed: of what is open, the log is what keeps a reminder from being said twice."""
    open_notice = exists().where(
        Notice.id == Reminder.subject_id, Notice.status != NoticeStatus.WITHDRAWN, Notice.closed_at.is_(None)
    )
    open_referral = exists().where(Referral.id == Reminder.subject_id, Referral.closed_at.is_(None))
    rows = select(Reminder).where(
        Reminder.county_id == county_id, ~or_(open_notice, open_referral), Reminder.subject_id.not_in(held_ids())
    )
    _log(_Log(Kind.REMINDERS, Reminder, rows, Reminder.claimed_at), county_id, now, tally, dry=dry)


def _looks(county_id: UUID, now: datetime, tally: Tally, *, dry: bool) -> None:
    is_held = exists().where(LegalHold.county_id == county_id, LegalHold.lifted_at.is_(None))
    rows = select(Look).where(Look.county_id == county_id, ~is_held)
    _log(_Log(Kind.LOOKS, Look, rows, Look.at), county_id, now, tally, dry=dry)


def _log(log: _Log, county_id: UUID, now: datetime, tally: Tally, *, dry: bool) -> None:
    days, kind = days_of(county_id, log.kind), log.kind.value
    before = now - timedelta(days=days)
    tally.ahead[kind] += log.count(log.at > before, log.at <= before + AHEAD)
    if dry:
        tally.gone[kind] += log.count(log.at <= before)
        return
    asked = log.rows.where(log.at <= before).order_by(log.at, log.model.id).limit(PAGE)
    while True:
        with transaction():
            keep_holders_waiting()
            found = db.session.scalars(asked.with_for_update(skip_locked=True)).all()
            tally.gone[kind] += delete_rows(log.model, found, log.kind, days, county_id)
        if len(found) < PAGE:
            return


def _audit(counties: list[UUID], now: datetime, tally: Tally, *, dry: bool) -> None:
    """What old audit records tell, a week in each transaction. All counties share one chain; a hold keeps all of it."""
    until = now - timedelta(days=max((days_of(one, Kind.AUDIT) for one in counties), default=0))
    kind = Kind.AUDIT.value
    if not counties or _is_anything_held():
        return
    tally.ahead[kind] += ledger.count_telling(until, until + AHEAD)
    if dry:
        tally.gone[kind] += ledger.count_telling(None, until)
        return
    while (oldest := ledger.oldest_telling(until)) is not None:
        with transaction():
            keep_holders_waiting()
            if _is_anything_held():  # since a moment ago
                return
            tally.gone[kind] += ledger.forget_contents(min(until, oldest + timedelta(days=7)))


def _is_anything_held() -> bool:
    return bool(db.session.scalar(select(exists().where(LegalHold.lifted_at.is_(None)))))
