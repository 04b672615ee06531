"""The list of notices in shelves by what waits. Each shelf walks an index; all are counted in one statement."""

import enum
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, union, union_all
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


COUNTED = (
    Shelf.VERIFY, Shelf.LATE, Shelf.SOON, Shelf.LATER, Shelf.UNDATED, Shelf.REFERRED, Shelf.DRAFT, Shelf.WITHDRAWN
)  # fmt: skip
BY_DATE = frozenset({Shelf.OPEN, Shelf.LATE, Shelf.SOON, Shelf.LATER})
TO_VERIFY = (Stage.REPLIED, Stage.TO_VERIFY)
OWNERS = (Stage.ISSUED, Stage.DELIVERED, Stage.OPENED)
OPEN_STAGES = (*OWNERS, *TO_VERIFY, Stage.REFERRED)
MOST_MINE = 500
NEVER = date(9999, 12, 31)  # sorts what has no day to the end


@dataclass(frozen=True)
class Page:
    """One page of the list; `next_key` starts the next one, None where this is the last."""

    notices: list[Notice]
    next_key: str | None


def count_shelves(region: Region, today: date, reader: Person | None = None) -> dict[Shelf, int]:
    """How many notices stand on each shelf, in one statement, each along its index; those of `reader` with them.

    What is closed grows for ever and is not counted; of one's own at most MOST_MINE are.
    """
    counted = {shelf: _count(within(Notice, region), _on(shelf, today)) for shelf in COUNTED}
    if reader is not None:
        walks = (select(walk.limit(MOST_MINE).subquery().c.id) for walk in _mine(reader))
        mine = union(*walks).subquery()
        own = select(Notice.id).where(Notice.id.in_(select(mine.c.id)), _in(region)).limit(MOST_MINE).subquery()
        counted[Shelf.MINE] = select(func.count()).select_from(own)
    row = db.session.execute(select(*(part.scalar_subquery() for part in counted.values()))).one()
    found = dict.fromkeys(Shelf, 0) | dict(zip(counted, map(int, row), strict=True))
    found[Shelf.OPEN] = found[Shelf.LATE] + found[Shelf.SOON] + found[Shelf.LATER]
    return found


def _count(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(Notice).where(*conditions)


def _in(region: Region) -> ColumnElement[bool]:
    """The same as `within`, for rows that are found another way: no index of the area is to be walked for it."""
    return case((within(Notice, region), 1), else_=0) == 1


def notices_on(
    shelf: Shelf, region: Region, today: date, after: str = "", *, reader: Person | None = None, size: int = PAGE
) -> Page:
    """One page of a shelf; `after` is a page's next_key. The shelf MINE needs its `reader`."""
    start = _start(after)
    walks, order = _walks(shelf, region, today, reader, start), _order(shelf)
    if len(walks) == 1:
        query = select(Notice).where(*_conditions(walks[0]))
    else:  # each along its own index; asked for with an "or", the database would read them all
        ids = union_all(*(select(walk.limit(size + 1).subquery().c.id) for walk in walks)).subquery()
        query = select(Notice).where(Notice.id.in_(select(ids.c.id)), _in(region))
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


def _walks(
    shelf: Shelf, region: Region, today: date, reader: Person | None, start: Notice | None
) -> list[Select[Any]]:
    """The ids of a shelf after `start`, in the parts that have an index each, in its order."""
    here, ids = within(Notice, region), select(Notice.id)
    if shelf is Shelf.MINE:
        assert reader is not None
        *led, along = _mine(reader)
        in_order = [walk for stage in led for walk in _by_day(stage, start)]
        rest = along if start is None else along.where(_beyond(shelf, start))
        return [*in_order, rest.order_by(*_order(shelf))]
    walks = [ids.where(here, _on(shelf, today))]
    if shelf is Shelf.VERIFY:
        walks = [ids.where(here, Notice.status == Status.ISSUED, Notice.stage == stage) for stage in TO_VERIFY]
    after = [_beyond(shelf, start)] if start is not None else []
    return [walk.where(*after).order_by(*_order(shelf)) for walk in walks]


def _by_day(walk: Select[Any], start: Notice | None) -> list[Select[Any]]:
    """Those that have a day to be looked at and, at the end, those without: each in the order of an index."""
    day = Notice.verify_by
    dated = walk.where(day.is_not(None)).order_by(day, Notice.id)
    undated = walk.where(day.is_(None)).order_by(Notice.id)
    if start is None:
        return [dated, undated]
    if start.verify_by is None:
        return [undated.where(Notice.id > start.id)]
    return [dated.where(_later(day, start.verify_by, start.id)), undated]


def _mine(reader: Person) -> list[Select[Any]]:
    """The open ones of visits this person led, stage by stage, and last of those they came along on.

    Not held to an area here.
    """
    issued, ids = Notice.status == Status.ISSUED, select(Notice.id)
    led = [ids.where(Notice.lead_id == reader.id, Notice.stage == stage, issued) for stage in OPEN_STAGES]
    along = ids.join(Fellow, Fellow.inspection_id == Notice.inspection_id)
    return [*led, along.where(Fellow.person_id == reader.id, issued, Notice.stage.in_(OPEN_STAGES))]


def _on(shelf: Shelf, today: date) -> ColumnElement[bool]:
    if shelf is Shelf.DRAFT:
        return Notice.status == Status.DRAFT
    if shelf is Shelf.WITHDRAWN:
        return Notice.status == Status.WITHDRAWN
    due = Notice.due_on
    part: dict[Shelf, ColumnElement[bool]] = {
        Shelf.VERIFY: Notice.stage.in_(TO_VERIFY),
        Shelf.LATE: due < today,
        Shelf.SOON: and_(due >= today, due <= today + SOON),
        Shelf.LATER: due > today + SOON,
        # no date to keep, so nobody is to look by a day: that names the index by stage
        Shelf.UNDATED: and_(due.is_(None), Notice.stage.in_(OWNERS), Notice.verify_by.is_(None)),
        Shelf.REFERRED: and_(Notice.stage == Stage.REFERRED, Notice.verify_by.is_(None)),
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
