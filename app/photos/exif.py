"""What a photo says about itself, read so that garbage can do no harm.

A reader of our own for the few fields that matter: general readers load every field of every directory, and a
directory of a few hundred kilobytes can name the same bytes thousands of times (gigabytes in memory). This one looks
only at known fields, takes at most `MAX_TEXT` bytes of each, follows no chains, and never raises. MakerNote and
other binary fields are left in the original. Field numbers and types: CIPA DC-008 (Exif 3.0), TIFF 6.0.
"""

import math
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

MAX_EXIF = 1024 * 1024  # bytes looked at
MAX_FIELDS = 512  # entries of one directory looked at
MAX_TEXT = 200  # bytes of one text
MAX_NUMBERS = 8  # numbers of one field
EARLIEST, LATEST = 1995, 2100  # years a camera's clock may plausibly name

EXIF_POINTER, GPS_POINTER = 0x8769, 0x8825
MAIN = {0x010F: "Make", 0x0110: "Model", 0x0112: "Orientation", 0x0131: "Software", 0x0132: "DateTime"}
CAMERA = {
    0x829A: "ExposureTime",
    0x829D: "FNumber",
    0x8827: "ISO",
    0x9003: "DateTimeOriginal",
    0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime",
    0x9011: "OffsetTimeOriginal",
    0x9012: "OffsetTimeDigitized",
    0x9209: "Flash",
    0x920A: "FocalLength",
    0xA002: "PixelXDimension",
    0xA003: "PixelYDimension",
    0xA405: "FocalLengthIn35mmFilm",
    0xA434: "LensModel",
}
GPS = {
    0x01: "GPSLatitudeRef",
    0x02: "GPSLatitude",
    0x03: "GPSLongitudeRef",
    0x04: "GPSLongitude",
    0x05: "GPSAltitudeRef",
    0x06: "GPSAltitude",
    0x07: "GPSTimeStamp",
    0x10: "GPSImgDirectionRef",
    0x11: "GPSImgDirection",
    0x12: "GPSMapDatum",
    0x1D: "GPSDateStamp",
    0x1F: "GPSHPositioningError",
}
_NUMBERS = {
    1: "B",
    3: "H",
    4: "I",
    9: "i",
    5: "II",
    10: "ii",
}  # TIFF type → struct letters; pairs are fractions
_MOMENT = re.compile(r"(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[ T](\d{1,2}):(\d{1,2}):(\d{1,2})")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")

Value = str | int | float | list[int | float]
Fields = dict[str, Value]


@dataclass(frozen=True)
class ExifFacts:
    """What the record keeps apart from the raw fields."""

    taken_at: datetime | None = None  # aware
    zone_assumed: bool = False  # the camera named no offset; the organisation's time zone was taken
    latitude: float | None = None  # degrees, WGS 84
    longitude: float | None = None
    device: str = ""  # maker and model


def read_exif(raw: bytes | None) -> Fields:
    """The known, well-formed fields of an EXIF block; what is damaged or absurd is left out."""
    try:
        block = _Block(raw or b"")
        fields, pointers = block.directory(block.start(), MAIN)
    except (struct.error, ValueError):
        return {}
    for pointer, names in ((EXIF_POINTER, CAMERA), (GPS_POINTER, GPS)):
        with suppress(struct.error):
            if pointer in pointers:
                fields |= block.directory(pointers[pointer], names)[0]
    return fields


def orientation_of(fields: Mapping[str, Any]) -> int:
    """How the picture must be turned, 1 (not at all) to 8."""
    value = fields.get("Orientation")
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def facts_from(fields: Mapping[str, Any], zone: str) -> ExifFacts:
    """Time, place and device; `zone` is the IANA name assumed for a camera that names no offset."""
    taken_at, assumed = _taken_at(fields, zone)
    latitude, longitude = _position(fields)
    return ExifFacts(taken_at, assumed, latitude, longitude, _device(fields))


