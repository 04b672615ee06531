"""What a county decides about complaints, and whether the public form is open."""

from sqlalchemy import select

from app.accounts.county import Option, option, register
from app.accounts.regions import Level, Region
from app.complaints.sealing import box
from app.core.database import db
from app.core.errors import N_
from app.core.settings import MissingSetting, Settings

register(
    Option(
        key="complaints.public",
        default=False,
        label=N_("Public complaint form"),
        help=N_("Open at /complain for anybody, without an account. Needs XUNCHA_COMPLAINT_KEY in production."),
    ),
    Option(
        key="complaints.hourly",
        default=30,
        least=1,
        most=1000,
        label=N_("Complaints taken from the public form in an hour"),
        help=N_("What comes beyond is refused with a clear message and counted, so that nobody floods the desk."),
    ),
    Option(
        key="complaints.days",
        default=30,
        least=1,
        most=365,
        unit=N_("days"),
        label=N_("Answer complaints within"),
        help=N_("Calendar days from the receipt. No general limit is known; special laws may name a shorter one."),
        source="产品默认",
        unsure=True,
    ),
)


def open_counties() -> list[Region]:
    """The counties whose public form is open, by code."""
    counties = db.session.scalars(select(Region).where(Region.level == Level.COUNTY).order_by(Region.code))
    return [county for county in counties if option(county.id, "complaints.public")]


def require_key(settings: Settings) -> None:
    """Stops the start of a production server whose public form is open and that has no key. Raises MissingSetting."""
    if settings.production and not settings.complaint_key.strip() and open_counties():
        raise MissingSetting(
            "xuncha: XUNCHA_COMPLAINT_KEY is not set, and the public complaint form is on; "
            "set the key, or switch the form off in the county's options."
        )
    if settings.complaint_key.strip():
        box(settings)
