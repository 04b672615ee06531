"""A complaint becomes a formal referral: the neutral words go along, who complained does not.

Photos go along one by one, as the handler chooses: made anew, without EXIF; the original stays locked away. The
case follows its referral: handed over when that goes out, settled when the authority closes it.
"""

from collections.abc import Collection
from datetime import datetime
from io import BytesIO
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import Person
from app.complaints import services
from app.complaints.models import Complaint, ComplaintPhoto
from app.complaints.photos import picture
from app.complaints.rules import Event
from app.complaints.sealing import box
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed
from app.core.ids import derived_id
from app.core.settings import settings
from app.core.storage import storage
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Photo, Purpose
from app.photos.rules import PhotoMeta
from app.referrals.models import Referral, ReferralEvent
from app.referrals.rules import Event as Step
from app.referrals.rules import Outcome
from app.referrals.services import Facts, Opening, attach_photo, open_referral
from app.referrals.steps import on_step


def refer_complaint(
    complaint: Complaint, *, by: Person, now: datetime, photos: Collection[UUID] = ()
) -> UUID:
    """Open the referral of this complaint, once, with these of its photos; again adds photos while it is not out.

    Raises NotAllowed, Invalid without neutral words, NotPossible for photos once the referral is out.
    """
    if complaint.handler_id != by.id:
        raise NotAllowed(N_("This is for whoever handles the complaint."))
    if complaint.referral_id is None:
        _open(complaint, by, now)
    referral = db.session.get_one(Referral, complaint.referral_id)
    for photo in complaint.photos:
        if photo.id in set(photos):
            attach_photo(referral, _made_anew(photo, by), by=by, caption=str(_("from the complainant")))
    return referral.id


def _made_anew(photo: ComplaintPhoto, by: Person) -> Photo:
    """A picture of it as evidence; the same one again is the same photo. The look is written down."""
    photo_id = derived_id(photo.id, "referral")
    known = db.session.get(Photo, photo_id)
    if known is not None:
        return known
    data = picture(photo, box(settings()), by=by.id)
    received = receive_photo(BytesIO(data), storage=storage(), limits=Limits.of(settings()))
    return record_photo(received, photo_id=photo_id, by=by.id, meta=PhotoMeta(purpose=Purpose.SCENE))


def follow(referral: Referral, event: ReferralEvent) -> None:
    """Step the case of a referral along, where its state and handler allow that; in the transaction of that step.

    Where the handler may not handle it any more it stays for who takes it over: the referral does not wait for that.
    """
    held = select(Complaint).where(Complaint.referral_id == referral.id).with_for_update()
    complaint = db.session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    wanted = {Step.SEND: Event.HANDED_OVER, Step.CLOSE: Event.HANDLED}.get(event.event)
    if complaint is None or wanted is None or event.outcome in (Outcome.NOT_SENT, Outcome.WITHDRAWN):
        return
    handler = db.session.get(Person, complaint.handler_id) if complaint.handler_id else None
    if handler is None or wanted not in services.may_do(complaint, handler):
        return
    note = event.reason if wanted is Event.HANDLED else referral.number
    said = services.Step(wanted, note, referral.to_name)
    services.take_step(complaint.id, said, turn_id=derived_id(event.id, "complaint"), by=handler, now=event.at)


def add() -> None:
    """Listen to referrals."""
    on_step(follow)


def _open(complaint: Complaint, by: Person, now: datetime) -> None:
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
