"""Visits of a small county at chosen moments, with everything shown."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from app.accounts import county as decisions
from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.settings import settings
from app.core.storage import storage
from app.inspections import queries, services
from app.inspections.models import Inspection, Receipt, Result
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Source
from app.photos.rules import PhotoMeta
from app.signals import running
from app.signals.models import Signal
from app.signals.rules import Kind
from tests.factories.inspections import jpeg, make_restaurant, make_visit
from tests.factories.people import County

NINE = datetime(2026, 11, 20, 1, tzinfo=UTC)  # nine in the morning there


@pytest.fixture
def shown(app: Flask, county: County) -> None:
    """The county has left the trial."""
    show(app, county)


def show(app: Flask, county: County, mode: str = "shown") -> None:
    with app.app_context(), transaction():
        for kind in Kind:
            decisions.set_option(county.region.id, f"signals.{kind}", mode, by=None, now=NINE)


def go(
    by: Person,
    *,
    minutes: float = 0,
    north: float = 0,
    findings: tuple[tuple[str, str], ...] = (),
    photo: bytes | None = None,
    meta: PhotoMeta | None = None,
    signature: str = "",
    positioned: bool = True,
) -> UUID:
    """A finished visit to a new restaurant so many minutes after nine, `north` degrees from the town."""
    by = db.session.get_one(Person, by.id)
    began = NINE + timedelta(minutes=minutes)
    with clock.freeze(began), transaction():
        place = make_restaurant(by.region, latitude=28.4 + north, longitude=112.8)
        visit = make_visit(by, place)
        if positioned:
            visit.latitude, visit.longitude, visit.accuracy_m = 28.4 + north, 112.8, 12.0
        items = {item.code: item for item in queries.items_of(visit).values()}
        for code, note in findings:
            services.save_answer(visit, items[code], Result.DOES_NOT, by=by)
            services.save_note(visit, items[code], note, by=by)
        services.sweep_rest(visit, new_id(), by=by)
        if photo is not None or findings:
            add_photo(
                visit,
                by,
                photo or jpeg(f"#{abs(hash(visit.id)) % 0xFFFFFF:06x}"),
                meta,
                findings[0][0] if findings else "",
            )
        for finding in visit.findings:
            finding.due_on = clock.today() + timedelta(days=7)
        key = signature or f"originals/aa/bb/{new_id().hex * 2}"
        ending = services.Ending("", Receipt.SIGNED, signer_name="某某", signature_key=key)
        db.session.flush()
        with clock.freeze(began + timedelta(minutes=8)):
            services.finish_inspection(visit, ending, by=by) if not findings else _end(visit, key)
    return visit.id


def _end(visit: Inspection, key: str) -> None:
    """The end as it is written; what findings need is another test's matter."""
    from app.core import audit
    from app.inspections.models import Status

    visit.status, visit.finished_at, visit.receipt = Status.FINISHED, clock.now(), Receipt.SIGNED
    visit.signer_name, visit.signature_key = "某某", key
    db.session.flush()
    audit.record("inspection_finished", visit, by=visit.lead_id)


def add_photo(visit: Inspection, by: Person, data: bytes, meta: PhotoMeta | None, code: str = "") -> UUID:
    received = receive_photo(io.BytesIO(data), storage=storage(), limits=Limits.of(settings()))
    meta = meta or PhotoMeta(
        clock.now(), 0, visit.premises.latitude, visit.premises.longitude, 10.0, source=Source.CAMERA
    )
    photo = record_photo(received, photo_id=new_id(), by=by.id, meta=meta)
    items = {item.code: item for item in queries.items_of(visit).values()}
    services.attach_photo(visit, photo, items.get(code), by=by)
    return photo.id


@pytest.fixture
def signals(app: Flask) -> Callable[[], list[Signal]]:
    """Computes, then gives every signal there is, by kind."""

    def compute() -> list[Signal]:
        with app.app_context():
            running.run()
            rows = list(db.session.query(Signal).all())
            return sorted(rows, key=lambda row: (row.kind, row.found_at, str(row.id)))

    return compute
