"""Phones, and everything they sent: kept as it came, whatever became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.database import db, text_enum
from app.inspections.models import WIDE
from app.sync.rules import Status

HELD = text("status = 'held'")


class Device(db.Model):
    """A phone in one person's hand; a shared phone stands here once for each of them."""

    __tablename__ = "devices"
    __table_args__ = {"sqlite_with_rowid": False}

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    clock_offset_ms: Mapped[int | None] = mapped_column(WIDE)  # phone minus server, at the last sending


class SyncChange(db.Model):
    """One change as a phone recorded it. Never altered but for `status`; an answer's versions are these rows."""

    __tablename__ = "sync_changes"
    __table_args__ = (
        Index("ix_sync_changes_visit", "inspection_id", "answer_id"),
        Index("ix_sync_changes_held", "received_at", sqlite_where=HELD, postgresql_where=HELD),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone; the retry key
    content: Mapped[bytes] = mapped_column(LargeBinary(32))  # SHA-256 of what was said, as canonical JSON
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    device_id: Mapped[UUID | None]  # None: written on a page
    kind: Mapped[str] = mapped_column(String(40))
    inspection_id: Mapped[UUID | None]  # no foreign key: what is held or thrown away may have no visit
    answer_id: Mapped[UUID | None]
    item_id: Mapped[UUID | None]
    field: Mapped[str] = mapped_column(String(40), default="")
    value: Mapped[Any] = mapped_column(JSON)
    after: Mapped[list[str]] = mapped_column(JSON)
    device_at: Mapped[int] = mapped_column(BigInteger)  # milliseconds since 1970, by the phone's clock
    offset_ms: Mapped[int | None] = mapped_column(WIDE)  # phone minus server, as the phone knew it then
    received_at: Mapped[datetime]
    status: Mapped[Status] = mapped_column(text_enum(Status))
    message: Mapped[str] = mapped_column(Text, default="")  # a msgid

    person: Mapped[Person] = relationship()
