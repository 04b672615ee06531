"""The list of notices in shelves by what waits. Each shelf walks an index; all are counted in one statement."""

import enum
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, or_, select, union_all
from sqlalchemy.orm import defer, joinedload

from app.accounts.models import Person
from app.accounts.regions import Region, within
from app.core.database import db
from app.inspections.models import Fellow
from app.notices.models import Notice, Status
from app.notices.progress import Stage
from app.notices.rules import SOON
from app.premises.models import Premises

PAGE = 30


class Shelf(enum.StrEnum):
    """The parts of the list, the most pressing first."""

    VERIFY = "verify"  # a reply waits for a decision, or somebody is to go and look
    LATE = "overdue"
    MINE = "mine"  # of visits this person led or came along on
    OPEN = "open"
    SOON = "soon"
    LATER = "later"
    UNDATED = "undated"
    REFERRED = "referred"
    CLOSED = "closed"
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"


BY_DATE = frozenset({Shelf.OPEN, Shelf.LATE, Shelf.SOON, Shelf.LATER})
TO_VERIFY = (Stage.REPLIED, Stage.TO_VERIFY)
OWNERS = (Stage.ISSUED, Stage.DELIVERED, Stage.OPENED)
OPEN_STAGES = (*OWNERS, *TO_VERIFY, Stage.REFERRED)
NEVER = date(9999, 12, 31)  # sorts what has no day to the end


@dataclass(frozen=True)
class Page:
    """One page of the list; `next_key` starts the next one, None where this is the last."""

    notices: list[Notice]
    next_key: str | None


def count_shelves(region: Region, today: date, reader: Person | None = None) -> dict[Shelf, int]:
    """How many notices stand on each shelf, in one statement along indexes; those of `reader` with them.

    What is closed grows for ever and is not counted.
    """
    due, here = Notice.due_on, within(Notice, region)
    ranges = (due < today, and_(due >= today, due <= today + SOON), due > today + SOON, due.is_(None))
    buckets = [func.sum(case((condition, 1), else_=0)) for condition in ranges]
    none = [literal(0)] * 4
    issued = Notice.status == Status.ISSUED
    parts: list[Select[Any]] = [
        select(Notice.stage, func.count(), *buckets)
        .where(here, issued, Notice.stage.in_(OPEN_STAGES))
        .group_by(Notice.stage),
        *(
            select(null(), func.count(), *none[:n], literal(1), *none[n + 1 :]).where(here, Notice.status == status)
            for n, status in enumerate((Status.DRAFT, Status.WITHDRAWN))
        ),
    ]
    if reader is not None:
        parts.append(select(null(), func.count(), *none[:2], literal(1), literal(0)).where(_mine(reader), here))
    rows = db.session.execute(union_all(*parts)).all()
    return _folded(rows)


def _folded(rows: Any) -> dict[Shelf, int]:
    """From (stage, count, late, soon, later, undated); a row without a stage marks its shelf by a one."""
    found = dict.fromkeys(Shelf, 0)
    for stage, count, *numbers in rows:
        late, soon, later, undated = (int(one or 0) for one in numbers)
        if stage is None:
            found[(Shelf.DRAFT, Shelf.WITHDRAWN, Shelf.MINE)[(late, soon, later).index(1)]] += count
            continue
        found[Shelf.LATE] += late
        found[Shelf.SOON] += soon
        found[Shelf.LATER] += later
        found[Shelf.OPEN] += late + soon + later
        if stage in TO_VERIFY:
            found[Shelf.VERIFY] += count
        elif stage is Stage.REFERRED:
            found[Shelf.REFERRED] += count
        else:
            found[Shelf.UNDATED] += undated
    return found


def notices_on(
    shelf: Shelf, region: Region, today: date, after: str = "", *, reader: Person | None = None, size: int = PAGE
) -> Page:
    """One page of a shelf; `after` is a page's next_key. The shelf MINE needs its `reader`."""
    start = _start(after)
    walks = [
        part.where(_beyond(shelf, start)) if start is not None else part
        for part in _walks(shelf, region, today, reader)
    ]
    order = _order(shelf)
    if len(walks) == 1:
        query = select(Notice).where(*_conditions(walks[0]))
    else:  # each along its own index; asked for with an "or", the database would read them all
        ids = union_all(
            *(select(walk.order_by(*order).limit(size + 1).subquery().c.id) for walk in walks)
        ).subquery()
        query = select(Notice).where(Notice.id.in_(select(ids.c.id)))
    rows = list(
        db.session.scalars(
            query.options(
                defer(Notice.content), joinedload(Notice.premises).load_only(Premises.name, Premises.address)
            )
            .order_by(*order)
            .limit(size + 1)
        )
    )
    return Page(rows[:size], str(rows[size - 1].id) if len(rows) > size else None)


