"""What people wrote stays words in every table that leaves the product."""

import pytest

from app.core.cells import cell

FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", " =1+1", "\t=1+1", "\r=1+1", "＝1+1", "＋1", "－1", "＠SUM(A1)")


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_takes_it_for_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_words_and_numbers_stay_as_they_are() -> None:
    assert [cell(value) for value in ("冰箱 9 度", "", None, -3, 0.5)] == ["冰箱 9 度", "", "", "-3", "0.5"]
