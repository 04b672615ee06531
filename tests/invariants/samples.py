"""One row for every URL parameter, so that the matrix can try each route on real rows of any place.

Whoever adds a route with a new parameter adds its row here. The rows belong together: the item is one of the visit,
the delivery one of the notice. All lie in the second township and were made by its coordinator, `county.neighbour`.
"""

import io
from typing import Any
from uuid import UUID

from app.accounts.models import Person
from app.accounts.regions import Region
from app.complaints import photos as complaint_photos
from app.complaints.rules import Channel
from app.complaints.sealing import box
from app.complaints.services import Lodged, register_complaint
from app.core import clock
from app.core.database import db
from app.core.ids import derived_id, new_id
from app.core.roles import Role
from app.core.settings import settings
from app.core.storage import storage
from app.inspections.models import AnnouncedPhoto, Answer, Inspection, InspectionPhoto, Review
from app.monthly.rules import Month
from app.monthly.services import issue_report
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice
from app.notices.services import issue_notice
from app.photos.intake import Limits, receive_photo
from app.photos.rules import PhotoMeta
from app.premises.models import Premises
from app.referrals.addressees import Address, save_addressee
from app.referrals.rules import Event
from app.referrals.services import Evidence, Facts, Opening, open_referral
from app.referrals.steps import Step, take_step
from app.reminders.channels import APP
from app.reminders.claims import Wanted, put_in_lists
from app.reminders.models import Subject
from app.reminders.rules import Kind
from app.replies.models import ReplyKind, ReplyPhoto
from app.replies.rules import Words
from app.replies.services import send_reply
from app.reports.services import Told, attach_photo, make_report
from app.sampling.frames import Frame, LeftOut, prepare
from app.sampling.rules import Method, Plan
from app.sampling.services import keep_sample, new_seed
from app.signals.models import Signal
from app.signals.models import State as SignalState
from app.signals.rules import Kind as SignalKind
from tests.factories.people import County
from tests.factories.premises import make_import, make_premises
from tests.notices.factory import make_visit, wish
from tests.photos.pictures import encoded

# what no region owns: the county's checklists, and what stands in a route's own list
SHARED = {"domain": "catering", "code": "CAT-10", "number": 1, "notice_kind": "xuncha_advice"}
# nobody's but their maker's
OWN = {"batch_id", "complaint_photo_id"}
# public by design: whoever holds the token may look
HELD_BY_TOKEN = {"token"}


def make_rows(county: County) -> dict[str, Any]:
    """Parameter name → what stands in the URL. Inside an application context; commit yourself."""
    by = db.session.get_one(Person, county.neighbour.id)
    premises = make_premises(county.villages[2])
    visit = make_visit(by, premises)
    notice = issue_notice(new_id(), wish(visit), by=by, now=clock.now())
    storage().put_bytes("signatures/sample.png", b"\x89PNG\r\n\x1a\n")
    visit.signature_key = "signatures/sample.png"
    signed = Handing(DeliveryMethod.SIGNED, receiver="某老板", signature_key="signatures/sample.png")
    delivery = record_delivery(new_id(), notice, signed, by=by, now=clock.now())
    answer = db.session.query(Answer).filter_by(inspection_id=visit.id).first()
    photo = db.session.query(InspectionPhoto).filter_by(inspection_id=visit.id).first()
    assert answer is not None
    assert photo is not None
    photo.review, photo.remark = Review.SENT_BACK, "看不清,请补拍"
    db.session.add(_announced(photo))
    return {
        "person_id": by.id,
        "organisation_id": by.organisation_id,
        "region_id": county.townships[1].id,
        "parent_id": county.townships[1].id,
        "premises_id": premises.id,
        "batch_id": make_import(by).id,
        "inspection_id": visit.id,
        "item_id": answer.item_id,
        "photo_id": photo.photo_id,
        "notice_id": notice.id,
        "delivery_id": delivery.id,
        "year": notice.year,
        "reminder_id": _reminder(notice, by),
        "signal_id": _signal(photo),
        **_report(by, premises),
        **_complaint(by, premises, county),
        **_referral(by, premises, photo),
        **_reply(notice),
        **_sample(visit, county),
        "monthly_id": _monthly(by),
    }


def _reminder(notice: Notice, by: Person) -> UUID:
    """What its coordinator is reminded of."""
    assert notice.due_on is not None
    wanted = Wanted(Subject.NOTICE, notice.id, Kind.DUE, 0, notice.due_on, str(by.id), APP)
    put_in_lists([wanted], notice.county_id, clock.now())
    return wanted.id


