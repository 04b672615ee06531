"""What raises a signal: pure functions over plain facts. Each gives what it found, with its numbers, or None.

In doubt nothing is found. A moment is used only where it is known (`known`), a phone's clock only with its distance
from the server's, a position only as far as it may be wrong. When something arrives is never a sign of anything.
"""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from app.premises.rules import metres_between

Limits = Mapping[str, int]
Numbers = dict[str, int | float | str]
ASSUMED_ACCURACY = {"camera": 100.0, "phone": 1_000.0}  # metres, where none is given
EVENING_ENDS = 6  # o'clock: an evening reaches into the night
UNDER_WAY = timedelta(minutes=5)  # two clocks, two starts: the gap between two visits may be this much longer
SAME_CLICK = timedelta(hours=2)  # a picture whose two times are closer was taken when it was added


class Kind(enum.StrEnum):
    """What may be found."""

    SAME_BYTES = "same_bytes"
    ALIKE = "alike"
    FAR = "far"
    OLD = "old"
    CLOCKS = "clocks"
    EDITED = "edited"
    SCREEN = "screen"
    TOO_FAST = "too_fast"
    EVENING = "evening"
    PATTERN = "pattern"
    SECONDS = "seconds"
    NO_POSITION = "no_position"
    SIGNATURE = "signature"


class Spot(NamedTuple):
    """A position: degrees (WGS 84) and how far it may be off in metres (68 %), if known."""

    latitude: float
    longitude: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Visit:
    """A finished visit. `began`: its first answer, local and believed; `known`: whether that moment is certain."""

    id: UUID
    premises_id: UUID
    person_id: UUID
    began: datetime
    known: bool = True
    place: Spot | None = None  # of the premises
    positioned: bool = True  # the phone gave a position, at the start or with a photo
    pattern: str = ""  # hash of what was written at each item
    marks: int = 0  # answers somebody wrote themselves: findings, notes, readings
    signature: str = ""  # hash of the drawing
    taps: Sequence[datetime] = field(default=())  # by the phone's clock, each alone; sweeps are none


@dataclass(frozen=True)
class Picture:
    """A photo in a visit. `offset`: the phone's clock minus the server's, None where it is not known."""

    id: UUID
    visit: Visit
    received_at: datetime
    taken_at: datetime | None = None  # the camera's clock
    captured_at: datetime | None = None  # the phone's clock when it was added
    offset: timedelta | None = None
    from_camera: bool = False  # taken on the spot, not chosen from the gallery
    phone: Spot | None = None
    camera: Spot | None = None
    software: str = ""
    name: str = ""


class Use(NamedTuple):
    """Another photo that is the same or alike, with what says so."""

    photo_id: UUID
    visit_id: UUID
    at: datetime
    numbers: Numbers = {}


@dataclass(frozen=True)
class Found:
    """A signal. Subject and what it is compared with; `key` says what makes it the same signal a second time."""

    kind: Kind
    numbers: Numbers
    visit: UUID  # the subject, or the visit of `photo`
    photo: UUID | None = None
    other_visit: UUID | None = None
    other_photo: UUID | None = None
    key: str = ""

    @property
    def identity(self) -> str:
        """The same for the same thing found again, late or twice."""
        return self.key or f"{self.photo or self.visit}/{self.other_photo or self.other_visit or ''}"


def used_before(photo: Picture, uses: Collection[Use], kind: Kind = Kind.SAME_BYTES) -> Found | None:
    """The photo of another visit, the nearest before this one, that is the same (or alike)."""
    earlier = [use for use in uses if use.visit_id != photo.visit.id and use.photo_id != photo.id]
    earlier = [use for use in earlier if (use.at, use.photo_id) < (photo.received_at, photo.id)]
    if not earlier:
        return None
    use = max(earlier, key=lambda one: (one.at, one.photo_id))
    numbers: Numbers = {"days": (photo.received_at - use.at).days, "times": len(earlier)} | use.numbers
    return Found(kind, numbers, photo.visit.id, photo.id, use.visit_id, use.photo_id)


