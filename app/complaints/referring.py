"""A complaint becomes a formal referral: the neutral words go along, who complained does not."""

from datetime import datetime
from uuid import UUID

from app.accounts.models import Person
from app.complaints.models import Complaint
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed
from app.core.ids import derived_id
from app.referrals.services import Facts, Opening, open_referral


def refer_complaint(complaint: Complaint, *, by: Person, now: datetime) -> UUID:
    """Open the referral of this complaint, once. Raises NotAllowed, Invalid without neutral words."""
    if complaint.handler_id != by.id:
        raise NotAllowed(N_("This is for whoever handles the complaint."))
    if complaint.referral_id is not None:
        return complaint.referral_id
    if not complaint.matter:
        raise Invalid(N_("Write in neutral words what it is about, for who verifies."), field="matter")
    place = complaint.premises
    facts = Facts(
        discovered_at=complaint.received_at,
        subject=place.name if place else "",
        address=place.address if place else "",
        person_in_charge=place.person_in_charge if place else "",
        phone=place.phone if place else "",
        facts=complaint.matter,
    )
    opening = Opening(matter="other", region=complaint.region, facts=facts, premises_id=complaint.premises_id)
    referral = open_referral(derived_id(complaint.id, "referral"), opening, by=by, now=now)
    complaint.referral_id = referral.id
    db.session.flush()
    audit.record("complaint_referred", complaint, by=by.id, after={"referral": str(referral.id)})
    return referral.id
