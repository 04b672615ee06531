"""`make tamper` itself, shorter: some honest weeks alarm nobody, and what is done to them is named."""

import random
from pathlib import Path

from tests.fixtures.databases import close
from tools.tamper.__main__ import HOW_MANY, _alarms, _chosen, look, play
from tools.tamper.case import Case
from tools.tamper.ways import ALWAYS, WAYS
from tools.tamper.year import build

NAMED = (
    "a finding softened",
    "a signature swapped",
    "a record put in between",
    "two records exchanged",
    "the whole chain hashed anew",
)


def test_honest_weeks_alarm_nobody_and_each_deed_is_named(tmp_path: Path) -> None:
    luck = random.Random(20261122)
    close(build(tmp_path / "year", 20261122, days=70))
    assert _alarms(look(Case(tmp_path / "year", luck)).found) == []
    for way in NAMED:
        outcome = play(tmp_path, way, luck)
        assert outcome.named and not outcome.alarms, (way, outcome)


def test_thirty_are_drawn_with_those_that_are_asked_for() -> None:
    for seed in range(5):
        chosen = _chosen(random.Random(seed), all_of_them=False)
        assert len(set(chosen)) == HOW_MANY and set(ALWAYS) <= set(chosen) <= set(WAYS)