class _Block:
    """A TIFF structure inside `raw`, read with every bound checked."""

    def __init__(self, raw: bytes) -> None:
        self.data = raw[6:MAX_EXIF] if raw.startswith(b"Exif\0\0") else raw[:MAX_EXIF]
        if self.data[:4] not in (b"II*\0", b"MM\0*"):
            raise ValueError("no TIFF header")
        self.order = "<" if self.data[:2] == b"II" else ">"

    def start(self) -> int:
        return self._unpack("I", 4)[0]

    def directory(self, offset: int, names: Mapping[int, str]) -> tuple[Fields, dict[int, int]]:
        """The fields called for by `names`, and the pointers to other directories."""
        fields: Fields = {}
        pointers: dict[int, int] = {}
        for tag, kind, count, place in self._entries(offset):
            if tag in (EXIF_POINTER, GPS_POINTER):
                pointers.setdefault(tag, self._unpack("I", place)[0])
            elif tag in names and names[tag] not in fields:
                value = self._value(kind, count, place)
                if value is not None:
                    fields[names[tag]] = value
        return fields, pointers

    def _entries(self, offset: int) -> Iterator[tuple[int, int, int, int]]:
        (count,) = self._unpack("H", offset)
        for index in range(min(count, MAX_FIELDS)):
            place = offset + 2 + 12 * index
            if place + 12 > len(self.data):
                return
            tag, kind, length = self._unpack("HHI", place)
            yield tag, kind, length, place + 8

    def _value(self, kind: int, count: int, place: int) -> Value | None:
        try:
            if kind == 2:
                return _clean_text(self._text(count, place)) or None
            return self._numbers(kind, count, place)
        except (struct.error, ValueError, OverflowError):
            return None

    def _text(self, count: int, place: int) -> bytes:
        where = place if count <= 4 else self._unpack("I", place)[0]
        return self.data[where : where + min(count, MAX_TEXT)]

    def _numbers(self, kind: int, count: int, place: int) -> Value | None:
        letters = _NUMBERS.get(kind)
        if letters is None or not 1 <= count <= MAX_NUMBERS:
            return None
        letters *= count
        where = place if struct.calcsize("=" + letters) <= 4 else self._unpack("I", place)[0]
        numbers: list[Any] = list(self._unpack(letters, where))
        if kind in (5, 10):
            numbers = [_fraction(*numbers[at : at + 2]) for at in range(0, len(numbers), 2)]
        return numbers[0] if count == 1 else numbers

    def _unpack(self, letters: str, offset: int) -> tuple[int, ...]:
        return struct.unpack_from(self.order + letters, self.data, offset)


def _fraction(above: int, below: int) -> float:
    if below == 0:
        raise ValueError("no number")
    return round(above / below, 8)


def _clean_text(raw: bytes) -> str:
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace")
    return "".join(sign for sign in text if sign.isprintable()).strip()


def _taken_at(fields: Mapping[str, Any], zone: str) -> tuple[datetime | None, bool]:
    pairs = (("DateTimeOriginal", "OffsetTimeOriginal"), ("DateTimeDigitized", "OffsetTimeDigitized"))
    for name, offset_name in (*pairs, ("DateTime", "OffsetTime")):
        moment = _moment(fields.get(name))
        if moment is None:
            continue
        offset = _offset(fields.get(offset_name)) or _offset(fields.get("OffsetTime"))
        return moment.replace(tzinfo=offset or ZoneInfo(zone)).astimezone(UTC), offset is None
    return None, False


def _moment(value: object) -> datetime | None:
    match = _MOMENT.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        moment = datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - the zone follows
    except ValueError:
        return None
    return moment if EARLIEST <= moment.year < LATEST else None


def _offset(value: object) -> timezone | None:
    if value == "Z":
        return UTC
    match = _OFFSET.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))


def _position(fields: Mapping[str, Any]) -> tuple[float | None, float | None]:
    latitude = _degrees(fields, "GPSLatitude", "NS", 90)
    longitude = _degrees(fields, "GPSLongitude", "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None, None  # phones without a fix write 0, 0
    return latitude, longitude


def _degrees(fields: Mapping[str, Any], name: str, halves: str, most: int) -> float | None:
    parts, half = fields.get(name), str(fields.get(f"{name}Ref", "")).upper()[:1]
    if not isinstance(parts, list) or len(parts) != 3 or not half or half not in halves:
        return None
    plausible: tuple[Callable[[float], bool], ...] = (
        lambda degrees: 0 <= degrees <= most,
        lambda minutes: 0 <= minutes < 60,
        lambda seconds: 0 <= seconds <= 60,
    )
    if not all(math.isfinite(part) and fits(part) for part, fits in zip(parts, plausible, strict=True)):
        return None
    value = round(parts[0] + parts[1] / 60 + parts[2] / 3600, 7)
    if value > most:
        return None
    return value if half == halves[0] else -value


def _device(fields: Mapping[str, Any]) -> str:
    make, model = (str(fields.get(name, "")).strip() for name in ("Make", "Model"))
    named = model if make and model.lower().startswith(make.lower()) else f"{make} {model}"
    return named.strip()[:100]
