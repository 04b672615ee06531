"""Notices on the page where anybody checks a paper."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.database import db
from app.notices.models import Notice, Status
from app.seals import checking
from app.seals.checking import Kind, Paper
from app.web.i18n import is_chinese

FEW = 5  # of one digest there is one; of a few first digits, by chance, hardly more


def by_digest(digits: str) -> Iterable[Paper]:
    """The notices whose digest begins so; a draft has none."""
    found = select(Notice).where(Notice.digest >= digits, Notice.digest < f"{digits}g")
    return [_paper(row) for row in db.session.scalars(found.options(joinedload(Notice.replaced_by)).limit(FEW))]


def by_id(notice_id: UUID) -> Paper | None:
    row = db.session.get(Notice, notice_id)
    return _paper(row) if row is not None and row.status is not Status.DRAFT else None


def _paper(row: Notice) -> Paper:
    said, language = row.content, "zh" if is_chinese() else "en"
    successor = row.replaced_by
    return Paper(
        title=said["title"][language],
        number=row.number,
        issuer=said["issuer"]["name"][language],
        issued_on=date.fromisoformat(said["issued_on"]),
        gone_on=clock.local(row.withdrawn_at).date() if row.withdrawn_at else None,
        replaced_by=successor.number if successor is not None else "",
    )


def add() -> None:
    """Register notices."""
    checking.kinds[Notice.__tablename__] = Kind(by_digest, by_id)
