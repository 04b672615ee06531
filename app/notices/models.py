"""The rectification notice: gapless number, frozen content, delivery, openings."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.accounts.regions import InRegion
from app.core import clock, orphans
from app.core.database import db, text_enum
from app.core.errors import N_, AlreadyClosed
from app.core.ids import new_id, new_token
from app.inspections.models import Finding, Inspection
from app.notices.progress import Event, Stage, Standing, Step
from app.premises.models import Premises

_COUNTED = ("status", "due_on")  # so that the shelves are counted without reading a row
_AWAITED: Any = {f"{kind}_where": text("step = 'awaited'") for kind in ("sqlite", "postgresql")}


class Status(enum.StrEnum):
    """A draft has no number; what is issued is frozen."""

    DRAFT = "draft"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


class DeliveryMethod(enum.StrEnum):
    """How the paper reached the owner. Scanning the code is not delivery (DOMAIN.md)."""

    SIGNED = "signed"
    REFUSED = "refused"
    LEFT = "left"
    SENT = "sent"
    TRIED = "tried"  # nobody was there, or the place was shut: it has not reached the owner


class NumberSeries(db.Model):
    """The last number given, per organisation, kind and year. Its row is locked until the notice is saved."""

    __tablename__ = "number_series"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class ReservationState(enum.StrEnum):
    """What became of a number kept for a phone. Whatever it is, the number stands in the register."""

    RESERVED = "reserved"
    USED = "used"
    RETURNED = "returned"  # given back by its holder
    VOID = "void"  # nobody used it in time


class NumberReservation(db.Model):
    """A notice number with its address, kept for one person's phone, so that a notice can be issued without network.

    The number is taken from the series like any other, so two phones never hold the same one and none is skipped:
    one that is never used stays in the register with the reason. It is never given to anybody else.
    """

    __tablename__ = "number_reservations"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "year", "sequence"),
        UniqueConstraint("batch_id", "position"),
        Index("ix_number_reservations_person_kind_state", "person_id", "kind", "state"),
        Index("ix_number_reservations_state_reserved", "state", "reserved_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    batch_id: Mapped[UUID]  # the request that asked for it: the same one again gives the same numbers
    position: Mapped[int]  # within its batch, from 1
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    device: Mapped[str] = mapped_column(default="")  # the phone, as it names itself
    kind: Mapped[str]
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str]  # as printed
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    state: Mapped[ReservationState] = mapped_column(
        text_enum(ReservationState), default=ReservationState.RESERVED
    )
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was never used
    reserved_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # after it the phone takes another one
    closed_at: Mapped[datetime | None]  # used, given back or void since
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id"), unique=True)

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()

    @property
    def is_awaited(self) -> bool:
        """Whether its paper may be in somebody's hand while the content is still on a phone."""
        return self.state in {ReservationState.RESERVED, ReservationState.VOID}


