"""A client's request has an id; carried out once, answered as often as it comes, also when it comes twice at once."""

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from flask import request
from sqlalchemy.exc import IntegrityError

from app.core import audit
from app.core.audit import Sameness
from app.core.database import transaction
from app.core.errors import N_, Invalid, Refused
from app.web.access import current_person

Result = TypeVar("Result")
HEADER, FIELD = "X-Change-Id", "change_id"
NO_CONTENT = {FIELD, "csrf_token"}  # differ between two sendings of the same


class OtherContent(Refused):
    """The id was used for another request: other content, another address or another person."""


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

    Two identical requests at once: one does it, the other waits, and both get the same answer. Raises OtherContent
    when the id stands for another request; a request that was refused or failed has used no id.
    """
    person = current_person()
    by, action, digest = person.id if person else None, f"{request.endpoint} {request.path}", content_digest()
    for attempt in (1, 2):
        try:
            with transaction():
                if change is None:
                    return work()
                sameness = audit.claim(change, by=by, action=action, digest=digest)
                if sameness is Sameness.DIFFERENT:
                    raise _other_content()
                return work() if sameness is Sameness.NEW else present()
        except IntegrityError:  # a row of `work` came from elsewhere at the same moment; now it is seen
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def content_digest() -> bytes:
    """SHA-256 of what this request says: the form's fields and files by name, or the body where there is no form."""
    if not request.form and not request.files:
        return hashlib.sha256(request.get_data()).digest()
    said = [(name, values) for name, values in request.form.lists() if name not in NO_CONTENT]
    files = []
    for name, file in request.files.items(multi=True):
        files.append((name, hashlib.file_digest(file.stream, "sha256").hexdigest()))  # type: ignore[arg-type]
        file.stream.seek(0)
    return hashlib.sha256(json.dumps([sorted(said), sorted(files)]).encode()).digest()


def _other_content() -> OtherContent:
    return OtherContent(
        N_("This was sent before with other content. What was saved first is kept; this was not saved."),
        hint=N_("Reload the page, look at what is saved, and enter your change again."),
    )
