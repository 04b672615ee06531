"""Links for an authority without account: made when a referral goes out, revoked when another one takes its place."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.county import Option, option, register
from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Refused
from app.core.ids import derived_id, new_id, new_token
from app.referrals.models import Referral, ReferralLink, ReferralPhoto
from app.referrals.rules import by_link

LINK_DAYS = "referrals.link_days"

register(
    Option(
        key=LINK_DAYS,
        default=90,
        least=1,
        most=730,
        unit=N_("days"),
        label=N_("A link for a body without account is in force for"),
        help=N_("After that it opens nothing and says whom to call; the sender can make a new one."),
        source="产品规则",
    )
)


def make_link(referral: Referral, *, by: Person, now: datetime, link_id: UUID | None = None) -> ReferralLink:
    """A fresh link; those before it open nothing any more. The same `link_id` again gives the same link.

    Raises Refused while there is nothing an authority could answer.
    """
    if link_id is not None:
        known = db.session.get(ReferralLink, link_id)
        if known is not None and known.referral_id == referral.id:
            return known
    if not by_link(referral.status):
        raise Refused(N_("There is nothing to answer at the moment, so there is no new link."))
    revoke_links(referral, by=by, now=now)
    link = _add(referral, link_id or new_id(), by.id, now)
    audit.record("referral_link_made", referral, by=by.id, after=_told(link))
    return link


def follow_up(link: ReferralLink, now: datetime) -> ReferralLink | None:
    """The next link for whoever has just answered through this one; None where there is nothing more to answer."""
    if not by_link(link.referral.status):
        return None
    following = _add(link.referral, following_id(link), link.made_by_id, now, follows=link.id)
    audit.record("referral_link_made", link.referral, by=None, after=_told(following) | {"follows": str(link.id)})
    return following


def after(link: ReferralLink) -> ReferralLink:
    """Where whoever answered through `link` goes on reading: the next one if it was made and is in force."""
    following = db.session.get(ReferralLink, following_id(link))
    return following if following is not None and following.revoked_at is None else link


def following_id(link: ReferralLink) -> UUID:
    return derived_id(link.id, "next")


def _add(referral: Referral, link_id: UUID, by_id: UUID, now: datetime, follows: UUID | None = None) -> ReferralLink:
    until = now + timedelta(days=option(referral.county_id, LINK_DAYS))
    link = ReferralLink(
        id=link_id, referral_id=referral.id, token=new_token(), made_at=now, made_by_id=by_id, openings=0,
        expires_at=until, follows_id=follows,
    )  # fmt: skip
    db.session.add(link)
    db.session.flush()
    db.session.expire(referral, ["links"])
    return link


def _told(link: ReferralLink) -> dict[str, str]:
    return {"link": str(link.id), "until": link.expires_at.isoformat() if link.expires_at else ""}


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
