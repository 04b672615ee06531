"""A monthly report as it was issued. Never changed: a correction is another row that names this one."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.accounts.regions import InRegion, Region
from app.core.database import db
from app.monthly.rules import Month


class MonthlyReport(db.Model, InRegion):
    """What was said of an area and a month. `content` holds everything printed."""

    __tablename__ = "monthly_reports"
    __table_args__ = (
        UniqueConstraint("region_id", "month", "edition"),
        Index("ix_monthly_reports_county_month", "county_id", "month", "id"),
        Index("ix_monthly_reports_township_month", "township_id", "month", "id"),
        Index("ix_monthly_reports_digest", "digest"),  # by what somebody types from a paper
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's
    month: Mapped[date]  # its first day
    edition: Mapped[int]  # from 1
    number: Mapped[str]  # as printed
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    issued_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    issued_at: Mapped[datetime]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("monthly_reports.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text, default="")  # why the earlier one was corrected
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]  # SHA-256 of the canonical content

    region: Mapped[Region] = relationship()
    organisation: Mapped[Organisation] = relationship()
    issued_by: Mapped[Person] = relationship()
    replaces: Mapped["MonthlyReport | None"] = relationship(
        remote_side="MonthlyReport.id", back_populates="replaced_by"
    )
    replaced_by: Mapped["MonthlyReport | None"] = relationship(back_populates="replaces", uselist=False)

    @property
    def of_month(self) -> Month:
        return Month.of(self.month)
