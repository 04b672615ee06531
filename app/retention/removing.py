"""What one small transaction of a run deletes. Each deletion is an event that names object, kind, period and hash.

The files go before the transaction ends: a run that dies in between finds them gone and writes down that they are.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, union

from app.accounts.regions import Region
from app.complaints import services as complaints
from app.complaints.models import Complaint
from app.core import audit
from app.core.database import db
from app.core.orphans import keep_writers_waiting, unheld
from app.core.storage import Storage
from app.inspections.models import InspectionPhoto
from app.notices.models import Notice
from app.photos.models import Photo
from app.referrals.models import ReferralPhoto
from app.replies.models import ReplyPhoto
from app.retention.holds import held_ids, keep_holders_waiting, spare_complaints
from app.retention.options import days_of
from app.retention.rules import Due, Kind, due_of
from app.retention.uses import Uses, uses_of
from app.seals.models import PaperFile

ACTION = "deleted_after_period"
NOTHING_OF: dict[str, Any] = {
    "original_name": "", "exif": {}, "device": "", "exif_latitude": None, "exif_longitude": None,
    "latitude": None, "longitude": None, "accuracy_m": None,
}  # fmt: skip


def due_photos(photos: Iterable[Photo], now: datetime) -> tuple[list[tuple[Photo, Due]], Uses]:
    """Those of them whose last period is over by `now` and that nothing holds."""
    kept = [photo for photo in photos if photo.removed_at is None]
    uses = uses_of([photo.id for photo in kept])
    held = held_ids()
    found = []
    for photo in kept:
        mine = uses.get(photo.id, [])
        due = due_of(mine, {(one.county_id, one.kind): days_of(one.county_id, one.kind) for one in mine}, held)
        if due is not None and due.at <= now:
            found.append((photo, due))
    return found, uses


def remove_photos(ids: Sequence[UUID], storage: Storage, now: datetime) -> list[Due]:
    """Delete those of these photos that are due: bytes, views and made papers. Record, hash, size and times stay."""
    keep_writers_waiting()
    keep_holders_waiting()
    unsent = select(ReplyPhoto.photo_id).where(ReplyPhoto.photo_id.in_(ids), ReplyPhoto.reply_id.is_(None))
    db.session.execute(unsent.with_for_update())  # an owner may send the reply at this very moment
    rows = select(Photo).where(Photo.id.in_(ids)).order_by(Photo.id).execution_options(populate_existing=True)
    due, _uses = due_photos(db.session.scalars(rows), now)
    if not due:
        return []
    papers = _papers([photo.id for photo, _due in due])
    for paper in papers:
        paper.removed_at = now
    for photo, _due in due:
        photo.removed_at = now
        for name, value in NOTHING_OF.items():
            setattr(photo, name, value)
    never_sent = [photo.id for photo, one in due if one.kind is Kind.UNSENT]
    for row in db.session.scalars(select(ReplyPhoto).where(ReplyPhoto.photo_id.in_(never_sent))):
        db.session.delete(row)
    db.session.flush()
    gone = _delete_files([*papers, *(photo for photo, _due in due)], storage)
    longest = max(due, key=lambda pair: pair[1].days)[1]
    for paper in papers:
        said = _said(longest.kind, longest.days, paper.sha256) | {"size": paper.size}
        audit.record(ACTION, paper, by=None, after=said)
    for photo, one in due:
        said = _said(one.kind, one.days, photo.sha256) | {"size": photo.size, "bytes_gone": photo.storage_key in gone}
        audit.record(ACTION, photo, by=None, after=said)
    return [one for _photo, one in due]


def _delete_files(rows: Collection[Photo | PaperFile], storage: Storage) -> set[str]:
    """Files that no kept record rests on, with all views made of them; their keys."""
    gone = unheld({row.storage_key for row in rows})
    for key in sorted(gone):
        storage.delete(key)
    for sha256 in sorted({row.sha256 for row in rows if row.storage_key in gone}):
        for view in storage.below(f"derived/{sha256}"):
            storage.delete(view)
    return gone


def _papers(ids: Collection[UUID]) -> list[PaperFile]:
    """The kept files of papers that show these photos. Asked for again, a paper is made without them."""
    visits = select(InspectionPhoto.inspection_id).where(InspectionPhoto.photo_id.in_(ids))
    notices = select(Notice.id).where(Notice.inspection_id.in_(visits))
    referrals = select(ReferralPhoto.referral_id).where(ReferralPhoto.photo_id.in_(ids))
    found = select(PaperFile).where(PaperFile.removed_at.is_(None), PaperFile.subject_id.in_(union(notices, referrals)))
    return list(db.session.scalars(found))


def due_complaints(county_id: UUID, before: datetime) -> list[UUID]:
    """Complaints answered before, oldest first, whose complainant is still known and that nothing holds."""
    rows = db.session.execute(
        select(Complaint.id, Complaint.premises_id)
        .where(Complaint.county_id == county_id, Complaint.answered_at <= before, Complaint.purged_at.is_(None))
        .order_by(Complaint.answered_at, Complaint.id)
    )
    held = held_ids()
    return [one for one, premises_id in rows.tuples() if one not in held and premises_id not in held]


def forget_complainants(ids: Collection[UUID], days: int, now: datetime) -> int:
    """Empty who complained; the case stays."""
    keep_holders_waiting()
    rows = select(Complaint).where(Complaint.id.in_(ids), Complaint.purged_at.is_(None)).with_for_update()
    spared = spare_complaints(ids)
    done = [row for row in db.session.scalars(rows) if row.id not in spared]
    for complaint in done:
        hashes = complaints.forget(complaint, now)
        audit.record(ACTION, complaint, by=None, after=_said(Kind.COMPLAINANTS, days, *hashes))
    return len(done)


def delete_rows(model: Any, rows: Sequence[Any], kind: Kind, days: int, county_id: UUID) -> int:
    """Delete rows of a log: one event for all of them, with the hash of what they said."""
    if not rows:
        return 0
    digest = hashlib.sha256()
    for row in rows:
        said = {column.key: getattr(row, column.key) for column in model.__mapper__.columns}
        digest.update(json.dumps(said, sort_keys=True, default=str, ensure_ascii=False).encode() + b"\n")
    for row in rows:
        db.session.delete(row)
    db.session.flush()
    county = db.session.get_one(Region, county_id)
    audit.record(ACTION, county, by=None, after=_said(kind, days, digest.hexdigest()) | {"rows": len(rows)})
    return len(rows)


def _said(kind: Kind, days: int, *hashes: str) -> dict[str, Any]:
    return {"kind": kind.value, "days": days, "sha256": hashes[0] if len(hashes) == 1 else list(hashes)}


