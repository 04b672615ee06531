"""Until when a matter is to be reported here: the limits of the data, the county's own hours, the calendar of today."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.county import Option, option, register
from app.calendar import services as calendar
from app.calendar.days import is_working_day
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_
from app.referrals import rules
from app.referrals.matters import Matter, all_matters, get_matter
from app.referrals.models import Referral
from app.referrals.rules import Limit, LimitKind, Status

NO_LIMIT = datetime(9000, 1, 1, tzinfo=UTC)  # sorts behind every limit
LEAD_HOURS = "referrals.lead_hours"

register(
    Option(
        key=LEAD_HOURS,
        default=24,
        least=1,
        most=72,
        unit=N_("hours"),
        label=N_("Unlicensed practice is reported within"),
        help=N_("The law says “in time”; the hours are natural ones, nights and holidays count."),
        source="协管规范写“及时”；24 小时是本产品的默认值（时限表 R13）",
    )
)


def limit_of(matter: Matter, county_id: UUID | None) -> Limit | None:
    """The limit of a matter in this county. Only what is our own, not the law's, may differ."""
    if matter.limit is not None and matter.clock is not None and matter.clock.number == "R13":
        return Limit(LimitKind.HOURS, option(county_id, LEAD_HOURS))
    return matter.limit


def set_limit(referral: Referral) -> None:
    """Count from the discovery; what is out keeps the limit it went out with."""
    limit = limit_of(get_matter(referral.matter), referral.county_id)
    zone = ZoneInfo(clock.DEFAULT_ZONE)
    referral.due_at = rules.due_at(limit, referral.discovered_at, zone, is_working_day)
    referral.order_at = referral.due_at or NO_LIMIT


def count_anew(changed: calendar.Changed) -> None:
    """The calendar has changed: drafts that count in working days get their limit anew."""
    matters = [key for key, one in all_matters().items() if one.limit and one.limit.kind is LimitKind.WORKING_DAYS]
    drafts = select(Referral).where(Referral.status == Status.DRAFT, Referral.matter.in_(matters))
    for referral in db.session.scalars(drafts):
        before = referral.due_at
        set_limit(referral)
        if referral.due_at != before:
            told = [str(moment) for moment in (before, referral.due_at)]
            by = changed.by.id if changed.by else None
            audit.record("referral_limit_moved", referral, by=by, before={"due_at": told[0]}, after={"due_at": told[1]})
    db.session.flush()


def add() -> None:
    """Follow the calendar."""
    calendar.on_change(count_anew)
