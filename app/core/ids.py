"""Identifiers: made on the phone, derived from one another, or unguessable."""

import secrets
from uuid import UUID, uuid4, uuid5


def new_id() -> UUID:
    """A fresh random id, of the same kind the phones make (RFC 9562 version 4)."""
    return uuid4()


def derived_id(parent: UUID, *parts: str) -> UUID:
    """The one id that `parts` have under `parent`: every device derives the same without asking."""
    return uuid5(parent, "/".join(parts))


def read_id(raw: object) -> UUID | None:
    """The id somebody sent as text; None for anything else."""
    try:
        return UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def new_token() -> str:
    """An unguessable address part: 128 random bits as 22 characters safe in a URL."""
    return secrets.token_urlsafe(16)
