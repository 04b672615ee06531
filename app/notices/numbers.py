"""Numbers of notices: one gapless series per organisation, kind and year, also for phones without network.

A phone that may lose the network keeps a reserve: `reserve` takes numbers from the series and gives each its address
(token), so that paper and code can be shown at once. Later the phone sends the content with number and token
(`claim`, called by services.issue_notice). A number that is never used is given back by its holder (`return_unused`)
or becomes void (`release_unused`); it is never given out again and stands in the register with the reason, so the
series has no gap on paper. A void number is still honoured when its holder's content arrives late: the paper may be in
the owner's hand. One that was given back is not: its holder said that no paper bears it.

Time: the server's receive time is kept beside what the phone's clock said. The paper's date is the phone's day where
that lies within the reservation's life (`moment_of_issue`), else the server's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import Person
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotFound, Refused
from app.core.ids import new_id, new_token
from app.notices import rules
from app.notices.kinds import Kind
from app.notices.models import NumberReservation, NumberSeries, ReservationState

MOST_AT_ONCE = 20
MOST_OPEN = 60  # of one person and kind; a lost phone's numbers become void in time
LIFE = timedelta(days=30)
CLOCK_SLACK = timedelta(minutes=10)  # a phone's clock is a little off
LONGEST_TEXT = 200  # characters of a device's name or a reason
UNUSED = N_("Reserved, never used")


@dataclass(frozen=True)
class Claim:
    """A reserved number as the phone sends it with the content. `issued_at`: what the phone's clock said."""

    number: str
    token: str
    issued_at: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """A number for a notice that is being issued. `at` is the moment of issue by which its paper is dated."""

    year: int
    sequence: int
    text: str
    at: datetime
    reservation: NumberReservation | None = None


def next_number(organisation_id: UUID, kind: str, year: int, count: int = 1) -> int:
    """Take the next `count` numbers of a series, return the first, and keep its row locked; a rollback gives back."""
    key = {"organisation_id": organisation_id, "kind": kind, "year": year}
    _open_series(key)
    last = db.session.execute(
        update(NumberSeries)
        .filter_by(**key)
        .values(last=NumberSeries.last + count)
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    )
    return int(last.scalar_one()) - count + 1


def take(by: Person, kind: Kind, claim: Claim | None, now: datetime) -> Taken:
    """The number of a notice that is issued now, or was issued on a phone under a reserved one."""
    if claim is not None:
        return _claimed(by, kind, claim, now)
    year = clock.local(now).year
    sequence = next_number(by.organisation_id, kind.key, year)
    return Taken(year, sequence, _text(by, kind, year, sequence), now)


def mark_used(taken: Taken, notice_id: UUID, now: datetime) -> None:
    """The notice is saved: its reserved number is used from now on."""
    if taken.reservation is not None:
        taken.reservation.state, taken.reservation.notice_id = ReservationState.USED, notice_id
        taken.reservation.closed_at = now


