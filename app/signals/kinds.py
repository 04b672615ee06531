"""The table of kinds: what each compares, its words, its thresholds with their defaults, what honest causes it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from app.core.errors import N_
from app.signals.rules import Kind


@dataclass(frozen=True)
class Limit:
    """A threshold a county may move."""

    name: str
    default: int
    least: int
    most: int
    label: str
    unit: str = ""


@dataclass(frozen=True)
class About:
    """What a kind means, in msgids. `sentence` has places for the numbers of what was found."""

    kind: Kind
    title: str
    sentence: str
    causes: str
    limits: tuple[Limit, ...] = ()


_METRES, _HOURS, _DAYS = N_("metres"), N_("hours"), N_("days")
_TABLE = (
    About(
        Kind.SAME_BYTES,
        N_("The same photo file before"),
        N_("The very same file already stood in another visit, %(days)s days before."),
        N_(
            "Chosen from the gallery by mistake; one view of two neighbouring places; a licence photographed once."
        ),
    ),
    About(
        Kind.ALIKE,
        N_("A photo much like an earlier one"),
        N_(
            "It looks like a photo of another visit, %(days)s days before, perhaps cut, turned or made smaller."
        ),
        N_(
            "Two photos of the same view on two visits; walls, meters and extinguishers that look the same everywhere."
        ),
    ),
    About(
        Kind.FAR,
        N_("Photo taken far from the place"),
        N_("Taken %(km)s km from the place (position ±%(accuracy)s m); noticed from %(limit)s km on."),
        N_(
            "The position in the register is wrong; the phone still held its last position; a stall that moves."
        ),
        (
            Limit("metres", 2_000, 200, 50_000, N_("Photo far from the place from"), _METRES),
            Limit(
                "worst_accuracy",
                1_000,
                50,
                10_000,
                N_("Positions less exact than this are left out"),
                _METRES,
            ),
        ),
    ),
    About(
        Kind.OLD,
        N_("Photo taken long before the visit"),
        N_("Taken %(hours)s hours before the visit began; noticed from %(limit)s hours on."),
        N_("A licence or a state photographed earlier; a camera of its own whose clock is wrong."),
        (
            Limit("hours", 24, 15, 8_760, N_("Photo older than the visit by"), _HOURS),
            Limit(
                "unset_days",
                1_000,
                100,
                10_000,
                N_("Older than this, the camera's clock was never set"),
                _DAYS,
            ),
        ),
    ),
    About(
        Kind.CLOCKS,
        N_("Times of a photo that do not fit"),
        N_("The times of this photo lie %(hours)s hours apart; noticed from %(limit)s hours on."),
        N_(
            "The clock of the camera was set wrong or moved; another program than the camera passed the picture on."
        ),
        (Limit("hours", 24, 15, 8_760, N_("Times of a photo apart by"), _HOURS),),
    ),
    About(
        Kind.EDITED,
        N_("Photo passed through an editing program"),
        N_("The file names the program “%(software)s”."),
        N_("Turned, made lighter or covered a number plate; the original is still on the phone."),
    ),
    About(
        Kind.SCREEN,
        N_("Photo of a screen"),
        N_("The file calls itself “%(said)s”."),
        N_("A message, a map or a certificate shown on a phone is what was to be kept."),
    ),
    About(
        Kind.TOO_FAST,
        N_("Two visits quicker than the way between them"),
        N_("%(km)s km in %(minutes)s minutes: at least %(speed)s km/h; noticed above %(limit)s km/h."),
        N_(
            "Recorded afterwards from notes; a colleague visited one of them; a position in the register is wrong."
        ),
        (
            Limit("speed", 100, 30, 300, N_("Quicker than anybody travels, in a straight line"), N_("km/h")),
            Limit("least_km", 5, 1, 100, N_("Only for places at least so far apart"), N_("km")),
        ),
    ),
    About(
        Kind.EVENING,
        N_("Very many places in one evening"),
        N_("%(places)s places in one evening within %(minutes)s minutes; noticed from %(limit)s on."),
        N_("A round through one street or market with others; the day's notes recorded in the evening."),
        (
            Limit("places", 12, 4, 100, N_("Places in one evening from")),
            Limit("from_hour", 19, 16, 23, N_("The evening begins at"), N_("o'clock")),
        ),
    ),
    About(
        Kind.PATTERN,
        N_("The same answers at many places"),
        N_(
            "%(marks)s entries, word for word the same at %(places)s places; noticed from %(limit)s places on."
        ),
        N_("A campaign that finds the same gap everywhere; quick phrases; branches of one owner."),
        (
            Limit("places", 5, 2, 100, N_("The same answers at so many places")),
            Limit("marks", 3, 1, 50, N_("Only with at least so many findings, notes or readings")),
            Limit("days", 30, 1, 365, N_("Within"), _DAYS),
        ),
    ),
    About(
        Kind.SECONDS,
        N_("Items tapped within seconds"),
        N_("%(items)s items tapped one by one in %(seconds)s seconds; noticed below %(limit)s seconds each."),
        N_("Everything was looked at first and recorded together at the end."),
        (
            Limit("items", 10, 3, 200, N_("Only with at least so many taps")),
            Limit("each_ms", 600, 50, 5_000, N_("Quicker for each item than"), N_("milliseconds")),
        ),
    ),
    About(
        Kind.NO_POSITION,
        N_("Position missing again and again"),
        N_("%(visits)s visits one after the other without a position; noticed from %(limit)s on."),
        N_(
            "The phone has no permission or no reception indoors; an older phone; the position is switched off."
        ),
        (Limit("visits", 10, 3, 100, N_("Visits one after the other without a position")),),
    ),
    About(
        Kind.SIGNATURE,
        N_("The same drawn signature before"),
        N_("The drawing is bit by bit the one of another visit, %(days)s days before."),
        N_("One signature taken for two records of the same meeting; a fault of the phone."),
    ),
)
ABOUT: Mapping[Kind, About] = {one.kind: one for one in _TABLE}


@cache
def file_marks() -> Mapping[str, tuple[str, ...]]:
    """Names by which files give themselves away: `editors` and `screens`, in lower case."""
    raw = yaml.safe_load((Path(__file__).parent / "data" / "marks.yaml").read_text(encoding="utf-8"))
    return {name: tuple(str(one).lower() for one in names) for name, names in raw.items()}
