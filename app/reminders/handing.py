"""Referrals that have gone out and whose addressee is still to be told: by e-mail or web hook, where one is known."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import aliased

from app.core.database import db
from app.referrals.models import Referral, ReferralLink
from app.referrals.rules import Status, by_link

WITHIN = timedelta(days=7)  # since the link was made; whoever could not be told by then is called
OUT = tuple(status for status in Status if by_link(status))


def handed(county_id: UUID, now: datetime, only: UUID | None = None) -> Sequence[Row[Any]]:
    """Referrals with the link the sender made for the addressee, as long as nobody has answered through it.

    `nth` counts the sender's links: a new one is told anew.
    """
    earlier = aliased(ReferralLink)
    nth = (
        select(func.count())
        .where(earlier.referral_id == Referral.id, earlier.follows_id.is_(None))
        .where(earlier.made_at <= ReferralLink.made_at)
        .scalar_subquery()
    )
    mine = (ReferralLink.follows_id.is_(None), ReferralLink.used_at.is_(None), ReferralLink.revoked_at.is_(None))
    columns: tuple[Any, ...] = (
        Referral.id, Referral.number, Referral.matter, Referral.created_by_id, Referral.region_id, Referral.county_id,
        Referral.township_id, Referral.village_id, Referral.to_email, Referral.to_web_hook, ReferralLink.token,
        ReferralLink.made_at, nth.label("nth"),
    )  # fmt: skip
    query = (
        select(*columns)
        .join(ReferralLink, ReferralLink.referral_id == Referral.id)
        .where(
            Referral.county_id == county_id, Referral.status.in_(OUT), *mine, ReferralLink.made_at > now - WITHIN,
            ReferralLink.expires_at > now, or_(Referral.to_email != "", Referral.to_web_hook != ""),
        )
        .order_by(ReferralLink.made_at, ReferralLink.id)
    )  # fmt: skip
    return db.session.execute(query.where(Referral.id == only) if only is not None else query).all()
