"""An uploaded register on its way into ours: kept, matched, previewed, written once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from app.accounts.models import Person
from app.accounts.regions import Level, regions_in, within
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, AlreadyClosed, NotFound, Refused
from app.core.ids import derived_id
from app.premises import services
from app.premises.import_rows import Judge, Known, Matching, Row
from app.premises.importing import Table, guess_columns
from app.premises.models import ImportBatch, Premises

FORGET_AFTER = timedelta(days=7)
LISTED = 200  # rows left out that the finished page still names


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
    if batch.finished_at is not None:
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


@dataclass(frozen=True)
class Plan:
    """What an import will do, worked out before the transaction so that nobody else waits for it."""

    new: services.Prepared
    filled: list[Row]
    left: list[Row]


def plan_import(batch: ImportBatch, rows: Sequence[Row], choice: Choice, by: Person) -> Plan:
    """All or nothing unless `choice.valid_rows_only`: raises Refused naming how many rows stand in the way.

    Ids derive from the batch, so the same import never makes a place twice.
    """
    bad = [row for row in rows if row.facts is None]
    if bad and not choice.valid_rows_only:
        raise Refused(
            N_("Nothing was imported: %(count)s rows have problems."),
            count=len(bad),
            hint=N_("Correct the file and send it again, or import the valid rows only."),
        )
    new = [row for row in rows if row.facts and (not row.is_duplicate or _wanted(row, choice))]
    chosen = {row.number for row in new}
    filled = [row for row in rows if row.same_as and choice.duplicates == "fill" and row.number not in chosen]
    done = chosen | {row.number for row in filled}
    entries = [(derived_id(batch.id, str(row.number)), row.facts) for row in new if row.facts]
    return Plan(services.prepare_many(entries, by), filled, [row for row in rows if row.number not in done])


def finish_import(batch: ImportBatch, plan: Plan, by: Person) -> None:
    """Write what was planned. Raises AlreadyClosed when it was done before."""
    if batch.finished_at is not None:
        raise AlreadyClosed(N_("This file has been imported already."))
    services.register_prepared(plan.new, by)
    _fill(plan.filled, by)
    counts = {
        "created": len(plan.new.files),
        "filled": len(plan.filled),
        "skipped": len([row for row in plan.left if row.facts]),
        "refused": len([row for row in plan.left if row.facts is None]),
    }
    named = [
        [row.number, row.name[:60], [_as_pair(problem) for problem in row.problems]]
        for row in plan.left[:LISTED]
    ]
    batch.finished_at = clock.now()
    batch.rows = []
    batch.summary = counts | {"left_out": named}
    audit.record("import_finished", batch, by=by.id, after=counts)
    db.session.flush()


def _wanted(row: Row, choice: Choice) -> bool:
    return choice.duplicates == "create" or row.number in choice.rows


def _fill(rows: Sequence[Row], by: Person) -> None:
    for row in rows:
        assert row.same_as is not None
        assert row.facts is not None
        services.fill_from_import(db.session.get_one(Premises, row.same_as.id), row.facts, by)


def _as_pair(problem: object) -> list[object]:
    """A problem as JSON: msgid and its values."""
    return [getattr(problem, "message", ""), dict(getattr(problem, "params", ()))]
