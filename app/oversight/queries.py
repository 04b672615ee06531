"""Reads of the photo log. Each walks one index from the newest on and stops after a page, however many photos.

What no index is ordered by (severity, domain, with or without notice …) is sieved out of a window of that walk: never
more than WINDOW rows are looked at for one page. A rare choice may therefore give a short page that says how far back
it has looked; the next page goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, true, union_all
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import Region, within
from app.core import clock
from app.core.database import db
from app.core.errors import NotFound
from app.core.paging import Cursor, newer_than, older_than
from app.core.roles import INSPECTORS
from app.inspections.models import Answer, InspectionPhoto, Review
from app.oversight.rules import MOST_COUNTED
from app.photos.models import Photo
from app.premises.models import Premises

PAGE = 60  # fills whole rows of 2, 3, 4, 5 and 6 photos
WINDOW = 10_000  # rows of an index looked at for one page: about 5 ms
Row = InspectionPhoto


@dataclass(frozen=True)
class Filters:
    """What of the log is shown. `region` is where, inside what the person may see."""

    region: Region
    since: date | None = None
    until: date | None = None  # the last day shown
    premises_id: UUID | None = None
    inspector_id: UUID | None = None
    domain: str = ""
    severity: str = ""  # A, B, C
    on_notice: bool | None = None
    review: Review | None = None


@dataclass(frozen=True)
class Tile:
    """One photo on the wall."""

    photo_id: UUID
    at: datetime
    premises_id: UUID
    premises_name: str
    review: Review
    sha256: str
    reused: bool = False


@dataclass(frozen=True)
class Page:
    """One page of the wall. `next` goes on; `looked_to` says where looking stopped before the page was full."""

    tiles: Sequence[Tile]
    next: Cursor | None = None
    looked_to: datetime | None = None


def page_of_photos(filters: Filters, after: Cursor | None = None, size: int = PAGE) -> Page:
    """The photos that `filters` let through, newest first, one page of them after `after`: at most four reads."""
    keys = _keys(filters, after, size + 1)
    looked_to = None
    if len(keys) <= size and _sieve(filters) is not None:
        looked_to = _window_end(filters, after)
    following = Cursor(*keys[size - 1]) if len(keys) > size else looked_to
    tiles = _tiles([key[1] for key in keys[:size]])
    return Page(tiles, following, looked_to.at if looked_to else None)


def neighbours(filters: Filters, here: Cursor, newer: int, older: int) -> tuple[list[Tile], list[Tile]]:
    """The photos before (newest first) and after `here` within the choice, `newer` and `older` of them at most."""
    before = _keys(filters, here, newer, newest_first=False)
    after = _keys(filters, here, older)
    tiles = {tile.photo_id: tile for tile in _tiles([key[1] for key in [*before, *after]])}
    return (
        [tiles[key[1]] for key in reversed(before) if key[1] in tiles],
        [tiles[key[1]] for key in after if key[1] in tiles],
    )


def keys_to_export(filters: Filters, most: int) -> list[UUID]:
    """The ids of the newest `most` photos of a choice; windows are walked one after the other until it is full."""
    found: list[UUID] = []
    after: Cursor | None = None
    while len(found) < most:
        keys = _keys(filters, after, most - len(found))
        found += [key[1] for key in keys]
        if len(found) >= most or _sieve(filters) is None:
            break
        after = _window_end(filters, after)
        if after is None:
            break
    return found


def _keys(
    filters: Filters, after: Cursor | None, size: int, *, newest_first: bool = True
) -> Sequence[tuple[datetime, UUID]]:
    sieve = _sieve(filters)
    order = _order(Row.received_at, Row.photo_id, newest_first=newest_first)
    walk = _walk(filters, after, newest_first=newest_first).order_by(*order)
    if sieve is None:
        return (
            db.session.execute(walk.with_only_columns(Row.received_at, Row.photo_id).limit(size))
            .tuples()
            .all()
        )
    window = walk.limit(WINDOW).subquery()
    found = select(window.c.received_at, window.c.photo_id).where(_sieved(filters, window.c))
    ordered = found.order_by(*_order(window.c.received_at, window.c.photo_id, newest_first=newest_first))
    return db.session.execute(ordered.limit(size)).tuples().all()


def _window_end(filters: Filters, after: Cursor | None) -> Cursor | None:
    """The last key of the window; None where the window reached the end of the log."""
    walk = _walk(filters, after).with_only_columns(Row.received_at, Row.photo_id)
    key = db.session.execute(
        walk.order_by(*_order(Row.received_at, Row.photo_id)).offset(WINDOW - 1).limit(1)
    ).first()
    return Cursor(*key) if key else None


def _order(at: Any, key: Any, *, newest_first: bool = True) -> tuple[Any, Any]:
    return (at.desc(), key.desc()) if newest_first else (at.asc(), key.asc())


def _walk(
    filters: Filters, after: Cursor | None, more: Sequence[str] = (), *, newest_first: bool = True
) -> Select[Any]:
    """The part of the log one index gives in order; what the sieve needs, and `more` columns, come along."""
    columns = [
        Row.received_at,
        Row.photo_id,
        *(getattr(Row, name) for name in [*(_sieve(filters) or ()), *more]),
    ]
    query = select(*columns).where(*_along(filters), *_days(filters))
    if after is None:
        return query
    beyond = older_than if newest_first else newer_than
    return query.where(beyond(after, Row.received_at, Row.photo_id))


def _along(filters: Filters) -> list[ColumnElement[bool]]:
    """The equalities an index begins with, the narrowest first choice; the region always holds."""
    where = [within(Row, filters.region)]
    if filters.premises_id:
        where.append(Row.premises_id == filters.premises_id)
    elif filters.inspector_id:
        where.append(Row.inspector_id == filters.inspector_id)
    elif filters.review:
        where.append(Row.review == filters.review)
    return where


def _days(filters: Filters) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if filters.since:
        where.append(Row.received_at >= start_of(filters.since))
    if filters.until and filters.until < date.max:
        where.append(Row.received_at < start_of(filters.until + timedelta(days=1)))
    return where


def _sieve(filters: Filters) -> list[str] | None:
    """The columns that no index is ordered by; None where the walk needs no sieve."""
    along_place = bool(filters.premises_id)
    along_person = bool(filters.inspector_id) and not along_place
    names = [
        name
        for name, wanted in (
            ("inspector_id", filters.inspector_id if along_place else None),
            ("domain", filters.domain or None),
            ("severity", filters.severity or None),
            ("on_notice", filters.on_notice),
            ("review", filters.review if along_place or along_person else None),
        )
        if wanted is not None
    ]
    return names or None


def _sieved(filters: Filters, columns: Any) -> ColumnElement[bool]:
    return and_(*(columns[name] == getattr(filters, name) for name in _sieve(filters) or ()))


def _tiles(ids: Sequence[UUID]) -> list[Tile]:
    """The photos with these ids, newest first, and whether their bytes had arrived before: two reads."""
    if not ids:
        return []
    rows = db.session.execute(
        select(Row.photo_id, Row.received_at, Row.premises_id, Premises.name, Row.review, Photo.sha256)
        .join(Photo, Photo.id == Row.photo_id)
        .join(Premises, Premises.id == Row.premises_id)
        .where(Row.photo_id.in_(ids))
        .order_by(*_order(Row.received_at, Row.photo_id))
    )
    tiles = [Tile(*row) for row in rows]
    firsts = dict(
        db.session.execute(
            select(Photo.sha256, func.min(Photo.received_at))
            .where(Photo.sha256.in_({tile.sha256 for tile in tiles}))
            .group_by(Photo.sha256)
        )
        .tuples()
        .all()
    )
    return [replace(tile, reused=firsts.get(tile.sha256, tile.at) < tile.at) for tile in tiles]


def start_of(day: date) -> datetime:
    """When `day` begins on the wall clock."""
    return datetime.combine(day, time.min, ZoneInfo(clock.DEFAULT_ZONE))


@dataclass(frozen=True)
class Count:
    """How many photos of how many places. `is_least`: counting stopped, there may be more."""

    photos: int
    places: int = 0
    is_least: bool = False


def count_days(filters: Filters, days: Sequence[date]) -> dict[date, Count]:
    """Photos and places of a few days within a choice, in one read."""
    choices = [replace(filters, since=day, until=day) for day in days]
    return dict(zip(days, _counts(choices, places=True), strict=True))


def count_photos(choices: Sequence[Filters]) -> list[Count]:
    """How many photos each choice has, in one read."""
    return _counts(choices, places=False)


def _counts(choices: Sequence[Filters], *, places: bool) -> list[Count]:
    """Counts in the order of `choices`; each looks at MOST_COUNTED rows at most. Without places the index answers."""
    parts = []
    for number, filters in enumerate(choices):
        walk = _walk(filters, None, ["premises_id"] if places else []).limit(MOST_COUNTED)
        rows = walk.order_by(*_order(Row.received_at, Row.photo_id)).subquery()
        fits = _sieved(filters, rows.c) if _sieve(filters) else true()
        photos = func.sum(case((fits, 1), else_=0))
        different = func.count(case((fits, rows.c.premises_id)).distinct()) if places else literal(0)
        parts.append(select(literal(number), photos, different, func.count()).select_from(rows))
    found = sorted(db.session.execute(union_all(*parts)).all() if parts else [], key=lambda row: row[0])
    return [Count(int(row[1] or 0), row[2], row[3] >= MOST_COUNTED) for row in found]


def looks(ids: Sequence[UUID]) -> dict[UUID, InspectionPhoto]:
    """Photos with what the desk says beside each: one read, without the EXIF of all of them."""
    if not ids:
        return {}
    rows = db.session.scalars(
        select(Row)
        .where(Row.photo_id.in_(ids))
        .options(
            joinedload(Row.photo).defer(Photo.exif),
            joinedload(Row.premises),
            joinedload(Row.inspector),
            joinedload(Row.answer).joinedload(Answer.item),
        )
    )
    return {row.photo_id: row for row in rows.unique()}


def log_row(photo_id: UUID, region: Region) -> InspectionPhoto:
    """One photo with everything its page says, when it lies in `region`; else NotFound."""
    row = db.session.scalars(
        select(Row)
        .where(Row.photo_id == photo_id, within(Row, region))
        .options(
            joinedload(Row.photo),
            joinedload(Row.premises),
            joinedload(Row.inspection),
            joinedload(Row.inspector),
            joinedload(Row.answer).joinedload(Answer.item),
            joinedload(Row.answer).joinedload(Answer.finding),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def answers_to(row: InspectionPhoto) -> Sequence[UUID]:
    """The photos of the same visit taken in answer to this one, which had been sent back."""
    found = select(Row.photo_id).where(Row.inspection_id == row.inspection_id, Row.in_answer_to_id == row.photo_id)
    return db.session.scalars(found.order_by(Row.received_at)).all()


@dataclass(frozen=True)
class EarlierUse:
    """The same bytes, uploaded before; `photo_id` only where the reader may open it."""

    at: datetime
    photo_id: UUID | None
    premises_name: str


def earlier_uses(photo: Photo, region: Region, most: int = 3) -> list[EarlierUse]:
    """Earlier uploads of the very same bytes, oldest first. Another area's are told of, not shown."""
    rows = db.session.execute(
        select(Photo.received_at, Row, Premises.name)
        .outerjoin(Row, Row.photo_id == Photo.id)
        .outerjoin(Premises, Premises.id == Row.premises_id)
        .where(Photo.sha256 == photo.sha256, Photo.id != photo.id, Photo.received_at <= photo.received_at)
        .order_by(Photo.received_at)
        .limit(most)
    )
    return [
        EarlierUse(at, row.photo_id, name) if row and region.contains(row) else EarlierUse(at, None, "")
        for at, row, name in rows
    ]


def inspectors_in(region: Region) -> Sequence[tuple[UUID, str]]:
    """Who may have taken photos here: for a choice."""
    return (
        db.session.execute(
            select(Person.id, Person.name)
            .join(Organisation, Organisation.id == Person.organisation_id)
            .where(
                within(Organisation, region),
                Person.roles.any(RoleRow.name.in_([role.value for role in INSPECTORS])),
            )
            .order_by(Person.name, Person.login)
            .limit(300)
        )
        .tuples()
        .all()
    )
