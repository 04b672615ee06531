"""Pure decisions about people: certificates and lockout."""

import enum
from datetime import date, datetime, timedelta

from app.core.roles import Role

LOCK_AFTER_FAILURES = 8
LOCK_FOR = timedelta(minutes=15)


class Certificate(enum.StrEnum):
    """State of an inspector's certificate on a day."""

    VALID = "valid"
    ENDS_SOON = "ends_soon"
    EXPIRED = "expired"
    MISSING = "missing"


def certificate_state(number: str, until: date | None, today: date, warn_days: int) -> Certificate:
    """How the certificate stands. `until` is its last valid day; warned `warn_days` (60) days ahead (DOMAIN.md)."""
    if not number or until is None:
        return Certificate.MISSING
    if until < today:
        return Certificate.EXPIRED
    return Certificate.ENDS_SOON if until - today <= timedelta(days=warn_days) else Certificate.VALID


def may_issue(roles: frozenset[Role], state: Certificate) -> bool:
    """Without a valid certificate, no notice (DOMAIN.md)."""
    return bool(roles & {Role.COORDINATOR, Role.SUPERVISOR}) and state in {Certificate.VALID, Certificate.ENDS_SOON}


def lock_until(failures: int, now: datetime) -> datetime | None:
    """When an account opens again after `failures` wrong passwords in a row; None while it stays open."""
    return now + LOCK_FOR if failures and failures % LOCK_AFTER_FAILURES == 0 else None
