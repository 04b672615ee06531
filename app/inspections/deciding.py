"""What a visit's writes come to, as plain values: the pages' services and the outbox decide by the same lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.checklists.models import ChecklistItem
from app.core.errors import N_, Invalid
from app.core.ids import new_id
from app.inspections import rules
from app.inspections.models import Answer, Outcome, Receipt

LONGEST_NOTE = 10_000  # characters


@dataclass(frozen=True)
class Plan:
    """The one outcome of a finding and what it needs. `refer_to` is an authority key."""

    outcome: Outcome
    due_on: date | None = None
    refer_to: str = ""
    refer_reason: str = ""
    guard: str = ""
    scene: str = ""


@dataclass(frozen=True)
class Ending:
    """How the visit ends: a drawn signature (storage key of the PNG), or a refusal with reason and witness."""

    conclusion: str
    receipt: Receipt
    signer_name: str = ""
    signature_key: str = ""
    refusal_reason: str = ""
    witness: str = ""


def wrote(answer: Answer, field: str, change_id: UUID | None) -> None:
    """A write on a page counts as a version of the field made after all there are (docs/decisions/0004)."""
    answer.heads = {**(answer.heads or {}), field: [str(change_id or new_id())]}


def refuse_long(*texts: str) -> None:
    if any(len(text) > LONGEST_NOTE for text in texts):
        raise Invalid(N_("The note is too long: %(most)s characters at most."), field="note", most=LONGEST_NOTE)


def known_phrases(item: ChecklistItem, phrases: Iterable[int]) -> list[int]:
    """Those quick phrases, by position, that the item has."""
    return [n for n in phrases if 0 <= n < len(item.phrases)]


def suggested_date(item: ChecklistItem, visited_on: date) -> date:
    """The checklist's suggestion counted from the day of the visit; the inspector confirms it."""
    return visited_on + timedelta(days=item.deadline_days or 0)


def proposed(item: ChecklistItem, visited_on: date, on: date) -> dict[str, Any]:
    """The columns of a new finding: what is chosen until the inspector chooses. `on` is the day of writing."""
    outcome = Outcome(rules.proposed_outcome(item.severity))
    return planned(Plan(outcome), item, visited_on, on)


def planned(plan: Plan, item: ChecklistItem, visited_on: date, on: date) -> dict[str, Any]:
    """The columns of a finding that leaves the visit by `plan`.

    What the outcome needs and the inspector did not say is proposed: the checklist's date, the item's authority.
    """
    by_date = plan.outcome is Outcome.BY_DATE
    referred = rules.needs_referral(item.severity, plan.outcome)
    return {
        "outcome": plan.outcome,
        "due_on": (plan.due_on or suggested_date(item, visited_on)) if by_date else None,
        "refer_to": (plan.refer_to or item.refer_to) if referred else "",
        "refer_reason": plan.refer_reason if referred else "",
        "refer_on": on if referred else None,
        "guard": plan.guard if plan.outcome is Outcome.GUARDED else "",
        "scene": plan.scene,
    }


def check_plan(plan: Plan, severity: str, visited_on: date) -> None:
    """Raise Invalid for a date that cannot be, an outcome that the severity forbids, or a text too long."""
    refuse_long(plan.refer_reason, plan.scene, plan.guard)
    if plan.outcome not in rules.outcomes_for(severity):
        raise Invalid(
            N_("A critical finding is not left to a deadline alone. Refer it, or have it guarded."), field="outcome"
        )
    if plan.outcome is Outcome.BY_DATE and plan.due_on is not None:
        bad = rules.refuse_date(plan.due_on, visited_on)
        if bad is not None:
            raise Invalid(bad.value, field="due_on")


def check_ending(ending: Ending, *, answered: int, incomplete: int) -> None:
    """Raise Invalid naming what a visit with `answered` items and `incomplete` findings lacks to be finished."""
    if answered == 0:
        raise Invalid(N_("Nothing was looked at yet."), hint=N_("Answer at least one item, then finish."))
    if incomplete:
        raise Invalid(
            N_("%(count)s findings still need something."),
            hint=N_("They are marked on the page of the visit."),
            count=incomplete,
        )
    if ending.receipt is Receipt.SIGNED and not (ending.signature_key and ending.signer_name.strip()):
        raise Invalid(
            N_("The signature or the name is missing. If the person does not want to sign, choose “not signed”."),
            field="signature",
        )
    if ending.receipt is Receipt.REFUSED and not ending.refusal_reason.strip():
        raise Invalid(N_("Write the reason why it was not signed."), field="refusal_reason")
