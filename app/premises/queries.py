"""Reads of the register. Every list is a walk along an index that stops after one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.regions import LEVELS, Level, Region, within
from app.core.database import db
from app.core.errors import NotFound
from app.premises import rules
from app.premises.models import Premises, PremisesDomain, SearchTerm, Status

PAGE = 30
RADII = (
    300.0,
    1_000.0,
    3_000.0,
    10_000.0,
    50_000.0,
)  # metres; the near-me search widens until a page is full
SHORT = 500  # premises of a facet that are looked at one by one


@dataclass(frozen=True)
class Filters:
    """What a list shows. `region` is where, inside what the person may see."""

    region: Region
    query: str = ""
    domain: str = ""
    kind: str = ""
    status: Status | None = None
    near: tuple[float, float] | None = None  # latitude, longitude: nearest first

    @property
    def facet(self) -> tuple[rules.Mark, str] | None:
        """The narrowest facet that has terms to walk along."""
        if self.kind:
            return rules.Mark.KIND, self.kind
        if self.status not in {None, Status.OPEN}:
            return rules.Mark.STATUS, str(self.status)
        return (rules.Mark.DOMAIN, self.domain) if self.domain else None


@dataclass(frozen=True)
class Cursor:
    """The last row of the page before: its sort key (name, term or square metres) and its id."""

    key: str
    premises_id: UUID

    def __str__(self) -> str:
        return f"{self.premises_id.hex}.{self.key}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """From a page's address; None for anything else than what we wrote there."""
        head, dot, key = text.partition(".")
        try:
            return cls(key, UUID(hex=head)) if dot and "\0" not in key else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Page:
    """One page of a list; `next` continues it."""

    premises: Sequence[Premises]
    next: Cursor | None = None


def page_of_premises(filters: Filters, after: Cursor | None = None, size: int = PAGE) -> Page:
    """The premises that `filters` let through, one page of them after `after`."""
    if filters.near and not filters.query:
        return _nearest(filters, filters.near, after, size)
    words = rules.words_of(filters.query)
    if filters.query.strip() and not words:
        return Page(())  # nothing but punctuation was typed
    facet = [rules.facet_range(*filters.facet)] if filters.facet else []
    if words and not (facet and _is_short(filters.region, facet[0])):
        return _walk_terms(filters, words[0], words[1:], after, size)
    if facet:
        return _walk_terms(filters, facet, words, after, size)
    return _by_name(filters, after, size)


def _is_short(region: Region, span: rules.Range) -> bool:
    """Whether few premises stand in this range, so that looking at each of them is cheap."""
    inside = select(SearchTerm.term).where(
        _scope(region), SearchTerm.term >= span.low, SearchTerm.term < span.high
    )
    return len(db.session.execute(inside.limit(SHORT)).all()) < SHORT


def _by_name(filters: Filters, after: Cursor | None, size: int) -> Page:
    query = select(Premises).where(_visible(filters))
    if after is not None:
        query = query.where(tuple_(Premises.name, Premises.id) > (after.key, after.premises_id))
    found = whole(query.order_by(Premises.name, Premises.id).limit(size + 1))
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], Cursor(last.name, last.id) if last else None)


def _walk_terms(
    filters: Filters,
    ranges: list[rules.Range],
    others: list[list[rules.Range]],
    after: Cursor | None,
    size: int,
) -> Page:
    """Walk along the terms of `ranges` in order, each premises at its first term only."""
    term = SearchTerm
    open_ranges = [span for span in ranges if after is None or span.high > after.key]
    if not open_ranges:
        return Page(())
    conditions = [_scope(filters.region), _first_term(ranges), *(_has_word(word) for word in others)]
    more = _restrictions(filters)
    parts = []
    for span in open_ranges:
        part = select(term.term, term.premises_id).where(
            term.term >= span.low, term.term < span.high, *conditions
        )
        if after is not None and after.key >= span.low:
            part = part.where(
                term.term >= after.key, tuple_(term.term, term.premises_id) > (after.key, after.premises_id)
            )
        if more:
            part = part.join(Premises, Premises.id == term.premises_id).where(*more)
        parts.append(select(part.order_by(term.term, term.premises_id).limit(size + 1).subquery()))
    if len(parts) == 1:
        keys = db.session.execute(parts[0]).all()
    else:
        both = union_all(*parts).subquery()
        keys = db.session.execute(
            select(both).order_by(both.c.term, both.c.premises_id).limit(size + 1)
        ).all()
    keys = sorted(keys[: size + 1], key=lambda row: (row[0].encode(), row[1].hex))
    by_id = {
        row.id: row for row in whole(select(Premises).where(Premises.id.in_([key[1] for key in keys[:size]])))
    }
    following = Cursor(*keys[size - 1]) if len(keys) > size else None
    return Page([by_id[key[1]] for key in keys[:size]], following)


def _first_term(ranges: list[rules.Range]) -> ColumnElement[bool]:
    """No earlier term of the same premises lies in `ranges`."""
    earlier = aliased(SearchTerm)
    return ~exists().where(
        earlier.premises_id == SearchTerm.premises_id,
        earlier.term < SearchTerm.term,
        _in_ranges(earlier.term, ranges),
    )


def _has_word(ranges: list[rules.Range]) -> ColumnElement[bool]:
    """One look-up per range: an OR inside a single one would read all terms of the premises."""
    other = aliased(SearchTerm)
    mine = other.premises_id == SearchTerm.premises_id
    return or_(*(exists().where(mine, _in_ranges(other.term, [span])) for span in ranges))


