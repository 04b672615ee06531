"""Visits end, pictures come again, holds come and go, runs happen: what is kept and what is gone fit together."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.accounts.models import Person
from app.core import audit, clock, ledger
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.inspections.models import Inspection, InspectionPhoto, Status
from app.photos.models import Photo
from app.retention import holds
from app.retention.rules import Subject
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.oversight.factory import make_photo, make_visit
from tests.retention.conftest import THEN, YEAR, deletions, run_after

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("photo"), st.sampled_from(["tan", "teal"])),
        st.tuples(st.sampled_from(["end", "hold", "lift"]), st.integers(0, 3)),
        st.tuples(st.just("run"), st.none()),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_a_held_or_open_photo_is_never_gone_and_bytes_go_with_their_last_record(
    county: County, context: Any, steps: list[tuple[str, Any]]
) -> None:
    person = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
    place = make_premises(county.villages[0])
    visits: list[Inspection] = []
    for number, (step, value) in enumerate([("photo", "tan"), *steps]):
        now = timedelta(days=number) + len(visits) * YEAR
        with clock.freeze(THEN + now):
            if step == "photo":
                visits.append(make_visit(place, person))
                make_photo(visits[-1], clock.now(), value)
            elif step != "run":
                _turn(step, visits[value % len(visits)], person)
            db.session.commit()
        if step == "run":
            safe = _safe(visits)
            run_after(6 * YEAR + now)
            assert safe <= _kept()
            assert set(storage().originals()) == {photo.storage_key for photo in _rows()}
    for visit in visits:
        standing = holds.hold_on(visit.id)
        if standing is not None:
            holds.lift(standing, visit, "完", by=person, now=clock.now())
        visit.status, visit.finished_at = Status.FINISHED, visit.finished_at or THEN
    db.session.commit()
    run_after(40 * YEAR)
    assert not _kept()
    assert not list(storage().originals())
    assert len([one for one in deletions() if one.object_type == "photos"]) == db.session.query(Photo).count()


def _turn(step: str, visit: Inspection, person: Person) -> None:
    standing = holds.hold_on(visit.id)
    if step == "end":
        visit.status, visit.finished_at = Status.FINISHED, visit.finished_at or clock.now()
    elif step == "hold":
        holds.place(new_id(), Subject.INSPECTION, visit, "诉讼", by=person, now=clock.now())
    elif standing is not None:
        holds.lift(standing, visit, "完", by=person, now=clock.now())


def _rows() -> list[Photo]:
    return db.session.query(Photo).filter(Photo.removed_at.is_(None)).all()


def _kept() -> set[UUID]:
    return {photo.id for photo in _rows()}


def _safe(visits: list[Inspection]) -> set[UUID]:
    """Kept photos that no run may touch: their visit goes on, or is on hold."""
    held = holds.held_ids()
    mine = [visit.id for visit in visits if visit.finished_at is None or visit.id in held]
    rows = db.session.query(InspectionPhoto.photo_id).filter(InspectionPhoto.inspection_id.in_(mine))
    return {one for (one,) in rows} & _kept()


def test_a_hold_that_comes_in_the_middle_keeps_what_records_tell(
    county: County, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contents are forgotten a week at a time: before each it is asked anew whether anything is held."""
    for weeks in range(3):
        with clock.freeze(THEN + timedelta(weeks=weeks)):
            audit.record("said", visit, by=None, after={"week": weeks})
            db.session.commit()
    real = ledger.forget_contents

    def once(until: Any) -> int:
        person = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
        holds.place(new_id(), Subject.INSPECTION, visit, "诉讼中", by=person, now=clock.now())
        return real(until)

    monkeypatch.setattr(ledger, "forget_contents", once)
    run_after(12 * YEAR)
    said = db.session.query(ledger.AuditRecord).filter_by(action="said").order_by(ledger.AuditRecord.seq)
    assert [one.after for one in said] == [None, {"week": 1}, {"week": 2}]