def reserve(
    by: Person, kind: Kind, count: int, batch_id: UUID, *, device: str = "", now: datetime
) -> list[NumberReservation]:
    """Keep `count` numbers for this person's phone. The same `batch_id` again gives the same numbers.

    Raises Invalid for a count that is none or too many, Refused for an id used before for something else or when the
    person holds too many already. Whether the person may issue is the caller's question (rules.check_issuer).
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid(N_("Reserve 1 to %(most)s numbers at a time."), field="count", most=MOST_AT_ONCE)
    key = {"organisation_id": by.organisation_id, "kind": kind.key, "year": clock.local(now).year}
    _open_series(key)
    db.session.execute(select(NumberSeries.last).filter_by(**key).with_for_update())
    known = reservations_of(batch_id)
    if known:
        if (known[0].person_id, known[0].kind, len(known)) != (by.id, kind.key, count):
            raise Refused(N_("Other numbers were already reserved under this id."))
        return known
    if open_count(by, kind.key) + count > MOST_OPEN:
        raise Refused(
            N_("You hold %(most)s reserved numbers, the most there can be."),
            hint=N_("Use them, or give back those that no paper bears."),
            most=MOST_OPEN,
        )
    batch = _new_batch(by, kind, count, batch_id, device, now)
    db.session.add_all(batch)
    db.session.flush()
    facts = {"first": batch[0].number, "last": batch[-1].number, "device": batch[0].device}
    audit.record("numbers_reserved", batch[0], by=by.id, change_id=batch_id, after=facts)
    return batch


def _new_batch(
    by: Person, kind: Kind, count: int, batch_id: UUID, device: str, now: datetime
) -> list[NumberReservation]:
    year = clock.local(now).year
    first = next_number(by.organisation_id, kind.key, year, count)
    return [
        NumberReservation(
            id=new_id(),
            batch_id=batch_id,
            position=position,
            person_id=by.id,
            organisation_id=by.organisation_id,
            device=device.strip()[:LONGEST_TEXT],
            kind=kind.key,
            year=year,
            sequence=first + position - 1,
            number=_text(by, kind, year, first + position - 1),
            token=new_token(),
            state=ReservationState.RESERVED,
            reserved_at=now,
            expires_at=_end_of_life(now),
        )
        for position in range(1, count + 1)
    ]


def return_unused(by: Person, tokens: Sequence[str], reason: str, now: datetime) -> list[NumberReservation]:
    """Give back numbers that no paper bears; again is no fault. Raises NotFound for one that is not `by`'s, Refused."""
    found = db.session.scalars(
        select(NumberReservation)
        .where(NumberReservation.token.in_(tokens), NumberReservation.person_id == by.id)
        .order_by(NumberReservation.year, NumberReservation.kind, NumberReservation.sequence)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if not found or len(found) != len(set(tokens)):
        raise NotFound(N_("A number you want to give back is not reserved for you."))
    for row in found:
        if row.state is ReservationState.USED:
            raise Refused(N_("Number %(number)s is used; withdraw its notice instead."), number=row.number)
    for row in found:
        if row.state is ReservationState.RESERVED:
            _close(row, ReservationState.RETURNED, reason.strip()[:LONGEST_TEXT], now)
            audit.record("number_returned", row, by=by.id, after={"number": row.number}, note=row.reason)
    db.session.flush()
    return list(found)


def release_unused(older_than: timedelta, now: datetime) -> list[NumberReservation]:
    """Make void what was reserved longer ago and never used; it stays in the register."""
    rows = db.session.scalars(
        select(NumberReservation)
        .where(
            NumberReservation.state == ReservationState.RESERVED,
            NumberReservation.reserved_at < now - older_than,
        )
        .order_by(NumberReservation.reserved_at, NumberReservation.position)
        .with_for_update()
    ).all()
    for row in rows:
        _close(row, ReservationState.VOID, UNUSED, now)
        audit.record("number_released", row, by=None, after={"number": row.number})
    db.session.flush()
    return list(rows)


def reservations_of(batch_id: UUID) -> list[NumberReservation]:
    """What a request for numbers got, in order."""
    return list(
        db.session.scalars(
            select(NumberReservation)
            .where(NumberReservation.batch_id == batch_id)
            .order_by(NumberReservation.position)
        )
    )


def open_count(by: Person, kind: str) -> int:
    """How many numbers of a kind the person still holds."""
    query = select(func.count()).select_from(NumberReservation)
    held = query.filter_by(person_id=by.id, kind=kind, state=ReservationState.RESERVED)
    return int(db.session.scalar(held) or 0)


def moment_of_issue(reservation: NumberReservation, claimed: datetime | None, now: datetime) -> datetime:
    """What the phone says, where it can be so: within the number's life and not in the future; else now."""
    latest = min(now, reservation.expires_at) + CLOCK_SLACK
    if claimed is not None and reservation.reserved_at - CLOCK_SLACK <= claimed <= latest:
        return min(claimed, now)
    return now


def _claimed(by: Person, kind: Kind, claim: Claim, now: datetime) -> Taken:
    """The reserved number, locked. Raises Refused saying why it cannot be used."""
    row = db.session.scalars(
        select(NumberReservation)
        .where(NumberReservation.token == claim.token)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or row.person_id != by.id or row.number != claim.number:
        raise Refused(N_("This number is not reserved for you."), hint=_TAKE_ANOTHER)
    if (row.kind, row.organisation_id) != (kind.key, by.organisation_id):
        message = N_("Number %(number)s was reserved for another kind of notice or another body.")
        raise Refused(message, hint=_TAKE_ANOTHER, number=row.number)
    if row.state is ReservationState.USED:
        message = N_("Number %(number)s already stands on another notice.")
        raise Refused(message, hint=_TAKE_ANOTHER, number=row.number)
    if row.state is ReservationState.RETURNED:
        raise Refused(N_("Number %(number)s was given back."), hint=_TAKE_ANOTHER, number=row.number)
    return Taken(row.year, row.sequence, row.number, moment_of_issue(row, claim.issued_at, now), row)


_TAKE_ANOTHER = N_("Issue it under a new number, and give the owner the new paper.")


def _close(row: NumberReservation, state: ReservationState, reason: str, now: datetime) -> None:
    row.state, row.reason, row.closed_at = state, reason, now


def _text(by: Person, kind: Kind, year: int, sequence: int) -> str:
    return rules.format_number(kind.number, by.organisation.number_prefix, year, sequence)


def _end_of_life(now: datetime) -> datetime:
    """Thirty days, but not beyond the year that stands in the number."""
    here = clock.local(now)
    new_year = here.replace(year=here.year + 1, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return min(now + LIFE, new_year.astimezone(UTC))


def _open_series(key: dict[str, Any]) -> None:
    on_postgresql = db.session.get_bind().dialect.name == "postgresql"
    insert: Any = postgresql.insert if on_postgresql else sqlite.insert
    db.session.execute(insert(NumberSeries).values(**key, last=0).on_conflict_do_nothing())
