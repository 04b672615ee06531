"""Monthly reports on the page where anybody checks a paper."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.database import db
from app.monthly.models import MonthlyReport
from app.seals import checking
from app.seals.checking import Kind, Paper
from app.web.i18n import is_chinese

FEW = 5


def by_digest(digits: str) -> Iterable[Paper]:
    """The reports whose digest begins so."""
    found = select(MonthlyReport).where(MonthlyReport.digest >= digits, MonthlyReport.digest < f"{digits}g")
    return [
        _paper(row)
        for row in db.session.scalars(found.options(joinedload(MonthlyReport.replaced_by)).limit(FEW))
    ]


def by_id(report_id: UUID) -> Paper | None:
    row = db.session.get(MonthlyReport, report_id)
    return _paper(row) if row is not None else None


def _paper(row: MonthlyReport) -> Paper:
    said, language, successor = row.content, "zh" if is_chinese() else "en", row.replaced_by
    return Paper(
        title=said["title"][language],
        number=row.number,
        issuer=said["issuer"]["name"][language],
        issued_on=clock.local(datetime.fromisoformat(said["issued_at"])).date(),
        gone_on=clock.local(successor.issued_at).date() if successor is not None else None,
        replaced_by=successor.number if successor is not None else "",
    )


def add() -> None:
    """Register monthly reports."""
    checking.kinds[MonthlyReport.__tablename__] = Kind(by_digest, by_id)
