"""The referral: what is handed over, to whom, and every step it took since."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.accounts.regions import InRegion, Region
from app.core.database import db, text_enum
from app.core.ids import new_id, new_token
from app.inspections.models import Inspection
from app.notices.models import Notice
from app.photos.models import Photo
from app.premises.models import Premises
from app.referrals.rules import EDITABLE, Event, Outcome, Status

__all__ = ["Addressee", "Referral", "ReferralEvent", "ReferralFinding", "ReferralLink", "ReferralPhoto", "ReferralSeries", "Status"]  # fmt: skip  # noqa: E501


class Urgency(enum.StrEnum):
    """How urgent the sender says it is."""

    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class ReferralSeries(db.Model):
    """The last number given, per organisation and year. Its row is locked until the referral is saved."""

    __tablename__ = "referral_series"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Addressee(db.Model, InRegion):
    """Whom an authority is reached at in an area: the county's own data. The closest area counts."""

    __tablename__ = "addressees"
    __table_args__ = (Index("ix_addressees_county_authority", "county_id", "authority"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    authority: Mapped[str]  # a key of checklists' authorities.yaml
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    web_hook: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))  # works in this product
    changed_at: Mapped[datetime]

    region: Mapped[Region] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class Referral(db.Model, InRegion):
    """A matter handed over. It has a number and frozen content from the moment it is sent for the first time.

    `subject` may be empty: unlicensed practice has no name. `discovered_at` is where its clock starts.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        UniqueConstraint("organisation_id", "year", "sequence"),
        Index("ix_referrals_county_status_order", "county_id", "status", "order_at", "id"),
        Index("ix_referrals_township_status_order", "township_id", "status", "order_at", "id"),
        Index("ix_referrals_county_sent", "county_id", "sent_at"),  # monthly reports
        Index("ix_referrals_township_sent", "township_id", "sent_at"),
        Index("ix_referrals_premises_created", "premises_id", "created_at"),
        Index("ix_referrals_digest", "digest"),  # by what somebody types from a paper
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    status: Mapped[Status] = mapped_column(text_enum(Status), default=Status.DRAFT)
    matter: Mapped[str]  # a key of data/matters.yaml
    urgency: Mapped[Urgency] = mapped_column(text_enum(Urgency), default=Urgency.NORMAL)
    year: Mapped[int | None]
    sequence: Mapped[int | None]
    number: Mapped[str] = mapped_column(default="")  # as printed
    round: Mapped[int] = mapped_column(default=0)  # how often it was sent

    premises_id: Mapped[UUID | None] = mapped_column(ForeignKey("premises.id"))
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspections.id"), index=True)
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id"), index=True)

    subject: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    person_in_charge: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    business: Mapped[str] = mapped_column(default="")
    facts: Mapped[str] = mapped_column(Text, default="")
    scene: Mapped[str] = mapped_column(Text, default="")  # how the scene was preserved (保护现场)
    opinion: Mapped[str] = mapped_column(Text, default="")  # the sender's 处理意见
    answer_opinion: Mapped[str] = mapped_column(Text, default="")  # the receiver's
    papers: Mapped[list[str]] = mapped_column(JSON, default=list)  # evidence that is no photo
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]

    authority: Mapped[str] = mapped_column(default="")
    to_name: Mapped[str] = mapped_column(default="")  # as addressed on the day it was sent
    to_phone: Mapped[str] = mapped_column(default="")
    to_email: Mapped[str] = mapped_column(default="")
    to_web_hook: Mapped[str] = mapped_column(default="")
    to_organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))

    discovered_at: Mapped[datetime]
    discovered_by: Mapped[str] = mapped_column(default="")  # name, as it stands on paper
    due_at: Mapped[datetime | None]  # until when it is to be reported; None: no limit
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # for the first time: where the clock stops
    order_at: Mapped[datetime]  # what its shelf is sorted by: its limit while unsent, then when it last moved
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(text_enum(Outcome))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # as sent last
    digest: Mapped[str] = mapped_column(default="")  # SHA-256 of the canonical content

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    premises: Mapped[Premises | None] = relationship()
    inspection: Mapped[Inspection | None] = relationship()
    notice: Mapped[Notice | None] = relationship()
    region: Mapped[Region] = relationship()
    created_by: Mapped[Person] = relationship()
    photos: Mapped[list["ReferralPhoto"]] = relationship(order_by="ReferralPhoto.position")
    events: Mapped[list["ReferralEvent"]] = relationship(order_by="ReferralEvent.place")
    links: Mapped[list["ReferralLink"]] = relationship(order_by="ReferralLink.made_at")

    @property
    def is_editable(self) -> bool:
        """Whether the sender still writes on it."""
        return self.status in EDITABLE

    @property
    def is_open(self) -> bool:
        return self.status is not Status.CLOSED

    @property
    def link(self) -> "ReferralLink | None":
        """The link that is given out: of those in force the one that still answers, else the latest."""
        in_force = [one for one in self.links if one.revoked_at is None]
        return max(in_force, key=lambda one: (one.used_at is None, one.made_at), default=None)


class ReferralFinding(db.Model):
    """That a referral carries a finding; the notice it stands on moves along."""

    __tablename__ = "referral_findings"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), primary_key=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("findings.id"), primary_key=True, index=True)


class ReferralPhoto(db.Model):
    """A photo chosen as evidence, at this place in the list."""

    __tablename__ = "referral_photos"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), primary_key=True)
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"), primary_key=True, index=True)
    position: Mapped[int]
    caption: Mapped[str] = mapped_column(default="")  # what it is to prove

    photo: Mapped[Photo] = relationship()

    @property
    def id(self) -> UUID:
        """For the audit record."""
        return self.photo_id


class ReferralEvent(db.Model):
    """One step in its life; rows are only ever added."""

    __tablename__ = "referral_events"
    __table_args__ = (UniqueConstraint("referral_id", "place"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's, so that a step is taken once
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    place: Mapped[int]  # from 1
    event: Mapped[Event] = mapped_column(text_enum(Event))
    before: Mapped[Status] = mapped_column(text_enum(Status))
    after: Mapped[Status] = mapped_column(text_enum(Status))
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # None: the holder of the link
    name: Mapped[str] = mapped_column(default="")  # who said so, where that is not `by`
    reason: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Outcome | None] = mapped_column(text_enum(Outcome))
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral_links.id"))

    by: Mapped[Person | None] = relationship()


class ReferralLink(db.Model):
    """An address for an authority without account: unguessable, answers once, has an end, counts its openings.

    Whoever answers through one gets the next (`follows_id`), so that nobody else who holds the first can go on.
    """

    __tablename__ = "referral_links"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"), index=True)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    used_at: Mapped[datetime | None]  # answered: since then it can be read only
    revoked_at: Mapped[datetime | None]
    openings: Mapped[int] = mapped_column(default=0)
    first_opened_at: Mapped[datetime | None]
    last_opened_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # from then on it opens nothing; None: made before links had an end
    follows_id: Mapped[UUID | None]  # the link answered before; None: made by the sender

    referral: Mapped[Referral] = relationship(back_populates="links")

    @property
    def may_answer(self) -> bool:
        """Whether whoever holds it may still write."""
        return self.used_at is None and self.revoked_at is None

    def is_over(self, now: datetime) -> bool:
        """Whether its time is up."""
        return self.expires_at is not None and self.expires_at <= now
