"""Pure decisions about the staff's answers: what may be done with a point now, by whom, and why not."""

import enum
from dataclasses import dataclass
from datetime import date

from app.core.errors import N_
from app.inspections.rules import refuse_date
from app.notices.progress import Event, Step
from app.replies.models import ReplyKind

MINOR = "C"
LONGEST_REASON = 1000  # characters


class Act(enum.StrEnum):
    """What staff can do with a point. Looking again on site is a visit of its own (verifying.py)."""

    ACCEPT = "accept"  # on the photo
    LOOK = "look"  # take the reply, go and see
    REJECT = "reject"
    EXTEND = "extend"


EVENTS = {
    Act.ACCEPT: Event.ACCEPTED,
    Act.LOOK: Event.LOOK_AGAIN,
    Act.REJECT: Event.REJECTED,
    Act.EXTEND: Event.EXTENDED,
}


@dataclass(frozen=True)
class Situation:
    """How a point stands when somebody decides. `kind` of the newest reply; `in_force` of its notice."""

    step: Step
    severity: str
    kind: ReplyKind | None
    due_on: date | None
    extended: bool
    today: date
    in_force: bool = True

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < self.today


@dataclass(frozen=True)
class Powers:
    """Who decides, and what the county lets them."""

    supervisor: bool
    inspector: bool
    accepts_on_photo: bool
    coordinator_extends: bool


def why_not(act: Act, now: Situation, who: Powers) -> str:
    """Why `act` is not possible, as a msgid; "" when it is. What the table of steps forbids is said by it."""
    if not who.inspector:
        return N_("Your role does not include this.")
    return {Act.ACCEPT: _accept, Act.EXTEND: _extend}.get(act, _anybody)(now, who)


def may(act: Act, now: Situation, who: Powers) -> bool:
    """Whether the page offers it."""
    waits = now.step is Step.ANSWERED or (act is Act.EXTEND and now.step is Step.AWAITED)
    return now.in_force and waits and not why_not(act, now, who)


def _anybody(_now: Situation, _who: Powers) -> str:
    return ""


def _accept(now: Situation, who: Powers) -> str:
    if now.severity != MINOR:
        return N_("Only minor points are accepted on a photo. Look at this one on site.")
    if not who.accepts_on_photo:
        return N_("Your county does not accept points on a photo. Look at this one on site.")
    if now.kind not in (None, ReplyKind.FIXED):
        return N_("The owner does not say that it is fixed, so there is nothing to accept.")
    return ""


def _extend(now: Situation, who: Powers) -> str:
    if now.due_on is None:
        return N_("This point has no date.")
    if now.extended:
        return N_("More time was already given once for this point.")
    if who.supervisor:
        return ""
    if not who.coordinator_extends:
        return N_("In your county a supervisor gives more time.")
    return N_("The date has passed: now only a supervisor gives more time.") if now.is_overdue else ""


def bad_date(due_on: date, now: Situation, visited_on: date) -> str:
    """Why `due_on` cannot be the new date, as a msgid; "" when it can."""
    if due_on <= now.today:
        return N_("The new date must lie in the future.")
    if now.due_on is not None and due_on <= now.due_on:
        return N_("The new date must lie after the present one.")
    bad = refuse_date(due_on, visited_on)
    return bad.value if bad else ""
