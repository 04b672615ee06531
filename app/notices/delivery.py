"""How the paper reached the owner: its own record, since scanning the code is not legal service (DOMAIN.md)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, AlreadyClosed, Invalid, Refused
from app.notices.models import Delivery, DeliveryMethod, Notice
from app.notices.progress import Stage

LONGEST_TEXT = 500  # characters


@dataclass(frozen=True)
class Handing:
    """What is told about a delivery. `signature_key` is where the drawn signature (PNG) lies."""

    method: DeliveryMethod
    receiver: str = ""
    signature_key: str = ""
    reason: str = ""
    witness: str = ""
    consent: bool = False


def record_delivery(
    delivery_id: UUID, notice: Notice, handing: Handing, *, by: Person, now: datetime
) -> Delivery:
    """Write down how the notice was handed over. The same id again gives the same record.

    Raises AlreadyClosed unless the notice is in force, Invalid naming what the way of delivery needs.
    """
    known = db.session.get(Delivery, delivery_id)
    if known is not None:
        if known.notice_id != notice.id:
            raise Refused(N_("Another delivery was already recorded under this number. Reload the page."))
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
    if notice.stage is Stage.ISSUED and handing.method is not DeliveryMethod.TRIED:
        notice.stage = Stage.DELIVERED
    db.session.flush()
    db.session.refresh(notice, ["deliveries"])
    audit.record("notice_delivered", notice, by=by.id, after={"method": handing.method.value})
    return delivery


def _check(handing: Handing) -> None:
    texts = (handing.receiver, handing.reason, handing.witness)
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise Invalid(N_("This is too long: %(most)s characters at most."), field="reason", most=LONGEST_TEXT)
    needs = {
        DeliveryMethod.SIGNED: (
            (handing.receiver, "receiver", N_("Write the name of the person who signs.")),
            (
                handing.signature_key,
                "signature",
                N_("The signature is missing. If nobody signs, record a refusal."),
            ),
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
        DeliveryMethod.TRIED: (
            (handing.reason, "reason", N_("Write what you found: shut, nobody there, moved away …")),
        ),
    }
    for given, field, message in needs[handing.method]:
        if not (given.strip() if isinstance(given, str) else given):
            raise Invalid(message, field=field)
