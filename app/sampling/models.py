"""A sample, the population it was drawn from, a call-back sheet for each drawn visit, and what owners said."""

import enum
import zlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.accounts.regions import InRegion, Region
from app.core.database import db, text_enum
from app.inspections.models import Inspection
from app.notices.models import Notice
from app.sampling.rules import Method, Stratum


class Answer(enum.StrEnum):
    """What somebody says to a question of the sheet."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"


class Reached(enum.StrEnum):
    """How a call ended."""

    SPOKEN = "spoken"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"


class State(enum.StrEnum):
    """How far a sheet is."""

    WAITING = "waiting"
    LATER = "later"  # tried in vain: to be tried again
    WRONG_NUMBER = "wrong_number"
    DONE = "done"


class Sample(db.Model, InRegion):
    """A draw. Written once and never changed: another one is another row, and both are listed."""

    __tablename__ = "samples"
    __table_args__ = (
        Index("ix_samples_county_drawn", "county_id", "drawn_at", "id"),
        Index("ix_samples_township_drawn", "township_id", "drawn_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's
    first: Mapped[date]  # days on which the visits began, both included
    last: Mapped[date]
    method: Mapped[Method] = mapped_column(text_enum(Method))
    stratum: Mapped[Stratum] = mapped_column(text_enum(Stratum))
    size: Mapped[int]
    number: Mapped[int]  # asked for directly; 0: by confidence and margin, in per cent
    confidence: Mapped[int]
    margin: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    population_size: Mapped[int]
    population_digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of rules.as_lines
    # [{key, name_zh, name_en, size, drawn}] by key; of inspectors without names: nobody is looked at alone
    strata: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    # [{what, reason, ids}]: visits left out before the draw, and why
    exclusions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    drawn_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    drawn_at: Mapped[datetime]

    region: Mapped[Region] = relationship()
    drawn_by: Mapped[Person] = relationship()

    @property
    def excluded(self) -> int:
        """How many visits were left out."""
        return sum(len(one["ids"]) for one in self.exclusions)


class Population(db.Model):
    """The list a sample was drawn from, frozen: kept apart and packed, so that lists of samples stay light."""

    __tablename__ = "sample_populations"

    sample_id: Mapped[UUID] = mapped_column(ForeignKey("samples.id"), primary_key=True)
    packed: Mapped[bytes] = mapped_column(LargeBinary)  # zlib of rules.as_lines

    @property
    def id(self) -> UUID:
        """For the audit record."""
        return self.sample_id

    @classmethod
    def of(cls, sample_id: UUID, lines: bytes) -> "Population":
        return cls(sample_id=sample_id, packed=zlib.compress(lines, 6))

    @property
    def lines(self) -> bytes:
        return zlib.decompress(self.packed)


class CallSheet(db.Model):
    """One drawn visit. What stands here follows its calls, which are never changed, in the same transaction."""

    __tablename__ = "call_sheets"
    __table_args__ = (
        UniqueConstraint("sample_id", "inspection_id"),
        UniqueConstraint("sample_id", "position"),
        Index("ix_call_sheets_state", "sample_id", "state", "position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # derived from sample and visit
    sample_id: Mapped[UUID] = mapped_column(ForeignKey("samples.id"))
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)
    position: Mapped[int]  # in the order of the lots, from 1
    stratum: Mapped[str] = mapped_column(default="")
    state: Mapped[State] = mapped_column(text_enum(State), default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    last_call_at: Mapped[datetime | None]
    visited: Mapped[Answer | None] = mapped_column(text_enum(Answer))
    as_recorded: Mapped[Answer | None] = mapped_column(text_enum(Answer))
    satisfied: Mapped[Answer | None] = mapped_column(text_enum(Answer))

    sample: Mapped[Sample] = relationship()
    inspection: Mapped[Inspection] = relationship()
    calls: Mapped[list["Call"]] = relationship(order_by="Call.at, Call.id", viewonly=True)

    @property
    def is_done(self) -> bool:
        return self.state is State.DONE


class Call(db.Model):
    """One try to call, or a correction of what was written. Written once, never changed."""

    __tablename__ = "call_sheet_calls"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's; the retry key
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("call_sheets.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reached: Mapped[Reached] = mapped_column(text_enum(Reached))
    visited: Mapped[Answer | None] = mapped_column(text_enum(Answer))
    as_recorded: Mapped[Answer | None] = mapped_column(text_enum(Answer))
    satisfied: Mapped[Answer | None] = mapped_column(text_enum(Answer))
    note: Mapped[str] = mapped_column(Text, default="")
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_sheet_calls.id"))

    by: Mapped[Person] = relationship()


class Confirmation(db.Model):
    """What the owner said on the page of the code: was somebody there that day? One a notice, the last word counts."""

    __tablename__ = "visit_confirmations"

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)
    says: Mapped[Answer] = mapped_column(text_enum(Answer))
    at: Mapped[datetime]
    proved_by: Mapped[str] = mapped_column(default="")  # "phone", "code", or "" where the county asks for nothing

    notice: Mapped[Notice] = relationship(viewonly=True)

    @property
    def id(self) -> UUID:
        """For the audit record."""
        return self.notice_id
