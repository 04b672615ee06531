"""The table of days, which years are announced, and what changed when."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.database import db, text_enum
from app.core.ids import new_id


class Source(enum.StrEnum):
    """Where a day comes from."""

    LIBRARY = "library"
    COUNTY = "county"  # an administrator entered it; the library never writes over it


class CalendarDay(db.Model):
    """Whether people work on a day. A day without a row is worked from Monday to Friday."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name_zh: Mapped[str] = mapped_column(default="")
    name_en: Mapped[str] = mapped_column(default="")
    source: Mapped[Source] = mapped_column(text_enum(Source))
    changed_at: Mapped[datetime | None]  # None: known since the product was installed
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))


class CalendarYear(db.Model):
    """A year of which something is known. Its dates are provisional until `is_announced`."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_announced: Mapped[bool]
    source: Mapped[Source] = mapped_column(text_enum(Source))


class CalendarChange(db.Model):
    """One change of the calendar, with what was there before it, so that it can be undone.

    `number` counts them: the highest one is the version of the calendar. Two changes at once cannot have the same.
    """

    __tablename__ = "calendar_changes"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    year: Mapped[int | None] = mapped_column(index=True)  # None: the library's years
    text: Mapped[str] = mapped_column(Text, default="")  # as entered
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # None: the library
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("calendar_changes.id"), unique=True)

    by: Mapped[Person | None] = relationship()
