"""A book is written: each table in one statement, ids in order, so that writers never wait in a ring.

What is written is worked out first; a transaction then holds the database no longer than the writing takes.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, case, delete, or_, update

from app.core import audit
from app.core.bulk import Ready, ready, ready_to_insert, run
from app.inspections.models import AnnouncedPhoto, Answer, Fellow, Finding, Inspection, Sheet
from app.premises.models import Premises
from app.sync.book import Book, Held
from app.sync.models import SyncChange

_ANSWERS, _FINDINGS, _VISITS = Answer.__table__, Finding.__table__, Inspection.__table__
_SHEETS, _FELLOWS, _PLACES = Sheet.__table__, Fellow.__table__, Premises.__table__


def _update(table: Any, names: Iterable[str]) -> Any:
    return update(table).where(table.c.id == bindparam("of")).values({name: bindparam(f"new_{name}") for name in names})


_ANSWER_WRITTEN = (
    "result", "note", "phrases", "readings", "sweep_id", "answered_at", "answered_by_id", "device_at",
    "clock_offset_ms", "received_at", "heads",
)  # fmt: skip
_FINDING_WRITTEN = ("outcome", "due_on", "refer_to", "refer_reason", "refer_on", "guard", "scene")
_VISIT_WRITTEN = (
    "status", "finished_at", "device_finished_at", "finish_received_at", "conclusion", "receipt", "signer_name",
    "signature_key", "refusal_reason", "witness", "digest",
)  # fmt: skip
_SET_ANSWER, _SET_FINDING = _update(_ANSWERS, _ANSWER_WRITTEN), _update(_FINDINGS, _FINDING_WRITTEN)
_SET_VISIT = _update(_VISITS, _VISIT_WRITTEN)
_SET_SHEET = (
    update(_SHEETS)
    .where(_SHEETS.c.inspection_id == bindparam("visit"), _SHEETS.c.version_id == bindparam("version"))
    .values(item_ids=bindparam("new_item_ids"))
)
_DROP_FINDING = delete(_FINDINGS).where(_FINDINGS.c.id == bindparam("of"))
_LAST = _PLACES.c.last_inspected_at
_SET_LAST_SEEN = (
    update(_PLACES)
    .where(_PLACES.c.id == bindparam("of"), _PLACES.c.merged_into_id.is_(None))
    .values(last_inspected_at=case((or_(_LAST.is_(None), bindparam("at") > _LAST), bindparam("at")), else_=_LAST))
)


def write(book: Book) -> None:
    """Write everything that is new or changed; call it once more for what came after."""
    for work in prepare(book):
        run(work)
    run_if(prepare_ends(book))
    record(book)
    settle(book)


def run_if(work: Ready | None) -> int:
    return run(work) if work else 0


def prepare_ends(book: Book) -> Ready | None:
    """When a place was last seen; touches no row where it was merged away meanwhile."""
    rows = [{"of": place, "at": at} for place, at in sorted(book.last_seen.items())]
    return ready(_SET_LAST_SEEN, rows) if rows else None


def prepare(book: Book) -> list[Ready]:
    """What has to be written, in this order."""
    visits = sorted(book.visits.values(), key=lambda visit: visit.id.int)
    sheets = [sheet for visit in visits for sheet in visit.sheets.values()]
    answers = sorted((h for visit in visits for h in visit.answers.values()), key=_id)
    findings = sorted((h for visit in visits for h in visit.findings.values()), key=_id)
    steps: list[tuple[Any, list[dict[str, Any]]]] = [
        (_VISITS, [visit.row.values for visit in visits if visit.row.is_new]),
        (_SET_VISIT, [_named(visit.row, _VISIT_WRITTEN) for visit in visits if _is_changed(visit.row)]),
        (_SHEETS, [sheet.values for sheet in sheets if sheet.is_new]),
        (_SET_SHEET, [_sheet(sheet) for sheet in sheets if _is_changed(sheet)]),
        (_FELLOWS, [_fellow(visit.id, one) for visit in visits if visit.row.is_new for one in visit.fellows]),
        (_ANSWERS, [held.values for held in answers if held.is_new]),
        (_SET_ANSWER, [_named(held, _ANSWER_WRITTEN) for held in answers if _is_changed(held)]),
        (_DROP_FINDING, [{"of": held.values["id"]} for held in findings if held.is_gone and not held.is_new]),
        (_FINDINGS, [held.values for held in findings if held.is_new and not held.is_gone]),
        (_SET_FINDING, [_named(h, _FINDING_WRITTEN) for h in findings if _is_changed(h) and not h.is_gone]),
        (AnnouncedPhoto.__table__, sorted(book.photos, key=lambda row: row["photo_id"].int)),
        (SyncChange.__table__, sorted(book.rows, key=lambda row: row["id"].int)),
    ]
    return [
        ready_to_insert(what, rows) if isinstance(what, Table) else ready(what, rows) for what, rows in steps if rows
    ]


def record(book: Book) -> None:
    """The audit records of what is written, in the same transaction."""
    for visit in book.visits.values():
        if visit.received:
            book.note("changes_received", "inspections", visit.id, after={"changes": visit.received})
    audit.record_rows(book.audits, by=book.person.id)


def settle(book: Book) -> None:
    """What is written is not written again."""
    for visit in book.visits.values():
        visit.received = []
        for held in (visit.row, *visit.sheets.values(), *visit.answers.values(), *visit.findings.values()):
            held.is_new = held.is_changed = False
        visit.findings = {key: held for key, held in visit.findings.items() if not held.is_gone}
    book.rows, book.audits, book.photos, book.last_seen = [], [], [], {}


def _id(held: Held) -> int:
    """As UUIDs are ordered, and compared much faster."""
    return int(held.values["id"].int)


def _is_changed(held: Held) -> bool:
    return held.is_changed and not held.is_new


def _named(held: Held, names: Iterable[str]) -> dict[str, Any]:
    return {"of": held.values["id"]} | {f"new_{name}": held.values[name] for name in names}


def _sheet(held: Held) -> dict[str, Any]:
    row = held.values
    return {"visit": row["inspection_id"], "version": row["version_id"], "new_item_ids": row["item_ids"]}


def _fellow(visit_id: UUID, person_id: UUID) -> dict[str, Any]:
    return {"inspection_id": visit_id, "person_id": person_id}
