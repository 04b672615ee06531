"""The demo of a trial: whole, also where the first start was killed half-way; never twice, never among real work."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.ids import new_id
from app.demo import data, is_unfinished, seed, seeding
from app.inspections import services
from app.inspections.models import Finding, Inspection, InspectionPhoto, Status
from app.notices.models import Notice
from app.premises.models import Premises
from app.proof.checking import verify
from tests.fixtures.databases import close, settings_for

COUNTED = (Person, Premises, Inspection, Finding, InspectionPhoto, Notice)


class Killed(BaseException):
    """What a killed process looks like from inside."""


@pytest.fixture(scope="module", autouse=True)
def _few_visits() -> Iterator[None]:
    """Three tell as much as twelve, and their pictures are drawn in a moment."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(data, "HISTORY", data.HISTORY[:3])
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> dict[str, int]:
    """What an undisturbed start makes."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "xuncha.db").write_bytes(sqlite_template.read_bytes())
    app = create_app(settings_for(folder, f"sqlite:///{folder / 'xuncha.db'}"))
    with clock.freeze(clock.now() + timedelta(days=40)):  # the database is older than the first day
        seed(app)
    counts = _counts(app)
    with app.app_context():  # whatever made it, the chain knows, and no clock was set back
        assert verify(app.extensions["settings"], app.extensions["storage"]).found == []
    close(app)
    return counts


def _counts(app: Flask) -> dict[str, int]:
    with app.app_context():
        counts = {one.__tablename__: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in COUNTED}
        ended = select(func.count()).where(Inspection.status == Status.FINISHED)
        actions = Counter(db.session.scalars(select(AuditRecord.action).where(AuditRecord.action != "photo_kept")))
        return counts | {"finished": db.session.scalar(ended) or 0} | actions


def _unfinished(app: Flask) -> bool:
    with app.app_context():
        return is_unfinished()


def _seed_killed(app: Flask, monkeypatch: pytest.MonkeyPatch, step: str, call: int) -> None:
    """Start the demo and die in the `call`-th call of `step`."""
    real, calls = getattr(seeding, step), iter(range(1, 10_000))

    def dying(*arguments: object) -> object:
        if next(calls) == call:
            raise Killed
        return real(*arguments)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(seeding, step, dying)
        seed(app)


STEPS = [("_premises", 1), ("_finding", 3), ("_open_visit", 1)]


@pytest.mark.parametrize(("step", "call"), STEPS)
def test_a_killed_start_is_completed_by_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch, whole: dict[str, int], step: str, call: int
) -> None:
    _seed_killed(app, monkeypatch, step, call)
    assert _unfinished(app) == (step != "_premises")  # before the places stand there is nothing at all
    seed(app)
    assert _counts(app) == whole
    assert not _unfinished(app)


def test_a_whole_demo_is_left_alone(app: Flask, whole: dict[str, int]) -> None:
    seed(app)
    assert not _unfinished(app)
    seed(app)
    assert _counts(app) == whole


def test_where_somebody_has_begun_to_work_nothing_is_added(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _seed_killed(app, monkeypatch, "_visit", 2)
    assert _unfinished(app)
    with app.app_context(), transaction():
        by = db.session.scalars(select(Person).where(Person.login == "xieguan")).unique().one()
        place = db.session.scalars(select(Premises).where(Premises.name.startswith(data.PREMISES[-1][0]))).one()
        services.start_inspection(new_id(), place, by=by, start=services.Start(clock.now()))
    assert not _unfinished(app)


def test_an_installation_without_a_demo_is_not_unfinished(app: Flask) -> None:
    assert not _unfinished(app)
