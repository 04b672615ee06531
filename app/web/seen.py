"""Two people edit one record: the form carries what it showed, and the second to save is told before overwriting."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import request
from sqlalchemy import select

from app.core.database import db
from app.core.errors import N_, Refused

FIELD = "seen"


class ChangedMeanwhile(Refused):
    """Somebody else saved the record after this form was opened."""


def mark(state: Any) -> str:
    """A short name for a record's JSON-ready state; another state has another one."""
    return hashlib.sha256(json.dumps(state, sort_keys=True, default=str).encode()).hexdigest()[:16]


def mark_for_form(state: Any, *, conflict: bool = False) -> str:
    """What the form carries: the state it was first opened on; after a told conflict, the state of now."""
    return mark(state) if conflict else request.form.get(FIELD) or mark(state)


def check_unchanged(row: Any, state_of: Callable[[Any], Any]) -> None:
    """Inside the transaction that saves: read `row` anew, and let nobody else change it before the end.

    Raises ChangedMeanwhile unless it is still what the form showed.
    """
    table = type(row)
    db.session.execute(select(table.id).where(table.id == row.id).with_for_update())
    db.session.expire(row)
    seen = request.form.get(FIELD)
    if seen and seen != mark(state_of(row)):
        raise ChangedMeanwhile(N_("Somebody else changed this in the meantime"))
