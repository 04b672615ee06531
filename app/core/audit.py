"""The audit record: who changed what, when, from where; written in the same transaction as the change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g, has_request_context, request
from sqlalchemy import JSON, Index, Text, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.database import db
from app.core.ids import new_id


class AuditRecord(db.Model):  # type: ignore[name-defined]
    """One change. `change_id` is the id the phone gave the request: the same request is never done twice."""

    __tablename__ = "audit_records"
    __table_args__ = (Index("ix_audit_records_object", "object_type", "object_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    change_id: Mapped[UUID | None] = mapped_column(unique=True)
    request_id: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    before: Mapped[Any | None] = mapped_column(JSON)
    after: Mapped[Any | None] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")


_TABLE = AuditRecord.__table__
_WRITE = insert(_TABLE)  # straight into the table: each change writes one, and nobody reads it back as an object
_KNOWN = select(_TABLE.c.id).where(_TABLE.c.change_id == bindparam("change"))


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

    `before` and `after` are JSON-ready facts of the change. Raises IntegrityError when `change_id`
    was carried out by another request in the meantime; `app.web.changes` turns that into the same answer.
    """
    in_request = has_request_context()
    db.session.execute(
        _WRITE,
        {
            "at": clock.now(),
            "action": action,
            "object_type": obj.__tablename__,
            "object_id": obj.id,
            "person_id": by,
            "change_id": change_id,
            "request_id": g.get("request_id", "") if in_request else "",
            "address": (request.remote_addr or "") if in_request else "",
            "before": before,
            "after": after,
            "note": note,
        },
    )


def already_done(change_id: UUID | None) -> bool:
    """Whether this client request was carried out before; then the present state is its answer."""
    if change_id is None:
        return False
    return db.session.execute(_KNOWN, {"change": change_id}).first() is not None
