"""Signals as found, what was said about them, and what computing remembers of each visit."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.accounts.regions import InRegion
from app.core.database import db, text_enum
from app.inspections.models import Inspection
from app.photos.models import Photo
from app.premises.models import Premises
from app.signals.rules import Kind


class State(enum.StrEnum):
    """What a supervisor made of it. Neither is a verdict on a person."""

    OPEN = "open"
    EXPLAINED = "explained"  # there is an honest cause
    CONFIRMED = "confirmed"  # what the signal says is so


_ORDER = ("found_at", "id")


class Signal(db.Model, InRegion):
    """What was found. The id is derived from kind and identity, so that computing twice makes one."""

    __tablename__ = "signals"
    __table_args__ = (
        # the list walks these from the newest on
        Index("ix_signals_county_state", "county_id", "shadow", "state", *_ORDER),
        Index("ix_signals_township_state", "township_id", "shadow", "state", *_ORDER),
        Index("ix_signals_county_kind", "county_id", "kind", "shadow", "state", *_ORDER),
        Index("ix_signals_township_kind", "township_id", "kind", "shadow", "state", *_ORDER),
        Index("ix_signals_person_state", "person_id", "shadow", "state", *_ORDER),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(text_enum(Kind))
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)
    photo_id: Mapped[UUID | None] = mapped_column(ForeignKey("photos.id"), index=True)
    other_inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspections.id"))
    other_photo_id: Mapped[UUID | None] = mapped_column(ForeignKey("photos.id"))
    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))  # who took the photo, or led the visit
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON)  # what was measured, and the threshold of that day
    shadow: Mapped[bool]  # found while the county only tried this kind
    state: Mapped[State] = mapped_column(text_enum(State), default=State.OPEN)
    found_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]  # somebody of the visit explained it
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))

    inspection: Mapped[Inspection] = relationship(foreign_keys=[inspection_id])
    photo: Mapped[Photo | None] = relationship(foreign_keys=[photo_id])
    other_inspection: Mapped[Inspection | None] = relationship(foreign_keys=[other_inspection_id])
    other_photo: Mapped[Photo | None] = relationship(foreign_keys=[other_photo_id])
    premises: Mapped[Premises] = relationship()
    words: Mapped[list["SignalWord"]] = relationship(order_by="SignalWord.at")

    @property
    def is_open(self) -> bool:
        return self.state is State.OPEN

    def is_about(self, person: Person) -> bool:
        """Whether it is about what this person did: whoever took the photo, and everybody on the visit."""
        return person.id == self.person_id or self.inspection.is_worked_on_by(person)


class SignalWord(db.Model):
    """What somebody said about a signal; never changed. `state` is empty for an explanation."""

    __tablename__ = "signal_words"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made by whoever said it: the retry key
    signal_id: Mapped[UUID] = mapped_column(ForeignKey("signals.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    state: Mapped[State | None] = mapped_column(text_enum(State))
    note: Mapped[str] = mapped_column(Text)

    by: Mapped[Person] = relationship()


class VisitTrace(db.Model):
    """What other visits are compared with, so that none is read again; it can always be made anew from the record."""

    __tablename__ = "signal_traces"
    __table_args__ = (
        Index("ix_signal_traces_person_began", "person_id", "began_at"),
        Index("ix_signal_traces_person_pattern", "person_id", "pattern", "began_at"),
    )

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id"))
    began_at: Mapped[datetime]
    known: Mapped[bool]
    latitude: Mapped[float | None]  # of the premises on that day
    longitude: Mapped[float | None]
    positioned: Mapped[bool]
    pattern: Mapped[str]
    marks: Mapped[int]


class SignatureTrace(db.Model):
    """A drawn signature: of a visit's end, or of a notice's receipt."""

    __tablename__ = "signal_signatures"
    __table_args__ = (Index("ix_signal_signatures_sha256", "sha256", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # of the visit or of the delivery
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"))
    county_id: Mapped[UUID] = mapped_column(ForeignKey("regions.id"))
    sha256: Mapped[str]
    at: Mapped[datetime]


_FAILED: Any = {f"{one}_where": text("failed <> ''") for one in ("sqlite", "postgresql")}


class SignalCheck(db.Model):
    """That a photo, a visit or a delivery was looked at, or that it failed or waits, and is tried again."""

    __tablename__ = "signal_checks"
    __table_args__ = (
        Index("ix_signal_checks_event", "event_at"),
        Index("ix_signal_checks_failed", "tries", **_FAILED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # of the audit record that told of it
    action: Mapped[str]
    object_id: Mapped[UUID]
    event_at: Mapped[datetime | None]  # of the audit record; None where none told of it (likeness.py)
    failed: Mapped[str] = mapped_column(default="")  # the kind of the fault
    tries: Mapped[int] = mapped_column(default=0)
