"""A run takes a photo's file away before its transaction ends: a verification meanwhile raises no alarm."""

import threading

import pytest
from flask import Flask

from app.core import audit, clock, orphans
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.settings import settings
from app.core.storage import storage
from app.photos.models import Photo
from app.proof.checking import Wish, verify
from app.proof.files import MOST_WAITS
from app.proof.rules import Kind
from tests.factories.people import make_county
from tests.notices.factory import make_premises, make_visit


@pytest.mark.both_databases
def test_what_is_being_deleted_is_not_missing(app: Flask) -> None:
    with app.app_context():
        with transaction():
            county = make_county()
            make_visit(county.neighbour, make_premises(county.villages[2]))
        photos = db.session.query(Photo).order_by(Photo.id).all()
        key, ids = photos[0].storage_key, [one.id for one in photos if one.storage_key == photos[0].storage_key]
        db.session.rollback()
    gone = threading.Event()

    def delete() -> None:
        with app.app_context(), transaction():
            orphans.keep_writers_waiting()
            for photo in db.session.query(Photo).filter(Photo.id.in_(ids)):
                photo.removed_at = clock.now()
                audit.record("deleted_after_period", photo, by=None, change_id=new_id())
            db.session.flush()
            storage().delete(key)
            gone.set()
            threading.Event().wait(0.4)

    run = threading.Thread(target=delete)
    run.start()
    assert gone.wait(20)
    with app.app_context():
        found = verify(settings(), storage(), Wish(quick=True)).found
        run.join()
        assert [one for one in found if one.kind is not Kind.CONTENT_CHANGED] == []
        left = db.session.query(Photo).filter(Photo.removed_at.is_(None)).all()
        assert left and len(left) < MOST_WAITS
        for photo in left:
            storage().delete(photo.storage_key)
        found = verify(settings(), storage(), Wish(quick=True)).found
        assert {one.key for one in found if one.kind is Kind.FILE_MISSING} == {one.id.hex for one in left}
