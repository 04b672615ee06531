"""What the photo wall shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import url_for

from app.accounts.regions import Region, regions_in
from app.core import clock
from app.core.database import db
from app.core.paging import Cursor
from app.inspections.models import Review
from app.oversight import queries
from app.oversight.forms import SEVERITIES, arguments_of, filters_from
from app.oversight.marking import Batch, batch_of
from app.oversight.models import SavedFilter
from app.oversight.queries import Filters, Tile
from app.oversight.rules import capped
from app.oversight.saving import saved_filters
from app.premises.kinds import Domain, domains
from app.premises.models import Premises
from app.premises.queries import Filters as PlaceFilters
from app.premises.queries import page_of_premises
from app.signals.queries import signals_of_photos
from app.web.access import current_person
from app.web.filters import as_day

PLACES_OFFERED = 8


@dataclass(frozen=True)
class Day:
    """The photos of one day on this page. `photos` and `places` count the whole day of the choice."""

    day: date
    tiles: Sequence[Tile]
    photos: str
    places: str
    is_continued: bool  # the page before ended within this day


@dataclass(frozen=True)
class Choices:
    """What the filter form offers, and how many photos the frequent chips have."""

    areas: Sequence[Region]
    inspectors: Sequence[tuple[UUID, str]]
    waiting: str
    answered: str
    sent_back: str
    today: str
    offered: Sequence[Premises] = ()  # places whose name was typed
    premises_name: str = ""  # of the place chosen
    typed: str = ""
    saved: Sequence[SavedFilter] = ()


@dataclass(frozen=True)
class Wall:
    """One page of the log. `choices` is missing where htmx asks for more photos only."""

    filters: Filters
    top: Region
    page: queries.Page
    days: Sequence[Day]
    choices: Choices | None
    selecting: bool
    done: Batch | None = None  # what was just decided together
    noticed: Collection[UUID] = ()  # photos something was noticed about

    @property
    def arguments(self) -> dict[str, Any]:
        return arguments_of(self.filters, self.top)

    def url(self, **changes: str) -> str:
        """The same choice with `changes`; an empty value takes a choice away."""
        return _url(
            "oversight.photo_log", self.arguments | {"select": "1" if self.selecting else ""} | changes
        )

    def photo_url(self, photo_id: UUID) -> str:
        return url_for("oversight.photo", photo_id=photo_id, **self.arguments)

    @property
    def older_url(self) -> str:
        return self.url(after=str(self.page.next)) if self.page.next else ""

    @property
    def export_url(self) -> str:
        return _url("oversight.export", self.arguments)

    @property
    def decide_url(self) -> str:
        return _url("oversight.decide", self.arguments)

    @property
    def undo_url(self) -> str:
        return _url("oversight.undo", self.arguments)

    @property
    def save_url(self) -> str:
        return _url("oversight.save_filter", self.arguments)

    @property
    def saved(self) -> SavedFilter | None:
        """The kept choice this is."""
        kept = self.choices.saved if self.choices else ()
        return next((one for one in kept if one.arguments == self.arguments), None)

    @property
    def remove_url(self) -> str:
        return _url("oversight.remove_filter", self.arguments)

    @property
    def desk_url(self) -> str:
        return _url("oversight.desk", self.arguments)

    @property
    def narrowed(self) -> int:
        """How many choices are made."""
        return len(self.arguments)

    @property
    def in_form(self) -> int:
        """How many of them stand in the folded form."""
        return len(set(self.arguments) - {"review", "severity", "domain"})

    @property
    def domains(self) -> list[Domain]:
        return list(domains().values())

    @property
    def severities(self) -> tuple[str, ...]:
        return SEVERITIES

    @property
    def presets(self) -> dict[str, dict[str, str]]:
        """Time spans worth one tap, as changes to the address."""
        today = clock.today()
        return {
            "today": {"from": today.isoformat(), "to": ""},
            "week": {"from": (today - timedelta(days=6)).isoformat(), "to": ""},
        }


def wall(arguments: Mapping[str, str], top: Region, *, more_only: bool = False) -> Wall:
    """The page of the log that address parameters ask for. A constant number of reads."""
    filters = filters_from(arguments, top)
    after = Cursor.parse(arguments.get("after", ""))
    page = queries.page_of_photos(filters, after)
    choices = (
        None
        if more_only
        else _choices(filters, top, arguments.get("place", "").strip()[:100].replace("\0", ""))
    )
    days = _days(filters, page, after)
    done = None if more_only else _done(arguments.get("done", ""))
    noticed = signals_of_photos([tile.photo_id for tile in page.tiles]) if page.tiles else ()
    return Wall(filters, top, page, days, choices, arguments.get("select") == "1", done, noticed)


def wall_url(arguments: Mapping[str, str], top: Region, *, done: str = "") -> str:
    """The wall again after something was decided on it, with the same choice and still choosing."""
    return _url("oversight.photo_log", arguments_of(filters_from(arguments, top), top) | {"select": "1", "done": done})


def _done(text: str) -> Batch | None:
    try:
        return batch_of(UUID(text), by=current_person(), now=clock.now()) if text else None
    except ValueError:
        return None


def _days(filters: Filters, page: queries.Page, after: Cursor | None) -> list[Day]:
    """The page's photos by day. Days between the first and the last stand here whole, so only those two are counted."""
    groups = [(day, list(tiles)) for day, tiles in groupby(page.tiles, key=lambda tile: as_day(tile.at))]
    edges = sorted({day for day, _ in (groups[:1] + groups[-1:])})
    counted = queries.count_days(filters, edges)
    found = []
    for day, tiles in groups:
        whole = counted.get(day) or queries.Count(len(tiles), len({tile.premises_id for tile in tiles}))
        continued = after is not None and as_day(after.at) == day
        said = partial(capped, is_least=whole.is_least)
        found.append(Day(day, tiles, said(whole.photos), said(whole.places), continued))
    return found


def _choices(filters: Filters, top: Region, typed: str) -> Choices:
    today = replace(Filters(top), since=clock.today())
    counts = queries.count_photos(
        [*(replace(filters, review=one) for one in (Review.WAITING, Review.ANSWERED, Review.SENT_BACK)), today]
    )
    waiting, answered, sent_back, this_day = (capped(count.photos, is_least=count.is_least) for count in counts)
    offered: Sequence[Premises] = ()
    if typed:
        offered = page_of_premises(PlaceFilters(filters.region, query=typed), size=PLACES_OFFERED).premises
    chosen = db.session.get(Premises, filters.premises_id) if filters.premises_id else None
    name = chosen.name if chosen is not None and top.contains(chosen) else ""
    areas = regions_below(top)
    people, saved = queries.inspectors_in(top), saved_filters(current_person())
    return Choices(areas, people, waiting, answered, sent_back, this_day, offered, name, typed, saved)


def regions_below(top: Region) -> list[Region]:
    """Townships and villages to choose from, each village after its township."""
    rows = [region for region in regions_in(top) if region.id != top.id]
    return sorted(rows, key=lambda region: region.code)


def _url(endpoint: str, arguments: Mapping[str, Any]) -> str:
    return url_for(endpoint, **{name: value for name, value in arguments.items() if value})