def _in_ranges(column: Any, ranges: list[rules.Range]) -> ColumnElement[bool]:
    return or_(*(and_(column >= span.low, column < span.high) for span in ranges))


def _scope(region: Region) -> ColumnElement[bool]:
    """The part of the terms' index that holds `region`; deeper levels are sorted out by `_restrictions`."""
    if region.level is Level.COUNTY or region.township_id is None:
        return SearchTerm.county_id == region.county_id
    return SearchTerm.township_id == region.township_id


def _restrictions(filters: Filters) -> list[ColumnElement[bool]]:
    """What must be read from the premises itself."""
    found = _facets(filters)
    if LEVELS.index(filters.region.level) > LEVELS.index(Level.TOWNSHIP):
        found.append(within(Premises, filters.region))
    return found


def _facets(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.kind:
        found.append(Premises.kind == filters.kind)
    if filters.status:
        found.append(Premises.status == filters.status)
    if filters.domain:
        found.append(
            exists().where(PremisesDomain.premises_id == Premises.id, PremisesDomain.domain == filters.domain)
        )
    return found


def _visible(filters: Filters) -> ColumnElement[bool]:
    return and_(within(Premises, filters.region), Premises.merged_into_id.is_(None), *_facets(filters))


def _nearest(filters: Filters, here: tuple[float, float], after: Cursor | None, size: int) -> Page:
    """Nearest first: a box on the position index, widened until it holds a page. At most five small queries.

    The few premises of a rare kind are measured one by one instead: a box would have to grow over the county.
    """
    square = _square_metres(here)
    beyond = _number(after.key) if after else -1.0
    found: Sequence[Any] = ()
    span = rules.facet_range(*filters.facet) if filters.facet else None
    rare = span if span is not None and _is_short(filters.region, span) else None
    for radius in RADII[-1:] if rare else RADII:
        if radius * radius <= beyond:
            continue
        query: Select[Any] = select(Premises, square.label("square")).where(square <= radius * radius)
        if rare is not None:
            query = query.where(Premises.id.in_(_ids_in(filters.region, rare)), *_restrictions(filters))
        else:
            query = query.where(square_around(here, radius), _visible(filters))
        if after is not None:
            query = query.where(or_(square > beyond, and_(square == beyond, Premises.id > after.premises_id)))
        found = db.session.execute(_with_parts(query).order_by(square, Premises.id).limit(size + 1)).all()
        if len(found) > size:
            break
    last = found[size - 1] if len(found) > size else None
    return Page([row[0] for row in found[:size]], Cursor(repr(float(last[1])), last[0].id) if last else None)


def _square_metres(here: tuple[float, float]) -> ColumnElement[Any]:
    """The square of the distance in SQL; squares sort like distances and need no root."""
    north = (Premises.latitude - here[0]) * rules.METRES_PER_DEGREE
    east = (Premises.longitude - here[1]) * (rules.METRES_PER_DEGREE * max(0.01, cos(radians(here[0]))))
    return north * north + east * east


def square_around(here: tuple[float, float], radius: float) -> ColumnElement[bool]:
    """The square of land around a circle of `radius` metres, for the position index."""
    north = radius / rules.METRES_PER_DEGREE
    east = north / max(0.01, cos(radians(here[0])))
    return and_(
        Premises.latitude.between(here[0] - north, here[0] + north),
        Premises.longitude.between(here[1] - east, here[1] + east),
    )


def _ids_in(region: Region, span: rules.Range) -> Select[Any]:
    """The premises of one facet; the limit keeps it a list of its own for the planner."""
    term = SearchTerm
    inside = select(term.premises_id).where(_scope(region), term.term >= span.low, term.term < span.high)
    return inside.limit(SHORT)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


def _with_parts(query: Select[Any]) -> Select[Any]:
    return query.options(selectinload(Premises.domain_rows), joinedload(Premises.region))


def whole(query: Select[Any]) -> Sequence[Premises]:
    """The places of `query` with what lists say of them."""
    return db.session.scalars(_with_parts(query)).unique().all()


def premises_for(premises_id: UUID, region: Region) -> Premises:
    """One file, when it lies in `region`; else NotFound, the same as if there were none."""
    premises = db.session.scalar(
        _with_parts(select(Premises).where(Premises.id == premises_id, within(Premises, region)))
    )
    if premises is None:
        raise NotFound
    return premises


def place_within(model: Any, region: Region) -> ColumnElement[bool]:
    """SQL: the place that `model` (anything with a premises_id) is about lies in `region` now.

    What was recorded about a place keeps the area of its time; who may read the place reads its past
    (docs/decisions/0003-places-move-history-stays.md).
    """
    return exists().where(Premises.id == model.premises_id, within(Premises, region))


def premises_behind(token: str, region: Region) -> Premises:
    """The file a door code opens; a merged one opens the file it became part of. Raises NotFound."""
    premises = db.session.scalar(
        select(Premises).where(Premises.door_token == token, within(Premises, region))
    )
    if premises is None:
        raise NotFound
    return premises_for(premises.merged_into_id or premises.id, region)


def child_regions(region: Region) -> Sequence[Region]:
    """The areas directly inside `region`, by code."""
    return db.session.scalars(select(Region).where(Region.parent_id == region.id).order_by(Region.code)).all()


def region_in(code: str, region: Region) -> Region | None:
    """The area with `code` when it lies inside `region`."""
    return db.session.scalar(select(Region).where(Region.code == code, within(Region, region)))


def regions_by_id(ids: Sequence[UUID]) -> Sequence[Region]:
    """These areas, in no order."""
    return db.session.scalars(select(Region).where(Region.id.in_(ids))).all()
