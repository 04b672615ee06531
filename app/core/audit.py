"""The audit record: who changed what, when, from where; written in the same transaction as the change."""

import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g, has_request_context, request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_or_nothing  # both databases speak its ON CONFLICT
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock, ledger
from app.core.database import db
from app.core.ids import new_id

AuditRecord = ledger.AuditRecord


class Change(db.Model):  # type: ignore[name-defined]
    """A client's request that was carried out: its id, who sent it, what it asked for. Never done twice.

    Kept apart from the audit record: a request that found nothing to change is remembered, too.
    """

    __tablename__ = "changes"
    __table_args__ = {"sqlite_with_rowid": False}  # one tree to write instead of two

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID | None]  # None: somebody who did not sign in
    action: Mapped[str]  # endpoint and path
    digest: Mapped[bytes]  # SHA-256 of the content; empty for changes made before contents were kept
    at: Mapped[datetime]


# straight into the table: nobody reads it back as an object
_CLAIM = (
    insert_or_nothing(Change.__table__).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
)


class Sameness(enum.Enum):
    """How a request stands to those carried out before."""

    NEW = "new"
    REPEATED = "repeated"
    DIFFERENT = "different"


def claim(change_id: UUID, *, by: UUID | None, action: str, digest: bytes) -> Sameness:
    """Take `change_id` for this request inside its transaction, or tell what it already stands for.

    One INSERT where it is new. Where another request holds the id, PostgreSQL waits for that one's end.
    """
    row = {"id": change_id, "person_id": by, "action": action, "digest": digest, "at": clock.now()}
    if db.session.execute(_CLAIM, row).rowcount:  # type: ignore[attr-defined]
        return Sameness.NEW
    known = db.session.execute(
        select(Change.person_id, Change.action, Change.digest).where(Change.id == change_id)
    ).one()
    same = not known.digest or known == (by, action, digest)
    return Sameness.REPEATED if same else Sameness.DIFFERENT


def record(
    action: str,
    obj: Any,
    *,
    by: UUID | None,
    change_id: UUID | None = None,
    before: Any = None,
    after: Any = None,
    note: str = "",
) -> None:
    """Write that `by` (a person's id; None for the system or an owner) did `action` to `obj` (a row).

    `before` and `after` are JSON-ready facts of the change; `change_id` the request it came with.
    """
    subject = _row(action, obj.__tablename__, by=by)
    said = {"object_id": obj.id, "change_id": change_id, "before": before, "after": after, "note": note}
    ledger.write([subject | said | {"id": new_id()}])


def record_many(action: str, model: Any, facts: Mapping[UUID, Any], *, by: UUID | None) -> None:
    """The same for many new rows of one model at once: `facts` by the row's id, as their `after`."""
    subject = _row(action, model.__tablename__, by=by) | {"change_id": None, "before": None, "note": ""}
    rows = [subject | {"object_id": row_id, "after": after} for row_id, after in facts.items()]
    ledger.write([{**row, "id": new_id()} for row in rows])


def record_rows(rows: Sequence[Mapping[str, Any]], *, by: UUID | None) -> None:
    """Records of any kind: each with its action, object_type, object_id, change_id, before, after, note."""
    common = _row("", "", by=by)
    ledger.write([{**common, **row, "id": new_id()} for row in rows])


def _row(action: str, object_type: str, *, by: UUID | None) -> dict[str, Any]:
    in_request = has_request_context()
    return {
        "at": clock.now(),
        "action": action,
        "object_type": object_type,
        "person_id": by,
        "request_id": g.get("request_id", "") if in_request else "",
        # whoever complains is not told on by their network address
        "address": (request.remote_addr or "") if in_request and not g.get("anonymous") else "",
    }
