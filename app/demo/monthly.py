"""The last ended month of the demo township, issued by its coordinator."""

from collections.abc import Mapping
from uuid import UUID

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import derived_id
from app.monthly.models import MonthlyReport
from app.monthly.rules import Month
from app.monthly.services import issue_report

PLACE = UUID("00000000-0000-4000-8000-00000000da7d")  # namespace of these ids


def issue_last_month(people: Mapping[str, Person]) -> None:
    """Once; what is there is not made again, and a month that somebody issued is left alone."""
    by, now = people["xieguan"], clock.now()
    month = Month.of(clock.today()).before
    known = db.session.query(MonthlyReport.id).filter_by(region_id=by.region.id, month=month.first)
    if known.first() is None:
        with transaction():
            issue_report(derived_id(PLACE, str(month)), by.region, month, by=by, now=now)