class Notice(db.Model, InRegion):
    """What the owner is told. `content` holds everything printed, as worded on the day of issue."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "year", "sequence"),
        Index("ix_notices_county_status_due", "county_id", "status", "due_on"),
        Index("ix_notices_township_status_due", "township_id", "status", "due_on"),
        Index("ix_notices_county_issued", "county_id", "issued_at"),  # monthly reports
        Index("ix_notices_township_issued", "township_id", "issued_at"),
        Index("ix_notices_premises_issued", "premises_id", "issued_at"),
        Index("ix_notices_digest", "digest"),  # by what somebody types from a paper
        # the lists by what waits: replies, looks on site, referred, closed
        Index("ix_notices_county_stage_verify", "county_id", "stage", "verify_by", *_COUNTED),
        Index("ix_notices_township_stage_verify", "township_id", "stage", "verify_by", *_COUNTED),
        Index("ix_notices_county_closed", "county_id", "closed_at"),
        Index("ix_notices_township_closed", "township_id", "closed_at"),
        Index("ix_notices_lead_stage_verify", "lead_id", "stage", "verify_by", "id", "status"),  # one's own, in order
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)
    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str]
    status: Mapped[Status] = mapped_column(text_enum(Status), default=Status.DRAFT)
    year: Mapped[int | None]
    sequence: Mapped[int | None]
    number: Mapped[str] = mapped_column(default="")  # as printed
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(default="")  # SHA-256 of the canonical content
    stage: Mapped[Stage] = mapped_column(text_enum(Stage), default=Stage.ISSUED, server_default=Stage.ISSUED.value)
    due_on: Mapped[date | None]  # the earliest date its owner still has to keep
    verify_by: Mapped[date | None]  # by when somebody looks at what was answered, or at what was not
    extended: Mapped[bool] = mapped_column(default=False, server_default=false())  # an open point was given more time
    closed_at: Mapped[datetime | None]
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # of its visit, for the list "mine"
    drafted_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    issued_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    issued_at: Mapped[datetime | None]  # server time
    issued_on_device_at: Mapped[datetime | None]  # what the phone's clock said, for one issued without network
    registration_number: Mapped[str] = mapped_column(default="", server_default="")  # 登记号, where one is kept
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    openings: Mapped[int] = mapped_column(default=0)
    first_opened_at: Mapped[datetime | None]
    last_opened_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]  # the owner tapped "I have received this"
    missing_glyphs: Mapped[str] = mapped_column(default="")  # characters the print fonts lack

    inspection: Mapped[Inspection] = relationship()
    premises: Mapped[Premises] = relationship()
    organisation: Mapped[Organisation] = relationship()
    issued_by: Mapped[Person | None] = relationship(foreign_keys=[issued_by_id])
    replaces: Mapped["Notice | None"] = relationship(
        remote_side="Notice.id", foreign_keys=[replaces_id], back_populates="replaced_by"
    )
    replaced_by: Mapped["Notice | None"] = relationship(back_populates="replaces", uselist=False)
    deliveries: Mapped[list["Delivery"]] = relationship(order_by="Delivery.at")
    points: Mapped[list["NoticeFinding"]] = relationship(order_by="NoticeFinding.position", viewonly=True)

    @property
    def is_issued(self) -> bool:
        return self.status is Status.ISSUED

    @property
    def handed_over(self) -> list["Delivery"]:
        """The deliveries that reached the owner; the others were tries."""
        return [row for row in self.deliveries if row.method is not DeliveryMethod.TRIED]

    @property
    def tries(self) -> int:
        """How often it was tried in vain."""
        return len(self.deliveries) - len(self.handed_over)

    def withdraw(self, by: Person, reason: str, now: datetime) -> None:
        """Take back an issued notice; its number stays used. Raises AlreadyClosed unless it is issued."""
        if self.status is not Status.ISSUED:
            raise AlreadyClosed(N_("This notice is not in force, so it cannot be withdrawn."))
        self.status, self.withdrawn_at, self.withdrawn_by_id = Status.WITHDRAWN, now, by.id
        self.withdrawn_reason = reason

    def is_overdue(self, today: date | None = None) -> bool:
        return self.is_issued and self.due_on is not None and self.due_on < (today or clock.today())


class NoticeFinding(db.Model):
    """That a notice carries a finding, at this place in its list, and where it stands (progress.py)."""

    __tablename__ = "notice_findings"
    __table_args__ = (Index("ix_notice_findings_awaited_due", "due_on", **_AWAITED),)  # dates on days of rest

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("findings.id"), primary_key=True, index=True)
    position: Mapped[int]
    step: Mapped[Step] = mapped_column(text_enum(Step), default=Step.AWAITED, server_default=Step.AWAITED.value)
    first_due_on: Mapped[date | None]  # as it stands on the paper
    due_on: Mapped[date | None]  # the date that holds: extended, or moved off a holiday
    extended_at: Mapped[datetime | None]  # more time is given once
    turned_at: Mapped[datetime | None]  # of its last turn

    finding: Mapped[Finding] = relationship(viewonly=True)

    @property
    def standing(self) -> Standing:
        """What the rules need to know of it."""
        since = clock.local(self.turned_at).date() if self.turned_at else None
        return Standing(self.step, self.due_on, self.extended_at is not None, since)


class Turn(db.Model):
    """One event in the life of a finding on a notice; never changed, never removed."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_notice_finding_at", "notice_id", "finding_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made by whoever caused it: the retry key
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("findings.id"))
    event: Mapped[Event] = mapped_column(text_enum(Event))
    step_before: Mapped[Step] = mapped_column(text_enum(Step))
    step_after: Mapped[Step] = mapped_column(text_enum(Step))
    at: Mapped[datetime]  # server time
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # None: the owner, or an authority by its link
    reason: Mapped[str] = mapped_column(Text, default="")  # the owner reads it
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what the event is about, by name

    by: Mapped[Person | None] = relationship()


class Delivery(db.Model):
    """How and when the owner got the paper; several tries may stand side by side."""

    __tablename__ = "deliveries"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    method: Mapped[DeliveryMethod] = mapped_column(text_enum(DeliveryMethod))
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    receiver: Mapped[str] = mapped_column(default="")
    signature_key: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    witness: Mapped[str] = mapped_column(default="")
    consent: Mapped[bool] = mapped_column(default=False)  # written consent to electronic sending
    by: Mapped[Person] = relationship()


orphans.holds(Delivery.signature_key)
