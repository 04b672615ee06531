"""A client's request has an id; carried out once, answered as often as it comes, also when it comes twice at once."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from flask import request
from sqlalchemy.exc import IntegrityError

from app.core import audit
from app.core.database import transaction
from app.core.errors import N_, Invalid

Result = TypeVar("Result")
HEADER, FIELD = "X-Change-Id", "change_id"


def change_id() -> UUID | None:
    """The id the phone gave this request (form field or header); None from a plain form that has none.

    Raises Invalid for something that is not a UUID.
    """
    raw = request.headers.get(HEADER) or request.form.get(FIELD) or ""
    if not raw:
        return None
    try:
        return UUID(raw)
    except ValueError:
        raise Invalid(N_("The request has a broken id. Reload the page and try again.")) from None


def carry_out(change: UUID | None, work: Callable[[], Result], present: Callable[[], Result]) -> Result:
    """Do `work` in one transaction unless `change` was done before; then `present()` gives the state as it is.

    Two identical requests at once: one does it, the other waits or fails on the unique id, and both get the same
    answer.
    """
    for attempt in (1, 2):
        try:
            with transaction():
                return present() if audit.already_done(change) else work()
        except IntegrityError:
            if attempt == 2:
                raise
    raise AssertionError("unreachable")
