"""Photos of complainants: proven to be photos, then locked away as a whole; shown without anything but pixels."""

import hashlib
import io
from typing import Any
from uuid import UUID

from cryptography.fernet import MultiFernet
from PIL import Image

from app.complaints.models import Complaint, ComplaintPhoto
from app.core import audit, clock
from app.core.database import db
from app.core.ids import derived_id
from app.core.settings import settings
from app.core.storage import storage
from app.photos.decode import (
    as_broken,
    decoding,
    examine,
    media_type_of,
    open_picture,
    upright_orientation,
)
from app.photos.views import TURNS

LARGEST, MOST = 10 * 1024 * 1024, 3  # bytes of one, how many with one form
EDGE = 1600  # pixels


def take_in(stream: Any) -> bytes:
    """The bytes of one photo. Raises TooLarge, NotAPhoto, BrokenPhoto, TooManyPixels; nothing is left on the disk."""
    with storage().receive(stream, max_bytes=LARGEST) as incoming:
        examine(incoming.path, max_pixels=settings().photo_max_pixels)
        return incoming.path.read_bytes()


def keep(complaint: Complaint, data: bytes, boxed: MultiFernet) -> ComplaintPhoto:
    """Lock one photo away. The same bytes again are the same photo."""
    photo_id = derived_id(complaint.id, hashlib.sha256(data).hexdigest())
    known = db.session.get(ComplaintPhoto, photo_id)
    if known is not None:
        return known
    key = f"complaints/{photo_id}"
    storage().put_bytes(key, boxed.encrypt(data))
    row = ComplaintPhoto(
        id=photo_id, complaint_id=complaint.id, storage_key=key, size=len(data), received_at=clock.now()
    )
    db.session.add(row)
    db.session.flush()
    return row


def picture(photo: ComplaintPhoto, boxed: MultiFernet, *, by: UUID) -> bytes:
    """A JPEG of it, upright, smaller, without EXIF. The look is written down."""
    audit.record("complaint_photo_looked_at", photo, by=by)
    data = boxed.decrypt(storage().read(photo.storage_key))
    kind = media_type_of(data[:32])
    assert kind is not None
    with decoding(), as_broken(kind):
        image = open_picture(io.BytesIO(data), kind)
        turn = TURNS.get(upright_orientation(image, kind))
        image.thumbnail((EDGE, EDGE))
        image = image.convert("RGB")
        image = image.transpose(turn) if turn is not None else image
        clean = Image.frombytes("RGB", image.size, image.tobytes())
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=80)
    return out.getvalue()
