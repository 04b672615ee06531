"""Announced photos arrive: whole, in parts, over broken lines, twice, after the end."""

import hashlib
import io
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.inspections.digests import content_digest
from app.inspections.models import AnnouncedPhoto, Inspection, InspectionPhoto, Status
from app.photos.models import Photo
from app.sync.waiting import missing_of
from tests.factories.inspections import jpeg
from tests.fixtures.signing_in import SignIn
from tests.sync.phone import OUTCOME, Phone

pytestmark = pytest.mark.both_databases


class Breaks(io.BytesIO):
    """A body whose line breaks after `good` bytes."""

    def __init__(self, data: bytes, good: int) -> None:
        super().__init__(data[:good])

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        if not piece:
            raise ConnectionResetError
        return piece


def put(phone: Phone, photo: str, data: bytes, offset: int = 0, whole: bytes = b"", **more: Any) -> Any:
    assert phone.client is not None
    whole = whole or data
    headers = {
        "X-CSRFToken": phone.client.get(f"/sync/ping?device={phone.id}").json["csrf"],
        "X-Offset": str(offset),
        "X-Length": str(len(whole)),
        "X-SHA256": hashlib.sha256(whole).hexdigest(),
    } | more
    return phone.client.put(f"/sync/photos/{photo}", data=data, headers=headers, content_type="image/jpeg")


@pytest.fixture
def announced(phone: Phone, place: Any) -> Any:
    """An open visit with a finding whose photo is announced: its bytes, its id, the visit and the phone's changes."""
    data, visit, item = jpeg("#123456", (900, 700)), new_id(), place.items["CAT-09"]
    photo = new_id()
    sent = [
        phone.begin(place.id, visit),
        phone.change("answer", visit, item.id, result="does_not"),
        phone.change("note", visit, item.id, note="面粉放地上", phrases=[]),
        phone.change("outcome", visit, item.id, **OUTCOME),
        phone.announce(visit, item.id, data, photo),
    ]
    assert set(phone.statuses(*sent)) == {"received"}
    return data, str(photo), visit, item


def test_a_whole_photo_is_kept_and_stands_with_its_finding(app: Flask, phone: Phone, announced: Any) -> None:
    data, photo, visit, _item = announced
    assert phone.client.get(f"/sync/photos/{photo}").json["offset"] == 0  # type: ignore[union-attr]
    answer = put(phone, photo, data)
    assert (answer.status_code, answer.json["received"]) == (200, True)
    assert answer.json["sha256"] == hashlib.sha256(data).hexdigest()
    again = put(phone, photo, data)
    assert (again.status_code, again.json["received"]) == (200, True)
    with app.app_context():
        row = db.session.scalars(select(InspectionPhoto)).one()
        assert (row.inspection_id, row.answer_id is not None, row.domain) == (visit, True, "catering")
        assert storage().read(row.photo.storage_key) == data
        assert db.session.get_one(AnnouncedPhoto, UUID(photo)).arrived_at is not None


def test_a_photo_comes_in_parts_and_goes_on_where_it_stopped(phone: Phone, announced: Any) -> None:
    data, photo, _visit, _item = announced
    first = put(phone, photo, data[:1000], whole=data)
    assert (first.status_code, first.json["received"], first.json["offset"]) == (200, False, 1000)
    wrong = put(phone, photo, data[500:900], offset=500, whole=data)
    assert (wrong.status_code, wrong.json["offset"]) == (409, 1000)
    rest = put(phone, photo, data[1000:], offset=1000, whole=data)
    assert (rest.status_code, rest.json["received"]) == (200, True)


def test_what_arrived_of_a_broken_line_stays(app: Flask, phone: Phone, announced: Any) -> None:
    data, photo, _visit, _item = announced
    with app.test_request_context():
        from app.sync import parts

        path = app.extensions["storage"].part(photo)
        with pytest.raises(ConnectionResetError):
            parts.collect(path, Breaks(data, 700), offset=0, total=len(data))
    progress = phone.client.get(f"/sync/photos/{photo}").json  # type: ignore[union-attr]
    assert progress["offset"] == 700
    assert put(phone, photo, data[700:], offset=700, whole=data).json["received"]


def test_complete_bytes_that_a_killed_server_left_are_finished_by_an_empty_part(
    app: Flask, phone: Phone, announced: Any
) -> None:
    data, photo, _visit, _item = announced
    app.extensions["storage"].part(photo).write_bytes(data)
    answer = put(phone, photo, b"", offset=len(data), whole=data)
    assert (answer.status_code, answer.json["received"]) == (200, True)


