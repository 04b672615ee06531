"""Two phones at once in one visit: it is frozen once, and what was frozen never changes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Event
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import AlreadyClosed
from app.core.roles import Role
from app.inspections import queries, services
from app.inspections.digests import content_digest
from app.inspections.models import Inspection, Receipt, Result
from tests.factories.inspections import item_of, make_visit
from tests.factories.people import County

pytestmark = pytest.mark.both_databases
PATIENCE = 1.5  # seconds one phone waits for the other; where writers queue it waits in vain


@pytest.fixture
def visit_id(app: Flask, county: County) -> UUID:
    """A visit with one answer."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = make_visit(by)
        services.save_answer(visit, item_of(visit, "CAT-09"), Result.CONFORMS, by=by)
        db.session.commit()
        return visit.id


def on_phone(app: Flask, county: County, visit_id: UUID, work: Callable[[Inspection, Person], object]) -> object:
    """`work` in its own transaction, the visit read before."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        try:
            with transaction():
                return work(queries.get_inspection(visit_id, by), by)
        except AlreadyClosed as error:
            return error


def finish(visit: Inspection, by: Person, name: str = "某某") -> None:
    ending = services.Ending("", Receipt.SIGNED, signer_name=name, signature_key="originals/aa/bb/cc")
    services.finish_inspection(visit, ending, by=by)


def test_two_phones_finishing_at_once_freeze_it_once(app: Flask, county: County, visit_id: UUID) -> None:
    both_have_read = Barrier(2)

    def work(name: str) -> None:
        def act(visit: Inspection, by: Person) -> None:
            with suppress(BrokenBarrierError):
                both_have_read.wait(PATIENCE)
            finish(visit, by, name)

        on_phone(app, county, visit_id, act)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ["甲某", "乙某"]))
    with app.app_context():
        finished = select(AuditRecord.after).where(AuditRecord.action == "inspection_finished")
        visit = db.session.get_one(Inspection, visit_id)
        assert db.session.scalars(finished).all() == [{"digest": visit.digest}]


def test_an_answer_under_way_while_the_visit_is_finished_is_refused(
    app: Flask, county: County, visit_id: UUID
) -> None:
    has_read, is_finished = Event(), Event()

    def answer(visit: Inspection, by: Person) -> None:
        item = item_of(visit, "CAT-09")
        has_read.set()
        is_finished.wait(PATIENCE)
        services.save_answer(visit, item, Result.NOT_APPLICABLE, by=by)

    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(on_phone, app, county, visit_id, answer)
        has_read.wait(PATIENCE)
        on_phone(app, county, visit_id, finish)
        is_finished.set()
        refused = isinstance(late.result(), AlreadyClosed)
    with app.app_context():
        visit = db.session.get_one(Inspection, visit_id)
        assert visit.digest == content_digest(visit)
        assert refused or app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
