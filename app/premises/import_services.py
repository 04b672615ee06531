"""An uploaded register on its way into ours: kept, matched, previewed, written once, piece by piece."""

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import defer

from app.accounts.models import Person
from app.accounts.regions import Level, regions_in, within
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, AlreadyClosed, NotFound, Refused
from app.core.ids import derived_id
from app.premises import services
from app.premises.bulk import Prepared, prepare_many, register_prepared
from app.premises.facts import Facts
from app.premises.import_rows import Judge, Known, Matching, Row
from app.premises.importing import Table, guess_columns
from app.premises.models import ImportBatch, Premises

PIECE = 500  # rows written in one transaction: a third of a second in which nobody else writes
FORGET_AFTER = timedelta(days=7)
LISTED = 200  # rows left out that the finished page still names
_COUNTED = {"create": "created", "fill": "filled"}


@dataclass(frozen=True)
class Choice:
    """What the person decided in the preview. `rows` are duplicates to be created in spite of all."""

    valid_rows_only: bool
    duplicates: str  # skip, fill or create
    rows: frozenset[int] = frozenset()


def begin_import(table: Table, file_name: str, by: Person, batch_id: UUID) -> ImportBatch:
    """Keep an uploaded table until it is confirmed; the person's forgotten ones are removed."""
    db.session.execute(
        delete(ImportBatch).where(
            ImportBatch.person_id == by.id,
            ImportBatch.finished_at.is_(None),
            ImportBatch.plan.is_(None),
            ImportBatch.created_at < clock.now() - FORGET_AFTER,
        )
    )
    columns = guess_columns(table.header)
    region = by.region.code if by.region.level is not Level.COUNTY else ""
    batch = ImportBatch(
        id=batch_id,
        person_id=by.id,
        file_name=file_name[:200],
        created_at=clock.now(),
        header=table.header,
        rows=table.rows,
        first_row=table.first_row,
        mapping=Matching(columns, "", region).as_dict(),
    )
    db.session.add(batch)
    db.session.flush()
    audit.record("import_uploaded", batch, by=by.id, after={"file": batch.file_name, "rows": len(table.rows)})
    return batch


def batch_of(batch_id: UUID, person: Person) -> ImportBatch:
    """A person's own upload; anybody else's does not exist (NotFound)."""
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.person_id != person.id:
        raise NotFound
    return batch


def match_columns(batch: ImportBatch, matching: Matching, by: Person) -> None:
    """Keep how the columns are to be read. Raises AlreadyClosed."""
    if batch.finished_at is not None or batch.plan is not None:
        raise AlreadyClosed(N_("This file has been imported already."))
    batch.mapping = matching.as_dict()
    audit.record("import_matched", batch, by=by.id, after=batch.mapping)


def judged_rows(batch: ImportBatch, by: Person) -> list[Row]:
    """Every row as it would be imported now."""
    judge = Judge(regions_in(by.region), known_premises(by), Matching.from_dict(batch.mapping))
    return [
        judge.judge(cells, number)
        for number, cells in enumerate(batch.rows, start=batch.first_row)
        if any(cells)
    ]


def known_premises(by: Person) -> Iterable[Known]:
    """What the person can see of the register, as narrow as a comparison needs it."""
    columns = (Premises.id, Premises.name, Premises.phone, Premises.credit_code, Premises.region_id)
    query = select(*columns).where(within(Premises, by.region), Premises.merged_into_id.is_(None))
    return [Known(*row) for row in db.session.execute(query)]


class Act(enum.StrEnum):
    """What is done with a row."""

    CREATE = "create"
    FILL = "fill"


@dataclass(frozen=True)
class Plan:
    """What an import will do, decided once for all its rows before the first is written.

    `steps` are the rows that are written: number in the file, Act, and the id of the file whose gaps are filled.
    """

    steps: list[list[Any]]
    left: list[Row]


def plan_import(rows: Sequence[Row], choice: Choice) -> Plan:
    """All or nothing unless `choice.valid_rows_only`: raises Refused naming how many rows stand in the way."""
    bad = [row for row in rows if row.facts is None]
    if bad and not choice.valid_rows_only:
        raise Refused(
            N_("Nothing was imported: %(count)s rows have problems."),
            count=len(bad),
            hint=N_("Correct the file and send it again, or import the valid rows only."),
        )
    steps: list[list[Any]] = []
    left = []
    for row in rows:
        if row.facts and (not row.is_duplicate or _wanted(row, choice)):
            steps.append([row.number, Act.CREATE, None])
        elif row.same_as and choice.duplicates == "fill":
            steps.append([row.number, Act.FILL, str(row.same_as.id)])
        else:
            left.append(row)
    return Plan(steps, left)


