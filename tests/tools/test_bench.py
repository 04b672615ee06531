"""What the bench reports is what it measured. The runs themselves are `make bench`; timed tests have no place here."""

import json
import math
from pathlib import Path

import pytest

from tools.bench.report import Figure, table, write_json, write_markdown


@pytest.mark.parametrize(("value", "met"), [(39.999, False), (40.0, True), (41.0, True)])
def test_a_target_is_compared_with_what_was_measured_not_with_what_is_shown(value: float, met: bool) -> None:
    assert Figure.at_least("rate", value, 40, "%").met is met


def test_what_could_not_be_measured_counts_as_missed_and_says_why(tmp_path: Path) -> None:
    figure = Figure.missing("photos", "the server did not start")
    assert not figure.met
    assert math.isnan(figure.value)
    assert "the server did not start" in table([figure])
    write_json([figure], tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text())[0]["value"] is None
    write_markdown(tmp_path / "bench.json", tmp_path / "speed.md", "2026-11-22")
    assert "the server did not start" in (tmp_path / "speed.md").read_text()
