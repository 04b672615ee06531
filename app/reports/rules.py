"""What may happen to an information report, and when it is due. Pure."""

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from app.core.errors import N_, Refused

LONGEST_CONTENT, LONGEST_PLACE, LONGEST_NOTE = 2000, 200, 2000


class State(enum.StrEnum):
    """How far a report has come. What verifying found stands in the state, because it decides what may follow."""

    REPORTED = "reported"
    VERIFIED = "verified"
    UNFOUNDED = "unfounded"
    UNCLEAR = "unclear"
    FORWARDED = "forwarded"
    HANDLED = "handled"
    FED_BACK = "fed_back"


class Event(enum.StrEnum):
    """What somebody does with it."""

    FOUND_TRUE = "found_true"
    FOUND_UNTRUE = "found_untrue"
    CANNOT_TELL = "cannot_tell"
    FORWARDED = "forwarded"
    HANDLED = "handled"
    FED_BACK = "fed_back"


VERDICTS = (Event.FOUND_TRUE, Event.FOUND_UNTRUE, Event.CANNOT_TELL)
_JUDGED = {
    Event.FOUND_TRUE: State.VERIFIED,
    Event.FOUND_UNTRUE: State.UNFOUNDED,
    Event.CANNOT_TELL: State.UNCLEAR,
}
# Urgent matters are reported first and verified afterwards (CHECKLISTS 1.2), so REPORTED may be forwarded at once.
# What was forwarded may be forwarded again: the authority was not the right one.
TABLE: Mapping[tuple[State, Event], State] = MappingProxyType(
    {
        **{(State.REPORTED, event): state for event, state in _JUDGED.items()},
        (State.REPORTED, Event.FORWARDED): State.FORWARDED,
        (State.VERIFIED, Event.FORWARDED): State.FORWARDED,
        (State.VERIFIED, Event.HANDLED): State.HANDLED,
        (State.UNCLEAR, Event.FOUND_TRUE): State.VERIFIED,
        (State.UNCLEAR, Event.FOUND_UNTRUE): State.UNFOUNDED,
        (State.UNCLEAR, Event.FORWARDED): State.FORWARDED,
        (State.UNCLEAR, Event.FED_BACK): State.FED_BACK,
        (State.UNFOUNDED, Event.FED_BACK): State.FED_BACK,
        (State.FORWARDED, Event.FORWARDED): State.FORWARDED,
        (State.FORWARDED, Event.HANDLED): State.HANDLED,
        (State.FORWARDED, Event.FED_BACK): State.FED_BACK,
        (State.HANDLED, Event.FED_BACK): State.FED_BACK,
    }
)
OPEN = tuple(state for state in State if state is not State.FED_BACK)


class NotPossible(Refused):
    """The report's state does not allow this."""


def next_state(state: State, event: Event) -> State:
    """Where `event` leads. Raises NotPossible for every pair the table does not name."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise NotPossible(
            N_("This cannot be done with the report as it stands now."),
            hint=N_("Somebody else may have been quicker. Reload the page and look at its history."),
        ) from None


def possible(state: State) -> list[Event]:
    """What may be done next, in the order of the table's events."""
    return [event for event in Event if (state, event) in TABLE]


def discovered(told: datetime | None, reported_at: datetime) -> datetime:
    """When it was seen: what the reporter says, never after the report itself."""
    return reported_at if told is None or told > reported_at else told


def due_at(discovered_at: datetime, hours: int) -> datetime:
    """By when it is to be passed on, in natural hours from the discovery (CHECKLISTS section 4)."""
    return discovered_at + timedelta(hours=hours)


def is_waiting(state: State, forwarded_at: datetime | None) -> bool:
    """Whether the clock still runs: nobody has passed it on or found that there is nothing to pass on."""
    return forwarded_at is None and state in {State.REPORTED, State.VERIFIED, State.UNCLEAR}
