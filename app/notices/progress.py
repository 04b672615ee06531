"""The life of a notice as one table: what may happen to a finding on it, and what that makes of the whole.

Pure. The drawing in the README is made from this file (drawing.py); every pair the table does not name is forbidden.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from app.calendar.rules import add_working_days
from app.core.errors import N_, Refused

WORKING_DAYS_TO_VERIFY = 3  # CHECKLISTS 3.7: looked at again within three working days of the date


class Step(enum.StrEnum):
    """Where a finding on an issued notice stands."""

    AWAITED = "awaited"  # the owner is to put it right
    ANSWERED = "answered"  # the owner has replied; the reply waits for a decision
    TO_VERIFY = "to_verify"  # somebody goes and looks
    REFERRED = "referred"  # the authority that may act has it
    CLOSED = "closed"


class Event(enum.StrEnum):
    """What can happen to it. The first is the owner's, the rest are of the issuing side or the authority."""

    REPLIED = "replied"
    ACCEPTED = "accepted"  # on the photo, without going there
    LOOK_AGAIN = "look_again"  # the reply is taken; it is seen on site
    REJECTED = "rejected"  # with a reason the owner reads
    EXTENDED = "extended"  # more time, once
    VERIFIED_FIXED = "verified_fixed"
    VERIFIED_PARTLY = "verified_partly"
    VERIFIED_NOT_FIXED = "verified_not_fixed"
    REFERRED = "referred"
    REFERRAL_CLOSED = "referral_closed"
    REFERRAL_RETURNED = "referral_returned"
    ENDED = "ended"  # the place has closed or changed hands


class Stage(enum.StrEnum):
    """Where an issued notice stands as a whole. Overdue and extended are facts beside it, see `marks`."""

    ISSUED = "issued"
    DELIVERED = "delivered"
    OPENED = "opened"
    REPLIED = "replied"
    TO_VERIFY = "to_verify"
    REFERRED = "referred"
    CLOSED = "closed"


class Mark(enum.StrEnum):
    """What is true of a notice beside its stage."""

    OVERDUE = "overdue"
    EXTENDED = "extended"


_SEEN_ON_SITE = {
    Event.VERIFIED_FIXED: Step.CLOSED,
    Event.VERIFIED_PARTLY: Step.AWAITED,
    Event.VERIFIED_NOT_FIXED: Step.AWAITED,
}
_ANY_TIME = {Event.REFERRED: Step.REFERRED, Event.ENDED: Step.CLOSED}

TABLE: dict[Step, dict[Event, Step]] = {
    Step.AWAITED: {Event.REPLIED: Step.ANSWERED, Event.EXTENDED: Step.AWAITED, **_SEEN_ON_SITE, **_ANY_TIME},
    Step.ANSWERED: {
        Event.REPLIED: Step.ANSWERED,
        Event.ACCEPTED: Step.CLOSED,
        Event.LOOK_AGAIN: Step.TO_VERIFY,
        Event.REJECTED: Step.AWAITED,
        Event.EXTENDED: Step.AWAITED,
        **_SEEN_ON_SITE,
        **_ANY_TIME,
    },
    Step.TO_VERIFY: {Event.REPLIED: Step.ANSWERED, **_SEEN_ON_SITE, **_ANY_TIME},
    Step.REFERRED: {
        Event.REPLIED: Step.REFERRED,  # kept and shown to whoever has the matter now
        Event.VERIFIED_FIXED: Step.CLOSED,
        Event.VERIFIED_PARTLY: Step.REFERRED,
        Event.VERIFIED_NOT_FIXED: Step.REFERRED,
        Event.REFERRAL_CLOSED: Step.CLOSED,
        Event.REFERRAL_RETURNED: Step.AWAITED,
        Event.ENDED: Step.CLOSED,
    },
    Step.CLOSED: {},
}

WHILE_OWNERS_TURN = frozenset({Step.AWAITED})
WHILE_OURS = frozenset({Step.ANSWERED, Step.TO_VERIFY})
_STARTS = {"fixed_on_the_spot": Step.CLOSED, "by_a_date": Step.AWAITED}  # by outcome; all others are referred


class NotPossible(Refused):
    """What was asked for does not go with where the finding stands."""


@dataclass(frozen=True)
class Standing:
    """One finding of a notice: its step, the date that holds for it, whether that was extended, and since when."""

    step: Step
    due_on: date | None = None
    extended: bool = False
    since: date | None = None  # the local day of its last turn; None before the first


def first_step(outcome: str) -> Step:
    """Where a finding with this outcome stands on the day of issue."""
    return _STARTS.get(outcome, Step.REFERRED)


def allows(step: Step, event: Event) -> bool:
    return event in TABLE[step]


def next_step(step: Step, event: Event) -> Step:
    """Return the step after `event`. Raises NotPossible, saying why, for a pair the table does not have."""
    after = TABLE[step].get(event)
    if after is None:
        raise NotPossible(_why_not(step), hint=N_("Reload the page to see how it stands now."))
    return after


def _why_not(step: Step) -> str:
    return {
        Step.AWAITED: N_("The owner has not replied to this point yet."),
        Step.ANSWERED: N_("The owner's reply to this point waits for a decision first."),
        Step.TO_VERIFY: N_("This point is to be looked at on site first."),
        Step.REFERRED: N_("This point was referred; the authority has it."),
        Step.CLOSED: N_("This point is closed."),
    }[step]


def stage_of(standings: Sequence[Standing], *, delivered: bool, opened: bool) -> Stage:
    """The whole from its parts: what waits for us first, then what waits for the owner."""
    steps = {standing.step for standing in standings}
    if steps <= {Step.CLOSED}:
        return Stage.CLOSED
    if Step.ANSWERED in steps:
        return Stage.REPLIED
    if Step.TO_VERIFY in steps:
        return Stage.TO_VERIFY
    if Step.AWAITED in steps:
        return Stage.OPENED if opened else Stage.DELIVERED if delivered else Stage.ISSUED
    return Stage.REFERRED


def due_of(standings: Sequence[Standing]) -> date | None:
    """The earliest date the owner still has to keep; None when nothing waits for the owner."""
    dates = [one.due_on for one in standings if one.step in WHILE_OWNERS_TURN and one.due_on is not None]
    return min(dates, default=None)


def verify_by(standings: Sequence[Standing], is_working_day: Callable[[date], bool]) -> date | None:
    """By when somebody looks at it: three working days after the reply, or after a date nobody answered.

    None when nothing is left to verify.
    """
    starts = [one.since for one in standings if one.step in WHILE_OURS and one.since is not None]
    starts += [one.due_on for one in standings if one.step in WHILE_OWNERS_TURN and one.due_on is not None]
    return min((add_working_days(day, WORKING_DAYS_TO_VERIFY, is_working_day) for day in starts), default=None)


def marks(standings: Sequence[Standing], today: date) -> frozenset[Mark]:
    """Overdue: a point still waits for the owner after its date. Extended: a date was moved for an open point."""
    due = due_of(standings)
    found = {Mark.OVERDUE} if due is not None and due < today else set()
    if any(one.extended and one.step is not Step.CLOSED for one in standings):
        found.add(Mark.EXTENDED)
    return frozenset(found)
