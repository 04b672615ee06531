"""Pure decisions about a visit: what a finding needs, what is missing, what follows from a reading."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.errors import N_

LONGEST_DEADLINE = timedelta(days=180)  # a product limit against slips of the finger, not a legal term
CRITICAL = "A"


class Missing(enum.StrEnum):
    """What a finding still needs before the visit can be finished. The value is the message shown."""

    OUTCOME = N_("Choose what happens with it")
    FACT = N_("Say in a few words what you saw")
    PHOTO = N_("Take a photo")
    PHOTO_AFTER = N_("Take a photo after it was fixed")
    DATE = N_("Choose the date")
    REFER_TO = N_("Say to whom it goes")
    GUARD = N_("Say who guards it until it is fixed")
    INSTRUMENT = N_("Write down the instrument and the point of measuring")


class BadDate(enum.StrEnum):
    """Why a date cannot be taken."""

    BEFORE_VISIT = N_("The date lies before the visit. Choose the day of the visit or later.")
    TOO_FAR = N_("The date is more than half a year away. Choose a nearer one.")


@dataclass(frozen=True)
class FindingState:
    """What is known about one finding, as plain values.

    `outcome` is a value of models.Outcome or None; photos are counted by purpose.
    """

    severity: str
    outcome: str | None
    has_fact: bool
    photos: int
    photos_after: int
    due_on: date | None
    refer_to: str
    guard: str
    photo_required: bool = True
    readings_complete: bool = True


def outcomes_for(severity: str) -> tuple[str, ...]:
    """The outcomes a finding may have, the proposed one first.

    A critical finding is never left to a deadline alone: it is referred the same day (CHECKLISTS 0.2, DOMAIN.md).
    """
    if severity == CRITICAL:
        return ("referred", "stop_and_guard", "fixed_on_the_spot")
    return ("by_a_date", "fixed_on_the_spot", "referred", "stop_and_guard")


def proposed_outcome(severity: str) -> str:
    """What is chosen until the inspector chooses otherwise."""
    return outcomes_for(severity)[0]


def needs_referral(severity: str, outcome: str | None) -> bool:
    """Referred, guarded, or critical however it ends: the authority that may act is told the same day."""
    return outcome in {"referred", "stop_and_guard"} or (severity == CRITICAL and outcome is not None)


def missing(finding: FindingState) -> list[Missing]:
    """What the finding still needs, in the order a person would do it (CHECKLISTS 2.0 and DOMAIN.md)."""
    gaps: list[Missing] = []
    if finding.photo_required and finding.photos == 0:
        gaps.append(Missing.PHOTO)
    if not finding.has_fact:
        gaps.append(Missing.FACT)
    if not finding.readings_complete:
        gaps.append(Missing.INSTRUMENT)
    if finding.outcome is None:
        return [*gaps, Missing.OUTCOME]
    if finding.outcome == "fixed_on_the_spot" and finding.photos_after == 0:
        gaps.append(Missing.PHOTO_AFTER)
    if finding.outcome == "by_a_date" and finding.due_on is None:
        gaps.append(Missing.DATE)
    if finding.outcome == "stop_and_guard" and not finding.guard.strip():
        gaps.append(Missing.GUARD)
    if needs_referral(finding.severity, finding.outcome) and not finding.refer_to:
        gaps.append(Missing.REFER_TO)  # why and when are known: the fact itself, and today
    return gaps


def refuse_date(due_on: date, visited_on: date) -> BadDate | None:
    """Why `due_on` cannot be the date of a finding seen on `visited_on`; None when it can."""
    if due_on < visited_on:
        return BadDate.BEFORE_VISIT
    return BadDate.TOO_FAR if due_on - visited_on > LONGEST_DEADLINE else None


def is_measurement(code: str) -> bool:
    """An item that asks for nothing but a value: the quick measurements M1, M2… of CHECKLISTS 2.

    Other items have measures too, but may be judged by eye.
    """
    return code.partition("-")[2].startswith("M")


def result_from_readings(verdicts: Sequence[bool]) -> str | None:
    """The answer the program gives from judged readings: one bad one is enough. None without readings."""
    if not verdicts:
        return None
    return "conforms" if all(verdicts) else "does_not"
