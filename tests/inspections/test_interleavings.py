"""Whatever order taps, sweeps, undos and retries come in, the visit ends as a plain model says."""

from typing import Any
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import queries, rules, services
from app.inspections.models import VERDICTS, Outcome, Result
from app.inspections.progress import progress_of
from tests.factories.inspections import item_of, make_restaurant, make_visit
from tests.factories.people import County

CODES = ("CAT-05", "CAT-09", "CAT-15", "FIR-03", "FIR-07")
ANSWERS = [result for result in Result if result not in VERDICTS]  # of a first visit
TAP = st.tuples(st.just("tap"), st.sampled_from(CODES), st.sampled_from([*ANSWERS, None]))
SWEEP = st.tuples(st.just("sweep"))
UNDO = st.tuples(st.just("undo"), st.integers(0, 3))
STEPS = st.lists(st.one_of(TAP, TAP, SWEEP, UNDO), min_size=1, max_size=14)


class Model:
    """What a person with pencil and paper would have: item → (result, the sweep that gave it)."""

    def __init__(self, by_eye: list[UUID]) -> None:
        self.by_eye = by_eye  # a measured item needs its value
        self.given: dict[UUID, tuple[Result, UUID | None]] = {}
        self.sweeps: list[UUID] = []

    def tap(self, item: UUID, result: Result | None) -> None:
        if result is None:
            self.given.pop(item, None)
        else:
            self.given[item] = (result, None)

    def sweep(self, sweep: UUID) -> None:
        self.sweeps.append(sweep)
        for item in self.by_eye:
            self.given.setdefault(item, (Result.CONFORMS, sweep))

    def undo(self, sweep: UUID) -> None:
        self.given = {item: entry for item, entry in self.given.items() if entry[1] != sweep}


@settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_any_order_of_taps_sweeps_and_undos_ends_as_on_paper(
    context: Flask, county: County, steps: list[tuple[Any, ...]]
) -> None:
    by = db.session.merge(county.people[Role.COORDINATOR])
    visit = make_visit(by, make_restaurant(by.region, name=f"场所{new_id().hex[:6]}"))
    applying = {UUID(item) for sheet in visit.sheets for item in sheet.item_ids}
    items = [item for item in queries.items_of(visit).values() if item.id in applying]
    model = Model([item.id for item in items if not rules.is_measurement(item.code)])
    for step in steps:
        _play(visit, by, model, step)
    stored = queries.answers_of(visit)
    assert {item: answer.result for item, answer in stored.items() if answer.result is not None} == {
        item: result for item, (result, _sweep) in model.given.items()
    }
    bad = {item for item, (result, _sweep) in model.given.items() if result is Result.DOES_NOT}
    assert {answer.item_id for answer in stored.values() if answer.finding is not None} == bad
    progress = progress_of(visit)
    assert (progress.answered, progress.findings) == (len(model.given), len(bad))
    for answer in stored.values():
        if answer.finding is not None:
            assert answer.finding.outcome in {Outcome.BY_DATE, Outcome.REFERRED}


def _play(visit: Any, by: Any, model: Model, step: tuple[Any, ...]) -> None:
    if step[0] == "tap":
        item = item_of(visit, step[1])
        for _retry in range(2):
            services.save_answer(visit, item, step[2], by=by)
        model.tap(item.id, step[2])
    elif step[0] == "sweep":
        sweep = new_id()
        services.sweep_rest(visit, sweep, by=by)
        model.sweep(sweep)
    elif model.sweeps:
        sweep = model.sweeps[step[1] % len(model.sweeps)]
        services.undo_sweep(visit, sweep, by=by)
        model.undo(sweep)
    db.session.expire_all()
