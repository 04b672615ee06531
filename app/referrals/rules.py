"""Pure decisions about referrals: the state machine, the clocks, what a referral needs before it may be sent."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from app.core.errors import N_, Invalid, Refused

LONGEST_TEXT = 4000  # characters of facts, scene, opinions
LONGEST_NAME = 200
LONGEST_REASON = 1000
SOON = timedelta(minutes=60)
EARLIEST = timedelta(days=366)  # before today nothing is discovered that is still reported


class Status(enum.StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    FILED = "filed"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"


class Event(enum.StrEnum):
    """What may happen to it."""

    SEND = "send"  # for the first time, or again after it was returned and completed
    ACKNOWLEDGE = "acknowledge"  # the authority has it
    ACCEPT = "accept"  # and takes it on
    RETURN = "return"  # not theirs, or something is missing: with a reason
    FILE = "file"
    HAND_OVER = "hand_over"  # on to another body, the police for example
    CLOSE = "close"  # with an outcome


class Outcome(enum.StrEnum):
    """How it ended."""

    DEALT_WITH = "dealt_with"
    UNFOUNDED = "unfounded"
    PUT_RIGHT = "put_right"
    PASSED_ON = "passed_on"
    WITHDRAWN = "withdrawn"  # by the sender
    NOT_SENT = "not_sent"  # a draft that came to nothing


class Side(enum.StrEnum):
    """Whose step it is. Each side may write down what the other one told it, naming who said so."""

    SENDER = "sender"
    RECEIVER = "receiver"


S, E = Status, Event
TABLE: dict[tuple[Status, Event], Status] = {
    (S.DRAFT, E.SEND): S.SENT,
    (S.DRAFT, E.CLOSE): S.CLOSED,
    (S.SENT, E.ACKNOWLEDGE): S.ACKNOWLEDGED,
    (S.SENT, E.ACCEPT): S.ACCEPTED,
    (S.SENT, E.RETURN): S.RETURNED,
    (S.SENT, E.CLOSE): S.CLOSED,
    (S.ACKNOWLEDGED, E.ACCEPT): S.ACCEPTED,
    (S.ACKNOWLEDGED, E.RETURN): S.RETURNED,
    (S.ACKNOWLEDGED, E.CLOSE): S.CLOSED,
    (S.RETURNED, E.SEND): S.SENT,
    (S.RETURNED, E.CLOSE): S.CLOSED,
    (S.ACCEPTED, E.FILE): S.FILED,
    (S.ACCEPTED, E.HAND_OVER): S.HANDED_OVER,
    (S.ACCEPTED, E.CLOSE): S.CLOSED,
    (S.FILED, E.HAND_OVER): S.HANDED_OVER,
    (S.FILED, E.CLOSE): S.CLOSED,
    (S.HANDED_OVER, E.CLOSE): S.CLOSED,
}
EDITABLE = frozenset({S.DRAFT, S.RETURNED})
WAITING = frozenset({S.SENT, S.ACKNOWLEDGED})
NEED_REASON = frozenset({E.RETURN, E.CLOSE})
BY_LINK = (E.ACKNOWLEDGE, E.ACCEPT, E.RETURN, E.CLOSE)  # what the holder of a link may answer, each link once
SENDERS_END = {S.DRAFT: Outcome.NOT_SENT, S.SENT: Outcome.WITHDRAWN, S.ACKNOWLEDGED: Outcome.WITHDRAWN,
               S.RETURNED: Outcome.WITHDRAWN}  # fmt: skip
RECEIVERS_ENDS = (Outcome.DEALT_WITH, Outcome.PUT_RIGHT, Outcome.UNFOUNDED, Outcome.PASSED_ON)


class NotPossible(Refused):
    """The state of the referral does not allow this step (409)."""


def next_status(status: Status, event: Event) -> Status:
    """Return the state after `event`. Raises NotPossible for every pair the table does not name."""
    after = TABLE.get((status, event))
    if after is None:
        raise NotPossible(
            N_("The referral has moved on, so this step is no longer possible."),
            hint=N_("Reload the page and look how it stands now."),
        )
    return after


def events_from(status: Status) -> list[Event]:
    """Return what may happen next, in the order of the enum."""
    return [event for event in Event if (status, event) in TABLE]


def by_link(status: Status) -> list[Event]:
    """Return what the holder of a link may answer now; a close that would take it back is not theirs."""
    return [event for event in events_from(status) if event in BY_LINK and side_of(status, event) is Side.RECEIVER]


def side_of(status: Status, event: Event) -> Side:
    """Who takes this step: sending and taking back is the sender's, the rest the receiver's."""
    if event is Event.SEND or (event is Event.CLOSE and status in SENDERS_END):
        return Side.SENDER
    return Side.RECEIVER


def outcomes_at(status: Status) -> tuple[Outcome, ...]:
    """Return with which outcomes it may be closed from here."""
    own = SENDERS_END.get(status)
    return (own,) if own else RECEIVERS_ENDS


def check_step(event: Event, *, reason: str, outcome: Outcome | None, status: Status) -> None:
    """Raise Invalid where a step lacks its reason or its outcome."""
    if event in NEED_REASON and not reason.strip():
        words = {
            Event.RETURN: N_("Write why it is returned: what is missing, or whose it is."),
            Event.CLOSE: N_("Write how it ended."),
        }
        raise Invalid(words[event], field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            N_("This is too long: %(most)s characters at most."), field="reason", most=LONGEST_REASON
        )
    if event is Event.CLOSE and outcome not in outcomes_at(status):
        raise Invalid(N_("Choose how it ended."), field="outcome")


# ---------------------------------------------------------------- clocks


class LimitKind(enum.StrEnum):
    """How a limit counts."""

    IMMEDIATELY = "immediately"
    HOURS = "hours"  # natural hours: nights, weekends and holidays count (CHECKLISTS 4)
    WORKING_DAYS = "working_days"
    SAME_DAY = "same_day"


@dataclass(frozen=True)
class Limit:
    """`amount`: hours or working days."""

    kind: LimitKind
    amount: int = 0


class Face(enum.StrEnum):
    """How a clock looks."""

    NONE = "none"
    NOW = "now"  # the law says "immediately": what counts is how long it has been
    OK = "ok"
    SOON = "soon"
    LATE = "late"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True)
class Reading:
    """What a clock shows: its face, and the time left, over, or used until the report went out."""

    face: Face
    span: timedelta = timedelta()


def due_at(
    limit: Limit | None, discovered: datetime, zone: tzinfo, is_working_day: Callable[[date], bool]
) -> datetime | None:
    """Return until when it is to be reported, counted from the moment of discovery. None: no limit in law."""
    if limit is None:
        return None
    if limit.kind is LimitKind.IMMEDIATELY:
        return discovered
    if limit.kind is LimitKind.HOURS:
        return discovered + timedelta(hours=limit.amount)
    day = discovered.astimezone(zone).date()
    if limit.kind is LimitKind.WORKING_DAYS:
        left = limit.amount
        while left:  # the day itself does not count (CHECKLISTS 6.4)
            day += timedelta(days=1)
            left -= is_working_day(day)
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(discovered.tzinfo)


def read_clock(
    due: datetime | None, discovered: datetime, reported: datetime | None, now: datetime
) -> Reading:
    """Return how the clock stands: running until the report went out, then kept as it was met."""
    if due is None:
        return Reading(Face.NONE)
    at_once = due == discovered
    if reported is not None:
        in_time = at_once or reported <= due  # how soon "immediately" is, nobody has put in minutes
        return Reading(Face.MET if in_time else Face.MISSED, reported - discovered)
    if at_once:
        return Reading(Face.NOW, max(now - discovered, timedelta()))
    left = due - now
    if left < timedelta():
        return Reading(Face.LATE, -left)
    return Reading(Face.SOON if left <= SOON else Face.OK, left)


# ---------------------------------------------------------------- what it needs


def check_discovery(discovered: datetime, now: datetime) -> None:
    """Discovery lies in the past, and not years ago. Raises Invalid."""
    if discovered > now + timedelta(minutes=10):
        raise Invalid(N_("The moment of discovery lies in the future."), field="discovered_at")
    if discovered < now - EARLIEST:
        raise Invalid(N_("The moment of discovery lies more than a year back."), field="discovered_at")


def missing(facts: str, address: str, authority: str, scene: str, *, needs_scene: bool) -> list[str]:
    """Return the names of what must stand there before it is sent. A name of the subject is not among them."""
    given = {"address": address, "facts": facts, "authority": authority}
    if needs_scene:
        given["scene"] = scene
    return [name for name, text in given.items() if not text.strip()]


def format_number(pattern: str, prefix: str, year: int, sequence: int) -> str:
    """Return the number as printed: 南卫移〔2026〕0012号."""
    return pattern.format(prefix=prefix, year=year, seq=sequence)
