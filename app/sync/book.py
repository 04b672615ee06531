"""The visits a sending is about, as plain values in memory: read in a few statements, changed, written in a few more.

One sending brings whole visits, so nothing here reads or writes row by row. What the values come to is decided where
the pages decide it, too (app.inspections.deciding, .rules, .progress.finding_gaps, .digests).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from app.accounts.callers import Caller
from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.core import clock
from app.core.ids import derived_id, read_id
from app.inspections.models import Answer, Finding, Result
from app.sync import queries
from app.sync.rules import Status, Version
from app.sync.wire import VERSIONS, Change, content_of

ANSWER_COLUMNS = tuple(column.key for column in Answer.__table__.columns)
NOTHING: list[Any] = []  # one for all, never changed: it is turned into JSON once
KIND_OF = {name: kind for kind, name in VERSIONS.items()}
FINDING_COLUMNS = tuple(column.key for column in Finding.__table__.columns)


class Told(NamedTuple):
    """What became of one change, in the order of sending. `message` and `hint` are msgids with places for `params`."""

    id: str
    status: Status
    message: str = ""
    hint: str = ""
    params: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class Held:
    """A row in memory: its values by column, and what has to be done to write it."""

    values: dict[str, Any]
    is_new: bool = False
    is_changed: bool = False
    is_gone: bool = False
    made: list[tuple[str, "Stored"]] = field(default_factory=list)  # of an answer: versions this sending brings


class Stored(NamedTuple):
    """A version of a field with what it says and how it came."""

    version: Version
    value: dict[str, Any]
    person_id: UUID
    offset_ms: int | None
    received_at: datetime


@dataclass(slots=True)
class Visit:
    """A visit of this sending. `sheets` maps versions to their rows, in order."""

    row: Held
    sheets: dict[UUID, Held] = field(default_factory=dict)
    fellows: list[UUID] = field(default_factory=list)
    knows_sheets: bool = False  # read when an item is met that has no answer yet
    knows_fellows: bool = False  # read when somebody else than the lead writes
    answers: dict[UUID, Held] = field(default_factory=dict)
    findings: dict[UUID, Held] = field(default_factory=dict)  # by answer
    on: date | None = None  # the day, once it was asked for
    is_in_reach: bool | None = None  # of the person's area; None: not asked yet
    may_write: bool = False  # asked and answered
    items: dict[UUID, ChecklistItem] = field(default_factory=dict)  # of all its checklists
    applying: set[UUID] = field(default_factory=set)  # those of them that its sheets name
    answer_ids: dict[UUID, UUID] = field(default_factory=dict)  # by item
    again: frozenset[UUID] | None = None  # of a re-inspection: the items its parent found something at, once asked
    is_whole: bool = False  # all its answers are in memory
    received: list[str] = field(default_factory=list)  # ids of changes, for the audit

    @property
    def id(self) -> UUID:
        return self.row.values["id"]

    @property
    def is_open(self) -> bool:
        return bool(self.row.values["status"] == "open")

    @property
    def day(self) -> date:
        """The calendar day of the visit."""
        if self.on is None:
            self.on = clock.local(self.row.values["started_at"]).date()
        return self.on

    def is_worked_on_by(self, person: Person | Caller) -> bool:
        if person.id == self.row.values["lead_id"]:
            return True
        if not self.knows_fellows:
            self.fellows, self.knows_fellows = queries.fellows_of(self.id), True
        return person.id in self.fellows

    def as_row(self) -> Any:
        """With attributes like the row of the database."""
        return SimpleNamespace(**self.row.values)

    def read_sheets(self) -> None:
        """The visit's checklists, if they are not in memory yet."""
        if not self.knows_sheets:
            self.knows_sheets = True
            for row in queries.sheet_rows(self.id):
                self.add_sheet(Held(row))

    def add_sheet(self, sheet: Held) -> None:
        """Use the checklist of this row."""
        version_id = sheet.values["version_id"]
        self.sheets[version_id] = sheet
        self.items |= published(version_id).items
        self.applying |= ids_named(tuple(sheet.values["item_ids"]))

    def answer_id(self, item_id: UUID) -> UUID:
        """The id every device derives for the answer."""
        found = self.answer_ids.get(item_id)
        if found is None:
            found = self.answer_ids[item_id] = derived_id(self.id, str(item_id))
        return found

    def answer_row(self, answer_id: UUID) -> Any:
        """An answer with its item and finding, with attributes like the rows of the database."""
        values = self.answers[answer_id].values
        answer = SimpleNamespace(**values, item=self.items[values["item_id"]], finding=None)
        held = self.findings.get(answer_id)
        if held is not None and not held.is_gone:
            answer.finding = SimpleNamespace(**held.values, answer=answer)
        return answer


