"""Reads of issued reports, and the areas somebody may choose. Every page reads a constant number of times."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import defer, joinedload

from app.accounts.models import Person
from app.accounts.regions import LEVELS, Level, Region, within
from app.core.database import db
from app.core.errors import NotFound
from app.monthly.models import MonthlyReport
from app.monthly.rules import Month

PAGE = 20
REPORTED = (Level.COUNTY, Level.TOWNSHIP)  # reports are made of these


def areas_of(reader: Person) -> list[Region]:
    """County and townships the reader may see, the widest first; who works in a village sees that village's figures."""
    wanted = select(Region).where(within(Region, reader.region), Region.level.in_(REPORTED))
    found = sorted(db.session.scalars(wanted), key=lambda one: (LEVELS.index(one.level), one.code))
    return found or [reader.region]


def editions_of(region: Region, month: Month) -> list[MonthlyReport]:
    """All versions of a report, the latest first."""
    return list(
        db.session.scalars(
            select(MonthlyReport)
            .where(MonthlyReport.region_id == region.id, MonthlyReport.month == month.first)
            .options(joinedload(MonthlyReport.issued_by))
            .order_by(MonthlyReport.edition.desc())
        )
    )


def get_report(report_id: UUID, reader: Person) -> MonthlyReport:
    """The issued report; NotFound where it is not of the reader's area."""
    found = db.session.scalars(
        select(MonthlyReport)
        .where(MonthlyReport.id == report_id, within(MonthlyReport, reader.region))
        .options(
            joinedload(MonthlyReport.region),
            joinedload(MonthlyReport.issued_by),
            joinedload(MonthlyReport.replaces).options(defer(MonthlyReport.content)),
            joinedload(MonthlyReport.replaced_by).options(defer(MonthlyReport.content)),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Page:
    """Issued reports, the latest month first; `next_key` starts the next page."""

    reports: list[MonthlyReport]
    next_key: str | None


def issued_in(region: Region, after: str = "", size: int = PAGE) -> Page:
    """Issued reports of the area after the key `after` (nonsense starts at the beginning)."""
    rows = list(
        db.session.scalars(
            select(MonthlyReport)
            .where(within(MonthlyReport, region), _below(after))
            .options(
                defer(MonthlyReport.content),
                joinedload(MonthlyReport.region),
                joinedload(MonthlyReport.replaced_by).load_only(MonthlyReport.number),
            )
            .order_by(MonthlyReport.month.desc(), MonthlyReport.id.desc())
            .limit(size + 1)
        )
    )
    last = rows[size - 1] if len(rows) > size else None
    return Page(rows[:size], f"{last.month}~{last.id}" if last else None)


def _below(after: str) -> ColumnElement[bool]:
    day, _, raw = after.partition("~")
    try:
        month, last = date.fromisoformat(day), UUID(raw)
    except ValueError:
        return true()
    return or_(MonthlyReport.month < month, and_(MonthlyReport.month == month, MonthlyReport.id < last))
