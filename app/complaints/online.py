"""Complaints from the public form: taken in one by one, as many in an hour as the county wants to have."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from cryptography.fernet import MultiFernet
from sqlalchemy import select

from app.accounts.county import option
from app.accounts.regions import Region
from app.complaints import photos, queries, services
from app.complaints.models import Complaint
from app.complaints.services import Lodged
from app.core.database import db
from app.core.errors import N_, Refused


class Crowded(Refused):
    """The county has taken as many in this hour as it wants to."""


def refuse_crowd(region: Region, now: datetime) -> None:
    """Raise Crowded where no more is taken in now."""
    county = region.county_id
    if county is not None and queries.public_last_hour(county, now) >= option(county, "complaints.hourly"):
        raise Crowded(N_("Very many complaints are coming in at the moment, so this one was not taken."))


def lodge(
    complaint_id: UUID, lodged: Lodged, pictures: Iterable[bytes], *, now: datetime, boxed: MultiFernet
) -> Complaint:
    """Take one in with its photos; the same id again gives the same one. Raises Crowded and what registering raises."""
    region = lodged.region
    db.session.execute(select(Region.id).where(Region.id == region.county_id).with_for_update())  # one by one
    if db.session.get(Complaint, complaint_id) is None:
        refuse_crowd(region, now)
    complaint = services.register_complaint(complaint_id, lodged, by=None, now=now, boxed=boxed)
    for data in pictures:
        photos.keep(complaint, data, boxed)
    return complaint