def test_bytes_changed_on_the_way_are_asked_for_again(phone: Phone, announced: Any) -> None:
    data, photo, _visit, _item = announced
    broken = data[:400] + b"x" + data[401:]
    answer = put(phone, photo, broken, whole=data)
    assert (answer.status_code, answer.json["offset"]) == (409, 0)
    assert put(phone, photo, data).json["received"]


def test_a_photo_nobody_announced_waits(phone: Phone) -> None:
    answer = put(phone, str(new_id()), b"bytes")
    assert (answer.status_code, answer.json["waiting"]) == (404, True)


def test_bytes_that_are_no_photo_are_said_to_be_none(app: Flask, phone: Phone, announced: Any) -> None:
    _data, _photo, visit, item = announced
    photo = new_id()
    phone.send([phone.announce(visit, item.id, b"no photo at all", photo)])
    answer = put(phone, str(photo), b"no photo at all")
    assert (answer.status_code, answer.json["refused"]) == (422, True)
    with app.app_context():
        assert db.session.get_one(AnnouncedPhoto, photo).problem


def test_finishing_does_not_wait_for_photos_and_takes_only_those_announced_afterwards(
    app: Flask, phone: Phone, announced: Any
) -> None:
    data, photo, visit, item = announced
    assert phone.statuses(phone.finish(visit)) == ["received"]
    late = phone.announce(visit, item.id, jpeg("#abcdef"), new_id())
    assert phone.statuses(late) == ["late"]
    with app.app_context():
        row = db.session.get_one(Inspection, visit)
        before, status = row.digest, row.status
    assert status is Status.FINISHED
    assert put(phone, photo, jpeg("#ffffff")).status_code == 409
    assert put(phone, photo, data).json["received"]
    with app.app_context():
        row = db.session.get_one(Inspection, visit)
        assert row.digest == before == content_digest(row)
        assert db.session.scalars(select(Photo.sha256)).all() == [hashlib.sha256(data).hexdigest()]


def test_a_photo_announced_after_the_end_is_kept_beside_the_record_and_says_so(
    app: Flask, sign_in: SignIn, phone: Phone, announced: Any
) -> None:
    data, photo, visit, item = announced
    phone.send([phone.finish(visit)])
    put(phone, photo, data)
    late, bytes_of_late = new_id(), jpeg("#abcdef")
    told = phone.send([phone.announce(visit, item.id, bytes_of_late, late)])
    assert (told[0]["status"], bool(told[0]["message"])) == ("late", True)
    assert put(phone, str(late), bytes_of_late).json["received"]
    assert phone.statuses(phone.announce(visit, item.id, bytes_of_late, late)) == ["received"], "it is known"
    with app.app_context():
        row = db.session.get_one(Inspection, visit)
        assert row.digest == content_digest(row)
        kept = db.session.get_one(InspectionPhoto, late)
        assert (kept.answer_id, kept.domain) == (None, "catering")
    page = phone.client.page(f"/inspections/{visit}")  # type: ignore[union-attr]
    lists = [one for one in page.all("ul") if one["class"] == "strip"]
    strips = {one["aria-label"]: [image["src"] for image in one.all("img")] for one in lists}
    assert [str(late) in source for source in strips["结束后才到的照片"]] == [True]
    assert [photo in source for source in strips["这个问题的照片"]] == [True]
    assert "结束后才到" in sign_in(Role.SUPERVISOR).page(f"/photo-log/{late}").text


def test_a_photo_that_came_through_the_page_is_no_longer_waited_for(app: Flask, phone: Phone, announced: Any) -> None:
    data, photo, visit, item = announced
    client: Any = phone.client
    headers = {"X-CSRFToken": client.get(f"/sync/ping?device={phone.id}").json["csrf"], "Accept": "application/json"}
    url = f"/inspections/{visit}/items/{item.id}/photos/{photo}"
    assert client.post(url, data=jpeg("#ffffff"), headers=headers).status_code == 409, "not what was announced"
    assert client.post(url, data=data, headers=headers).status_code == 201
    with app.app_context():
        assert missing_of(visit) == []
        assert db.session.get_one(AnnouncedPhoto, UUID(photo)).arrived_at is not None
    assert put(phone, photo, data).json["received"]
    with app.app_context():
        assert len(db.session.scalars(select(InspectionPhoto)).all()) == 1


def test_somebody_else_neither_sees_nor_sends_it(sign_in: SignIn, phone: Phone, announced: Any) -> None:
    data, photo, _visit, _item = announced
    stranger = Phone(sign_in(person=sign_in.county.neighbour))
    assert stranger.client.get(f"/sync/photos/{photo}").status_code == 404  # type: ignore[union-attr]
    assert put(stranger, photo, data).status_code == 404
