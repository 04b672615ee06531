"""A supervisor releases what a closed account left: it is taken in like any other sending, in its author's name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core import audit
from app.core.database import db, transaction
from app.inspections.models import Inspection
from app.premises.models import Premises
from app.sync import deposited, held
from app.sync.models import SyncChange
from app.sync.receiving import Sending, receive
from app.sync.rules import Status
from app.sync.wire import ids_of


@dataclass(frozen=True)
class HeldVisit:
    """What is held of one visit."""

    inspection_id: UUID | None
    rows: list[SyncChange]
    place: str = ""  # its name, where the server knows it

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
    names = _place_names(rows)
    return [HeldVisit(visit, changes, names.get(visit, "")) for visit, changes in groups.items()]


def _place_names(rows: Sequence[SyncChange]) -> dict[UUID | None, str]:
    """By visit the name of its place: in the register, held along as a new place, or of a visit that is here."""
    new = {row.value.get("premises_id"): str(row.value.get("name", "")) for row in rows if row.kind == "premises_new"}
    begun = {row.inspection_id: row.value.get("premises_id") for row in rows if row.kind == "visit_start"}
    wanted = [found for raw in begun.values() if isinstance(raw, str) for found in ids_of([raw])]
    known = db.session.execute(select(Premises.id, Premises.name).where(Premises.id.in_(wanted))).tuples()
    names = new | {str(id_): name for id_, name in known}
    running = select(Inspection.id, Premises.name).join(Premises, Premises.id == Inspection.premises_id)
    others = {row.inspection_id for row in rows if row.inspection_id is not None}
    here = dict(db.session.execute(running.where(Inspection.id.in_(others))).tuples().all())
    return here | {visit: names.get(place, "") for visit, place in begun.items()}


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
