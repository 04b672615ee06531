"""What a finding needs, which outcomes it may have, which dates can be."""

from dataclasses import replace
from datetime import date

import pytest

from app.inspections import rules
from app.inspections.rules import BadDate, FindingState, Missing

WHOLE = FindingState(
    severity="B",
    outcome="by_a_date",
    has_fact=True,
    photos=1,
    photos_after=0,
    due_on=date(2026, 11, 29),
    refer_to="",
    guard="",
)
VISIT = date(2026, 11, 22)


def test_a_finding_with_photo_fact_outcome_and_date_needs_nothing() -> None:
    assert rules.missing(WHOLE) == []


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"photos": 0}, Missing.PHOTO),
        ({"has_fact": False}, Missing.FACT),
        ({"outcome": None}, Missing.OUTCOME),
        ({"due_on": None}, Missing.DATE),
        ({"outcome": "fixed_on_the_spot"}, Missing.PHOTO_AFTER),
        ({"outcome": "referred"}, Missing.REFER_TO),
        ({"outcome": "stop_and_guard", "refer_to": "fire_rescue"}, Missing.GUARD),
        ({"outcome": "stop_and_guard", "guard": "老板"}, Missing.REFER_TO),
        ({"severity": "A", "outcome": "fixed_on_the_spot", "photos_after": 1}, Missing.REFER_TO),
        ({"readings_complete": False}, Missing.INSTRUMENT),
    ],
)
def test_what_an_outcome_needs_is_missing_until_it_is_there(change: dict[str, object], gap: Missing) -> None:
    assert rules.missing(replace(WHOLE, **change)) == [gap]  # type: ignore[arg-type]


def test_a_photo_is_not_asked_for_where_the_item_needs_none() -> None:
    assert rules.missing(replace(WHOLE, photos=0, photo_required=False)) == []


def test_a_critical_finding_is_proposed_for_referral_and_never_left_to_a_deadline_alone() -> None:
    assert rules.proposed_outcome("A") == "referred"
    assert "by_a_date" not in rules.outcomes_for("A")


@pytest.mark.parametrize("severity", ["B", "C"])
def test_other_findings_are_proposed_a_date_and_may_have_any_outcome(severity: str) -> None:
    assert rules.proposed_outcome(severity) == "by_a_date"
    assert len(rules.outcomes_for(severity)) == 4


@pytest.mark.parametrize("outcome", ["referred", "stop_and_guard", "fixed_on_the_spot"])
def test_a_critical_finding_is_told_to_the_authority_however_it_ends(outcome: str) -> None:
    assert rules.needs_referral("A", outcome)


def test_a_minor_finding_fixed_on_the_spot_is_told_to_nobody() -> None:
    assert not rules.needs_referral("C", "fixed_on_the_spot")


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (date(2026, 11, 21), BadDate.BEFORE_VISIT),
        (VISIT, None),
        (date(2027, 5, 21), None),
        (date(2027, 5, 22), BadDate.TOO_FAR),
    ],
)
def test_a_date_lies_between_the_visit_and_half_a_year_later(day: date, problem: BadDate | None) -> None:
    assert rules.refuse_date(day, VISIT) == problem


@pytest.mark.parametrize(
    ("verdicts", "result"), [([], None), ([True, True], "conforms"), ([True, False], "does_not")]
)
def test_one_bad_reading_is_enough(verdicts: list[bool], result: str | None) -> None:
    assert rules.result_from_readings(verdicts) == result
