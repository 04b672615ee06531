"""Choices of photos kept under a name: each person's own, twenty at the most."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotFound, Refused
from app.oversight.models import SavedFilter

MOST, LONGEST_NAME = 20, 40


def saved_filters(person: Person) -> Sequence[SavedFilter]:
    """What this person kept, by name."""
    rows = select(SavedFilter).where(SavedFilter.person_id == person.id)
    return db.session.scalars(rows.order_by(SavedFilter.name)).all()


def save_filter(
    filter_id: UUID, name: str, arguments: Mapping[str, str], *, by: Person, now: datetime
) -> SavedFilter:
    """Keep a choice; under a name already there it replaces what was kept. Raises Invalid, Refused."""
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(N_("Give the choice a name of up to %(max)s characters."), field="name", max=LONGEST_NAME)
    if not arguments:
        raise Invalid(N_("Choose something first: all photos need no name."), field="name")
    kept = saved_filters(by)
    row = next((one for one in kept if one.name == name), None)
    if row is None:
        if len(kept) >= MOST:
            raise Refused(N_("%(most)s choices are kept already. Remove one first."), most=MOST)
        row = SavedFilter(id=filter_id, person_id=by.id, name=name, arguments={}, saved_at=now)
        db.session.add(row)
    before, row.arguments, row.saved_at = row.arguments, dict(arguments), now
    db.session.flush()
    audit.record("filter_saved", row, by=by.id, change_id=filter_id, before=before, after=row.arguments, note=name)
    return row


def remove_filter(filter_id: UUID, *, by: Person) -> None:
    """Forget one of one's own choices. Raises NotFound for anybody else's."""
    row = db.session.get(SavedFilter, filter_id)
    if row is None or row.person_id != by.id:
        raise NotFound
    audit.record("filter_removed", row, by=by.id, before=row.arguments, note=row.name)
    db.session.delete(row)
    db.session.flush()