@dataclass
class Book:
    """Everything one sending of one person needs and makes."""

    person: Person | Caller
    device_id: UUID | None
    now: datetime
    visits: dict[UUID, Visit] = field(default_factory=dict)
    places: dict[UUID, Any] = field(default_factory=dict)
    known: dict[UUID, Any] = field(default_factory=dict)  # changes that came before, by id
    announced: dict[UUID, tuple[UUID | None, str]] = field(default_factory=dict)  # visit and hash by photo
    settled: dict[UUID, Told] = field(default_factory=dict)  # changes decided before the others
    gone: set[UUID] = field(default_factory=set)  # visits that were thrown away
    rows: list[dict[str, Any]] = field(default_factory=list)  # changes to keep
    audits: list[dict[str, Any]] = field(default_factory=list)
    photos: list[dict[str, Any]] = field(default_factory=list)  # announced now
    last_seen: dict[UUID, datetime] = field(default_factory=dict)  # places whose visit ended now
    ended_again: list[UUID] = field(default_factory=list)  # re-inspections that ended now (again.py)
    _heads_read: dict[UUID, dict[str, list[str]]] = field(default_factory=dict)
    _versions_asked: bool = False
    _versions: dict[UUID, dict[str, dict[str, Stored]]] = field(default_factory=dict)

    def open_fresh(self, changes: Iterable[Change]) -> None:
        """Take these for whole new visits: only their places are read. If they are not new, writing them will fail."""
        starts = [change for change in changes if change.kind == "visit_start"]
        self.places = queries.places([read_id(change.fields.get("premises_id")) for change in starts])

    def open(self, changes: Iterable[Change], *, hold: bool = True) -> None:
        """Read what these changes are about; `hold` the visits until the transaction ends.

        Without holding them the changes are taken for new: writing them fails where they are not.
        """
        changes = list(changes)
        if hold:
            self._read_known(changes)
        wanted = {c.inspection_id for c in changes if c.inspection_id is not None}
        self.visits = {row["id"]: Visit(Held(row)) for row in queries.visit_rows(wanted, hold=hold)}
        starts = [change for change in changes if change.kind == "visit_start"]
        self.places = queries.places([read_id(c.fields.get("premises_id")) for c in starts if c.id not in self.known])
        lost = wanted - set(self.visits)
        self.gone = queries.thrown_away(lost) if lost else set()
        photos = [read_id(c.fields.get("photo_id")) for c in changes if c.kind == "photo_announced"]
        self.announced = queries.announced(photos)
        ending = {c.inspection_id for c in changes if c.kind in {"finish", "visit_discard"}} & set(self.visits)
        answers = [
            self.visits[c.inspection_id].answer_id(c.item_id)
            for c in changes
            if c.item_id and c.inspection_id and c.inspection_id in self.visits
        ]
        self._add_answers(answers, ending)

    def _read_known(self, changes: list[Change]) -> None:
        self.known = queries.known_changes([c.id for c in changes])
        others = [c.beside().id for c in changes if c.id in self.known and self.known[c.id].content != c.content]
        self.known |= queries.known_changes(others)

    def stands(self) -> bool:
        """Whether visits and answers are still as they were read; asked, and held, once nobody else can write."""
        if self._versions_asked:
            return False
        statuses, heads = queries.states(list(self.visits), list(self._heads_read))
        return heads == self._heads_read and statuses == {
            visit.id: visit.row.values["status"] for visit in self.visits.values()
        }

    def places_stand(self) -> bool:
        """Whether the places of new visits are still what was read before the transaction."""
        return queries.places(list(self.places)) == self.places

    def _add_answers(self, answer_ids: list[UUID], whole: set[UUID | None]) -> None:
        if not (answer_ids or whole):
            return
        for row in queries.answer_rows(answer_ids, [one for one in whole if one]):
            answer = {name: row[name] for name in ANSWER_COLUMNS}
            visit = self.visits[answer["inspection_id"]]
            visit.answers[answer["id"]] = Held(answer)
            self._heads_read[answer["id"]] = answer["heads"]
            visit.items[answer["item_id"]] = published(answer["version_id"]).items[answer["item_id"]]
            visit.applying.add(answer["item_id"])
            if row["finding_id"] is not None:
                finding = {name: row[f"finding_{name}"] for name in FINDING_COLUMNS}
                visit.findings[answer["id"]] = Held(finding)
        for visit_id in whole:
            if visit_id:
                self.visits[visit_id].is_whole = True

    # ---- versions of a field

    def versions(self, answer: Held, name: str) -> dict[str, Stored]:
        """Every version of the field that arrived, by id; the database is asked once for each answer."""
        answer_id = answer.values["id"]
        if answer_id not in self._versions:
            self._versions_asked = True
            found: dict[str, dict[str, Stored]] = {}
            for row in queries.version_rows(answer.values["inspection_id"], answer_id):
                found.setdefault(row["field"], {})[str(row["id"])] = _stored(row)
            self._versions[answer_id] = found
        made = {stored.version.id: stored for field_name, stored in answer.made if field_name == name}
        return {**self._versions[answer_id].get(name, {}), **made}

    def adopt(self, visit: Visit, answer: Held, name: str, stored: Stored) -> None:
        """Keep what was written on a page as a version, now that another one stands beside it."""
        answer.made.append((name, stored))
        self.rows.append(
            {
                "id": UUID(stored.version.id),
                "content": content_of([name, stored.value]),
                "person_id": stored.person_id,
                "device_id": None,
                "kind": KIND_OF[name],
                "inspection_id": visit.id,
                "answer_id": answer.values["id"],
                "item_id": answer.values["item_id"],
                "field": name,
                "value": stored.value,
                "after": sorted(stored.version.after),
                "device_at": stored.version.device_at,
                "offset_ms": stored.offset_ms,
                "received_at": stored.received_at,
                "status": Status.RECEIVED,
                "message": "",
            }
        )

    def forget_database(self, answer_id: UUID) -> None:
        """A new answer has no versions but those of this sending."""
        self._versions.setdefault(answer_id, {})

    # ---- what is kept

    def keep(self, change: Change, status: Status, *, message: str = "", **told: Any) -> None:
        """Keep the change as it came. `told`: answer_id, field, value where they differ from what was sent."""
        self.rows.append(
            {
                "id": change.id,
                "content": change.content,
                "person_id": self.person.id,
                "device_id": self.device_id,
                "kind": change.kind,
                "inspection_id": change.inspection_id,
                "answer_id": told.get("answer_id"),
                "item_id": change.item_id,
                "field": told.get("field", ""),
                "value": told.get("value", change.fields),
                "after": list(change.after) if change.after else NOTHING,
                "device_at": change.device_at,
                "offset_ms": change.offset_ms,
                "received_at": self.now,
                "status": status,
                "message": message,
            }
        )

    def note(self, action: str, table: str, object_id: UUID, **facts: Any) -> None:
        """An audit record, written with the others."""
        self.audits.append(
            {
                "action": action,
                "object_type": table,
                "object_id": object_id,
                "change_id": facts.get("change_id"),
                "before": facts.get("before"),
                "after": facts.get("after"),
                "note": facts.get("note", ""),
            }
        )

    def new_answer(self, visit: Visit, item: ChecklistItem, answer_id: UUID) -> Held:
        """An answer that says nothing yet."""
        held = Held(
            {
                "id": answer_id, "inspection_id": visit.id, "item_id": item.id, "version_id": item.version_id,
                "result": None, "note": "", "phrases": NOTHING, "readings": NOTHING, "sweep_id": None,
                "answered_at": None, "answered_by_id": self.person.id, "device_at": None, "clock_offset_ms": None,
                "received_at": None, "heads": {},
            },
            is_new=True,
        )  # fmt: skip
        visit.answers[answer_id] = held
        self.forget_database(answer_id)
        return held


def answered(visit: Visit) -> int:
    """How many items have an answer."""
    return sum(held.values["result"] is not None for held in visit.answers.values())


def is_bad(answer: Held) -> bool:
    return bool(answer.values["result"] == Result.DOES_NOT)


def _stored(row: Any) -> Stored:
    version = Version(str(row["id"]), frozenset(row["after"]), row["device_at"])
    return Stored(version, row["value"], row["person_id"], row["offset_ms"], row["received_at"])


@lru_cache(maxsize=512)
def ids_named(item_ids: tuple[str, ...]) -> frozenset[UUID]:
    """Items of a sheet as ids; the sheets of a place name the same each time."""
    return frozenset(map(UUID, item_ids))
