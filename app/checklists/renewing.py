"""What a newer release of the product says of a checklist that an administrator has edited, and taking it over.

Nothing is ever taken over by itself: an edited checklist is the county's. Three states are compared: what the product
shipped when it last published a version here, what stands in the version in force, and what is shipped today.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, Unpack

from sqlalchemy import select

from app.checklists import queries, services
from app.checklists.editing import Change, compare
from app.checklists.models import ChecklistVersion
from app.checklists.rules import load_items, released_on
from app.core.database import db
from app.core.errors import N_, NotFound, Refused

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Renewal:
    """What the shipped checklist of `released` says differently from the version in force."""

    version: ChecklistVersion
    released: date
    changes: list[Change]
    own: frozenset[str]  # codes among them that the county has worded itself


def renewal_of(domain: str) -> Renewal | None:
    """None where nobody has edited the checklist (it is renewed by itself) or nothing newer is shipped."""
    current = queries.current_version(domain)
    base = db.session.scalar(
        select(ChecklistVersion)
        .where(ChecklistVersion.domain == domain, ChecklistVersion.published_by_id.is_(None))
        .order_by(ChecklistVersion.number.desc())
        .limit(1)
    )
    if current.published_by_id is None or base is None:
        return None
    items = queries.items_of([current.id, base.id])
    shipped, before, here = (
        _by_code(rows)
        for rows in (
            (item.as_row() for item in load_items(domain)),
            map(services.content_of, items[base.id]),
            map(services.content_of, items[current.id]),
        )
    )
    codes = renewed_codes(before, here, shipped)
    if not codes:
        return None
    changes = compare(_objects(here), _objects(shipped), services.FIELDS)
    own = frozenset(code for code in codes if here.get(code) != before.get(code))
    return Renewal(current, released_on(domain), [one for one in changes if one.code in codes], own)


def renewed_codes(before: Mapping[str, Row], here: Mapping[str, Row], shipped: Mapping[str, Row]) -> set[str]:
    """Items that the product changed, added or retired since `before` and that do not stand here like that yet."""
    codes = {*before, *shipped}
    return {code for code in codes if before.get(code) != shipped.get(code) != here.get(code)}


def take_over(based_on: ChecklistVersion, codes: Collection[str], **edit: Unpack[services.Edit]) -> ChecklistVersion:
    """A new version in which the items of `codes` are as shipped today, the others as they stand.

    Raises NotFound for a code the release does not change, PublishedMeanwhile, NotAllowed.
    """
    rows = services.rows_to_edit(based_on, edit["by"])
    renewal = renewal_of(based_on.domain)
    if renewal is None or not set(codes) <= {change.code for change in renewal.changes}:
        raise NotFound
    shipped = [item.as_row() for item in load_items(based_on.domain)]
    renewed = merged(rows, shipped, codes)
    if not renewed:
        raise Refused(N_("A checklist needs at least one item."))
    return services.publish_version(based_on.domain, renewed, **edit)


def merged(here: Sequence[Row], shipped: Sequence[Row], codes: Collection[str]) -> list[Row]:
    """`here` with the items of `codes` as shipped; a new one stands behind the one it follows in the release."""
    new = _by_code(shipped)
    rows = [new.get(row["code"], row) if row["code"] in codes else row for row in here]
    rows = [row for row in rows if row["code"] not in codes or row["code"] in new]
    order = [row["code"] for row in shipped]
    for place, code in enumerate(order):
        standing = [row["code"] for row in rows]
        if code in codes and code not in standing:
            earlier = [standing.index(one) for one in order[:place] if one in standing]
            rows.insert(max(earlier, default=-1) + 1, new[code])
    return rows


def _by_code(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["code"]: row for row in rows}


def _objects(rows: Mapping[str, Row]) -> list[Any]:
    return [SimpleNamespace(**row) for row in rows.values()]
