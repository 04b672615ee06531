"""Numbers of referrals: one gapless series per organisation and year, also when many are sent at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from app.core import clock
from app.core.database import db
from app.referrals.matters import wording
from app.referrals.models import Referral, ReferralSeries
from app.referrals.rules import format_number


def give_number(referral: Referral, now: datetime) -> None:
    """Take the next number for the referral and keep the series locked; a rollback gives it back. Once is enough."""
    if referral.number:
        return
    key: dict[str, Any] = {"organisation_id": referral.organisation_id, "year": clock.local(now).year}
    on_postgresql = db.session.get_bind().dialect.name == "postgresql"
    insert: Any = postgresql.insert if on_postgresql else sqlite.insert
    db.session.execute(insert(ReferralSeries).values(**key, last=0).on_conflict_do_nothing())
    last = db.session.execute(
        update(ReferralSeries)
        .filter_by(**key)
        .values(last=ReferralSeries.last + 1)
        .returning(ReferralSeries.last)
        .execution_options(synchronize_session=False)
    )
    referral.year, referral.sequence = key["year"], int(last.scalar_one())
    prefix = referral.organisation.number_prefix
    referral.number = format_number(wording().number, prefix, referral.year, referral.sequence)
