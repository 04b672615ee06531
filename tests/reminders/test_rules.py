"""What is due, whatever the date, the county's numbers and the clock."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.reminders import rules
from app.reminders.rules import Audience, Kind, NoticeFacts, Plan, ReferralFacts

DUE = date(2026, 12, 10)
PAPER = NoticeFacts(issued_on=date(2026, 12, 1), due_on=DUE)
LIMIT = datetime(2026, 12, 10, 6, tzinfo=UTC)
days = st.integers(-30, 120)
plans = st.builds(
    lambda before, after, every: Plan(tuple(before), tuple(sorted(after)), every),
    st.sets(st.integers(1, 10), max_size=3),
    st.sets(st.integers(1, 20), max_size=4),
    st.integers(1, 30),
)


USUAL = Plan()


def said(offset: int, facts: NoticeFacts = PAPER, plan: Plan = USUAL) -> list[tuple[Kind, int]]:
    assert facts.due_on is not None
    return [(one.kind, one.step) for one in rules.due_of_notice(facts, plan, facts.due_on + timedelta(days=offset))]


def test_the_days_of_an_ordinary_notice() -> None:
    heard = [said(offset)[0] if said(offset) else None for offset in range(-5, 30)]
    fresh = [one for before, one in zip([None, *heard], heard, strict=False) if one != before]
    assert fresh == [
        (Kind.BEFORE, -3), (Kind.BEFORE, -1), (Kind.DUE, 0), (Kind.AFTER, 1), (Kind.AFTER, 3), (Kind.AFTER, 7),
        (Kind.AFTER, 14), (Kind.AFTER, 21), (Kind.AFTER, 28),
    ]  # fmt: skip


def test_supervisors_hear_of_it_only_after_the_date_and_owners_never_of_our_own_work() -> None:
    audiences = {o: next(rules.due_of_notice(PAPER, Plan(), DUE + timedelta(days=o))).audience for o in (-3, 0, 1, 40)}
    assert Audience.SUPERVISORS not in audiences[-3] | audiences[0]
    assert Audience.SUPERVISORS in audiences[1] & audiences[40]
    ours = NoticeFacts(date(2026, 12, 1), None, DUE, is_ours=True)
    for offset in (0, 1, 30):
        (one,) = rules.due_of_notice(ours, Plan(), DUE + timedelta(days=offset))
        assert one.kind is Kind.VERIFY
        assert Audience.OWNER not in one.audience


def test_a_paper_of_today_does_not_remind_today() -> None:
    assert not said(-2, NoticeFacts(issued_on=DUE - timedelta(days=2), due_on=DUE))
    assert said(-1, NoticeFacts(issued_on=DUE - timedelta(days=2), due_on=DUE)) == [(Kind.BEFORE, -1)]


@settings(max_examples=40)
@given(plan=plans, offset=days)
def test_each_moment_holds_until_the_next_and_never_comes_back(plan: Plan, offset: int) -> None:
    early = NoticeFacts(issued_on=DUE - timedelta(days=400), due_on=DUE)
    today, before = said(offset, early, plan), said(offset - 1, early, plan)
    assert len(today) <= 1
    if today:
        assert today[0][1] <= offset
        assert today[0][1] == offset or today == before  # it began today, or holds since
    if before and (plan.after or offset <= 0):
        assert today and today[0][1] >= before[0][1]


@settings(max_examples=40)
@given(plan=plans, offset=st.integers(0, 400))
def test_after_the_date_nobody_is_forgotten_for_longer_than_a_round(plan: Plan, offset: int) -> None:
    heard = said(offset, NoticeFacts(DUE - timedelta(days=400), DUE), plan)
    assert bool(heard) == (offset == 0 or bool(plan.after))
    if plan.after and offset >= plan.after[-1]:
        assert offset - heard[0][1] < plan.every


@settings(max_examples=40)
@given(plan=plans, offset=days)
def test_nothing_is_said_of_what_waits_for_nobody(plan: Plan, offset: int) -> None:
    assert not list(rules.due_of_notice(NoticeFacts(DUE, None, DUE), plan, DUE + timedelta(days=offset)))


@settings(max_examples=40)
@given(opened=st.integers(-72, 2), at=st.integers(-100, 200))
def test_a_limit_counts_natural_hours(opened: int, at: int) -> None:
    facts = ReferralFacts(LIMIT + timedelta(hours=opened), LIMIT)
    heard = list(rules.due_of_referral(facts, LIMIT + timedelta(hours=at, minutes=20), DUE))
    assert len(heard) <= 1
    for one in heard:
        assert opened < one.step <= at
        assert (Audience.SUPERVISORS in one.audience) == (one.step >= 0)
    if at >= 48:
        assert heard[0].step == at - at % 24


@pytest.mark.parametrize(
    ("start", "end", "at", "quiet"),
    [("21:00", "08:00", "21:00", True), ("21:00", "08:00", "07:59", True), ("21:00", "08:00", "08:00", False),
     ("12:00", "14:00", "13:00", True), ("12:00", "14:00", "14:00", False), ("08:00", "08:00", "08:00", False)],
)  # fmt: skip
def test_quiet_hours(start: str, end: str, at: str, quiet: bool) -> None:
    plan = Plan(quiet_from=time.fromisoformat(start), quiet_to=time.fromisoformat(end))
    assert rules.is_quiet(time.fromisoformat(at), plan) is quiet


def test_a_failing_channel_is_tried_less_and_less_often_and_then_given_up() -> None:
    waits = [moment - LIMIT for tries in range(1, 12) if (moment := rules.next_try(tries, LIMIT))]
    assert waits[:4] == [timedelta(minutes=m) for m in (30, 60, 120, 240)]
    assert max(waits) == rules.LONGEST_RETRY
    assert rules.next_try(rules.MOST_TRIES, LIMIT) is None


@pytest.mark.parametrize("text", ["x", "0", "-1", "91", "1 2 3 4 5 6 7", "1.5"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        rules.read_days(text)


def test_days_as_people_write_them() -> None:
    assert rules.read_days("3, 1") == rules.read_days("1、3") == (1, 3)
    assert rules.read_days("") == ()
