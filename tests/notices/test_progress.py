"""The table of the loop: every forbidden pair refused, the whole follows from its parts."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.notices import progress
from app.notices.progress import TABLE, Event, Mark, NotPossible, Stage, Standing, Step

TODAY = date(2026, 11, 23)  # a Monday
SEEN = {Event.VERIFIED_FIXED, Event.VERIFIED_PARTLY, Event.VERIFIED_NOT_FIXED}
POSSIBLE = {
    Step.AWAITED: {Event.REPLIED, Event.EXTENDED, Event.REFERRED, Event.ENDED, *SEEN},
    Step.ANSWERED: {
        Event.REPLIED, Event.ACCEPTED, Event.LOOK_AGAIN, Event.REJECTED,
        Event.EXTENDED, Event.REFERRED, Event.ENDED, *SEEN,
    },
    Step.TO_VERIFY: {Event.REPLIED, Event.REFERRED, Event.ENDED, *SEEN},
    Step.REFERRED: {Event.REPLIED, Event.REFERRAL_CLOSED, Event.REFERRAL_RETURNED, Event.ENDED, *SEEN},
    Step.CLOSED: set(),
}  # fmt: skip


def weekdays(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(("step", "event"), product(Step, Event))
def test_only_what_the_table_names_can_happen(step: Step, event: Event) -> None:
    if event in POSSIBLE[step]:
        assert progress.next_step(step, event) is TABLE[step][event]
    else:
        with pytest.raises(NotPossible) as refused:
            progress.next_step(step, event)
        assert refused.value.status == 409
        assert refused.value.message


def test_from_every_step_a_finding_can_come_to_its_end() -> None:
    reached, before = {Step.CLOSED}, set[Step]()
    while reached != before:
        before = set(reached)
        reached |= {step for step, row in TABLE.items() if reached & set(row.values())}
    assert reached == set(Step)


@pytest.mark.parametrize(
    ("outcome", "step"),
    [
        ("fixed_on_the_spot", Step.CLOSED),
        ("by_a_date", Step.AWAITED),
        ("referred", Step.REFERRED),
        ("stop_and_guard", Step.REFERRED),
    ],
)
def test_a_finding_starts_where_its_outcome_puts_it(outcome: str, step: Step) -> None:
    assert progress.first_step(outcome) is step


@pytest.mark.parametrize(
    ("steps", "stage"),
    [
        ((Step.AWAITED, Step.CLOSED), Stage.ISSUED),
        ((Step.AWAITED, Step.ANSWERED), Stage.REPLIED),
        ((Step.TO_VERIFY, Step.ANSWERED), Stage.REPLIED),
        ((Step.TO_VERIFY, Step.AWAITED, Step.REFERRED), Stage.TO_VERIFY),
        ((Step.REFERRED, Step.CLOSED), Stage.REFERRED),
        ((Step.CLOSED, Step.CLOSED), Stage.CLOSED),
    ],
)
def test_the_whole_shows_what_waits_for_us_first(steps: tuple[Step, ...], stage: Stage) -> None:
    assert progress.stage_of([Standing(step) for step in steps], delivered=False, opened=False) is stage


def test_delivered_and_opened_tell_how_far_the_paper_came() -> None:
    waits = [Standing(Step.AWAITED, TODAY)]
    assert progress.stage_of(waits, delivered=True, opened=False) is Stage.DELIVERED
    assert progress.stage_of(waits, delivered=False, opened=True) is Stage.OPENED


def test_overdue_is_what_still_waits_for_the_owner_after_its_date() -> None:
    past = TODAY - timedelta(days=1)
    assert progress.marks([Standing(Step.AWAITED, past)], TODAY) == {Mark.OVERDUE}
    assert progress.marks([Standing(Step.AWAITED, TODAY)], TODAY) == set()
    assert progress.marks([Standing(Step.ANSWERED, past)], TODAY) == set()
    assert progress.marks([Standing(Step.AWAITED, TODAY, extended=True)], TODAY) == {Mark.EXTENDED}
    assert progress.marks([Standing(Step.CLOSED, past, extended=True)], TODAY) == set()


def test_somebody_looks_within_three_working_days_of_the_reply_or_of_a_date_nobody_answered() -> None:
    friday = date(2026, 11, 20)
    assert progress.verify_by([Standing(Step.ANSWERED, TODAY, since=friday)], weekdays) == date(2026, 11, 25)
    assert progress.verify_by([Standing(Step.AWAITED, TODAY)], weekdays) == date(2026, 11, 26)
    assert progress.verify_by([Standing(Step.CLOSED, TODAY), Standing(Step.REFERRED)], weekdays) is None


@given(some.lists(some.builds(Standing, some.sampled_from(Step), some.dates(TODAY, TODAY + timedelta(60))), min_size=1))
def test_a_notice_is_closed_exactly_when_every_point_is(standings: list[Standing]) -> None:
    closed = all(one.step is Step.CLOSED for one in standings)
    assert (progress.stage_of(standings, delivered=True, opened=True) is Stage.CLOSED) == closed
    assert (progress.due_of(standings) is not None) == any(one.step is Step.AWAITED for one in standings)
