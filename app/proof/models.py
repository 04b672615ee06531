"""What verifications found, and where the chain's head was sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.database import db, text_enum
from app.core.ids import new_id
from app.proof.rules import Kind, Level


class AuditCheck(db.Model):
    """One verification. Without an end it was stopped half-way, or runs."""

    __tablename__ = "audit_checks"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # None: by command
    quick: Mapped[bool]  # files by their size alone
    since: Mapped[int] = mapped_column(BigInteger, default=0)  # only what came after this record
    records: Mapped[int] = mapped_column(BigInteger, default=0)
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    files: Mapped[int] = mapped_column(BigInteger, default=0)
    differences: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[int] = mapped_column(default=0)
    head_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    head_hash: Mapped[str] = mapped_column(String(64), default="")

    by: Mapped[Person | None] = relationship()

    @property
    def is_whole(self) -> bool:
        """Whether all of it was looked at, files by their bytes."""
        return not self.quick and not self.since


class AuditFinding(db.Model):
    """One thing a verification found. `object_id` is whose page shows it, `parent_id` the visit or paper around it."""

    __tablename__ = "audit_findings"
    __table_args__ = (Index("ix_audit_findings_check_place", "check_id", "place"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    check_id: Mapped[UUID] = mapped_column(ForeignKey("audit_checks.id"))
    place: Mapped[int]
    kind: Mapped[Kind] = mapped_column(text_enum(Kind))
    level: Mapped[Level] = mapped_column(text_enum(Level))
    tab: Mapped[str]
    key: Mapped[str]
    named: Mapped[dict[str, Any]] = mapped_column(
        JSON
    )  # the object in words: a msgid and what fills its places
    seq: Mapped[int | None] = mapped_column(BigInteger)  # the last record that stood for it
    at: Mapped[datetime | None]  # its moment
    sound_at: Mapped[datetime | None]  # the last verification that found it right
    expected: Mapped[str]
    found: Mapped[str]
    detail: Mapped[str]
    object_type: Mapped[str] = mapped_column(default="")
    object_id: Mapped[UUID | None] = mapped_column(index=True)
    parent_id: Mapped[UUID | None] = mapped_column(index=True)
    region_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("regions.id")
    )  # where it lies; None: of no place


class Anchor(db.Model):
    """That the chain's head was sent to a second place, which is named without what is secret in its address."""

    __tablename__ = "anchors"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(index=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    place: Mapped[str]
    why: Mapped[str] = mapped_column(default="")  # it did not get there; "" where it did
