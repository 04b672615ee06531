"""Verbs on checklists. A version never changes: every edit publishes the next one, and inspections keep theirs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.regions import Level
from app.checklists import queries
from app.checklists.editing import item_problem
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.rules import load_domains, load_items
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, NotFound, Refused
from app.core.ids import derived_id, new_id

Row = Mapping[str, Any]
_NOT_CONTENT = {"id", "version_id", "position"}
FIELDS = tuple(column.key for column in ChecklistItem.__table__.columns if column.key not in _NOT_CONTENT)


class Edit(TypedDict):
    """Who publishes a version, why and when; `change` is the id of the client's request."""

    by: Person
    remark: str
    now: datetime
    change: NotRequired[UUID | None]


class PublishedMeanwhile(Refused):
    """Somebody else published a version after the one this edit began with."""


def load_shipped_checklists(now: datetime) -> list[ChecklistVersion]:
    """Publish what the product ships where it is new; running it again changes nothing.

    A domain an administrator has edited is theirs: newer shipped data never overwrite it.
    """
    published = []
    current = queries.current_versions(domain.key for domain in load_domains())
    items = queries.items_of([version.id for version in current.values()])
    for domain in load_domains():
        rows = [item.as_row() for item in load_items(domain.key)]
        version = current.get(domain.key)
        if version is not None:
            is_edited = version.published_by_id is not None
            if is_edited or rows == [content_of(item) for item in items[version.id]]:
                continue
        published.append(publish_version(domain.key, rows, by=None, remark="", now=now))
    return published


def content_of(item: ChecklistItem) -> dict[str, Any]:
    """What an item says, without its place: the start of the next version, and what versions are compared by."""
    return {name: getattr(item, name) for name in FIELDS}


def publish_version(
    domain: str,
    rows: Sequence[Row],
    *,
    by: Person | None,
    remark: str,
    now: datetime,
    change: UUID | None = None,
) -> ChecklistVersion:
    """The next version of `domain` with these items in this order. `by` None: shipped with the product."""
    last = db.session.scalar(
        select(ChecklistVersion.number)
        .where(ChecklistVersion.domain == domain)
        .order_by(ChecklistVersion.number.desc())
        .limit(1)
    )
    version = ChecklistVersion(
        id=new_id(),
        domain=domain,
        number=(last or 0) + 1,
        published_at=now,
        published_by_id=by.id if by else None,
        remark=remark,
    )
    version.items = [
        ChecklistItem(
            id=derived_id(version.id, row["code"]), position=position, **{name: row[name] for name in FIELDS}
        )
        for position, row in enumerate(rows, start=1)
    ]
    db.session.add(version)
    db.session.flush()
    facts = {"domain": domain, "number": version.number, "items": len(rows), "remark": remark}
    audit.record("checklist_published", version, by=by.id if by else None, change_id=change, after=facts)
    return version


def edit_item(based_on: ChecklistVersion, row: Row, **edit: Unpack[Edit]) -> ChecklistVersion:
    """A new version in which the item of the same code says `row`."""
    rows = rows_to_edit(based_on, edit["by"])
    place = _place(rows, row["code"])
    if all(rows[place][name] == row[name] for name in FIELDS):
        raise Invalid(N_("Nothing was changed, so no new version is needed."))
    rows[place] = dict(row)
    return _publish(based_on.domain, rows, row, **edit)


def add_item(based_on: ChecklistVersion, row: Row, **edit: Unpack[Edit]) -> ChecklistVersion:
    """A new version with one more item at its end."""
    rows = rows_to_edit(based_on, edit["by"])
    if any(other["code"] == row["code"] for other in rows):
        raise Invalid(N_("This code belongs to another item."), field="code")
    return _publish(based_on.domain, [*rows, row], row, **edit)


def retire_item(based_on: ChecklistVersion, code: str, **edit: Unpack[Edit]) -> ChecklistVersion:
    """A new version without this item; earlier inspections keep it."""
    rows = rows_to_edit(based_on, edit["by"])
    del rows[_place(rows, code)]
    if not rows:
        raise Refused(N_("A checklist needs at least one item."))
    return publish_version(based_on.domain, rows, **edit)


def may_edit(person: Person) -> bool:
    """Checklists are the county's: an administrator of a township alone does not change them."""
    return person.is_any("administrator") and person.region.level is Level.COUNTY  # type: ignore[arg-type]


def rows_to_edit(based_on: ChecklistVersion, by: Person) -> list[dict[str, Any]]:
    """The items of the version in force. Raises NotAllowed, PublishedMeanwhile where `based_on` is not that one."""
    if not may_edit(by):
        raise NotAllowed(N_("Only an administrator of the county changes checklists."))
    current = queries.current_version(based_on.domain)
    if current.id != based_on.id:
        raise PublishedMeanwhile(
            N_("Version %(number)s was published while you were editing."), number=current.number
        )
    return [content_of(item) for item in queries.items_of([current.id])[current.id]]


def _place(rows: Sequence[Row], code: str) -> int:
    for place, row in enumerate(rows):
        if row["code"] == code:
            return place
    raise NotFound


def _publish(domain: str, rows: Sequence[Row], row: Row, **edit: Unpack[Edit]) -> ChecklistVersion:
    problem, field = item_problem(row, prefix=queries.domain_of(domain).prefix)
    if problem:
        raise Invalid(problem, field=field)
    return publish_version(domain, rows, **edit)
