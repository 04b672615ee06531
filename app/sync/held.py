"""Work of accounts that were closed while something was still on their phone: received, kept, and decided about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person
from app.accounts.regions import Region, within
from app.core import audit
from app.core.database import db
from app.sync import queries
from app.sync.book import Told
from app.sync.models import SyncChange
from app.sync.rules import Status
from app.sync.wire import Change, Unreadable

MOST = 2000  # changes released at once


@dataclass(frozen=True)
class HeldWork:
    """What one person left."""

    person: Person
    count: int
    since: datetime


def hold(changes: Sequence[Change | Unreadable], *, person: Person, device_id: UUID, now: datetime) -> list[Told]:
    """Keep the changes as they came, apply none. A known id is a duplicate, whatever became of it."""
    readable = [change for change in changes if isinstance(change, Change)]
    known = queries.known_changes([change.id for change in readable])
    told, seen = [], set(known)
    for change in changes:
        if isinstance(change, Unreadable):
            told.append(Told(change.id, Status.REFUSED, change.message))
            continue
        if change.id not in seen:
            seen.add(change.id)
            db.session.add(_row(change, person, device_id, now))
        told.append(Told(change.key, Status.HELD))
    db.session.flush()
    if seen - set(known):
        audit.record("work_held", person, by=None, after={"changes": len(seen - set(known)), "device": str(device_id)})
    return told


def _row(change: Change, person: Person, device_id: UUID, now: datetime) -> SyncChange:
    return SyncChange(
        id=change.id, content=change.content, person_id=person.id, device_id=device_id, kind=change.kind,
        inspection_id=change.inspection_id, answer_id=None, item_id=change.item_id, field="", value=change.fields,
        after=list(change.after), device_at=change.device_at, offset_ms=change.offset_ms, received_at=now,
        status=Status.HELD, message="",
    )  # fmt: skip


def held_in(region: Region) -> list[HeldWork]:
    """Whose work waits for a decision, the longest waiting first."""
    rows = db.session.execute(
        select(SyncChange.person_id, func.count().label("count"), func.min(SyncChange.received_at).label("since"))
        .join(Person, Person.id == SyncChange.person_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(SyncChange.status == Status.HELD, within(Organisation, region))
        .group_by(SyncChange.person_id)
        .order_by(func.min(SyncChange.received_at))
    ).tuples()
    groups = rows.all()
    found = db.session.scalars(select(Person).where(Person.id.in_([row[0] for row in groups]))).unique()
    people = {person.id: person for person in found}
    return [HeldWork(people[who], count, since) for who, count, since in groups]


def count_held(region: Region) -> int:
    """How many people's work waits."""
    found = (
        select(func.count(func.distinct(SyncChange.person_id)))
        .join(Person, Person.id == SyncChange.person_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(SyncChange.status == Status.HELD, within(Organisation, region))
    )
    return int(db.session.scalar(found) or 0)


def held_of(person_id: UUID) -> list[SyncChange]:
    """What waits of one person, in the order it was recorded."""
    return list(
        db.session.scalars(
            select(SyncChange)
            .where(SyncChange.person_id == person_id, SyncChange.status == Status.HELD)
            .options(joinedload(SyncChange.person))
            .order_by(SyncChange.device_at)
            .limit(MOST)
        ).unique()
    )


def as_change(row: SyncChange, seq: int) -> Change:
    """The change as it was sent, to be taken in now."""
    return Change(
        row.id, str(row.id), row.kind, row.inspection_id, row.item_id, dict(row.value), tuple(row.after),
        row.device_at, row.offset_ms, seq, row.content,
    )  # fmt: skip


def remove(rows: Sequence[SyncChange]) -> None:
    """Make way: taking them in writes them anew, whole."""
    if rows:
        ids = [row.id for row in rows]
        gone = delete(SyncChange).where(SyncChange.id.in_(ids), SyncChange.status == Status.HELD)
        db.session.execute(gone.execution_options(synchronize_session=False))


def set_aside(person: Person, *, by: Person, change_id: UUID | None = None) -> int:
    """Keep the work without applying it. Returns how many changes."""
    done = db.session.execute(
        update(SyncChange)
        .where(SyncChange.person_id == person.id, SyncChange.status == Status.HELD)
        .values(status=Status.SET_ASIDE)
        .execution_options(synchronize_session=False)
    )
    count = int(done.rowcount)  # type: ignore[attr-defined]
    audit.record("held_work_set_aside", person, by=by.id, change_id=change_id, after={"changes": count})
    return count
