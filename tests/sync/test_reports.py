"""Information reports from phones without signal: made once, with their photos, in whatever order they come."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.reports.models import Report
from app.sync.models import SyncChange
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.fixtures.signing_in import SignIn
from tests.photos.pictures import encoded
from tests.sync.phone import Phone

WORDS = "老桥头有人无证拔牙(演示)"


@pytest.fixture
def phone(sign_in: SignIn) -> Phone:
    """The informant's."""
    return Phone(sign_in(Role.INFORMANT))


@pytest.fixture
def kept(app: Flask) -> Callable[[UUID], Any]:
    def read(report_id: UUID) -> Any:
        with app.app_context():
            row = db.session.get(Report, report_id)
            _ = [photo.photo for photo in row.photos] if row is not None else []  # read while the session is open
            return row

    return read


def _report(phone: Phone, report: UUID, **changes: Any) -> dict[str, Any]:
    said = {"category": "practice", "content": WORDS, "place": "老桥头", "discovered_at": clock.now().isoformat()}
    return phone.change("report_new", report, **said | changes)


def _put(phone: Phone, photo: str, data: bytes) -> Any:
    assert phone.client is not None
    csrf = phone.client.get("/sync/ping").json["csrf"]
    headers = {"X-CSRFToken": csrf, "X-Offset": "0", "X-Length": str(len(data)), "Accept": "application/json"}
    return phone.client.put(f"/sync/photos/{photo}", data=data, headers=headers)


def test_a_report_arrives_once_with_its_photo(phone: Phone, kept: Any, sign_in: SignIn, app: Flask) -> None:
    report, data = new_id(), encoded("JPEG")
    new = _report(phone, report)
    photo = phone.announce(report, None, data)
    assert phone.statuses(photo, new) == ["received", "received"]  # whatever stands first
    assert phone.statuses(new, photo) == ["duplicate", "duplicate"]
    answer = _put(phone, photo["fields"]["photo_id"], data)
    assert answer.json["sha256"] == hashlib.sha256(data).hexdigest()
    assert _put(phone, photo["fields"]["photo_id"], data).json["received"] is True
    row = kept(report)
    assert (row.content, len(row.photos)) == (WORDS, 1)
    assert row.photos[0].arrived_at is not None
    assert row.reported_at < row.received_at
    assert WORDS in sign_in(Role.COORDINATOR).get(f"/reports/{report}").text
    with app.app_context():
        assert db.session.query(SyncChange).count() == 2


def test_a_photo_before_its_report_waits(phone: Phone, kept: Any) -> None:
    report, data = new_id(), encoded("JPEG")
    photo = phone.announce(report, None, data)
    assert phone.statuses(photo) == ["waiting"]
    assert _put(phone, photo["fields"]["photo_id"], data).status_code == 404
    assert phone.statuses(_report(phone, report)) == ["received"]
    assert phone.statuses(photo) == ["received"]
    assert len(kept(report).photos) == 1


def test_bytes_that_are_no_photo_are_said_on_the_report(phone: Phone, kept: Any) -> None:
    report, data = new_id(), b"nothing to see" * 100
    photo = phone.announce(report, None, data)
    phone.send([_report(phone, report), photo])
    assert _put(phone, photo["fields"]["photo_id"], data).status_code == 422
    assert kept(report).photos[0].problem
    assert phone.client is not None
    assert phone.client.get(f"/reports/{report}").status_code == 200


def test_other_content_under_a_known_id_is_kept_beside_and_changes_nothing(phone: Phone, kept: Any) -> None:
    report = new_id()
    new = _report(phone, report)
    phone.send([new])
    assert phone.statuses({**new, "fields": {**new["fields"], "content": "别的事"}}) == ["conflict"]
    other = _report(phone, report, content="别的事")
    assert phone.statuses(other) == ["refused"]
    assert kept(report).content == WORDS


def test_the_clocks_stand_side_by_side(sign_in: SignIn, kept: Any) -> None:
    phone = Phone(sign_in(Role.INFORMANT), ahead=3_600_000)
    report = new_id()
    seen = clock.now() + timedelta(minutes=5)  # by a clock that is an hour ahead
    phone.send([_report(phone, report, discovered_at=seen.isoformat())])
    row = kept(report)
    assert row.clock_offset_ms == 3_600_000
    assert row.device_at - row.reported_at == timedelta(hours=1)
    assert row.discovered_at <= row.reported_at


def test_a_place_of_another_area_becomes_words(phone: Phone, kept: Any, app: Flask, county: County) -> None:
    with app.app_context():
        own, other = make_premises(county.townships[0]), make_premises(county.villages[2], name="邻镇诊所(演示)")
        db.session.commit()
        ids = own.id, other.id
    first, second = new_id(), new_id()
    phone.send([_report(phone, first, premises_id=str(ids[0])),
                _report(phone, second, premises_id=str(ids[1]), premises_name="邻镇诊所(演示)", place="")])  # fmt: skip
    assert kept(first).premises_id == ids[0]
    assert (kept(second).premises_id, kept(second).place) == (None, "邻镇诊所(演示)")


def test_what_cannot_be_a_report_is_refused_and_blocks_nothing(phone: Phone, kept: Any) -> None:
    bad, good = new_id(), new_id()
    told = phone.send([_report(phone, bad, category="weather"), _report(phone, good)])
    assert [one["status"] for one in told] == ["refused", "received"]
    assert told[0]["message"]
    assert kept(bad) is None


def test_an_informant_begins_no_visit_and_sends_nothing_for_others(
    phone: Phone, sign_in: SignIn, county: County, app: Flask
) -> None:
    with app.app_context():
        place = make_premises(county.townships[0])
        db.session.commit()
        premises_id = place.id
    assert phone.statuses(phone.begin(premises_id)) == ["refused"]
    worker, report, data = Phone(sign_in(Role.COORDINATOR)), new_id(), encoded("JPEG")
    worker.send([_report(worker, report)])
    assert phone.statuses(phone.announce(report, None, data)) == ["refused"]
    photo = worker.announce(report, None, data)
    worker.send([photo])
    assert _put(phone, photo["fields"]["photo_id"], data).status_code == 404
