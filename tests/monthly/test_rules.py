"""Months on the wall, shares that never claim all or nothing, and when a report may be issued."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.core.errors import Invalid, Refused
from app.monthly import rules
from app.monthly.rules import GROUPS, Figure, Month, Rate, share
from app.monthly.words import LABELS, MEANINGS

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_month_begins_and_ends_at_midnight_on_the_wall() -> None:
    month = Month(2026, 12)
    assert month.begin(SHANGHAI).astimezone(UTC) == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert month.end(SHANGHAI).astimezone(UTC) == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert (month.following, month.before, Month(2026, 1).before) == (
        Month(2027, 1),
        Month(2026, 11),
        Month(2025, 12),
    )
    assert [str(one) for one in rules.months_back(Month(2026, 2), 3)] == ["2026-02", "2026-01", "2025-12"]


def test_only_what_is_a_month_is_read_as_one() -> None:
    assert Month.parse("2026-10") == Month(2026, 10)
    for nonsense in (
        "",
        "2026-13",
        "2026-00",
        "1999-10",
        "2026-1",
        "２０２６-10",
        "2026-10-01",
        "0x7E-10",
        " 2026-1",
    ):
        assert Month.parse(nonsense) is None, nonsense


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, ""), (3, 0, ""), (0, 9, "0 %"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (9, 9, "100 %"),
     (1, 99_999, "0.1 %"), (99_998, 99_999, "99.9 %"), (1, 8, "12.5 %")],
)  # fmt: skip
def test_a_share_is_rounded_but_never_to_all_or_nothing(part: int, whole: int, said: str) -> None:
    assert share(part, whole) == said


def test_the_rate_of_reports_leaves_out_what_was_found_untrue() -> None:
    figures = dict.fromkeys(Figure, 0) | {Figure.REPORTS: 5, Figure.UNTRUE: 1, Figure.PASSED_ON: 3}
    assert rules.rate(Rate.REPORT_RATE, figures) == "75 %"
    assert rules.rate(Rate.COVERAGE, figures) == ""


def test_every_figure_stands_once_has_a_name_and_says_what_it_counts() -> None:
    shown = [line for lines in GROUPS.values() for line in lines]
    assert sorted(shown) == sorted([*Figure, *Rate])
    assert set(LABELS) == set(MEANINGS) == set(shown)


def test_a_running_month_is_not_issued() -> None:
    with pytest.raises(Refused, match="not over yet"):
        rules.check_month(Month(2026, 11), date(2026, 11, 30))
    rules.check_month(Month(2026, 11), date(2026, 12, 1))


def test_a_correction_says_why_and_something_else() -> None:
    with pytest.raises(Invalid):
        rules.check_correction("  ", changed=True, number="1")
    with pytest.raises(Invalid):
        rules.check_correction("x" * 501, changed=True, number="1")
    with pytest.raises(Refused, match="the same as in 1"):
        rules.check_correction("补录", changed=False, number="1")
    rules.check_correction("补录", changed=True, number="1")