def far(photo: Picture, limits: Limits) -> Found | None:
    """Taken far from the premises: by the position nearest to it, less twice what that one may be wrong.

    Of a photo from the gallery the phone's position says only where it was chosen.
    """
    place = photo.visit.place
    if place is None:
        return None
    claims = [("camera", photo.camera), ("phone", photo.phone if photo.from_camera else None)]
    apart = []
    for source, spot in claims:
        if spot is None:
            continue
        off = ASSUMED_ACCURACY[source] if spot.accuracy_m is None else spot.accuracy_m
        if off <= limits["worst_accuracy"]:
            apart.append((_metres(place, spot), off))
    if not apart:
        return None
    metres, off = min(apart, key=lambda one: one[0] - 2 * one[1])
    if metres - 2 * off <= limits["metres"]:
        return None
    numbers: Numbers = {"km": _km(metres), "accuracy": round(off), "limit": _km(limits["metres"])}
    return Found(Kind.FAR, numbers, photo.visit.id, photo.id)


def old(photo: Picture, limits: Limits) -> Found | None:
    """Taken long before the visit began, by the camera's clock put right. Clocks that were never set do not count."""
    if photo.taken_at is None or photo.offset is None or not photo.visit.known:
        return None
    if photo.from_camera and photo.captured_at and abs(photo.captured_at - photo.taken_at) <= SAME_CLICK:
        return None  # taken when it was added: then it is the clock that is wrong
    before = photo.visit.began - (photo.taken_at - photo.offset)
    if not timedelta(hours=limits["hours"]) < before <= timedelta(days=limits["unset_days"]):
        return None
    numbers: Numbers = {"hours": _hours(before), "days": before.days, "limit": limits["hours"]}
    return Found(Kind.OLD, numbers, photo.visit.id, photo.id)


def clocks(photo: Picture, limits: Limits) -> Found | None:
    """Two times of one photo that cannot both be: camera and phone apart though it was taken on the spot, or taken
    after the server had it. A phone whose clock is wrong says the same wrong time twice, which is no signal.
    """
    apart, most = timedelta(0), timedelta(hours=limits["hours"])
    if photo.taken_at is None:
        return None
    if photo.from_camera and photo.captured_at is not None:
        apart = abs(photo.captured_at - photo.taken_at)
    elif photo.offset is not None:
        apart = (photo.taken_at - photo.offset) - photo.received_at
    if apart <= most:
        return None
    numbers: Numbers = {"hours": _hours(apart), "limit": limits["hours"]}
    return Found(Kind.CLOCKS, numbers, photo.visit.id, photo.id)


def edited(photo: Picture, editors: Collection[str]) -> Found | None:
    """The file names a program that changes pictures."""
    if not any(one in photo.software.lower() for one in editors):
        return None
    return Found(Kind.EDITED, {"software": photo.software}, photo.visit.id, photo.id)


def screen(photo: Picture, marks: Collection[str]) -> Found | None:
    """The file says that it shows a screen."""
    said = next(
        (text for text in (photo.name, photo.software) if any(one in text.lower() for one in marks)), ""
    )
    return Found(Kind.SCREEN, {"said": said}, photo.visit.id, photo.id) if said else None


def too_fast(one: Visit, other: Visit, limits: Limits) -> Found | None:
    """Two visits of one person whose places lie further apart than anybody travels in the time between them."""
    if one.person_id != other.person_id or not (one.known and other.known) or not (one.place and other.place):
        return None
    first, second = sorted((one, other), key=lambda visit: (visit.began, visit.id))
    between, metres = second.began - first.began, _metres(first.place, second.place)
    if first.place is None or metres < limits["least_km"] * 1000:
        return None
    speed = metres / 1000 / ((between + UNDER_WAY) / timedelta(hours=1))
    if speed <= limits["speed"]:
        return None
    minutes = round(between / timedelta(minutes=1))
    numbers: Numbers = {
        "km": _km(metres),
        "minutes": minutes,
        "speed": round(speed),
        "limit": limits["speed"],
    }
    return Found(Kind.TOO_FAST, numbers, second.id, other_visit=first.id)


def evening_of(moment: datetime, from_hour: int) -> str:
    """The evening a local moment belongs to, as its date; "" by day."""
    if moment.hour >= from_hour or moment.hour < EVENING_ENDS:
        return (moment - timedelta(hours=EVENING_ENDS)).date().isoformat()
    return ""


