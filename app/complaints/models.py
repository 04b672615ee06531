"""A complaint: the case in the open, and who complained locked away."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.accounts.regions import InRegion, Region
from app.complaints.rules import Channel, Event, Kind, State
from app.core import orphans
from app.core.database import db, text_enum
from app.premises.models import Premises


class Complaint(db.Model, InRegion):
    """`sealed` holds everything that says who complained, their own words among it (sealing.py); None once purged."""

    __tablename__ = "complaints"
    __table_args__ = (
        Index("ix_complaints_county", "county_id", "state", "received_at", "id"),
        Index("ix_complaints_channel", "channel", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # of the receipt
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    kind: Mapped[Kind] = mapped_column(text_enum(Kind))
    domain: Mapped[str] = mapped_column(default="")
    premises_id: Mapped[UUID | None] = mapped_column(ForeignKey("premises.id"), index=True)
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspections.id"))
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    matter: Mapped[str] = mapped_column(Text, default="")  # what it is about, without a word on who said so
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_anonymous: Mapped[bool]
    registered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)  # None: came by itself
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    verifier_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"), index=True)
    received_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[State] = mapped_column(text_enum(State))
    handed_to: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(Text, default="")  # what the complainant reads
    answered_at: Mapped[datetime | None] = mapped_column(index=True)
    purged_at: Mapped[datetime | None]

    region: Mapped[Region] = relationship()
    premises: Mapped[Premises | None] = relationship()
    registered_by: Mapped[Person | None] = relationship(foreign_keys=[registered_by_id])
    handler: Mapped[Person | None] = relationship(foreign_keys=[handler_id])
    verifier: Mapped[Person | None] = relationship(foreign_keys=[verifier_id])
    turns: Mapped[list["ComplaintTurn"]] = relationship(order_by="ComplaintTurn.at, ComplaintTurn.id")
    photos: Mapped[list["ComplaintPhoto"]] = relationship(order_by="ComplaintPhoto.received_at, ComplaintPhoto.id")
    subjects: Mapped[list["ComplaintSubject"]] = relationship()


class ComplaintSubject(db.Model):
    """Somebody the complaint is about. To them it does not exist."""

    __tablename__ = "complaint_subjects"

    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaints.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)

    person: Mapped[Person] = relationship()


class ComplaintTurn(db.Model):
    """One step of a complaint. Written once, never changed."""

    __tablename__ = "complaint_turns"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's; the retry key
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaints.id"), index=True)
    event: Mapped[Event] = mapped_column(text_enum(Event))
    state_before: Mapped[State] = mapped_column(text_enum(State))
    state_after: Mapped[State] = mapped_column(text_enum(State))
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    to: Mapped[str] = mapped_column(default="")

    by: Mapped[Person] = relationship()


class ComplaintPhoto(db.Model):
    """A photo the complainant sent: the whole file, encrypted; pictures tell who took them."""

    __tablename__ = "complaint_photos"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    complaint_id: Mapped[UUID] = mapped_column(ForeignKey("complaints.id"), index=True)
    storage_key: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)  # bytes of the photo itself
    received_at: Mapped[datetime]


class RefusedPosts(db.Model):
    """How many posts to the public form were refused on a day, by reason; nothing else is kept of them."""

    __tablename__ = "complaint_refusals"

    day: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


orphans.holds(ComplaintPhoto.storage_key)
