"""What the phone says when a visit begins. All of it is optional: a missing position never blocks."""

from datetime import UTC, datetime
from typing import Any

from app.accounts.callers import Caller
from app.accounts.models import Person
from app.core.ids import read_id
from app.inspections import queries
from app.inspections.services import Start
from app.premises.models import Premises


def read_start(form: Any) -> Start:
    """Clock and position from the form; what cannot be read, or cannot be on Earth, is left out."""
    latitude, longitude = _number(form.latitude.data, 90), _number(form.longitude.data, 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    return Start(
        device_time=_moment(form.device_time.data),
        clock_offset_ms=form.clock_offset.data if abs(form.clock_offset.data or 0) < 2**31 else None,
        latitude=latitude,
        longitude=longitude,
        accuracy_m=_number(form.accuracy.data, 1_000_000) if latitude is not None else None,
    )


def chosen_fellows(ids: list[str], person: Person | Caller, premises: Premises) -> list[Person]:
    """The chosen colleagues, out of those who may come along."""
    wanted = {read_id(raw) for raw in ids}
    if not wanted:
        return []
    return [colleague for colleague in queries.colleagues(person, premises) if colleague.id in wanted]


def _number(raw: str | None, most: float) -> float | None:
    try:
        value = float(raw or "")
    except ValueError:
        return None
    return value if -most <= value <= most else None


def _moment(raw: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(raw or "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
