"""The county's own decisions: features register what can be decided, administrators decide, everybody reads.

    register(Option(key="replies.lock", default="phone4", choices={"open": N_("…"), "phone4": N_("…")}, label=N_("…")))
    option(premises.county_id, "replies.lock")

The first read of a request takes all decisions of that county at once.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g
from sqlalchemy import JSON, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.county_options import GROUPS, Kind, Option
from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import Invalid
from app.core.ids import derived_id

__all__ = [
    "GROUPS",
    "CountyOption",
    "Kind",
    "Option",
    "option",
    "options",
    "register",
    "set_option",
    "set_options",
]

_known: dict[str, Option] = {}


class CountyOption(db.Model):  # type: ignore[name-defined]
    """What a county decided; no row where it left the default."""

    __tablename__ = "county_options"
    __table_args__ = (UniqueConstraint("county_id", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # derived from county and key: two at once are one row
    county_id: Mapped[UUID] = mapped_column(ForeignKey("regions.id"))
    key: Mapped[str]
    value: Mapped[Any] = mapped_column(JSON)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # None: the system


def register(*found: Option) -> None:
    """Make decisions known; where a feature is imported twice the later statement counts."""
    _known.update({one.key: one for one in found})


def options() -> list[Option]:
    """All of them in the order of the page: by group, within a group as registered."""
    order = list(GROUPS)
    return sorted(_known.values(), key=lambda one: order.index(one.group))


def option(county_id: UUID | None, key: str) -> Any:
    """What the county decided, else the default; of the type of the default."""
    known = _known[key]
    raw = _decided(county_id).get(key) if county_id else None
    if raw is None:
        return known.default
    try:
        return known.read(raw)
    except Invalid:  # decided before the choices or limits were narrowed
        return known.default


def decided(county_id: UUID) -> Mapping[str, Any]:
    """Everything the county decided, as stored: what a form shows and compares."""
    return dict(_decided(county_id))


def _decided(county_id: UUID) -> dict[str, Any]:
    if "county_options" not in g:
        g.county_options = {}
    kept: dict[UUID, dict[str, Any]] = g.county_options
    if county_id not in kept:
        found = select(CountyOption.key, CountyOption.value).where(CountyOption.county_id == county_id)
        kept[county_id] = dict(db.session.execute(found).tuples().all())
    return kept[county_id]


def forget() -> None:
    """Read anew at the next question: after a change, and where another process may have changed something."""
    g.pop("county_options", None)


def set_option(
    county_id: UUID, key: str, value: Any, *, by: Person | None, now: datetime, change: UUID | None = None
) -> bool:
    """Decide one thing; whether that changed anything. Raises Invalid (field: the key)."""
    known = _known[key]
    stored = known.stored(known.read(value))
    by_id = by.id if by else None  # before a half-made row is in the session: reading an expired person flushes it
    row = db.session.get(CountyOption, derived_id(county_id, key))
    before = row.value if row else known.stored(known.default)
    if stored == before:
        return False
    if row is None:
        row = CountyOption(id=derived_id(county_id, key), county_id=county_id, key=key)
        db.session.add(row)
    row.value, row.changed_at, row.changed_by_id = stored, now, by_id
    db.session.flush()
    forget()
    audit.record(
        "county_option_set", row, by=by_id, change_id=change,
        before={"key": key, "value": _told(known, before)}, after={"key": key, "value": _told(known, stored)},
    )  # fmt: skip
    return True


def set_options(
    county_id: UUID,
    values: Mapping[str, Any],
    *,
    by: Person | None,
    now: datetime,
    change: UUID | None = None,
) -> list[str]:
    """Decide several at once; the keys of those that changed. Raises Invalid at the first that cannot be taken."""
    return [
        key
        for key, value in values.items()
        if set_option(county_id, key, value, by=by, now=now, change=change)
    ]


def _told(known: Option, value: Any) -> Any:
    """What the audit may say: of a secret only that it changed."""
    if not known.secret:
        return value
    return "sha256:" + hashlib.sha256(repr(value).encode()).hexdigest()[:16] if value else ""
