"""Hand-over sheets on the page where anybody checks a paper."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.referrals.content import moment_of
from app.referrals.models import Referral
from app.referrals.rules import Outcome
from app.seals import checking
from app.seals.checking import Kind, Paper
from app.web.i18n import is_chinese

FEW = 5


def by_digest(digits: str) -> Iterable[Paper]:
    """The referrals whose digest begins so; one that was never sent has none."""
    found = select(Referral).where(Referral.digest >= digits, Referral.digest < f"{digits}g")
    return [_paper(row) for row in db.session.scalars(found.limit(FEW))]


def by_id(referral_id: UUID) -> Paper | None:
    row = db.session.get(Referral, referral_id)
    return _paper(row) if row is not None and row.digest else None


def _paper(row: Referral) -> Paper:
    said, language = row.content, "zh" if is_chinese() else "en"
    gone = row.outcome is Outcome.WITHDRAWN and row.closed_at is not None
    return Paper(
        title=said["title"][language],
        number=said["number"],
        issuer=said["sender"]["name"][language],
        issued_on=clock.local(moment_of(said["sent_at"])).date(),
        gone_on=clock.local(row.closed_at).date() if gone and row.closed_at else None,
    )


def add() -> None:
    """Register hand-over sheets."""
    checking.kinds[Referral.__tablename__] = Kind(by_digest, by_id)
