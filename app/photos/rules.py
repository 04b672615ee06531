"""Decisions about what comes with a photo: pure, and forgiving, because a bad extra must never cost a photo."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TypeVar

from app.photos.models import Purpose, Source

T = TypeVar("T", Purpose, Source)

NAME_LENGTH = 120  # characters
MOST_OFFSET_MS = 50 * 365 * 24 * 3600 * 1000  # a phone whose clock was never set
MOST_ACCURACY_M = 100_000


@dataclass(frozen=True)
class PhotoMeta:
    """What the phone says beside the bytes. Nothing of it is believed more than it deserves; all of it is kept."""

    captured_at: datetime | None = None  # aware
    clock_offset_ms: int | None = None  # the phone's clock minus the server's
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None
    purpose: Purpose = Purpose.OTHER
    source: Source = Source.UNKNOWN
    original_name: str = ""

    @classmethod
    def from_form(cls, form: Mapping[str, str], *, original_name: str | None = None) -> "PhotoMeta":
        """Read the fields of an upload form, named as here. What is missing or absurd becomes unknown."""
        latitude = _number(form.get("latitude"), -90, 90)
        longitude = _number(form.get("longitude"), -180, 180)
        located = latitude is not None and longitude is not None
        offset = _number(form.get("clock_offset_ms"), -MOST_OFFSET_MS, MOST_OFFSET_MS)
        return cls(
            captured_at=_moment(form.get("captured_at")),
            clock_offset_ms=None if offset is None else round(offset),
            latitude=latitude if located else None,
            longitude=longitude if located else None,
            accuracy_m=_number(form.get("accuracy_m"), 0, MOST_ACCURACY_M) if located else None,
            purpose=_member(Purpose, form.get("purpose"), Purpose.OTHER),
            source=_member(Source, form.get("source"), Source.UNKNOWN),
            original_name=clean_name(original_name or form.get("original_name") or ""),
        )


def clean_name(name: str) -> str:
    """A file name to show and nothing else: no folders, no control or direction signs, of bearable length."""
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip()
    if len(plain) <= NAME_LENGTH:
        return "" if plain.strip(".") == "" else plain
    ending = PurePosixPath(plain).suffix[:10]
    return plain[: NAME_LENGTH - len(ending)] + ending


def _number(value: str | None, least: float, most: float) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and least <= number <= most else None


def _moment(value: str | None) -> datetime | None:
    """An ISO 8601 moment with its offset, as phones write it (`…Z`)."""
    try:
        moment = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    if moment.tzinfo is None or not 1971 <= moment.year < 2200:
        return None
    return moment.astimezone(UTC)


def _member(kind: type[T], value: str | None, otherwise: T) -> T:
    try:
        return kind(value or "")
    except ValueError:
        return otherwise
