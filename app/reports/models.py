"""An information report, its photos, and everything that happened to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from app.accounts.models import Organisation, Person
from app.accounts.regions import InRegion, Region
from app.core.database import db, text_enum
from app.photos.models import Photo
from app.premises.models import Premises
from app.reports.rules import Event, State

_ON_ITS_WAY: Any = {"sqlite_where": text("arrived_at IS NULL"), "postgresql_where": text("arrived_at IS NULL")}


class Report(db.Model, InRegion):
    """One line of form 1. Three clocks stand side by side: the phone's, corrected by what it knew, and ours."""

    __tablename__ = "information_reports"
    __table_args__ = (
        Index("ix_information_reports_county", "county_id", "discovered_at", "id"),
        Index("ix_information_reports_township", "township_id", "discovered_at", "id"),
        Index("ix_information_reports_county_state", "county_id", "state", "discovered_at", "id"),
        Index("ix_information_reports_township_state", "township_id", "state", "discovered_at", "id"),
        Index("ix_information_reports_reporter", "reporter_id", "discovered_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    category: Mapped[str]  # a key of data/categories.yaml
    premises_id: Mapped[UUID | None] = mapped_column(ForeignKey("premises.id"), index=True)
    place: Mapped[str] = mapped_column(default="")  # in the reporter's words
    latitude: Mapped[float | None]  # of the phone, WGS 84 degrees
    longitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    content: Mapped[str] = mapped_column(Text)
    discovered_at: Mapped[datetime]
    reported_at: Mapped[datetime]  # when it was recorded, by the phone's corrected clock
    received_at: Mapped[datetime]
    device_at: Mapped[datetime | None]  # what the phone's clock said
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)

    state: Mapped[State] = mapped_column(text_enum(State), default=State.REPORTED)
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))  # the formal one, if there is any
    forwarded_at: Mapped[datetime | None]
    forwarded_to: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(Text, default="")  # what the reporter is told
    fed_back_at: Mapped[datetime | None]
    outcome_seen_at: Mapped[datetime | None]

    region: Mapped[Region] = relationship()
    organisation: Mapped[Organisation] = relationship()
    reporter: Mapped[Person] = relationship()
    premises: Mapped[Premises | None] = relationship()
    turns: Mapped[list["ReportTurn"]] = relationship(order_by="ReportTurn.at, ReportTurn.id")
    photos: Mapped[list["ReportPhoto"]] = relationship(order_by="ReportPhoto.announced_at, ReportPhoto.photo_id")

    @property
    def where(self) -> str:
        """The place as a person would say it."""
        named = self.premises.name if self.premises else ""
        return " ".join(part for part in (named, self.place) if part)


class ReportTurn(db.Model):
    """One step of a report. Written once, never changed."""

    __tablename__ = "information_report_turns"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's; the retry key
    report_id: Mapped[UUID] = mapped_column(ForeignKey("information_reports.id"), index=True)
    event: Mapped[Event] = mapped_column(text_enum(Event))
    state_before: Mapped[State] = mapped_column(text_enum(State))
    state_after: Mapped[State] = mapped_column(text_enum(State))
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    to: Mapped[str] = mapped_column(default="")  # of FORWARDED: the authority

    by: Mapped[Person] = relationship()


class ReportPhoto(db.Model):
    """A photo of a report, known by its hash before its bytes arrive from a phone without signal."""

    __tablename__ = "information_report_photos"
    __table_args__ = (Index("ix_information_report_photos_missing", "announced_at", **_ON_ITS_WAY),)

    photo_id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone, as the photo's own
    report_id: Mapped[UUID] = mapped_column(ForeignKey("information_reports.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    meta: Mapped[dict[str, Any]] = mapped_column(JSON)  # as upload forms say it (PhotoMeta.from_form)
    announced_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text, default="")  # why the bytes that came are no photo, as a msgid

    photo: Mapped[Photo | None] = relationship(
        primaryjoin=lambda: foreign(ReportPhoto.photo_id) == remote(Photo.id), viewonly=True, uselist=False
    )
    report: Mapped[Report] = relationship(viewonly=True)

    @property
    def id(self) -> UUID:
        """For the audit record."""
        return self.photo_id
