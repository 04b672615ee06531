"""What is burnt into the large view of a photo: place, time, inspector, number, and the start of the hash."""

from app.core import clock
from app.inspections.models import InspectionPhoto
from app.photos.strip import Strip


def strip_of(row: InspectionPhoto) -> Strip:
    """The strip of a photo. The time is the camera's where it has one, else the server's."""
    taken = row.photo.taken_at or row.photo.captured_at or row.received_at
    return Strip(
        place=row.premises.name,
        time=f"{clock.local(taken):%Y-%m-%d %H:%M}",
        inspector=row.inspector.name,
        number=row.inspection_id.hex[:8].upper(),
        short_hash=row.photo.short_hash,
    )
