"""Fields of a visit that several people filled in without seeing each other, and how one of the versions is chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.database import db
from app.inspections.models import Answer
from app.sync import rules
from app.sync.models import SyncChange
from app.sync.rules import FIELDS, Status, Version


@dataclass(frozen=True)
class Side:
    """One of the versions: who wrote what, when by the phone and when it arrived."""

    change: SyncChange
    is_shown: bool

    @property
    def happened_at(self) -> datetime:
        return rules.happened_at(self.change.device_at, self.change.offset_ms, self.change.received_at)


@dataclass(frozen=True)
class Conflict:
    """A field with several heads that say different things, the shown one first."""

    answer: Answer
    field: str
    sides: list[Side]


def conflicts_of(visit_id: UUID) -> list[Conflict]:
    """The visit's open conflicts: one light read, two more where there are any."""
    rows = db.session.execute(select(Answer.id, Answer.heads).where(Answer.inspection_id == visit_id))
    return conflicts_among(visit_id, [answer_id for answer_id, heads in rows if is_torn(heads)])


def is_torn(heads: dict[str, list[str]] | None) -> bool:
    """Whether a field of an answer has several versions that nobody has chosen between."""
    return any(len(ids) > 1 for ids in (heads or {}).values())


def conflicts_among(visit_id: UUID, torn_ids: Sequence[UUID]) -> list[Conflict]:
    """The conflicts of these answers."""
    if not torn_ids:
        return []
    torn = db.session.scalars(
        select(Answer).where(Answer.id.in_(torn_ids)).options(joinedload(Answer.item))
    ).all()
    rows = versions_of(visit_id, [answer.id for answer in torn])
    found = [_conflict(answer, name, rows) for answer in torn for name in FIELDS if len(answer.heads.get(name, [])) > 1]
    return [conflict for conflict in found if conflict is not None]


def versions_of(visit_id: UUID, answer_ids: Iterable[UUID]) -> dict[str, SyncChange]:
    """Everything that was said of these answers, by the change's id."""
    rows = db.session.scalars(
        select(SyncChange)
        .where(
            SyncChange.inspection_id == visit_id,
            SyncChange.answer_id.in_(list(answer_ids)),
            SyncChange.field.in_(FIELDS),
            SyncChange.status.in_([Status.RECEIVED, Status.CONFLICT]),
        )
        .options(joinedload(SyncChange.person))
    ).unique()
    return {str(row.id): row for row in rows}


def _conflict(answer: Answer, name: str, rows: dict[str, SyncChange]) -> Conflict | None:
    changes = [rows[id_] for id_ in answer.heads[name] if id_ in rows]
    if all(change.value == changes[0].value for change in changes):
        return None
    ordered = rules.heads(Version(str(row.id), frozenset(row.after), row.device_at) for row in changes)
    sides = [Side(rows[version.id], is_shown=place == 0) for place, version in enumerate(ordered)]
    return Conflict(answer, name, sides)


def as_json(conflict: Conflict) -> dict[str, Any]:
    """For the phone."""
    return {
        "item_id": str(conflict.answer.item_id),
        "field": conflict.field,
        "versions": [
            {
                "id": str(side.change.id),
                "value": side.change.value,
                "person": side.change.person.name,
                "at_ms": round(side.happened_at.timestamp() * 1000),
                "shown": side.is_shown,
            }
            for side in conflict.sides
        ],
    }
