"""Re-inspections through the outbox: what they look at, which answers belong to what, what follows from their end.

An earlier finding is an item of the child visit, answered by fixed, partly or not fixed in the field `result`: its
versions, conflicts and late arrivals are those of any answer (docs/decisions/0006).
"""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from app.accounts.callers import whole
from app.core.database import db
from app.core.errors import N_, Invalid, Refused
from app.inspections import finishing
from app.inspections.models import VERDICTS, Answer, Finding, Inspection, Status
from app.sync.book import Book, Visit
from app.sync.wire import Change, ids_of

_VISITS, _ANSWERS, _FINDINGS = Inspection.__table__, Answer.__table__, Finding.__table__
_PARENT = select(_VISITS.c.premises_id, _VISITS.c.status).where(_VISITS.c.id == bindparam("id"))
_FOUND = (
    select(_ANSWERS.c.item_id, _ANSWERS.c.version_id)
    .join(_FINDINGS, _FINDINGS.c.answer_id == _ANSWERS.c.id)
    .where(_FINDINGS.c.inspection_id == bindparam("id"))
)
_NOT_THIS = N_("This answer does not belong to this item. Reload the page.")


def parent_of(change: Change) -> UUID | None:
    """Which visit the one that begins follows."""
    return next(iter(ids_of([change.fields.get("parent_id")])), None)


def sheets_of(change: Change, parent_id: UUID, premises_id: UUID) -> list[tuple[UUID, list[str]]]:
    """What the phone took along to be looked at again, in its order. Raises Refused where that visit found nothing."""
    parent = db.session.execute(_PARENT, {"id": parent_id}).one_or_none()
    if parent is None or parent.premises_id != premises_id or parent.status is not Status.FINISHED:
        raise Refused(N_("The visit that this one follows is not known here."))
    versions = found_items(parent_id)
    sheets: dict[UUID, list[str]] = {}
    for item_id in _named(change):
        if item_id in versions:
            sheets.setdefault(versions[item_id], []).append(str(item_id))
    if not sheets:
        raise Refused(N_("Nothing that is to be looked at again was named."))
    return list(sheets.items())


def found_items(visit_id: UUID) -> dict[UUID, UUID]:
    """The items at which a visit found something, with their checklists."""
    return dict(db.session.execute(_FOUND, {"id": visit_id}).tuples().all())


def _named(change: Change) -> list[UUID]:
    sheets = change.fields.get("sheets")
    rows = [sheet for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    return [item for sheet in rows for item in ids_of(sheet.get("item_ids"))]


def refuse_other_answer(visit: Visit, item_id: UUID, name: str, value: dict[str, Any]) -> None:
    """Raise Invalid where an earlier finding gets another answer than how it is now, or anything else gets that."""
    parent_id = visit.row.values["parent_id"]
    if name == "result":
        is_verdict = value["result"] in VERDICTS
        if value["result"] is None or not (is_verdict or parent_id):
            return
        if is_verdict != _is_again(visit, parent_id, item_id):
            raise Invalid(_NOT_THIS)
    elif name in {"readings", "outcome"} and parent_id and _is_again(visit, parent_id, item_id):
        raise Invalid(_NOT_THIS)


def _is_again(visit: Visit, parent_id: UUID | None, item_id: UUID) -> bool:
    if parent_id is None:
        return False
    if visit.again is None:
        visit.again = frozenset(found_items(parent_id))
    return item_id in visit.again


def tell_ends(book: Book) -> None:
    """Let the upper features follow the re-inspections that ended now; everything of them is written."""
    for visit_id in book.ended_again:
        inspection = db.session.get_one(Inspection, visit_id, populate_existing=True)
        finishing.tell_finished(inspection, whole(book.person))
    book.ended_again = []
