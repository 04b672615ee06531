"""A supervisor releases what a closed account left: it is taken in like any other sending, in its author's name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.accounts.models import Person
from app.core import audit
from app.core.database import transaction
from app.sync import deposited, held
from app.sync.models import SyncChange
from app.sync.receiving import Sending, receive
from app.sync.rules import Status


@dataclass(frozen=True)
class HeldVisit:
    """What is held of one visit."""

    inspection_id: UUID | None
    rows: list[SyncChange]

    @property
    def kinds(self) -> dict[str, int]:
        counted: dict[str, int] = defaultdict(int)
        for row in self.rows:
            counted[row.kind] += 1
        return dict(counted)


def by_visit(rows: Sequence[SyncChange]) -> list[HeldVisit]:
    """Grouped by visit, in the order of the first change."""
    groups: dict[UUID | None, list[SyncChange]] = defaultdict(list)
    for row in rows:
        groups[row.inspection_id].append(row)
    return [HeldVisit(visit, changes) for visit, changes in groups.items()]


def release(person: Person, *, by: Person, change_id: UUID | None = None) -> tuple[int, int]:
    """Take in what is held of `person`; how many changes were taken in, and how many stay held."""
    rows = held.held_of(person.id)
    phones: dict[UUID | None, list[SyncChange]] = defaultdict(list)
    for row in rows:
        phones[row.device_id].append(row)
    done = left = 0
    for device_id, changes in phones.items():
        sent = [held.as_change(row, place) for place, row in enumerate(changes)]
        told = receive(Sending(sent, person, device_id, released=changes))
        stuck = sum(one.status in {Status.REFUSED, Status.WAITING} for one in told)
        done, left = done + len(told) - stuck, left + stuck
    deposited.give_places(person)
    with transaction():
        after = {"taken_in": done, "left": left}
        audit.record("held_work_released", person, by=by.id, change_id=change_id, after=after)
    return done, left
