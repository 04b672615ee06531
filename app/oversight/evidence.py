"""What the page of one photo shows beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from app.accounts.regions import Region
from app.core import clock
from app.core.paging import Cursor
from app.inspections.digests import late_photos
from app.inspections.models import InspectionPhoto
from app.notices.models import Notice
from app.notices.queries import findings_in_force
from app.oversight import queries
from app.oversight.drawing import Drawing, Spot, draw
from app.oversight.forms import arguments_of, filters_from
from app.oversight.queries import EarlierUse, Filters, Tile
from app.oversight.rules import Reading, phone_is_wrong, readings

NEWER, OLDER = 4, 8  # photos beside the open one in the strip
A_YEAR = 525_960  # minutes


@dataclass(frozen=True)
class Evidence:
    """One photo, its facts and its neighbours within the choice."""

    row: InspectionPhoto
    filters: Filters
    top: Region
    newer: Sequence[Tile]  # newest first; the last one is the neighbour
    older: Sequence[Tile]
    earlier: Sequence[EarlierUse]
    notice: Notice | None
    drawing: Drawing | None
    answers: Sequence[UUID] = ()  # photos taken later because this one was sent back
    is_late: bool = False  # announced after the visit had ended

    @property
    def day(self) -> str:
        """The day of the visit, for the route of it."""
        return clock.local(self.row.inspection.started_at).date().isoformat()

    @property
    def arguments(self) -> dict[str, Any]:
        return arguments_of(self.filters, self.top)

    @property
    def wall_url(self) -> str:
        return url_for("oversight.photo_log", **self.arguments)

    @property
    def review_url(self) -> str:
        return url_for("oversight.review", photo_id=self.row.photo_id, **self.arguments)

    def apart_words(self, reading: Reading) -> str:
        return apart_words(reading)

    def url(self, tile: Tile) -> str:
        return url_for("oversight.photo", photo_id=tile.photo_id, **self.arguments)

    @property
    def previous_url(self) -> str:
        return self.url(self.newer[-1]) if self.newer else ""

    @property
    def next_url(self) -> str:
        return self.url(self.older[0]) if self.older else ""

    @property
    def after_review_url(self) -> str:
        """On to the next; at the end back to the wall."""
        return self.next_url or self.wall_url

    @property
    def clocks(self) -> list[Reading]:
        photo = self.row.photo
        return readings(self.row.received_at, photo.captured_at, photo.taken_at)

    @property
    def phone_clock_minutes(self) -> int | None:
        """How far the phone's clock was off (positive: ahead), where that matters."""
        offset = self.row.photo.clock_offset_ms
        return round(offset / 60_000) if offset is not None and phone_is_wrong(offset) else None


def apart_words(reading: Reading) -> str:
    """How far a clock stood from the server's, in the largest unit that says it."""
    minutes = reading.minutes
    if minutes < 180:
        text = _("%(minutes)s min later") if reading.is_ahead else _("%(minutes)s min earlier")
    elif minutes < 2880:
        text = _("%(hours)s h later") if reading.is_ahead else _("%(hours)s h earlier")
    elif minutes < 2 * A_YEAR:
        text = _("%(days)s days later") if reading.is_ahead else _("%(days)s days earlier")
    else:
        text = _("%(years)s years later") if reading.is_ahead else _("%(years)s years earlier")
    spans = {"minutes": minutes, "hours": minutes // 60, "days": minutes // 1440, "years": minutes // A_YEAR}
    return text % spans


def evidence(photo_id: UUID, arguments: Mapping[str, str], top: Region) -> Evidence:
    """The page of one photo of `top` within the choice of the address. Raises NotFound."""
    row = queries.log_row(photo_id, top)
    filters = filters_from(arguments, top)
    newer, older = queries.neighbours(filters, Cursor(row.received_at, row.photo_id), NEWER, OLDER)
    finding = row.answer.finding if row.answer else None
    notice = findings_in_force([finding.id]).get(finding.id) if finding and row.on_notice else None
    return Evidence(
        row,
        filters,
        top,
        newer,
        older,
        queries.earlier_uses(row.photo, top),
        notice,
        draw(spots_of(row)),
        queries.answers_to(row),
        is_late=row.answer_id is None and row.photo_id in late_photos(row.inspection_id),
    )


def spots_of(row: InspectionPhoto) -> list[Spot]:
    """The positions known of a photo; nothing to compare gives nothing to draw."""
    place, photo = row.premises, row.photo
    claims = [
        ("place", place.latitude, place.longitude, None),
        ("phone", photo.latitude, photo.longitude, photo.accuracy_m),
        ("camera", photo.exif_latitude, photo.exif_longitude, None),
    ]
    spots = [
        Spot(name, lat, lon, off) for name, lat, lon, off in claims if lat is not None and lon is not None
    ]
    return spots if any(spot.source != "place" for spot in spots) else []
