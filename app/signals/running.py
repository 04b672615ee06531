"""The catch-up: what the audit record tells of is looked at once, soon or late, twice without harm.

Nothing is written where photos and visits arrive: their audit records are the queue. `signal_checks` remembers what was
looked at, so a run takes up where the last one, also one that was killed, left off. Each batch writes its traces first
and looks afterwards: of two runs at once at least one sees both of two visits.
"""

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert as insert_or_nothing  # both databases speak its ON CONFLICT
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from app.accounts import county
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.signals import gathering, services
from app.signals.likeness import COMPARED
from app.signals.models import Signal, SignalCheck
from app.signals.services import Finding

log = logging.getLogger("xuncha.signals")
OVERLAP = timedelta(minutes=15)  # where there is no chain yet: records that were written late
BATCH, FETCHED, MOST_TRIES = 50, 2_000, 5
PHOTO, VISIT, RECEIPT = "photo_kept", "inspection_finished", "notice_delivered"


@dataclass(frozen=True)
class Event:
    """An audit record that tells of something to look at."""

    id: UUID
    action: str
    object_id: UUID
    at: datetime | None
    tries: int = 0


@dataclass
class Tally:
    """What a run did."""

    looked_at: int = 0
    found: int = 0
    failed: int = 0


def run(limit: int | None = None, pause: Callable[[float], None] | None = None, batch: int = BATCH) -> Tally:
    """Look at everything that waits, at most `limit`; `pause(seconds)` is called after each batch with what it took."""
    tally, tried, queue = Tally(), set[UUID](), list[Event]()
    while limit is None or len(tried) < limit:
        queue = queue or _again(tried) or waiting()
        events = queue[: batch if limit is None else min(batch, limit - len(tried))]
        if not events:
            break
        del queue[: len(events)]
        tried.update(event.id for event in events)
        began = time.perf_counter()
        _run_batch(events, tally)
        if pause is not None:
            pause(time.perf_counter() - began)
    return tally


def forget() -> None:
    """What was looked at is to be looked at anew: nothing binds that list, and somebody may have cut it short."""
    with transaction():
        db.session.execute(delete(SignalCheck).where(SignalCheck.action.in_((PHOTO, VISIT, RECEIPT))))


def waiting(limit: int = FETCHED) -> list[Event]:
    """The oldest events nobody has looked at, in the order of the chain: from the last one that was looked at on.

    The chain's numbers are given as transactions end, so nothing comes in before them later, whatever the clock does.
    """
    columns = (AuditRecord.id, AuditRecord.action, AuditRecord.object_id, AuditRecord.at)
    query = select(*columns).where(
        AuditRecord.action.in_((PHOTO, VISIT, RECEIPT)), ~exists().where(SignalCheck.id == AuditRecord.id)
    )
    newest = db.session.scalar(select(func.max(SignalCheck.event_at)))
    if newest is not None:
        recent = SignalCheck.event_at >= newest - OVERLAP
        last = db.session.scalar(
            select(func.max(AuditRecord.seq))
            .join(SignalCheck, SignalCheck.id == AuditRecord.id)
            .where(recent)
        )
        query = query.where(AuditRecord.at >= newest - OVERLAP if last is None else AuditRecord.seq > last)
    ordered = query.order_by(AuditRecord.seq.asc().nulls_first(), AuditRecord.at, AuditRecord.id)
    rows = db.session.execute(ordered.limit(limit)).tuples().all()
    db.session.rollback()
    return [Event(id_, action, object_id, at) for id_, action, object_id, at in rows if object_id is not None]


def _again(tried: Collection[UUID]) -> list[Event]:
    """What failed in an earlier run, or waits for having been compared."""
    rows = db.session.scalars(
        select(SignalCheck)
        .where(SignalCheck.failed != "", SignalCheck.tries < MOST_TRIES)
        .order_by(SignalCheck.tries)
        .limit(BATCH)
    ).all()
    db.session.rollback()
    return [
        Event(row.id, row.action, row.object_id, row.event_at, row.tries)
        for row in rows
        if row.id not in tried
    ]


def _run_batch(events: Sequence[Event], tally: Tally) -> None:
    county.forget()
    failed: dict[UUID, str] = {}
    traces: list[Any] = []
    for event in events:  # each alone: what one lacks holds up no other
        traces += _try(event, failed, partial(_traces, event))
    if traces:
        with transaction():
            services.keep_traces(traces)
    found: dict[UUID, list[Finding]] = {}
    for event in events:
        if event.id not in failed:
            found[event.id] = _try(event, failed, partial(_look, event))
    db.session.rollback()
    tally.found += _keep(events, found, failed)
    tally.looked_at += len(events) - len(failed)
    tally.failed += len(failed)


def _try(event: Event, failed: dict[UUID, str], work: Callable[[], list[Any]]) -> list[Any]:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - whatever it is: logged, remembered, tried again
        db.session.rollback()
        failed[event.id] = type(error).__name__
        told = {"event": "signals_failed", "action": event.action, "object": str(event.object_id)}
        log.warning(json.dumps(told | {"fault": type(error).__name__}))
        return []


def _traces(event: Event) -> list[Any]:
    if event.action in {PHOTO, COMPARED}:
        return []
    of_visit = event.action == VISIT
    return services.traces_of_visit(event.object_id) if of_visit else gathering.receipts_of(event.object_id)


def _look(event: Event) -> list[Finding]:
    if event.action in {PHOTO, COMPARED}:
        return services.look_at_photo(event.object_id)
    if event.action == VISIT:
        return services.look_at_visit(event.object_id)
    return services.look_at_signatures(gathering.receipts_of(event.object_id))


def _keep(events: Sequence[Event], found: Mapping[UUID, list[Finding]], failed: dict[UUID, str]) -> int:
    """Write all together; where that cannot be, each alone. How many signals are new."""
    try:
        return len(_write(events, found, failed))
    except (OperationalError, InterfaceError):
        raise  # it is the database: everything waits
    except Exception:  # noqa: BLE001 - told below, of the one that it is
        db.session.rollback()
    count = 0
    for event in events:
        count += len(_try(event, failed, partial(_write, [event], found, failed)))
        if event.id in failed:
            with transaction():
                _remember([event], failed)
    return count


def _write(
    events: Sequence[Event], found: Mapping[UUID, list[Finding]], failed: Mapping[UUID, str]
) -> list[Signal]:
    findings = [finding for event in events for finding in found.get(event.id, ())]
    for attempt in (1, 2):
        try:
            with transaction():
                kept = [services.keep_signal(one, owner, clock.now()) for one, owner in findings]
                _remember(events, failed)
            return [one for one in kept if one is not None]
        except IntegrityError:  # another run found the same at this moment; now it is seen
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _remember(events: Sequence[Event], failed: Mapping[UUID, str]) -> None:
    rows = [
        {
            "id": event.id, "action": event.action, "object_id": event.object_id, "event_at": event.at,
            "failed": failed.get(event.id, ""), "tries": event.tries + 1,
        }
        for event in events
    ]  # fmt: skip
    add = insert_or_nothing(SignalCheck.__table__)
    known = {name: getattr(add.excluded, name) for name in ("failed", "tries")}
    db.session.execute(add.on_conflict_do_update(index_elements=["id"], set_=known), rows)
