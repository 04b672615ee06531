"""Legal holds, looks at evidence, and the runs that delete what is past its period."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.accounts.regions import InRegion
from app.core.database import db, text_enum
from app.retention.rules import Subject, What

_IN_FORCE: Any = {f"{kind}_where": text("lifted_at IS NULL") for kind in ("sqlite", "postgresql")}


class LegalHold(db.Model, InRegion):
    """Nothing under its subject is deleted while it is in force. At most one is in force for each subject."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        Index("uq_legal_holds_in_force", "subject", "subject_id", unique=True, **_IN_FORCE),
        Index("ix_legal_holds_subject", "subject_id", "placed_at"),
        Index("ix_legal_holds_county_placed", "county_id", "placed_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's; the retry key
    subject: Mapped[Subject] = mapped_column(text_enum(Subject))
    subject_id: Mapped[UUID]
    name: Mapped[str]  # of its subject on that day
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime]
    placed_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    lifted_reason: Mapped[str] = mapped_column(Text, default="")

    placed_by: Mapped[Person] = relationship(foreign_keys=[placed_by_id])
    lifted_by: Mapped[Person | None] = relationship(foreign_keys=[lifted_by_id])

    @property
    def is_in_force(self) -> bool:
        return self.lifted_at is None


class Look(db.Model):
    """That somebody of ours looked at a piece of evidence; several looks within some minutes are one."""

    __tablename__ = "evidence_looks"
    __table_args__ = (
        Index("ix_evidence_looks_object", "object_id", "at"),
        Index("ix_evidence_looks_county_at", "county_id", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # derived from person, object, what and the minutes
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    county_id: Mapped[UUID] = mapped_column(ForeignKey("regions.id"))  # of who looked
    what: Mapped[What] = mapped_column(text_enum(What))
    object_id: Mapped[UUID]
    at: Mapped[datetime]  # of the first of them
    address: Mapped[str] = mapped_column(String(60), default="")  # network address

    person: Mapped[Person] = relationship()


class Run(db.Model):
    """One run of `flask retention run`. One without an end was stopped half-way; the next one goes on."""

    __tablename__ = "retention_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    # kind → how many were deleted, ahead.kind → how many come within 30 days
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
