"""The state machine and the clocks: every forbidden step, every kind of limit."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from chinese_calendar import is_workday as is_working_day
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.referrals import rules
from app.referrals.matters import all_matters, authorities, clocks, direct_matters, wording
from app.referrals.rules import Event, Face, Limit, LimitKind, NotPossible, Outcome, Side, Status
from app.web.role_words import forbidden_in

ZONE = ZoneInfo("Asia/Shanghai")
S, E = Status, Event
# as a clerk would draw it; everything not here is forbidden
ALLOWED = {
    S.DRAFT: {E.SEND: S.SENT, E.CLOSE: S.CLOSED},
    S.SENT: {E.ACKNOWLEDGE: S.ACKNOWLEDGED, E.ACCEPT: S.ACCEPTED, E.RETURN: S.RETURNED, E.CLOSE: S.CLOSED},
    S.ACKNOWLEDGED: {E.ACCEPT: S.ACCEPTED, E.RETURN: S.RETURNED, E.CLOSE: S.CLOSED},
    S.RETURNED: {E.SEND: S.SENT, E.CLOSE: S.CLOSED},
    S.ACCEPTED: {E.FILE: S.FILED, E.HAND_OVER: S.HANDED_OVER, E.CLOSE: S.CLOSED},
    S.FILED: {E.HAND_OVER: S.HANDED_OVER, E.CLOSE: S.CLOSED},
    S.HANDED_OVER: {E.CLOSE: S.CLOSED},
    S.CLOSED: {},
}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", Status)
def test_the_table_says_what_may_follow_and_forbids_everything_else(status: Status, event: Event) -> None:
    after = ALLOWED[status].get(event)
    if after is None:
        with pytest.raises(NotPossible):
            rules.next_status(status, event)
    else:
        assert rules.next_status(status, event) is after
    assert (event in rules.events_from(status)) is (after is not None)


@given(st.lists(st.sampled_from(Event), max_size=25))
def test_whatever_is_tried_a_closed_one_stays_closed_and_nothing_is_accepted_unsent(events: list[Event]) -> None:
    status, log = Status.DRAFT, [Status.DRAFT]
    for event in events:
        try:
            status = rules.next_status(status, event)
        except NotPossible:
            continue
        log.append(status)
    if Status.CLOSED in log:
        assert log.index(Status.CLOSED) == len(log) - 1
    if {Status.ACCEPTED, Status.RETURNED, Status.ACKNOWLEDGED} & set(log):
        assert log[1] is Status.SENT


@pytest.mark.parametrize("status", Status)
def test_every_way_to_close_has_its_outcomes(status: Status) -> None:
    if E.CLOSE not in ALLOWED[status]:
        return
    outcomes = rules.outcomes_at(status)
    senders = rules.side_of(status, E.CLOSE) is Side.SENDER
    assert senders == (set(outcomes) <= {Outcome.WITHDRAWN, Outcome.NOT_SENT})
    for outcome in Outcome:
        if outcome in outcomes:
            rules.check_step(E.CLOSE, reason="因为", outcome=outcome, status=status)
        else:
            with pytest.raises(Invalid):
                rules.check_step(E.CLOSE, reason="因为", outcome=outcome, status=status)


@pytest.mark.parametrize("event", [E.RETURN, E.CLOSE])
def test_returning_and_closing_need_a_reason(event: Event) -> None:
    with pytest.raises(Invalid):
        rules.check_step(event, reason="  ", outcome=Outcome.WITHDRAWN, status=S.SENT)


# ---- clocks

FRIDAY_NIGHT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # 23:30 in China
BEFORE_HOLIDAY = datetime(2026, 9, 30, 14, 0, tzinfo=UTC)  # 22:00, the evening before National Day


def due(limit: Limit, at: datetime) -> datetime:
    found = rules.due_at(limit, at, ZONE, is_working_day)
    assert found is not None
    return found


def test_hours_run_through_nights_weekends_and_holidays() -> None:
    assert due(Limit(LimitKind.HOURS, 2), FRIDAY_NIGHT) == datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    assert due(Limit(LimitKind.HOURS, 24), BEFORE_HOLIDAY) == datetime(2026, 10, 1, 14, 0, tzinfo=UTC)


def test_working_days_skip_weekends_and_holidays_and_count_not_the_day_itself() -> None:
    two = Limit(LimitKind.WORKING_DAYS, 2)
    # Friday 20 Nov → Monday, Tuesday; until the end of Tuesday
    assert due(two, FRIDAY_NIGHT) == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    # 30 Sep 2026: 1–7 Oct off → 8 and 9 Oct
    assert due(two, BEFORE_HOLIDAY) == datetime(2026, 10, 9, 16, 0, tzinfo=UTC)
    # 14 Feb 2026 is a Saturday that is worked (CHECKLISTS 6.5), 15–23 off
    assert due(two, datetime(2026, 2, 13, 2, tzinfo=UTC)) == datetime(2026, 2, 24, 16, 0, tzinfo=UTC)


def test_the_same_day_ends_at_the_local_midnight() -> None:
    assert due(Limit(LimitKind.SAME_DAY), FRIDAY_NIGHT) == datetime(2026, 11, 20, 16, 0, tzinfo=UTC)


def test_immediately_is_due_at_once_and_counts_up() -> None:
    at = due(Limit(LimitKind.IMMEDIATELY), FRIDAY_NIGHT)
    assert at == FRIDAY_NIGHT
    reading = rules.read_clock(at, FRIDAY_NIGHT, None, FRIDAY_NIGHT + timedelta(minutes=12))
    assert (reading.face, reading.span) == (Face.NOW, timedelta(minutes=12))


@given(st.integers(0, 5000), st.integers(1, 48))
def test_a_clock_shows_what_is_left_then_what_is_over_then_what_it_took(minutes: int, hours: int) -> None:
    limit = due(Limit(LimitKind.HOURS, hours), FRIDAY_NIGHT)
    now = FRIDAY_NIGHT + timedelta(minutes=minutes)
    reading = rules.read_clock(limit, FRIDAY_NIGHT, None, now)
    if minutes > hours * 60:
        assert (reading.face, reading.span) == (Face.LATE, now - limit)
    else:
        assert reading.face is (Face.SOON if hours * 60 - minutes <= 60 else Face.OK)
        assert reading.span == limit - now
    kept = rules.read_clock(limit, FRIDAY_NIGHT, now, now + timedelta(days=9))
    assert kept.face is (Face.MISSED if minutes > hours * 60 else Face.MET)
    assert kept.span == timedelta(minutes=minutes)


def test_without_a_limit_in_law_there_is_no_clock() -> None:
    assert rules.due_at(None, FRIDAY_NIGHT, ZONE, is_working_day) is None
    assert rules.read_clock(None, FRIDAY_NIGHT, None, FRIDAY_NIGHT).face is Face.NONE


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(days=-400)])
def test_a_discovery_lies_in_the_past_and_not_years_ago(off: timedelta) -> None:
    with pytest.raises(Invalid):
        rules.check_discovery(FRIDAY_NIGHT + off, FRIDAY_NIGHT)


# ---- the data


def test_the_clocks_are_all_rows_of_the_source_with_their_marks() -> None:
    assert list(clocks()) == [f"R{n}" for n in range(1, 18)]
    assert {number for number, row in clocks().items() if row.unsure} == {"R9", "R12"}
    assert {number for number, row in clocks().items() if row.product_default} == {"R13", "R15"}
    assert clocks()["R1"].marks == ("L3",)
    assert clocks()["R8"].limit == "诊断后 2 个工作日"


@pytest.mark.parametrize("matter", all_matters().values(), ids=lambda matter: matter.key)
def test_a_limit_is_the_one_its_row_says(matter: object) -> None:
    limit, row = matter.limit, matter.clock  # type: ignore[attr-defined]
    if row is None or limit is None:
        return
    said = {
        LimitKind.HOURS: f"{limit.amount} 小时",
        LimitKind.WORKING_DAYS: f"{limit.amount} 个工作日",
        LimitKind.SAME_DAY: "当日",
        LimitKind.IMMEDIATELY: "同时报告",
    }[limit.kind]
    assert said in row.limit


def test_what_the_law_does_not_say_is_marked_as_our_own() -> None:
    own = {key for key, matter in all_matters().items() if matter.product_default}
    assert own == {"illegal_practice", "fire_hazard", "critical_finding"}


def test_every_matter_has_its_authority_and_words_a_coordinator_may_say() -> None:
    for matter in all_matters().values():
        assert not matter.authority or matter.authority in authorities()
        texts = [matter.title_zh, matter.hint_zh, *(zh for zh, _en in matter.scene)]
        assert forbidden_in("\n".join(texts)) == [], matter.key
    assert len(direct_matters()) == 8
    words = wording()
    assert forbidden_in(words.title_zh + words.opinion_zh + words.footer_zh + words.seal_zh + words.copies_zh) == []


def test_the_number_names_body_year_and_place_in_the_series() -> None:
    assert rules.format_number(wording().number, "南卫", 2026, 12) == "南卫移〔2026〕0012号"


def test_no_name_is_no_gap_but_place_facts_and_scene_are() -> None:
    assert rules.missing("看到", "这里", "township", "", needs_scene=False) == []
    assert rules.missing("", "", "", "", needs_scene=True) == ["address", "facts", "authority", "scene"]
    assert date(2026, 11, 20).weekday() == 4
