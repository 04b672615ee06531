"""A report becomes a formal referral: a draft with everything known, and not a word on who reported it.

The report follows it: passed on when the referral goes out, settled when the authority closes it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, NotAllowed
from app.core.ids import derived_id
from app.referrals.models import Referral, ReferralEvent
from app.referrals.rules import Event as Step
from app.referrals.rules import Outcome
from app.referrals.services import Evidence, Facts, Opening, open_referral
from app.referrals.steps import on_step
from app.reports.models import Report
from app.reports.rules import TABLE, Event
from app.reports.services import take_step

NOT_DEALT_WITH = (Outcome.NOT_SENT, Outcome.WITHDRAWN)
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


def follow(referral: Referral, event: ReferralEvent) -> None:
    """Step the report of a referral along, where its state allows that; in the transaction of the referral's step."""
    held = select(Report).where(Report.referral_id == referral.id).with_for_update()
    report = db.session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    wanted = {Step.SEND: Event.FORWARDED, Step.CLOSE: Event.HANDLED}.get(event.event)
    if report is None or wanted is None or event.outcome in NOT_DEALT_WITH or (report.state, wanted) not in TABLE:
        return
    by = event.by or referral.created_by  # of an answer by link the sender's side keeps the book
    if not by.is_inspector:  # has another role now: colleagues step the report along, the referral does not wait
        return
    note = event.reason if wanted is Event.HANDLED else referral.number
    step_id = derived_id(event.id, "report")
    take_step(report.id, wanted, turn_id=step_id, by=by, now=event.at, note=note, to=referral.to_name)


def add() -> None:
    """Listen to referrals."""
    on_step(follow)
