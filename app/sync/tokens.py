"""What a phone gets while somebody is signed in, so that nothing is lost after: a key to seal, a token to deposit."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer

DEPOSIT_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True)
class Depositor:
    """Whose phone may hand in work without signing in."""

    person_id: UUID
    device_id: UUID


def deposit_token(secret: str, person_id: UUID, device_id: UUID) -> str:
    """A signed right to hand work in, and to nothing else, for 90 days."""
    return _signer(secret).dumps([person_id.hex, device_id.hex])


def read_deposit_token(secret: str, token: str) -> Depositor | None:
    """Whose token it is; None for one that is broken, foreign or too old."""
    try:
        person, device = _signer(secret).loads(token, max_age=DEPOSIT_SECONDS)
        return Depositor(UUID(person), UUID(device))
    except (BadData, ValueError, TypeError, AttributeError):
        return None


def seal_key(secret: str, person_id: UUID, device_id: UUID) -> str:
    """32 bytes in base64 with which this phone seals this person's unsent work; the same each time, never kept."""
    message = f"seal/{person_id.hex}/{device_id.hex}".encode()
    return base64.b64encode(hmac.digest(hashlib.sha256(secret.encode()).digest(), message, "sha256")).decode()


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="xuncha-deposit")
