"""The desk: one photo after the other, each with the few facts a decision needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import url_for

from app.accounts.regions import Region
from app.core.paging import Cursor
from app.inspections.models import InspectionPhoto, Review
from app.oversight import queries
from app.oversight.evidence import apart_words
from app.oversight.forms import arguments_of, filters_from
from app.oversight.queries import Filters, Tile
from app.oversight.rules import REASONS, capped, readings
from app.premises.rules import metres_between
from app.web import panels
from app.web.i18n import translate

AT_ONCE = 20  # photos of one page; the next ones come while these are looked at


@dataclass(frozen=True)
class Look:
    """One photo of the desk."""

    tile: Tile
    row: InspectionPhoto
    panel: str = ""  # what other features have to say about it

    @property
    def metres(self) -> float | None:
        """How far from the place the phone said it was, else the camera."""
        place, photo = self.row.premises, self.row.photo
        if place.latitude is None or place.longitude is None:
            return None
        for latitude, longitude in (
            (photo.latitude, photo.longitude),
            (photo.exif_latitude, photo.exif_longitude),
        ):
            if latitude is not None and longitude is not None:
                return metres_between(place.latitude, place.longitude, latitude, longitude)
        return None

    @property
    def clocks(self) -> list[tuple[str, str]]:
        """The clocks that disagree with the server's: which, and by how much."""
        photo = self.row.photo
        told = readings(self.row.received_at, photo.captured_at, photo.taken_at)
        return [(one.clock.value, apart_words(one)) for one in told if one.apart]


@dataclass(frozen=True)
class Desk:
    """The photos of one choice, from `after` on."""

    filters: Filters
    top: Region
    looks: Sequence[Look]
    next: Cursor | None
    waiting: str

    @property
    def arguments(self) -> dict[str, Any]:
        return arguments_of(self.filters, self.top)

    @property
    def next_url(self) -> str:
        return url_for("oversight.desk", **self.arguments, after=str(self.next)) if self.next else ""

    @property
    def wall_url(self) -> str:
        return url_for("oversight.photo_log", **self.arguments)

    @property
    def reasons(self) -> list[str]:
        return [translate(reason) for reason in REASONS]

    def review_url(self, look: Look) -> str:
        return url_for("oversight.review", photo_id=look.row.photo_id, **self.arguments, desk="1")

    def photo_url(self, look: Look) -> str:
        return url_for("oversight.photo", photo_id=look.row.photo_id, **self.arguments)


def desk(arguments: Mapping[str, str], top: Region, *, more_only: bool = False) -> Desk:
    """What waits in the choice of the address, or what the choice says about reviews itself; newest first."""
    filters = filters_from(arguments, top)
    if filters.review is None:
        filters = replace(filters, review=Review.WAITING)
    page = queries.page_of_photos(filters, Cursor.parse(arguments.get("after", "")), AT_ONCE)
    rows = queries.looks([tile.photo_id for tile in page.tiles])
    tiles = [tile for tile in page.tiles if tile.photo_id in rows]
    said = panels.render_many("desk.look", [rows[tile.photo_id] for tile in tiles])
    looks = [Look(tile, rows[tile.photo_id], panel) for tile, panel in zip(tiles, said, strict=True)]
    waiting = ""
    if not more_only:
        count = queries.count_photos([filters])[0]
        waiting = capped(count.photos, is_least=count.is_least)
    return Desk(filters, top, looks, page.next, waiting)


def onward(arguments: Mapping[str, str], top: Region, photo_id: UUID) -> str:
    """Without scripts: the desk again, from the photo after this one on."""
    row = queries.log_row(photo_id, top)
    cursor = Cursor(row.received_at, row.photo_id)
    return url_for("oversight.desk", **arguments_of(filters_from(arguments, top), top), after=str(cursor))
