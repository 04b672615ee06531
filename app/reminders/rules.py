"""What is to be said now, and to whom: a function of what is known of a notice or a referral, and of the clock. Pure.

A stream is a row of moments around a date: three days before, one day before, on it, one day after … Each moment
holds until the next one. So a run that comes late says what is true now, once, and not what it slept through.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

CLOCK_HOURS = (-24, -1, 0, 1)  # around the limit of a referral, in natural hours; then daily
DAY_HOURS = 24
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=30), timedelta(hours=4)
UNCERTAIN_AFTER = timedelta(minutes=15)  # a claim without result: whoever made it is gone
MOST_TRIES = 12
DOWN_AFTER = 3  # failures of one channel on end; the rest of the run does not wait for it


class Kind(enum.StrEnum):
    """What is said."""

    BEFORE = "before"  # the date of a notice comes near
    DUE = "due"  # it is today
    AFTER = "after"  # it has passed and nobody replied
    VERIFY = "verify"  # a reply waits, or somebody is to go and look
    CLOCK = "clock"  # the limit of a referral runs out, or has
    HANDED = "handed"  # a referral has gone out: its addressee is told, at any hour
    AGAIN = "again"  # somebody asked for one more


class Audience(enum.StrEnum):
    """Who is told."""

    LEAD = "lead"  # who led the visit, or opened the referral
    SUPERVISORS = "supervisors"  # of the county
    OWNER = "owner"  # with written consent
    ADDRESSEE = "addressee"  # of a referral, where an address is known


class State(enum.StrEnum):
    """What became of one reminder on one channel."""

    CLAIMED = "claimed"  # somebody is about to send it
    SENT = "sent"
    FAILED = "failed"  # tried; again at its next time
    SKIPPED = "skipped"  # nobody can be reached, and why
    UNCERTAIN = "uncertain"  # claimed and never heard of again: not sent a second time by itself


@dataclass(frozen=True)
class Plan:
    """What the county decided."""

    before: tuple[int, ...] = (3, 1)  # days
    after: tuple[int, ...] = (1, 3, 7)  # days
    every: int = 7  # days, after the last of `after`
    quiet_from: time = time(21)
    quiet_to: time = time(8)


@dataclass(frozen=True)
class NoticeFacts:
    """`due_on`: the earliest date its owner still has to keep; None when nothing waits for the owner."""

    issued_on: date
    due_on: date | None = None
    verify_by: date | None = None
    is_ours: bool = False  # a reply waits for a decision, or somebody is to go and look
    asked_on: date | None = None  # somebody asked for one more reminder
    asked_by_lead: bool = False


@dataclass(frozen=True)
class ReferralFacts:
    """A referral that has not gone out. `limit`: by when it is to be reported."""

    opened_at: datetime
    limit: datetime | None = None


@dataclass(frozen=True)
class Due:
    """One thing to say: `step` is days (of a clock: hours) from `anchor`, before it where negative."""

    kind: Kind
    step: int
    anchor: date
    audience: frozenset[Audience]


LEAD, OWNER, SUPERVISORS = Audience.LEAD, Audience.OWNER, Audience.SUPERVISORS
ASKED_HOLDS = timedelta(days=1)  # one asked for in the evening goes out in the morning
_UNTIL, _SINCE, _OURS = frozenset({LEAD, OWNER}), frozenset({LEAD, SUPERVISORS, OWNER}), frozenset({LEAD, SUPERVISORS})


def due_of_notice(facts: NoticeFacts, plan: Plan, today: date) -> Iterator[Due]:
    """Give what is to be said of a notice today: at most one thing about its date and one about looking at it."""
    if facts.due_on is not None:
        step = _of_days([-days for days in plan.before], plan, (today - facts.due_on).days)
        # whoever was handed the paper today is not reminded of it today
        if step is not None and (step >= 0 or facts.due_on + timedelta(days=step) > facts.issued_on):
            kind = Kind.BEFORE if step < 0 else Kind.AFTER if step else Kind.DUE
            yield Due(kind, step, facts.due_on, _SINCE if step > 0 else _UNTIL)
    if facts.is_ours and facts.verify_by is not None:
        step = _of_days([], plan, (today - facts.verify_by).days)
        if step is not None:
            yield Due(Kind.VERIFY, step, facts.verify_by, _OURS if step else frozenset({LEAD}))
    if facts.due_on is not None and facts.asked_on is not None and today - facts.asked_on <= ASKED_HOLDS:
        yield Due(Kind.AGAIN, 0, facts.asked_on, frozenset({OWNER}) if facts.asked_by_lead else _UNTIL)


def may_ask_again(*, due_on: date | None, today: date, not_fixed: bool, told_today: bool) -> bool:
    """Whether one more reminder may be asked for: the date has passed or it was seen not to be fixed; once a day."""
    return due_on is not None and (due_on < today or not_fixed) and not told_today


def due_of_referral(facts: ReferralFacts, now: datetime, anchor: date) -> Iterator[Due]:
    """Give what is to be said of a limit now; `anchor` is its local day. Nights and days of rest count."""
    if facts.limit is None:
        return
    hours = (now - facts.limit) // timedelta(hours=1)
    step = _latest(list(CLOCK_HOURS), DAY_HOURS, hours)
    if step is None or facts.limit + timedelta(hours=step) <= facts.opened_at:
        return
    yield Due(Kind.CLOCK, step, anchor, _OURS if step >= 0 else frozenset({LEAD}))


def _of_days(before: list[int], plan: Plan, at: int) -> int | None:
    """The step of a day; a county without days after the date hears nothing after it."""
    return None if at > 0 and not plan.after else _latest([*before, 0, *plan.after], plan.every, at)


def _latest(steps: list[int], every: int, at: int) -> int | None:
    """The last of `steps` that `at` has reached; beyond the last one, every so many."""
    reached = [step for step in steps if step <= at]
    if not reached:
        return None
    last = max(steps)
    if every and at >= last > 0:
        return _beyond(last, every, at)
    return max(reached)


def _beyond(last: int, every: int, at: int) -> int:
    """From `last` on every so many; the first of those is the next whole multiple after it."""
    first = (last // every + 1) * every
    return last if at < first else at - at % every


def is_quiet(at: time, plan: Plan) -> bool:
    """Whether nobody is disturbed at this time of day. The same hour twice: never quiet."""
    if plan.quiet_from <= plan.quiet_to:
        return plan.quiet_from <= at < plan.quiet_to
    return at >= plan.quiet_from or at < plan.quiet_to


def next_try(tries: int, now: datetime) -> datetime | None:
    """When it is tried again after so many failures. None: it is given up."""
    if tries >= MOST_TRIES:
        return None
    return now + min(FIRST_RETRY * 2 ** (tries - 1), LONGEST_RETRY)


def read_days(text: str) -> tuple[int, ...]:
    """Days as an administrator writes them: "3, 1". Raises ValueError for anything else."""
    days = tuple(sorted({int(part) for part in text.replace("，", ",").replace("、", ",").replace(",", " ").split()}))
    if len(days) > 6 or any(not 0 < day <= 90 for day in days):
        raise ValueError(text)
    return days
