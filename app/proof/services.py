"""Keeping what a verification found, and that the head was sent out."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from app.core import audit, clock, ledger
from app.core.database import db
from app.core.ids import new_id
from app.core.ledger import AuditRecord
from app.core.settings import Settings
from app.proof import anchoring, naming, queries
from app.proof.checking import Result, Wish
from app.proof.models import Anchor, AuditCheck, AuditFinding
from app.proof.rules import Found, Level

ANCHORED = "head_anchored"


def begin_check(check_id: UUID, wish: Wish, *, by: UUID | None, now: datetime) -> AuditCheck:
    """Note that a verification has begun."""
    check = AuditCheck(id=check_id, started_at=now, by_id=by, quick=wish.quick, since=wish.since)
    db.session.add(check)
    db.session.flush()
    return check


def end_check(check: AuditCheck, result: Result, names: Sequence[naming.Name], *, now: datetime) -> None:
    """Keep what it found; its head is one more thing that later ones are held against."""
    check.ended_at, check.records, check.rows, check.files = now, result.records, result.rows, result.files
    check.differences, check.warnings = result.tally.differences, result.tally.counts[Level.WARNING]
    check.head_seq, check.head_hash = result.head
    sound = queries.last_sound()
    for place, (found, name) in enumerate(zip(result.found, names, strict=True)):
        db.session.add(_finding(check, place, found, name, sound))
    db.session.flush()
    said = {"differences": check.differences, "head": check.head_hash, "seq": check.head_seq}
    audit.record("records_verified", check, by=check.by_id, after=said)


def _finding(
    check: AuditCheck, place: int, found: Found, name: naming.Name, sound: datetime | None
) -> AuditFinding:
    is_one = found.level is Level.DIFFERENCE
    return AuditFinding(
        id=new_id(), check_id=check.id, place=place, kind=found.kind, level=found.level, tab=found.table, key=found.key,
        named=name.stored, seq=found.seq, at=moment(found.at), sound_at=sound if is_one else None,
        expected=found.expected, found=found.found, detail=found.detail, object_type=name.object_type,
        object_id=name.object_id, parent_id=name.parent_id, region_id=name.region_id,
    )  # fmt: skip


def moment(text: str) -> datetime | None:
    """A stored moment; None for what is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def head_to_send() -> ledger.Head | None:
    """The head, unless nothing but its own sending was written since it was sent last."""
    head = ledger.head()
    if head is None:
        return None
    last = db.session.scalar(select(AuditRecord.action).where(AuditRecord.seq == head.seq))
    return None if last == ANCHORED else head


Send = Callable[[str, ledger.Head, Settings, datetime], str]


def send_out(head: ledger.Head, settings: Settings, send: Send = anchoring.send) -> list[Anchor]:
    """Send the head to each second place, outside any transaction; rows that say what came of it."""
    now = clock.now()
    return [
        Anchor(
            id=new_id(), at=now, seq=head.seq, hash=head.hash.hex(), place=anchoring.place_of(address),
            why=send(address, head, settings, now),
        )
        for address in settings.anchors
    ]  # fmt: skip


def keep_anchors(rows: Sequence[Anchor]) -> None:
    """Note where the head went."""
    db.session.add_all(rows)
    db.session.flush()
    for row in rows:
        audit.record(
            ANCHORED,
            row,
            by=None,
            after={"seq": row.seq, "hash": row.hash, "place": row.place, "why": row.why},
        )
