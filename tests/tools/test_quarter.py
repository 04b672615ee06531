"""Two weeks of `make quarter`; and its oracle notices what it is there for."""

from datetime import date
from pathlib import Path

import pytest

from app.reminders import claims
from tools.quarter.play import Plan, play

TWO_WEEKS = Plan(33, date(2026, 9, 21), 14, a_day=2)  # with a long holiday ahead


def test_two_weeks_of_reminders_go_out_once_each(tmp_path: Path) -> None:
    result = play(TWO_WEEKS, tmp_path)
    assert result.is_right, "\n".join([result.story, result.verdict, *result.problems])
    assert min(result.killed, result.twice, result.left_out, result.refused, result.uncertain) > 0, result.story
    assert min(result.referrals, result.announced, result.moved) > 0, result.story


def test_a_claim_that_claims_nothing_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "known", lambda _wanted: {})
    monkeypatch.setattr(claims, "claim", lambda *_: True)
    result = play(Plan(7, date(2026, 9, 21), 5, a_day=2), tmp_path)
    assert result.doubled > 0
    assert not result.is_right
