"""The phone decides as the server does: both get the same cases."""

import json
import random
import shutil
import subprocess
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from app.calendar import library
from app.calendar.rules import Snapshot, roll_to_working_day, working_days_between
from app.checklists.measures import Measure, judge, parse_reading
from app.checklists.rules import load_domains, load_items
from app.core.errors import Invalid
from app.inspections import rules
from app.inspections.phone import _measure

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 22)
works = Snapshot(0, library.differing(), library.years()).works


def phone(what: str, cases: list[Any]) -> list[Any]:
    """What static/js/offline/rules.js answers to each list of arguments."""
    node = shutil.which("node")
    assert node, "Node.js is missing; the front-end packages need it, too"
    module = ROOT / "static/js/offline/rules.js"
    done = subprocess.run(
        [node, str(Path(__file__).with_name("rules_cases.mjs")), str(module)],
        input=json.dumps({"what": what, "cases": cases}).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers: list[Any] = json.loads(done.stdout)
    return answers


def test_a_finding_needs_the_same_on_the_phone() -> None:
    facts = list(
        product(
            "ABC",
            (None, "by_a_date", "fixed_on_the_spot", "referred", "stop_and_guard"),
            *[(False, True)] * 7,
        )
    )
    cases, expected = [], []
    for severity, chosen, photo, after, fact, readings, instrument, guard, needed in facts:
        outcome = chosen or rules.proposed_outcome(severity)
        if outcome not in rules.outcomes_for(severity):
            continue
        fields = {"value-x": "1", "instrument": "a" if instrument else " ", "point": "b"} if readings else {}
        state = {
            "outcome": chosen,
            "note": "x" if fact else " ",
            "readings": fields,
            "guard": "x" if guard else " ",
        }
        item = {"severity": severity, "days": 3, "refer_to": "police_station", "photo": needed}
        cases.append([state, item, {"seen": int(photo), "after": int(after)}, DAY.isoformat()])
        refers = rules.needs_referral(severity, outcome)
        said = rules.missing(
            rules.FindingState(
                severity,
                outcome,
                fact or readings,
                int(photo),
                int(after),
                DAY,
                "x" if refers else "",
                "x" if guard else " ",
                needed,
                not readings or instrument,
            )
        )
        expected.append([gap.name.lower() for gap in said])
    assert len(cases) > 1000
    assert phone("missing", cases) == expected


MEASURES = [
    measure.as_dict()
    for domain in load_domains()
    for item in load_items(domain.key)
    for measure in item.measures
]


def _judged(measure: Measure, fields: dict[str, str], language: str) -> Any:
    if not fields["value"].strip() and not fields["detected"]:
        return None
    detected = {"yes": True, "no": False}.get(fields["detected"])
    try:
        measure.limit(fields["condition"] or None)
    except Invalid:
        return {"problem": "case"}
    try:
        value = parse_reading(fields["value"]) if fields["value"].strip() else None
        verdict = judge(measure, value, fields["condition"] or None, detected=detected)
    except Invalid:
        return {"problem": "number"}
    return {"conforms": verdict.conforms, "text": verdict.text_zh if language == "zh" else verdict.text_en}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reading_is_judged_the_same_on_the_phone(language: str) -> None:
    chance = random.Random(20261122)
    cases, expected = [], []
    for data in MEASURES:
        measure = Measure.from_dict(data)
        bounds = [
            str(bound) for limit in measure.limits for bound in (limit.min, limit.max) if bound is not None
        ]
        typed = ["", " ", "abc", "0", "-1", "1,234", "0,05", "０．３", "7。5", ".5", "1e3", "99999", *bounds]
        typed += [f"{bound}0" if "." in bound else f"{bound}.00" for bound in bounds]
        typed += [f"{chance.uniform(0, 12):.2f}" for _ in range(6)]
        conditions = [limit.condition or "" for limit in measure.limits] + ["", "unknown"]
        for value, condition in product(typed, conditions):
            for detected in ("", "yes", "no") if measure.is_detection else ("",):
                fields = {
                    "value": "" if measure.is_detection else value,
                    "detected": detected,
                    "condition": condition,
                }
                cases.append([_measure(data, language), fields, language == "zh"])
                expected.append(_judged(measure, fields, language))
    assert len(cases) > 500
    for given, ours, theirs in zip(cases, phone("judge", cases), expected, strict=True):
        assert ours == theirs, given[:2]


def test_dates_and_working_days_are_the_same_on_the_phone() -> None:
    free = [DAY + timedelta(days=n) for n in range(200) if not works(DAY + timedelta(days=n))]
    ends = [DAY + timedelta(days=n) for n in range(-3, 190)]
    iso = DAY.isoformat()
    refused = [rules.refuse_date(end, DAY) for end in ends]
    assert phone("refuseDate", [[end.isoformat(), iso] for end in ends]) == [
        bad.name.lower() if bad else None for bad in refused
    ]
    assert phone("daysBetween", [[iso, end.isoformat()] for end in ends]) == [
        (end - DAY).days for end in ends
    ]
    script = [[iso, end.isoformat(), [one.isoformat() for one in free]] for end in ends[3:]]
    assert phone("workingDays", script) == [working_days_between(DAY, end, works) for end in ends[3:]]
    rolled = [roll_to_working_day(end, works).isoformat() for end in ends[3:180]]
    assert phone("firstWorkingDay", [[end.isoformat(), script[0][2]] for end in ends[3:180]]) == rolled
