"""Visits for tests: a place, today's checklists, an inspector at work. Needs an application context."""

import io
from uuid import UUID

from PIL import Image
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.regions import Region
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.services import load_shipped_checklists
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.settings import settings
from app.core.storage import storage
from app.inspections import queries, services
from app.inspections.models import Inspection, InspectionPhoto, Receipt
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Purpose
from app.photos.rules import PhotoMeta
from app.premises.models import Premises
from tests.factories.premises import make_premises


def make_checklists() -> None:
    """The six shipped checklists, once."""
    if db.session.scalar(select(ChecklistVersion.id).limit(1)) is None:
        load_shipped_checklists(clock.now())
        db.session.flush()


def make_restaurant(region: Region, **changes: object) -> Premises:
    """A small restaurant in catering and fire."""
    return make_premises(region, kind="restaurant", domains=("catering", "fire"), **changes)


def make_waterworks(region: Region) -> Premises:
    """A village's water supply: its checklist has items that are measured and nothing else."""
    return make_premises(region, kind="central_water", domains=("water",))


def make_visit(by: Person, premises: Premises | None = None, inspection_id: UUID | None = None) -> Inspection:
    """An open visit with nothing looked at yet."""
    make_checklists()
    place = premises or make_restaurant(by.region)
    return services.start_inspection(inspection_id or new_id(), place, by=by)


def item_of(inspection: Inspection, code: str) -> ChecklistItem:
    """The visit's item with this code."""
    return next(item for item in queries.items_of(inspection).values() if item.code == code)


def jpeg(colour: str = "#557766", size: tuple[int, int] = (640, 480)) -> bytes:
    """A real, small JPEG."""
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG")
    return data.getvalue()


def png_signature() -> str:
    """A drawn signature as the page sends it."""
    import base64

    data = io.BytesIO()
    Image.new("RGBA", (120, 60), (10, 20, 30, 255)).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def take_photo(
    inspection: Inspection, code: str, by: Person, purpose: Purpose = Purpose.FINDING, photo_id: UUID | None = None
) -> InspectionPhoto:
    """A photo of an item, through the same doors an upload goes through."""
    received = receive_photo(io.BytesIO(jpeg()), storage=storage(), limits=Limits.of(settings()))
    photo = record_photo(received, photo_id=photo_id or new_id(), by=by.id, meta=PhotoMeta(purpose=purpose))
    return services.attach_photo(inspection, photo, item_of(inspection, code), by=by)


def signed() -> services.Ending:
    """An ending with a signature."""
    return services.Ending("", Receipt.SIGNED, signer_name="某某", signature_key="originals/aa/bb/cc")
