"""Whom an authority is reached at: the county's own list, by area. The closest area wins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person
from app.accounts.regions import LEVELS, Region, within
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotFound, Refused
from app.referrals.matters import authorities
from app.referrals.models import Addressee
from app.referrals.rules import LONGEST_NAME


@dataclass(frozen=True)
class Address:
    """What the form says."""

    authority: str
    region: Region
    name: str
    phone: str = ""
    email: str = ""
    web_hook: str = ""
    organisation: Organisation | None = None


def addressee_for(authority: str, region: Region) -> Addressee | None:
    """Who answers for `authority` in `region`: the addressee of the smallest area that contains it."""
    rows = db.session.scalars(
        select(Addressee)
        .where(Addressee.county_id == region.county_id, Addressee.authority == authority)
        .options(joinedload(Addressee.region))
        .order_by(Addressee.changed_at.desc())
    ).unique()
    fitting = [row for row in rows if row.region.contains(region)]
    return max(fitting, key=lambda row: LEVELS.index(row.region.level), default=None)


def addressees_in(region: Region) -> list[Addressee]:
    """Those of an area, by authority in the order of the data, the widest area first."""
    rows = db.session.scalars(
        select(Addressee)
        .where(within(Addressee, region))
        .options(joinedload(Addressee.region), joinedload(Addressee.organisation))
    ).unique()
    order = list(authorities())
    return sorted(rows, key=lambda row: (order.index(row.authority), LEVELS.index(row.region.level), row.region.code))


def get_addressee(addressee_id: UUID, reader: Person) -> Addressee:
    """The addressee, if it lies in the reader's region. Raises NotFound."""
    found = db.session.scalars(
        select(Addressee).where(Addressee.id == addressee_id, within(Addressee, reader.region))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def save_addressee(addressee_id: UUID, address: Address, *, by: Person, now: datetime) -> Addressee:
    """Write an addressee, new or known. Raises Invalid, NotFound for an area that is not the person's."""
    if address.authority not in authorities():
        raise Invalid(N_("Choose whom it goes to."), field="authority")
    if not by.region.contains(address.region):
        raise NotFound
    name, phone, email, hook = (
        " ".join(text.split())[:LONGEST_NAME] for text in (address.name, address.phone, address.email, address.web_hook)
    )
    if not name:
        raise Invalid(N_("Write what the body is called."), field="name")
    row = db.session.get(Addressee, addressee_id)
    if row is not None and not by.region.contains(row):
        raise Refused(N_("Something else was already recorded under this number. Reload the page."))
    before = _said(row) if row is not None else None
    row = row or Addressee(id=addressee_id)
    row.place_in(address.region)
    row.organisation_id = address.organisation.id if address.organisation else None
    row.authority, row.name, row.phone = address.authority, name, phone
    row.email, row.web_hook, row.changed_at = _email(email), _hook(hook), now
    db.session.add(row)
    db.session.flush()
    db.session.expire(row, ["region", "organisation"])
    after = _said(row)
    if after != before:
        audit.record("addressee_saved", row, by=by.id, before=before, after=after)
    return row


def remove_addressee(row: Addressee, *, by: Person) -> None:
    """Take it from the list; referrals keep what they were addressed to."""
    audit.record("addressee_removed", row, by=by.id, before=_said(row))
    db.session.delete(row)
    db.session.flush()


def _said(row: Addressee) -> dict[str, str]:
    names = ("authority", "name", "phone", "email", "web_hook")
    return {name: getattr(row, name) for name in names} | {"region": str(row.region_id)}


def _email(text: str) -> str:
    if not text:
        return ""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid(N_("This is no e-mail address."), field="email") from None


def _hook(text: str) -> str:
    if text and not text.startswith("https://"):
        raise Invalid(N_("The address of a web hook begins with https://"), field="web_hook")
    return text
