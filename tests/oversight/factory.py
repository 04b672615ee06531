"""Visits and photos with real bytes, made directly as rows. Inside an application context; commit yourself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PIL import Image

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.storage import storage
from app.inspections.models import Inspection, InspectionPhoto
from app.photos.models import Photo
from app.premises.models import Premises

MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
COLOURS = ("tan", "teal", "maroon", "navy", "olive", "gray", "purple")


@dataclass(frozen=True)
class Log:
    """Photos in both townships, newest first; ids only."""

    north: Sequence[UUID]
    south: Sequence[UUID]
    premises_id: UUID
    visit_id: UUID


def make_visit(premises: Premises, by: Person, at: datetime | None = None, **changes: Any) -> Inspection:
    visit = Inspection(
        id=new_id(),
        premises_id=premises.id,
        organisation_id=by.organisation_id,
        lead_id=by.id,
        started_at=at or clock.now(),
        **changes,
    )
    _place(visit, premises)
    db.session.add(visit)
    db.session.flush()
    return visit


def make_photo(visit: Inspection, at: datetime | None = None, colour: str = "tan", **changes: Any) -> InspectionPhoto:
    """A photo of a visit. Changes that the photo itself has go there, the others to its place in the visit."""
    stored = storage().put_stream(BytesIO(_picture(colour)), ".jpg")
    own = {name: changes.pop(name) for name in list(changes) if name in Photo.__table__.columns and name != "id"}
    at = at or clock.now()
    photo = Photo(
        **{
            "id": new_id(),
            "sha256": stored.sha256,
            "size": stored.size,
            "media_type": "image/jpeg",
            "width": 64,
            "height": 48,
            "storage_key": stored.key,
            "exif": {},
            "received_at": at,
            "uploaded_by_id": visit.lead_id,
        }
        | own
    )
    row = InspectionPhoto(
        photo_id=photo.id,
        inspection_id=visit.id,
        premises_id=visit.premises_id,
        inspector_id=visit.lead_id,
        received_at=at,
        **{"domain": "catering", "severity": "B"} | changes,
    )
    _place(row, visit)
    db.session.add(photo)
    db.session.flush()
    db.session.add(row)
    db.session.flush()
    return row


def _place(row: Any, like: Any) -> None:
    for name in ("region_id", "county_id", "township_id", "village_id"):
        setattr(row, name, getattr(like, name))


def _picture(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()
