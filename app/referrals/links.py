"""Links for an authority without account: made when a referral goes out, revoked when another one takes its place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Refused
from app.core.ids import new_id, new_token
from app.referrals.models import Referral, ReferralLink, ReferralPhoto
from app.referrals.rules import BY_LINK, events_from


def make_link(referral: Referral, *, by: Person, now: datetime, link_id: UUID | None = None) -> ReferralLink:
    """A fresh link; those before it open nothing any more. The same `link_id` again gives the same link.

    Raises Refused while there is nothing an authority could answer.
    """
    if link_id is not None:
        known = db.session.get(ReferralLink, link_id)
        if known is not None and known.referral_id == referral.id:
            return known
    if not set(BY_LINK) & set(events_from(referral.status)):
        raise Refused(N_("There is nothing to answer at the moment, so there is no new link."))
    revoke_links(referral, by=by, now=now)
    link = ReferralLink(
        id=link_id or new_id(), referral_id=referral.id, token=new_token(), made_at=now, made_by_id=by.id, openings=0
    )
    db.session.add(link)
    db.session.flush()
    audit.record("referral_link_made", referral, by=by.id, after={"link": str(link.id)})
    db.session.expire(referral, ["links"])
    return link


def revoke_links(referral: Referral, *, by: Person | None, now: datetime) -> None:
    """Let no link of this referral open anything any more; again is no fault."""
    in_force = ReferralLink.referral_id == referral.id, ReferralLink.revoked_at.is_(None)
    ids = db.session.scalars(select(ReferralLink.id).where(*in_force)).all()
    if not ids:
        return
    db.session.execute(
        update(ReferralLink).where(*in_force).values(revoked_at=now).execution_options(synchronize_session="fetch")
    )
    told = {"links": [str(one) for one in ids]}
    audit.record("referral_links_revoked", referral, by=by.id if by else None, after=told)
    db.session.expire(referral, ["links"])


def link_by_token(token: str) -> ReferralLink | None:
    """What an address opens: a link in force of a referral that is out. Everything else is nothing."""
    if "\0" in token:
        return None
    link = db.session.scalars(
        select(ReferralLink)
        .where(ReferralLink.token == token, ReferralLink.revoked_at.is_(None))
        .options(
            joinedload(ReferralLink.referral).options(
                selectinload(Referral.photos).joinedload(ReferralPhoto.photo),
                selectinload(Referral.events),
                joinedload(Referral.organisation),
            )
        )
    ).one_or_none()
    return link if link is not None and link.referral.content else None


def note_opening(link_id: UUID, now: datetime) -> None:
    """Count that it was opened: many openings tell that it was passed on. One statement."""
    first = db.func.coalesce(ReferralLink.first_opened_at, now)
    db.session.execute(
        update(ReferralLink)
        .where(ReferralLink.id == link_id)
        .values(openings=ReferralLink.openings + 1, first_opened_at=first, last_opened_at=now)
        .execution_options(synchronize_session=False)
    )