def _signal(photo: InspectionPhoto) -> UUID:
    """What was noticed about the photo, shown to its coordinator too."""
    names = ("premises_id", "region_id", "county_id", "township_id", "village_id")
    place = {name: getattr(photo, name) for name in names}
    numbers = {"km": 12.5, "accuracy": 20, "limit": 2.0}
    signal = Signal(
        id=new_id(), kind=SignalKind.FAR, inspection_id=photo.inspection_id, photo_id=photo.photo_id,
        person_id=photo.inspector_id, numbers=numbers, shadow=False, state=SignalState.OPEN,
        found_at=clock.now(), **place,
    )  # fmt: skip
    db.session.add(signal)
    db.session.flush()
    return signal.id


def _reply(notice: Notice) -> dict[str, Any]:
    """What the owner answered to a point of the notice, with a photo."""
    point = next(row for row in notice.points if row.due_on is not None)
    received = receive_photo(io.BytesIO(encoded("PNG")), storage=storage(), limits=Limits(1 << 20, 1 << 24))
    words = Words(ReplyKind.FIXED, "改好了(演示)")
    reply = send_reply(
        new_id(), notice.id, point.finding_id, words, now=clock.now(), files=[(received, PhotoMeta())]
    )
    row = db.session.query(ReplyPhoto).filter_by(reply_id=reply.id).one()
    return {
        "finding_id": point.finding_id,
        "reply_photo_id": row.photo_id,
        "reply_id": reply.id,
        "draft_id": reply.id,
        "place": 1,
    }


def _monthly(by: Person) -> UUID:
    """The report of its township's last month."""
    month = Month.of(clock.today()).before
    return issue_report(new_id(), by.region, month, by=by, now=clock.now()).id


def _sample(visit: Inspection, county: County) -> dict[str, Any]:
    """A sample of which the visit was drawn."""
    by, day = db.session.get_one(Person, county.person(Role.SUPERVISOR).id), clock.today()
    frame = Frame(new_id(), county.townships[1], day, day)
    sample = keep_sample(prepare(frame, Plan(Method.SIMPLE), LeftOut(), by=by), new_seed(), by=by, now=clock.now())
    return {"sample_id": sample.id, "sheet_id": derived_id(sample.id, str(visit.id))}


def _referral(by: Person, premises: Premises, photo: InspectionPhoto) -> dict[str, Any]:
    """A referral that is out, with the visit's photo, and whom it could have gone to."""
    region = db.session.get_one(Region, premises.region_id)
    facts = Facts(clock.now(), address="演示路 1 号", facts="门口有人拔牙(演示)", scene="没有进入")
    opening = Opening("illegal_practice", region, facts, premises_id=premises.id, photos=(Evidence(photo.photo_id),))
    referral = open_referral(new_id(), opening, by=by, now=clock.now())
    take_step(referral, Step(new_id(), Event.SEND), by=by, now=clock.now())
    addressee = save_addressee(new_id(), Address("gas", region, "演示燃气办"), by=by, now=clock.now())
    return {"referral_id": referral.id, "addressee_id": addressee.id}


def _complaint(by: Person, premises: Premises, county: County) -> dict[str, Any]:
    """A complaint that the coordinator wrote down and the administrator verifies, with a photo for the former alone."""
    lodged = Lodged(channel=Channel.VISIT, region=premises.region, matter="后厨有老鼠(演示)", premises=premises)
    complaint = register_complaint(new_id(), lodged, by=by, now=clock.now())
    complaint.verifier_id = county.person(Role.ADMINISTRATOR).id
    photo = complaint_photos.keep(complaint, encoded("JPEG"), box(settings()))
    return {"complaint_id": complaint.id, "complaint_photo_id": photo.id}


def _report(by: Person, premises: Premises) -> dict[str, Any]:
    """An information report with a photo."""
    told = Told(category="practice", content="门口有人拔牙(演示)", premises=premises)
    report = make_report(new_id(), told, by=by, now=clock.now())
    received = receive_photo(io.BytesIO(encoded("JPEG")), storage=storage(), limits=Limits(1 << 20, 1 << 24))
    photo = attach_photo(report, received, PhotoMeta(), by=by, now=clock.now())
    return {"report_id": report.id, "report_photo_id": photo.photo_id}


def _announced(photo: InspectionPhoto) -> AnnouncedPhoto:
    """The photo as its phone had announced it."""
    return AnnouncedPhoto(
        photo_id=photo.photo_id, inspection_id=photo.inspection_id, answer_id=photo.answer_id,
        person_id=photo.inspector_id, sha256=photo.photo.sha256, size=photo.photo.size, purpose="finding", meta={},
        announced_at=photo.received_at, arrived_at=photo.received_at,
    )  # fmt: skip
