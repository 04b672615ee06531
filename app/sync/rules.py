"""Pure decisions about what phones send: which version of a field holds, and whose clock is believed.

A field is a multi-value register. Every edit is a version that names the versions it was made after; the heads are
the versions nobody was made after. One head is the value. Several are a conflict: the newest is shown, all are kept,
and a further version made after all of them (a choice) ends it. Versions form a set, so the same ones in any order,
any number of times, give the same heads (docs/decisions/0004-outbox-register-and-wire.md).
"""

import enum
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

FIELDS = ("result", "note", "outcome", "readings")
MOST_DEVICE_MS = 7_258_118_400_000  # the year 2200
CLOCKS_DIFFER = timedelta(minutes=2)
OLDEST_PATROL = timedelta(days=180)  # a phone's clock that says more is not believed


class Status(enum.StrEnum):
    """What became of a change. Only REFUSED and WAITING are not kept here."""

    RECEIVED = "received"
    DUPLICATE = "duplicate"  # the same id with the same content came before
    CONFLICT = "conflict"  # kept beside another version of the same field, or beside other content of the same id
    WAITING = "waiting"  # what it needs has not arrived
    LATE = "late"  # arrived after the visit was finished
    REFUSED = "refused"
    HELD = "held"  # from a deactivated account, for the supervisor
    SET_ASIDE = "set_aside"  # held, and the supervisor did not want it applied


class Version(NamedTuple):
    """One edit of one field. `after` names the versions its author had seen; `device_at` is the phone's clock."""

    id: str
    after: frozenset[str]
    device_at: int  # milliseconds since 1970


def heads(versions: Iterable[Version]) -> list[Version]:
    """The versions nobody was made after, the shown one first.

    Versions that name each other in a circle (no honest phone makes them) all count as heads.
    """
    known = {version.id: version for version in versions}
    seen = {id_ for version in known.values() for id_ in version.after if id_ != version.id}
    left = [version for version in known.values() if version.id not in seen]
    return sorted(left or known.values(), key=_newness, reverse=True)


def _newness(version: Version) -> tuple[int, str]:
    return version.device_at, version.id


def shown(versions: Iterable[Version]) -> Version | None:
    """The version that is shown while several stand side by side: the newest by the phones' clocks."""
    return next(iter(heads(versions)), None)


def follows(after: Collection[str], present: Collection[str]) -> bool:
    """Whether a version made after `after` replaces all the heads there are: the usual case, decided without a read."""
    return set(present) <= set(after)


def moment_of(device_at: int) -> datetime:
    """What the phone's clock said, as an aware moment."""
    return datetime.fromtimestamp(device_at / 1000, UTC)


def happened_at(device_at: int, offset_ms: int | None, received_at: datetime) -> datetime:
    """When it most likely happened, by what the phone's clock said."""
    return believed(moment_of(device_at), offset_ms, received_at)


def believed(moment: datetime, offset_ms: int | None, received_at: datetime) -> datetime:
    """The phone's time less its known offset, never after it was received.

    A clock that is known to be absurd, half a year back or in the future, gives the moment of receipt.
    """
    if offset_ms:
        moment -= timedelta(milliseconds=offset_ms)
    if moment > received_at:
        return received_at
    return moment if received_at - moment <= OLDEST_PATROL else received_at


def clock_is_off(device_at: datetime | None, offset_ms: int | None, received_at: datetime | None) -> bool:
    """Whether to show the phone's time beside the server's: its clock is more than two minutes off, or ahead."""
    if offset_ms is not None and abs(timedelta(milliseconds=offset_ms)) > CLOCKS_DIFFER:
        return True
    return device_at is not None and received_at is not None and device_at - received_at > CLOCKS_DIFFER
