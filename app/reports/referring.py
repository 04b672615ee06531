"""A report becomes a formal referral: a draft with everything known, and not a word on who reported it."""

from datetime import datetime
from uuid import UUID

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, NotAllowed
from app.core.ids import derived_id
from app.referrals.models import Referral
from app.referrals.services import Evidence, Facts, Opening, open_referral
from app.reports.models import Report

MATTERS = {"food": "food_poisoning", "water": "water_pollution", "practice": "illegal_practice"}


def refer_report(report: Report, *, by: Person, now: datetime) -> UUID:
    """Open the referral of this report, once; its clock runs from the discovery. Raises NotAllowed."""
    if not by.is_inspector or not by.region.contains(report):
        raise NotAllowed(N_("Your role does not include this."))
    if report.referral_id is not None:
        return report.referral_id
    place = report.premises
    facts = Facts(
        discovered_at=report.discovered_at,
        subject=place.name if place else "",
        address=(place.address if place else "") or report.place,
        person_in_charge=place.person_in_charge if place else "",
        phone=place.phone if place else "",
        facts=report.content,
    )
    located = report.latitude is not None and report.longitude is not None
    opening = Opening(
        matter=MATTERS.get(report.category, "other"),
        region=report.region,
        facts=facts,
        premises_id=report.premises_id,
        photos=tuple(Evidence(row.photo_id) for row in report.photos if row.arrived_at is not None),
        position=(report.latitude, report.longitude, report.accuracy_m) if located else None,  # type: ignore[arg-type] # both
    )
    referral: Referral = open_referral(derived_id(report.id, "referral"), opening, by=by, now=now)
    report.referral_id = referral.id
    db.session.flush()
    audit.record("report_referred", report, by=by.id, after={"referral": str(referral.id)})
    return referral.id
