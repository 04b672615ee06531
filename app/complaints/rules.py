"""What may happen to a complaint, and who may see whom it came from. Pure."""

import enum
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from app.core.errors import N_, Refused

LONGEST_MATTER, LONGEST_WORDS, LONGEST_NOTE, LONGEST_LINE = 4000, 4000, 2000, 200
QUICKEST, OLDEST = timedelta(seconds=3), timedelta(hours=24)  # from showing the public form to sending it


class Channel(enum.StrEnum):
    """How it came."""

    PHONE = "phone"
    VISIT = "visit"
    LETTER = "letter"
    ONLINE = "online"
    OWNER_PAGE = "owner_page"


BY_STAFF = (Channel.PHONE, Channel.VISIT, Channel.LETTER)


class Kind(enum.StrEnum):
    """What it is: about a place, or about an inspection itself (评价)."""

    COMPLAINT = "complaint"
    GRIEVANCE = "grievance"
    PRAISE = "praise"


class State(enum.StrEnum):
    """How far it has come. What verifying found stands in the state, because it decides what may follow."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    UNFOUNDED = "unfounded"
    UNCLEAR = "unclear"
    HANDED_OVER = "handed_over"
    HANDLED = "handled"
    DECLINED = "declined"
    ANSWERED = "answered"


class Event(enum.StrEnum):
    """What somebody does with it."""

    TAKEN_ON = "taken_on"
    TAKEN_OVER = "taken_over"
    ASSIGNED = "assigned"
    FOUND_TRUE = "found_true"
    FOUND_UNTRUE = "found_untrue"
    CANNOT_TELL = "cannot_tell"
    HANDED_OVER = "handed_over"
    HANDLED = "handled"
    DECLINED = "declined"
    ANSWERED = "answered"


VERDICTS = (Event.FOUND_TRUE, Event.FOUND_UNTRUE, Event.CANNOT_TELL)
TAKING = (Event.TAKEN_ON, Event.TAKEN_OVER)
_JUDGED = {
    Event.FOUND_TRUE: State.VERIFIED,
    Event.FOUND_UNTRUE: State.UNFOUNDED,
    Event.CANNOT_TELL: State.UNCLEAR,
}
_HELD = tuple(state for state in State if state not in {State.RECEIVED, State.ANSWERED})
# register → verify → report upward or hand over → feed back (DOMAIN.md, "Complaints")
TABLE: Mapping[tuple[State, Event], State] = MappingProxyType(
    {
        (State.RECEIVED, Event.TAKEN_ON): State.ACCEPTED,
        **{(state, Event.TAKEN_OVER): state for state in _HELD},
        (State.ACCEPTED, Event.ASSIGNED): State.ACCEPTED,
        **{(state, event): after for state in (State.ACCEPTED, State.UNCLEAR) for event, after in _JUDGED.items()},
        **{
            (state, Event.HANDED_OVER): State.HANDED_OVER
            for state in (State.ACCEPTED, State.VERIFIED, State.UNCLEAR, State.HANDED_OVER)
        },
        **{
            (state, Event.HANDLED): State.HANDLED
            for state in (State.ACCEPTED, State.VERIFIED, State.UNCLEAR, State.HANDED_OVER)
        },
        (State.ACCEPTED, Event.DECLINED): State.DECLINED,
        **{
            (state, Event.ANSWERED): State.ANSWERED
            for state in (State.UNFOUNDED, State.UNCLEAR, State.HANDED_OVER, State.HANDLED, State.DECLINED)
        },
    }
)
OPEN = tuple(state for state in State if state is not State.ANSWERED)


class NotPossible(Refused):
    """The complaint's state does not allow this."""


def next_state(state: State, event: Event) -> State:
    """Where `event` leads. Raises NotPossible for every pair the table does not name."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise NotPossible(
            N_("This cannot be done with the complaint as it stands now."),
            hint=N_("Somebody else may have been quicker. Reload the page and look at its history."),
        ) from None


def possible(state: State) -> list[Event]:
    """What may be done next."""
    return [event for event in Event if (state, event) in TABLE]


class Haste(enum.Enum):
    """How the public form was filled in."""

    FINE = "fine"
    TOO_QUICK = "too_quick"
    TOO_OLD = "too_old"


def haste(shown_ms: int, now: datetime) -> Haste:
    """A form that comes back faster than anybody writes was filled in by a program."""
    took = now - datetime.fromtimestamp(shown_ms / 1000, UTC)
    return Haste.TOO_QUICK if took < QUICKEST else Haste.TOO_OLD if took > OLDEST else Haste.FINE