def begin_writing(batch: ImportBatch, plan: Plan, by: Person) -> None:
    """Keep what will be done. From here on the import goes on where it stopped, however often it is stopped.

    Somebody else's plan for the same file that came first stays.
    """
    if batch.finished_at is not None or batch.plan is not None:
        return
    acts = [step[1] for step in plan.steps]
    counts = {
        "created": acts.count(Act.CREATE),
        "filled": acts.count(Act.FILL),
        "skipped": len([row for row in plan.left if row.facts]),
        "refused": len([row for row in plan.left if row.facts is None]),
    }
    named = [[row.number, row.name[:60], [_as_pair(one) for one in row.problems]] for row in plan.left[:LISTED]]
    batch.plan, batch.written = plan.steps, 0
    batch.summary = counts | {"left_out": named}
    audit.record("import_begun", batch, by=by.id, after=counts)
    db.session.flush()


@dataclass(frozen=True)
class Piece:
    """The steps of one transaction, worked out before it: `start` up to but without `end` of the plan's `total`."""

    batch_id: UUID
    start: int
    end: int
    total: int
    new: Prepared
    filled: list[tuple[UUID, Facts]]
    lost: dict[str, int]  # counts of steps that cannot be done any more, for example because an area is gone


def pieces_of(batch: ImportBatch, by: Person, size: int = PIECE) -> Iterator[Piece]:
    """What is left of a begun import, piece by piece; the last one ends it.

    Rows are understood once more by the same rules. Their ids derive from the file's and the row's number, so that
    the same row never makes two places.
    """
    batch_id, steps, rows, first = batch.id, batch.plan or [], batch.rows, batch.first_row
    matching, start = Matching.from_dict(batch.mapping), batch.written
    areas = regions_in(by.region)
    while True:
        end = min(start + size, len(steps))
        judge = Judge(areas, (), matching)
        new, filled, lost = [], [], Counter[str]()
        for number, act, same in steps[start:end]:
            facts = judge.judge(rows[number - first], number).facts
            if facts is None:
                lost[_COUNTED[act]] += 1
            elif act == Act.FILL:
                filled.append((UUID(same), facts))
            else:
                new.append((derived_id(batch_id, str(number)), facts))
        yield Piece(batch_id, start, end, len(steps), prepare_many(new, by), filled, dict(lost))
        if end == len(steps):
            return
        start = end


def write_piece(piece: Piece, by: Person) -> None:
    """Write one piece; one that another request has written already is passed over."""
    columns = (ImportBatch.written, ImportBatch.finished_at, ImportBatch.summary)
    now = select(*columns).where(ImportBatch.id == piece.batch_id).with_for_update()
    written, finished_at, summary = db.session.execute(now).one()
    if finished_at is not None or written != piece.start:
        return
    register_prepared(piece.new, by)
    lost = Counter(piece.lost)
    for premises_id, facts in piece.filled:
        lost["filled"] += not _fill(premises_id, facts, by)
    values: dict[str, Any] = {"written": piece.end}
    if any(lost.values()):
        values["summary"] = summary = _without(summary, lost)
    if piece.end == piece.total:
        values |= {"finished_at": clock.now(), "rows": [], "plan": None}
    db.session.execute(update(ImportBatch).where(ImportBatch.id == piece.batch_id).values(**values))
    if piece.end == piece.total:
        counts = {name: count for name, count in summary.items() if name != "left_out"}
        audit.record("import_finished", ImportBatch(id=piece.batch_id), by=by.id, after=counts)


def unfinished_imports(by: Person) -> Sequence[ImportBatch]:
    """A person's imports that were begun and stopped, the newest first."""
    query = select(ImportBatch).where(
        ImportBatch.person_id == by.id, ImportBatch.plan.is_not(None), ImportBatch.finished_at.is_(None)
    )
    heavy = defer(ImportBatch.rows)
    return db.session.scalars(query.options(heavy).order_by(ImportBatch.created_at.desc()).limit(5)).all()


def _wanted(row: Row, choice: Choice) -> bool:
    return choice.duplicates == "create" or row.number in choice.rows


def _fill(premises_id: UUID, facts: Facts, by: Person) -> bool:
    """False when the file was merged away or moved out of the person's area in the meantime."""
    premises = db.session.get(Premises, premises_id)
    if premises is None or premises.merged_into_id is not None or not by.region.contains(premises):
        return False
    services.fill_from_import(premises, facts, by)
    return True


def _without(summary: dict[str, Any], lost: Mapping[str, int]) -> dict[str, Any]:
    """The counts when planned steps could not be done after all: they count as left out."""
    kept = {name: summary[name] - lost.get(name, 0) for name in _COUNTED.values()}
    return summary | kept | {"skipped": summary["skipped"] + sum(lost.values())}


def _as_pair(problem: object) -> list[object]:
    """A problem as JSON: msgid and its values."""
    return [getattr(problem, "message", ""), dict(getattr(problem, "params", ()))]
