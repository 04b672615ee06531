"""How the paper reached the owner: its own record, since scanning the code is not legal service (DOMAIN.md)."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

from PIL import Image

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, AlreadyClosed, Invalid
from app.core.storage import Storage
from app.notices.models import Delivery, DeliveryMethod, Notice

LONGEST_TEXT = 500  # characters
_PNG = "data:image/png;base64,"
_MOST_BYTES = 400_000
_MOST_PIXELS = 4_000_000


@dataclass(frozen=True)
class Handing:
    """What is told about a delivery. `signature_key` is where the drawn signature (PNG) lies."""

    method: DeliveryMethod
    receiver: str = ""
    signature_key: str = ""
    reason: str = ""
    witness: str = ""
    consent: bool = False


def record_delivery(delivery_id: UUID, notice: Notice, handing: Handing, *, by: Person, now: datetime) -> Delivery:
    """Write down how the notice was handed over. The same id again gives the same record.

    Raises AlreadyClosed unless the notice is in force, Invalid naming what the way of delivery needs.
    """
    known = db.session.get(Delivery, delivery_id)
    if known is not None and known.notice_id == notice.id:
        return known
    if not notice.is_issued:
        raise AlreadyClosed(N_("This notice is not in force, so its delivery cannot be recorded."))
    _check(handing)
    delivery = Delivery(
        id=delivery_id,
        notice_id=notice.id,
        method=handing.method,
        at=now,
        by_id=by.id,
        by=by,
        receiver=handing.receiver.strip(),
        signature_key=handing.signature_key,
        reason=handing.reason.strip(),
        witness=handing.witness.strip(),
        consent=handing.consent,
    )
    db.session.add(delivery)
    db.session.flush()
    db.session.refresh(notice, ["deliveries"])
    audit.record("notice_delivered", notice, by=by.id, after={"method": handing.method.value})
    return delivery


def keep_signature(storage: Storage, data_url: str) -> str:
    """Keep a signature drawn on the screen and return its storage key; "" for an empty pad. Raises Invalid."""
    if not data_url.strip():
        return ""
    data = _decoded(data_url)
    if not _is_small_png(data):
        raise Invalid(N_("The signature did not arrive whole. Please sign again."), field="signature")
    return storage.put_stream(BytesIO(data), ".png").key


def _decoded(data_url: str) -> bytes:
    """The bytes of a PNG data URL; none where it is not one."""
    if not data_url.startswith(_PNG) or len(data_url) > _MOST_BYTES * 4 // 3:
        return b""
    try:
        return base64.b64decode(data_url.removeprefix(_PNG), validate=True)
    except binascii.Error:
        return b""


def _is_small_png(data: bytes) -> bool:
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            if image.width * image.height > _MOST_PIXELS:
                return False
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def _check(handing: Handing) -> None:
    texts = (handing.receiver, handing.reason, handing.witness)
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise Invalid(N_("This is too long: %(most)s characters at most."), field="reason", most=LONGEST_TEXT)
    needs = {
        DeliveryMethod.SIGNED: (
            (handing.receiver, "receiver", N_("Write the name of the person who signs.")),
            (handing.signature_key, "signature", N_("The signature is missing. If nobody signs, record a refusal.")),
        ),
        DeliveryMethod.REFUSED: (
            (handing.reason, "reason", N_("Write why it was not signed.")),
            (handing.witness, "witness", N_("Write who was the witness.")),
        ),
        DeliveryMethod.LEFT: (
            (handing.reason, "reason", N_("Write where the paper was left.")),
            (handing.witness, "witness", N_("Write who was the witness.")),
        ),
        DeliveryMethod.SENT: (
            (handing.reason, "reason", N_("Write to which number or address it was sent.")),
            (handing.consent, "consent", N_("Sending counts only with the owner's written consent.")),
        ),
    }
    for given, field, message in needs[handing.method]:
        if not (given.strip() if isinstance(given, str) else given):
            raise Invalid(message, field=field)
