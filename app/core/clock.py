"""The one clock. Everything that asks for the time asks here, so that tests can hold it still."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Asia/Shanghai"
_frozen: ContextVar[datetime | None] = ContextVar("frozen_time", default=None)


def now() -> datetime:
    """The present moment as an aware UTC datetime."""
    return _frozen.get() or datetime.now(UTC)


def local(moment: datetime, zone: str | None = None) -> datetime:
    """`moment` as read from a wall clock in `zone` (an IANA name; the organisation's, by default China's)."""
    return moment.astimezone(ZoneInfo(zone or DEFAULT_ZONE))


def today(zone: str | None = None) -> date:
    """The date people in `zone` write on paper now."""
    return local(now(), zone).date()


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` (aware) inside the block: for tests and for invented history."""
    if moment.tzinfo is None:
        raise ValueError("the clock holds aware times only")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
