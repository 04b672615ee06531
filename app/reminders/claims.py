"""Claiming: whoever writes the row may send. Each call belongs in a transaction of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert  # both databases speak its ON CONFLICT

from app.core.database import db
from app.core.ids import derived_id
from app.reminders import rules
from app.reminders.channels import APP
from app.reminders.models import Reminder, Subject
from app.reminders.rules import Kind, State

GROUP, OWNER, ADDRESSEE = "group", "owner", "addressee"
ASKED = "asked"  # why a failed one waits: somebody asked that it be sent again
AT_ONCE = 400  # rows asked for in one statement
_CLAIM = insert(Reminder.__table__).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


@dataclass(frozen=True)
class Wanted:
    """One thing to say to one recipient on one channel: the key of the log."""

    subject: Subject
    subject_id: UUID
    kind: Kind
    step: int
    anchor: date
    recipient: str
    channel: str

    @property
    def id(self) -> UUID:
        key = (self.kind, str(self.step), self.anchor.isoformat(), self.recipient, self.channel)
        return derived_id(self.subject_id, *key)

    @property
    def person_id(self) -> UUID | None:
        return None if self.recipient in (GROUP, OWNER, ADDRESSEE) else UUID(self.recipient)


@dataclass(frozen=True)
class Known:
    """How one stands that was claimed before."""

    state: State
    tries: int
    next_try_at: datetime | None

    def is_free(self, now: datetime) -> bool:
        """Whether it may be tried again now."""
        return self.state is State.FAILED and self.next_try_at is not None and self.next_try_at <= now


def known(wanted: Sequence[Wanted]) -> dict[UUID, Known]:
    """Those of `wanted` that the log has."""
    ids, found = [one.id for one in wanted], {}
    columns = (Reminder.id, Reminder.state, Reminder.tries, Reminder.next_try_at)
    for start in range(0, len(ids), AT_ONCE):
        rows = db.session.execute(select(*columns).where(Reminder.id.in_(ids[start : start + AT_ONCE])))
        found.update({row.id: Known(row.state, row.tries, row.next_try_at) for row in rows})
    return found


def claim(wanted: Wanted, county_id: UUID, before: Known | None, now: datetime) -> bool:
    """Whether it is ours to send. Of several at once exactly one is told yes."""
    if before is None:
        return bool(db.session.execute(_CLAIM, _row(wanted, county_id, State.CLAIMED, now)).rowcount)  # type: ignore[attr-defined]
    mine = (Reminder.id == wanted.id, Reminder.state == State.FAILED, Reminder.tries == before.tries)
    return bool(
        db.session.execute(
            update(Reminder)
            .where(*mine)
            .values(state=State.CLAIMED, tried_at=now)
            .execution_options(preserve_rowcount=True, synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
    )


def finish(wanted: Wanted, *, tries: int, ok: bool, why: str, now: datetime) -> None:
    """Write how it went. `tries` counts this one."""
    values: dict[str, object] = {"state": State.SENT, "sent_at": now, "next_try_at": None, "why": ""}
    if not ok:
        values = {"state": State.FAILED, "next_try_at": rules.next_try(tries, now), "why": why}
    db.session.execute(
        update(Reminder)
        .where(Reminder.id == wanted.id, Reminder.state.in_((State.CLAIMED, State.UNCERTAIN)))
        .values(tries=tries, **values)
        .execution_options(synchronize_session=False)
    )


def put_in_lists(wanted: Iterable[Wanted], county_id: UUID, now: datetime) -> int:
    """Show these in the app, and put away what they overtake. How many were new."""
    count = 0
    for one in wanted:
        row = _row(one, county_id, State.SENT, now) | {"sent_at": now}
        if not db.session.execute(_CLAIM, row).rowcount:  # type: ignore[attr-defined]
            continue
        count += 1
        earlier = (Reminder.subject_id == one.subject_id, Reminder.person_id == one.person_id, Reminder.id != one.id)
        db.session.execute(
            update(Reminder)
            .where(*earlier, Reminder.channel == APP, Reminder.done_at.is_(None))
            .values(done_at=now)
            .execution_options(synchronize_session=False)
        )
    return count


def put_away(ids: Sequence[UUID], now: datetime) -> None:
    """Take these off people's lists: their matter has moved on."""
    for start in range(0, len(ids), AT_ONCE):
        db.session.execute(
            update(Reminder)
            .where(Reminder.id.in_(ids[start : start + AT_ONCE]))
            .values(done_at=now)
            .execution_options(synchronize_session=False)
        )


def skip(wanted: Iterable[Wanted], county_id: UUID, why: str, now: datetime) -> int:
    """Log that these can reach nobody."""
    rows = [_row(one, county_id, State.SKIPPED, now) | {"why": why} for one in wanted]
    for row in rows:
        db.session.execute(_CLAIM, row)
    return len(rows)


def doubt(now: datetime) -> int:
    """Mark claims nobody came back from; how many. They may have gone out, so they are never sent by themselves."""
    lost = (Reminder.state == State.CLAIMED, Reminder.tried_at <= now - rules.UNCERTAIN_AFTER)
    return int(
        db.session.execute(
            update(Reminder)
            .where(*lost)
            .values(state=State.UNCERTAIN)
            .execution_options(preserve_rowcount=True, synchronize_session=False)
        ).rowcount  # type: ignore[attr-defined]
    )


def _row(wanted: Wanted, county_id: UUID, state: State, now: datetime) -> dict[str, object]:
    return {
        "id": wanted.id, "county_id": county_id, "subject": wanted.subject, "subject_id": wanted.subject_id,
        "kind": wanted.kind, "step": wanted.step, "anchor": wanted.anchor, "recipient": wanted.recipient,
        "person_id": wanted.person_id, "channel": wanted.channel, "state": state, "why": "", "tries": 0,
        "claimed_at": now, "tried_at": now, "next_try_at": None, "sent_at": None, "done_at": None,
    }  # fmt: skip
