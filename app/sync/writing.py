"""A book is written: each table in one statement, ids in order, so that writers never wait in a ring."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, or_, update

from app.core import audit
from app.core.bulk import insert_rows
from app.core.database import db
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
_DROP_FINDING = delete(_FINDINGS).where(_FINDINGS.c.id.in_(bindparam("ids", expanding=True)))
_SET_LAST_SEEN = (
    update(_PLACES)
    .where(
        _PLACES.c.id == bindparam("of"),
        or_(_PLACES.c.last_inspected_at.is_(None), _PLACES.c.last_inspected_at < bindparam("at")),
    )
    .values(last_inspected_at=bindparam("at"))
)


def write(book: Book) -> None:
    """Write everything that is new or changed; call it once more for what came after."""
    visits = sorted(book.visits.values(), key=lambda visit: visit.id)
    insert_rows(_VISITS, [visit.row.values for visit in visits if visit.row.is_new])
    _many(_SET_VISIT, [_named(visit.row, _VISIT_WRITTEN) for visit in visits if _is_changed(visit.row)])
    sheets = [sheet for visit in visits for sheet in visit.sheets.values()]
    insert_rows(_SHEETS, [sheet.values for sheet in sheets if sheet.is_new])
    _many(_SET_SHEET, [_sheet(sheet) for sheet in sheets if _is_changed(sheet)])
    fellows = [
        {"inspection_id": visit.id, "person_id": one} for visit in visits if visit.row.is_new for one in visit.fellows
    ]
    insert_rows(_FELLOWS, fellows)
    _write_answers([held for visit in visits for held in visit.answers.values()])
    _write_findings([held for visit in visits for held in visit.findings.values()])
    insert_rows(AnnouncedPhoto.__table__, sorted(book.photos, key=lambda row: row["photo_id"]))
    insert_rows(SyncChange.__table__, sorted(book.rows, key=lambda row: row["id"]))
    _many(_SET_LAST_SEEN, [{"of": place, "at": at} for place, at in sorted(book.last_seen.items())])
    _write_audit(book)
    _settle(book)


def _write_answers(answers: list[Held]) -> None:
    answers = sorted(answers, key=lambda held: held.values["id"])
    insert_rows(_ANSWERS, [held.values for held in answers if held.is_new])
    _many(_SET_ANSWER, [_named(held, _ANSWER_WRITTEN) for held in answers if _is_changed(held)])


def _write_findings(findings: list[Held]) -> None:
    findings = sorted(findings, key=lambda held: held.values["id"])
    gone = [held.values["id"] for held in findings if held.is_gone and not held.is_new]
    if gone:
        db.session.execute(_DROP_FINDING, {"ids": gone})
    insert_rows(_FINDINGS, [held.values for held in findings if held.is_new and not held.is_gone])
    changed = [held for held in findings if _is_changed(held) and not held.is_gone]
    _many(_SET_FINDING, [_named(held, _FINDING_WRITTEN) for held in changed])


def _write_audit(book: Book) -> None:
    for visit in book.visits.values():
        if visit.received:
            book.note("changes_received", "inspections", visit.id, after={"changes": visit.received})
            visit.received = []
    audit.record_rows(book.audits, by=book.person.id)


def _settle(book: Book) -> None:
    """What is written is not written again."""
    for visit in book.visits.values():
        for held in (visit.row, *visit.sheets.values(), *visit.answers.values(), *visit.findings.values()):
            held.is_new = held.is_changed = False
        visit.findings = {key: held for key, held in visit.findings.items() if not held.is_gone}
    book.rows, book.audits, book.photos, book.last_seen = [], [], [], {}


def _is_changed(held: Held) -> bool:
    return held.is_changed and not held.is_new


def _named(held: Held, names: Iterable[str]) -> dict[str, Any]:
    return {"of": held.values["id"]} | {f"new_{name}": held.values[name] for name in names}


def _sheet(held: Held) -> dict[str, Any]:
    row = held.values
    return {"visit": row["inspection_id"], "version": row["version_id"], "new_item_ids": row["item_ids"]}


def _many(statement: Any, rows: list[dict[str, Any]]) -> None:
    """One row or several in one round trip."""
    if rows:
        db.session.execute(statement, rows if len(rows) > 1 else rows[0])
