"""`make soak` counts what is on the server: a fault made on purpose is counted, and nothing else is."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.inspections.models import Answer, Inspection, InspectionPhoto
from app.notices import numbers
from app.notices.kinds import get_kind
from app.notices.models import Notice, NoticeFinding, NumberReservation, Turn
from app.photos.models import Photo
from app.premises.models import Premises
from app.sync.models import SyncChange
from tests.factories.inspections import jpeg
from tests.factories.people import County
from tests.sync.phone import OUTCOME, Phone, drawn
from tests.sync.test_notices import notice
from tests.sync.test_photos import put
from tools.soak import check
from tools.soak.pictures import Picture
from tools.soak.record import Paper, Record, Seen, Visited

NOTE, SIGNER = "面粉放地上", "某老板"


@pytest.fixture
def record(app: Flask, county: County, phone: Phone, place: Any, tmp_path: Path) -> Record:
    """A finished visit with a finding, its photo and its notice, received whole; and what the person noted of it."""
    by_eye = [item for item in place.items.values() if not item.measures]
    bad = next(item for item in by_eye if item.severity != "A")
    picture = tmp_path / "one.jpg"
    picture.write_bytes(jpeg("#123456", (900, 700)))
    visit, photo, due = new_id(), new_id(), clock.today().isoformat()
    items = {item.code: Seen() for item in place.items.values()}
    for item in by_eye:
        items[item.code].result = "does_not" if item is bad else "conforms"
    items[bad.code] = Seen(
        "does_not", NOTE, outcome="by_a_date", due_on=due, photos=[("finding", Picture.at(picture))]
    )
    with app.app_context(), transaction():
        earlier = check.visits()
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        name = db.session.get_one(Premises, place.id).name
        row = numbers.reserve(by, get_kind("xuncha_advice"), 1, new_id(), now=clock.now())[0]
        reserved = row.number, row.token
    changes = [
        phone.begin(place.id, visit),
        *(phone.change("answer", visit, item.id, result=items[item.code].result) for item in by_eye),
        phone.change("note", visit, bad.id, note=NOTE, phrases=[]),
        phone.change("outcome", visit, bad.id, **OUTCOME | {"due_on": due}),
        phone.announce(visit, bad.id, picture.read_bytes(), photo),
        phone.finish(visit, signer_name=SIGNER),
    ]
    changes.append(notice(phone, changes, reserved))
    assert set(phone.statuses(*changes)) == {"received"}
    assert put(phone, str(photo), picture.read_bytes()).json["received"] is True
    signature = base64.b64decode(drawn().partition(",")[2])
    done = Visited(
        visit,
        name,
        False,
        items,
        signer=SIGNER,
        signature=signature,
        paper=Paper(reserved[0], f"http://localhost/n/{reserved[1]}"),
    )
    return Record([done], {change["id"]: change["kind"] for change in changes}, earlier)


@pytest.fixture
def counted(app: Flask, record: Record) -> Callable[[], tuple[int, int]]:
    """How much is lost and how much doubled, by the soak's own count."""

    def count() -> tuple[int, int]:
        verdict = check.check(app, record)
        return len(verdict.lost), len(verdict.doubled)

    return count


def test_what_arrived_once_and_whole_is_neither_lost_nor_doubled(
    counted: Callable[[], tuple[int, int]],
) -> None:
    assert counted() == (0, 0)


# ---- faults


def lose_an_answer(visit: UUID) -> None:
    one = select(Answer.id).where(Answer.inspection_id == visit, Answer.result == "conforms").limit(1)
    db.session.execute(delete(Answer).where(Answer.id == db.session.scalars(one).one()))


def lose_a_note(visit: UUID) -> None:
    db.session.execute(
        update(Answer).where(Answer.inspection_id == visit, Answer.note == NOTE).values(note="")
    )


def lose_a_file(visit: UUID) -> None:
    key = db.session.scalars(
        select(Photo.storage_key).join(InspectionPhoto).where(InspectionPhoto.inspection_id == visit)
    )
    storage().delete(key.one())


def lose_a_change(visit: UUID) -> None:
    one = select(SyncChange.id).where(SyncChange.inspection_id == visit, SyncChange.kind == "answer").limit(1)
    db.session.execute(delete(SyncChange).where(SyncChange.id == db.session.scalars(one).one()))


def lose_the_signature(visit: UUID) -> None:
    db.session.execute(update(Inspection).where(Inspection.id == visit).values(signature_key=""))


def lose_the_notice(visit: UUID) -> None:
    one = db.session.scalars(select(Notice.id).where(Notice.inspection_id == visit)).one()
    free = update(NumberReservation).where(NumberReservation.notice_id == one).values(notice_id=None)
    db.session.execute(free)
    for about in (NoticeFinding, Turn):
        db.session.execute(delete(about).where(about.notice_id == one))
    db.session.execute(delete(Notice).where(Notice.id == one))


def double(row: Any, **other: Any) -> None:
    """The same row once more, with another id."""
    values = {column.key: getattr(row, column.key) for column in type(row).__table__.columns}
    db.session.add(type(row)(**values | {"id": new_id()} | other))
    db.session.flush()


def double_the_visit(visit: UUID) -> None:
    double(db.session.get_one(Inspection, visit))


def double_the_visit_on_a_page(visit: UUID) -> None:
    double(db.session.get_one(Inspection, visit), received_at=None)


def double_the_place(visit: UUID) -> None:
    double(
        db.session.get_one(Premises, db.session.get_one(Inspection, visit).premises_id), door_token="x" * 22
    )


def double_a_photo(visit: UUID) -> None:
    double(
        db.session.scalars(
            select(Photo).join(InspectionPhoto).where(InspectionPhoto.inspection_id == visit)
        ).one()
    )


def double_the_notice(visit: UUID) -> None:
    one = db.session.scalars(select(Notice).where(Notice.inspection_id == visit)).one()
    double(one, token="x" * 22, sequence=one.sequence + 1, number="another")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lose_an_answer, (1, 0)),
        (lose_a_note, (1, 0)),
        (lose_a_file, (1, 0)),
        (lose_a_change, (1, 0)),
        (lose_the_signature, (1, 0)),
        (lose_the_notice, (1, 0)),
        (double_the_visit, (0, 1)),
        (double_the_visit_on_a_page, (0, 1)),
        (double_the_place, (0, 1)),
        (double_a_photo, (0, 1)),
        (double_the_notice, (0, 1)),
    ],
)
def test_a_fault_is_counted_once(
    app: Flask,
    record: Record,
    counted: Callable[[], tuple[int, int]],
    fault: Callable[[UUID], None],
    found: tuple[int, int],
) -> None:
    with app.app_context(), transaction():
        fault(record.visits[0].id)
    assert counted() == found