def _conditions(walk: Select[Any]) -> tuple[ColumnElement[bool], ...]:
    return tuple(walk.whereclause for _ in (0,) if walk.whereclause is not None)


def _walks(shelf: Shelf, region: Region, today: date, reader: Person | None) -> list[Select[Any]]:
    """The ids of a shelf, in the parts that have an index each."""
    here, ids = within(Notice, region), select(Notice.id)
    if shelf is Shelf.VERIFY:
        return [ids.where(here, Notice.status == Status.ISSUED, Notice.stage == stage) for stage in TO_VERIFY]
    if shelf is Shelf.MINE:
        assert reader is not None
        return [ids.where(here, _mine(reader))]
    return [ids.where(here, _on(shelf, today))]


def _mine(reader: Person) -> ColumnElement[bool]:
    along = select(Fellow.inspection_id).where(Fellow.person_id == reader.id)
    is_open = and_(Notice.status == Status.ISSUED, Notice.stage.in_(OPEN_STAGES))
    return and_(is_open, or_(Notice.lead_id == reader.id, Notice.inspection_id.in_(along)))


def _on(shelf: Shelf, today: date) -> ColumnElement[bool]:
    if shelf is Shelf.DRAFT:
        return Notice.status == Status.DRAFT
    if shelf is Shelf.WITHDRAWN:
        return Notice.status == Status.WITHDRAWN
    due = Notice.due_on
    part: dict[Shelf, ColumnElement[bool]] = {
        Shelf.LATE: due < today,
        Shelf.SOON: and_(due >= today, due <= today + SOON),
        Shelf.LATER: due > today + SOON,
        Shelf.UNDATED: and_(due.is_(None), Notice.stage.in_(OWNERS)),
        Shelf.REFERRED: Notice.stage == Stage.REFERRED,
        Shelf.CLOSED: and_(Notice.stage == Stage.CLOSED, Notice.closed_at.is_not(None)),
    }
    return and_(Notice.status == Status.ISSUED, part.get(shelf, due.is_not(None)))


def _order(shelf: Shelf) -> tuple[Any, ...]:
    if shelf in BY_DATE:
        return Notice.due_on, Notice.id
    if shelf is Shelf.VERIFY:
        return Notice.verify_by, Notice.id
    if shelf is Shelf.MINE:
        return func.coalesce(Notice.verify_by, NEVER), Notice.id
    if shelf is Shelf.CLOSED:
        return Notice.closed_at.desc(), Notice.id.desc()
    return Notice.created_at.desc(), Notice.id.desc()


def _beyond(shelf: Shelf, start: Notice) -> ColumnElement[bool]:
    """What comes after `start`; what has moved to another shelf since starts that one at its own day."""
    if shelf in BY_DATE:
        return _later(Notice.due_on, start.due_on or date.min, start.id)
    if shelf is Shelf.VERIFY:
        return _later(Notice.verify_by, start.verify_by or date.min, start.id)
    if shelf is Shelf.MINE:
        return _later(func.coalesce(Notice.verify_by, NEVER), start.verify_by or NEVER, start.id)
    column: Any = Notice.closed_at if shelf is Shelf.CLOSED else Notice.created_at
    value = start.closed_at if shelf is Shelf.CLOSED else start.created_at
    if value is None:
        return column.is_not(None)
    return and_(column <= value, or_(column < value, Notice.id < start.id))


def _later(column: Any, value: Any, start_id: UUID) -> ColumnElement[bool]:
    found: ColumnElement[bool] = and_(column >= value, or_(column > value, Notice.id > start_id))
    return found


def _start(after: str) -> Notice | None:
    """The last notice of the page before; a key that means nothing starts at the top."""
    try:
        return db.session.get(Notice, UUID(after), options=[defer(Notice.content)]) if after else None
    except ValueError:
        return None
