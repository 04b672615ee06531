"""Finished visits with findings and photos, made directly as rows. Inside an application context; commit yourself."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from app.accounts.models import Person
from app.accounts.regions import Region
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.shipped import load_items
from app.core import clock
from app.core.database import db
from app.core.ids import derived_id, new_id
from app.core.storage import storage
from app.inspections.models import (
    Answer,
    Finding,
    Inspection,
    InspectionPhoto,
    Outcome,
    Receipt,
    Result,
    Sheet,
    Status,
)
from app.notices.services import Wish
from app.photos.models import Photo, Purpose
from app.premises.models import Premises, PremisesDomain

CODES = ("CAT-10", "CAT-02", "FIR-03")


def make_premises(region: Region, name: str = "青禾小饭馆(演示)", **changes: Any) -> Premises:
    now = clock.now()
    values = {
        "kind": "restaurant",
        "address": "演示路 1 号",
        "person_in_charge": "某老板",
        "phone": "000-0000009",
        "credit_code": "",
        "notes": "",
    } | changes
    premises = Premises(id=new_id(), name=name, created_at=now, updated_at=now, **values)
    premises.place_in(region)
    premises.domain_rows = [PremisesDomain(domain="catering"), PremisesDomain(domain="fire")]
    db.session.add(premises)
    db.session.flush()
    return premises


def make_version(domain: str) -> ChecklistVersion:
    """The shipped checklist as its first version (once per test)."""
    known = db.session.query(ChecklistVersion).filter_by(domain=domain).first()
    if known is not None:
        return known
    version = ChecklistVersion(id=new_id(), domain=domain, number=1, published_at=clock.now())
    for position, data in enumerate(load_items(domain), start=1):
        columns = {
            key: value for key, value in data.as_row().items() if key in ChecklistItem.__table__.columns
        }
        columns["unsure_why"] = ";".join(data.unsure_why)
        version.items.append(ChecklistItem(id=new_id(), position=position, **columns))
    db.session.add(version)
    db.session.flush()
    return version


def make_visit(
    by: Person, premises: Premises, codes: tuple[str, ...] = CODES, *, photos: int = 1, finished: bool = True
) -> Inspection:
    """A visit of today with one finding per code: critical ones referred, the others due in seven days."""
    now = clock.now()
    visit = Inspection(
        id=new_id(),
        premises_id=premises.id,
        organisation_id=by.organisation_id,
        lead_id=by.id,
        started_at=now,
        receipt=Receipt.SIGNED,
        signer_name="某老板",
        region_id=premises.region_id,
        county_id=premises.county_id,
        township_id=premises.township_id,
        village_id=premises.village_id,
    )
    db.session.add(visit)
    db.session.flush()
    domains = {"CAT": "catering", "FIR": "fire", "WAT": "water"}
    for place, domain in enumerate(dict.fromkeys(domains[code[:3]] for code in codes)):
        version = make_version(domain)
        ids = [str(item.id) for item in version.items]
        db.session.add(Sheet(inspection_id=visit.id, version_id=version.id, position=place, item_ids=ids))
        for item in version.items:
            if item.code in codes:
                _find(visit, item, by, now, photos)
    if finished:
        visit.status, visit.finished_at, visit.digest = Status.FINISHED, now, "d" * 64
    db.session.flush()
    return visit


def _find(visit: Inspection, item: ChecklistItem, by: Person, now: datetime, photos: int) -> None:
    answer = Answer(
        id=derived_id(visit.id, str(item.id)),
        inspection_id=visit.id,
        item_id=item.id,
        version_id=item.version_id,
        result=Result.DOES_NOT,
        note="冰箱 9 度" if item.code == "CAT-10" else "",
        phrases=[0],
        readings=[],
        answered_at=now,
        answered_by_id=by.id,
    )
    db.session.add(answer)
    db.session.flush()
    critical = item.severity == "A"
    db.session.add(
        Finding(
            id=derived_id(answer.id, "finding"),
            answer_id=answer.id,
            inspection_id=visit.id,
            outcome=Outcome.REFERRED if critical else Outcome.BY_DATE,
            due_on=None if critical else clock.local(now).date() + timedelta(days=7),
            refer_to=item.refer_to if critical else "",
        )
    )
    for number in range(photos):
        _photograph(visit, answer, item, by, now + timedelta(seconds=number))
    db.session.flush()


def _photograph(visit: Inspection, answer: Answer, item: ChecklistItem, by: Person, now: datetime) -> None:
    out = BytesIO()
    hue = hash(item.code) % 200
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (640, 480), (40 + hue // 2, 90, 200 - hue)).save(out, "JPEG", exif=exif)
    stored = storage().put_stream(BytesIO(out.getvalue()), ".jpg")
    photo = Photo(
        id=new_id(),
        sha256=stored.sha256,
        size=stored.size,
        media_type="image/jpeg",
        width=640,
        height=480,
        storage_key=stored.key,
        purpose=Purpose.FINDING,
        exif={},
        received_at=now,
        uploaded_by_id=by.id,
        latitude=30.1,
        longitude=120.2,
    )
    db.session.add(photo)
    db.session.flush()
    db.session.add(
        InspectionPhoto(
            photo_id=photo.id,
            inspection_id=visit.id,
            answer_id=answer.id,
            premises_id=visit.premises_id,
            inspector_id=by.id,
            domain="",
            severity=item.severity,
            received_at=now,
            region_id=visit.region_id,
            county_id=visit.county_id,
            township_id=visit.township_id,
            village_id=visit.village_id,
        )
    )


def finding_ids(visit: Inspection) -> list[UUID]:
    return [finding.id for finding in db.session.query(Finding).filter_by(inspection_id=visit.id)]


def wish(visit: Inspection, kind: str = "xuncha_advice", **changes: Any) -> Wish:
    """Everything found on the visit, as a notice of `kind`."""
    ids = changes.pop("finding_ids", None) or finding_ids(visit)
    return Wish(visit.id, kind, ids, **changes)


def set_due(visit: Inspection, due_on: date) -> None:
    for finding in db.session.query(Finding).filter_by(inspection_id=visit.id, outcome=Outcome.BY_DATE):
        finding.due_on = due_on
    db.session.flush()