def evening(visit: Visit, others: Collection[Visit], limits: Limits) -> Found | None:
    """More places in one evening than a person gets round. One signal for the evening, however long it became."""
    day = evening_of(visit.began, limits["from_hour"])
    if not day:
        return None
    same = [one for one in (visit, *others) if one.known and one.person_id == visit.person_id]
    same = [one for one in same if evening_of(one.began, limits["from_hour"]) == day]
    places = {one.premises_id for one in same}
    if len(places) < limits["places"]:
        return None
    first, *_rest, last = sorted(same, key=lambda one: (one.began, one.id))
    minutes = round((last.began - first.began) / timedelta(minutes=1))
    numbers: Numbers = {"places": len(places), "minutes": minutes, "limit": limits["places"]}
    return Found(Kind.EVENING, numbers, last.id, other_visit=first.id, key=f"{visit.person_id}/{day}")


def pattern(visit: Visit, others: Collection[Visit], limits: Limits) -> Found | None:
    """The same findings, words and readings at many places. "All conforms" is no pattern: it is one tap."""
    if not visit.pattern or visit.marks < limits["marks"]:
        return None
    span = timedelta(days=limits["days"])
    same = [one for one in others if one.pattern == visit.pattern and one.person_id == visit.person_id]
    same = [
        one for one in same if one.premises_id != visit.premises_id and abs(one.began - visit.began) <= span
    ]
    places = {one.premises_id for one in same} | {visit.premises_id}
    if len(places) < limits["places"]:
        return None
    near = min(same, key=lambda one: (abs(one.began - visit.began), one.id))
    numbers: Numbers = {"places": len(places), "marks": visit.marks, "limit": limits["places"]}
    key = f"{visit.person_id}/{visit.pattern}/{visit.began:%Y-%m}"
    return Found(Kind.PATTERN, numbers, visit.id, other_visit=near.id, key=key)


def seconds(visit: Visit, limits: Limits) -> Found | None:
    """Items tapped one by one quicker than they can be read, by the phone's own clock: right or wrong, it runs."""
    taps = sorted(visit.taps)
    if len(taps) < max(2, limits["items"]):
        return None
    taken = taps[-1] - taps[0]
    if taken >= timedelta(milliseconds=limits["each_ms"]) * (len(taps) - 1):
        return None
    numbers: Numbers = {
        "items": len(taps),
        "seconds": round(taken.total_seconds(), 1),
        "limit": limits["each_ms"] / 1000,
    }
    return Found(Kind.SECONDS, numbers, visit.id)


def no_position(visit: Visit, before: Sequence[Visit], limits: Limits) -> Found | None:
    """So many visits one after the other without any position, this one last. Said once a month."""
    row = [visit, *sorted(before, key=lambda one: (one.began, one.id), reverse=True)][: limits["visits"]]
    if len(row) < limits["visits"] or any(one.positioned for one in row):
        return None
    numbers: Numbers = {"visits": len(row), "limit": limits["visits"]}
    key = f"{visit.person_id}/{visit.began:%Y-%m}"
    return Found(Kind.NO_POSITION, numbers, visit.id, other_visit=row[-1].id, key=key)


def same_signature(visit_id: UUID, uses: Collection[tuple[UUID, datetime]], at: datetime) -> Found | None:
    """A drawn signature, bit by bit the one of another visit: no hand draws the same line twice."""
    earlier = [use for use in uses if use[0] != visit_id and use[1] <= at]
    if not earlier:
        return None
    other, when = max(earlier, key=lambda use: (use[1], use[0]))
    numbers: Numbers = {"days": (at - when).days, "times": len(earlier)}
    return Found(Kind.SIGNATURE, numbers, visit_id, other_visit=other)


def _metres(one: Spot | None, other: Spot | None) -> float:
    assert one is not None
    assert other is not None
    return metres_between(one.latitude, one.longitude, other.latitude, other.longitude)


def _km(metres: float) -> float:
    return round(metres / 1000, 1)


def _hours(span: timedelta) -> int:
    return round(span / timedelta(hours=1))
