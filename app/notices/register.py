"""The number register: every number of a series with what became of it, so that nobody has to take its word for it.

A page is a stretch of the series, so a missing number shows as missing. Four reads whatever the size.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload

from app.accounts.models import Organisation
from app.accounts.regions import Region, within
from app.core.database import db
from app.core.errors import NotFound
from app.notices.models import Notice, NumberReservation, NumberSeries, ReservationState, Status
from app.premises.models import Premises

PAGE = 50


class Fate(enum.StrEnum):
    """What became of a number. MISSING must never be seen."""

    ISSUED = "issued"
    WITHDRAWN = "withdrawn"
    RESERVED = "reserved"
    RETURNED = "returned"
    VOID = "void"
    MISSING = "missing"


@dataclass(frozen=True)
class Series:
    """The numbers of one body, kind and year: 1 to `last`."""

    organisation: Organisation
    kind: str
    year: int
    last: int


@dataclass(frozen=True)
class Line:
    """One number. A number of a notice has the notice, one kept for a phone its reservation, some have both."""

    sequence: int
    notice: Notice | None = None
    reservation: NumberReservation | None = None

    @property
    def number(self) -> str:
        row = self.notice or self.reservation
        return row.number if row else str(self.sequence)

    @property
    def fate(self) -> Fate:
        if self.notice is not None:
            return Fate.WITHDRAWN if self.notice.status is Status.WITHDRAWN else Fate.ISSUED
        if self.reservation is not None:
            return Fate(self.reservation.state.value)
        return Fate.MISSING


@dataclass(frozen=True)
class RegisterPage:
    """A stretch of a series, the newest number first. `counts` are those of the whole series."""

    series: Series
    lines: Sequence[Line]
    counts: dict[Fate, int]
    page: int
    pages: int


def all_series(region: Region) -> list[Series]:
    """The series of the bodies in `region`, the latest year first."""
    rows = db.session.execute(
        select(NumberSeries, Organisation)
        .join(Organisation, Organisation.id == NumberSeries.organisation_id)
        .where(within(Organisation, region), NumberSeries.last > 0)
        .order_by(NumberSeries.year.desc(), Organisation.name_zh, NumberSeries.kind)
    )
    return [Series(body, row.kind, row.year, row.last) for row, body in rows]


def register_page(region: Region, organisation_id: UUID, kind: str, year: int, page: int = 1) -> RegisterPage:
    """One page of a series. Raises NotFound for a series that is none, or lies outside `region`."""
    series = _series(region, organisation_id, kind, year)
    pages = max(1, -(-series.last // PAGE))
    page = min(max(page, 1), pages)
    top = series.last - (page - 1) * PAGE
    bottom = max(1, top - PAGE + 1)
    key = {"organisation_id": organisation_id, "kind": kind, "year": year}
    notices = db.session.scalars(
        select(Notice)
        .filter_by(**key)
        .where(Notice.sequence.between(bottom, top))
        .options(
            defer(Notice.content),
            joinedload(Notice.issued_by),
            joinedload(Notice.premises).load_only(Premises.name),
        )
    )
    kept = db.session.scalars(
        select(NumberReservation)
        .filter_by(**key)
        .where(NumberReservation.sequence.between(bottom, top))
        .options(joinedload(NumberReservation.person))
    )
    by_notice = {row.sequence: row for row in notices}
    by_reserve = {row.sequence: row for row in kept}
    lines = [Line(n, by_notice.get(n), by_reserve.get(n)) for n in range(top, bottom - 1, -1)]
    return RegisterPage(series, lines, _counts(series), page, pages)


def _series(region: Region, organisation_id: UUID, kind: str, year: int) -> Series:
    found = db.session.execute(
        select(NumberSeries, Organisation)
        .join(Organisation, Organisation.id == NumberSeries.organisation_id)
        .where(within(Organisation, region), NumberSeries.organisation_id == organisation_id)
        .where(NumberSeries.kind == kind, NumberSeries.year == year)
    ).one_or_none()
    if found is None:
        raise NotFound
    row, body = found
    return Series(body, row.kind, row.year, row.last)


def _counts(series: Series) -> dict[Fate, int]:
    """How many numbers met which fate; what is left over is missing."""
    key = {"organisation_id": series.organisation.id, "kind": series.kind, "year": series.year}
    counts = dict.fromkeys(Fate, 0)
    for status, count in db.session.execute(
        select(Notice.status, func.count())
        .filter_by(**key)
        .where(Notice.sequence.is_not(None))
        .group_by(Notice.status)
    ):
        counts[Fate.WITHDRAWN if status is Status.WITHDRAWN else Fate.ISSUED] += count
    for state, count in db.session.execute(
        select(NumberReservation.state, func.count())
        .filter_by(**key)
        .where(NumberReservation.state != ReservationState.USED)
        .group_by(NumberReservation.state)
    ):
        counts[Fate(state.value)] += count
    counts[Fate.MISSING] = series.last - sum(counts.values())
    return counts
