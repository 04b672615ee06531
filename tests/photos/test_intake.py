"""An upload becomes evidence: once, whole, untouched."""

import hashlib
import io
import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import Invalid, Refused, TooLarge
from app.core.ids import new_id
from app.photos import queries
from app.photos.decode import BrokenPhoto, NotAPhoto, TooManyPixels
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Photo, Purpose
from app.photos.rules import PhotoMeta
from tests.photos.pictures import encoded, png

MIB = 1024 * 1024
both_databases = pytest.mark.both_databases


def files(tmp_path):
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.fixture
def receive(storage, limits):
    def received(data, **more):
        return receive_photo(io.BytesIO(data), storage=storage, limits=limits, **more)

    return received


def record(received, photo_id, **meta):
    with transaction():
        return record_photo(received, photo_id=photo_id, by=None, meta=PhotoMeta(**meta))


@pytest.mark.parametrize(
    "name",
    ["DSCN0010.jpg", "portrait_6.jpg", "iphone_hdr_NO.jpg", "HMD_Nokia_8.3_5G.jpg", "iphone_13_pro_max.HEIC"],
)
def test_the_original_bytes_stay_untouched(real, receive, storage, name):
    data = real(name).read_bytes()
    received = receive(data)
    assert received.file.sha256 == hashlib.sha256(data).hexdigest()
    assert storage.read(received.file.key) == data


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", Invalid),
        (b"<svg/>", NotAPhoto),
        (encoded("JPEG")[:-500], BrokenPhoto),
        (png(60_000, 60_000, bytes(100)), TooManyPixels),
        (encoded("JPEG") + bytes(31 * MIB), TooLarge),
    ],
)
def test_a_refused_upload_leaves_no_file(receive, tmp_path, data, refusal):
    with pytest.raises(refusal) as error:
        receive(data)
    assert error.value.message
    assert files(tmp_path) == []


def test_thirty_one_megabytes_are_refused_before_they_have_all_arrived(storage, limits):
    stream = io.BytesIO(encoded("JPEG") + os.urandom(50 * MIB))
    with pytest.raises(TooLarge):
        receive_photo(stream, storage=storage, limits=limits)
    assert stream.tell() <= 31 * MIB


def test_other_bytes_under_a_known_id_are_refused_before_they_are_kept(receive, tmp_path):
    first = receive(encoded("JPEG"))
    with pytest.raises(Refused) as refusal:
        receive(encoded("JPEG"), known_sha=first.file.sha256)
    assert refusal.value.status == 409
    assert len(files(tmp_path)) == 1


@both_databases
def test_everything_known_of_a_photo_is_recorded(context, real, receive):
    photo_id = new_id()
    captured = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
    with clock.freeze(captured + timedelta(seconds=9)):
        record(
            receive(real("DSCN0010.jpg").read_bytes()),
            photo_id,
            captured_at=captured,
            clock_offset_ms=-9000,
            latitude=30.5,
            longitude=104.0,
            accuracy_m=8.0,
            purpose=Purpose.FINDING,
            original_name="DSCN0010.jpg",
        )
    db.session.expire_all()
    photo = queries.photo_by_id(photo_id)
    assert (photo.width, photo.height, photo.media_type) == (640, 480, "image/jpeg")
    assert photo.taken_at == datetime(2008, 10, 22, 8, 28, 39, tzinfo=UTC)
    assert photo.taken_zone_assumed
    assert (photo.exif_latitude, photo.latitude) == (pytest.approx(43.467448), 30.5)
    assert (photo.captured_at, photo.clock_offset_ms) == (captured, -9000)
    assert photo.received_at == captured + timedelta(seconds=9)
    assert photo.device == "NIKON COOLPIX P6000"
    assert photo.exif["FNumber"] == 5.9
    assert photo.purpose is Purpose.FINDING
    assert photo.short_hash == photo.sha256[:8]


@both_databases
def test_the_same_upload_twice_is_one_photo_and_one_audit_record(context, receive):
    data, photo_id = encoded("JPEG"), new_id()
    first = record(receive(data), photo_id)
    again = record(receive(data, known_sha=queries.known_sha(photo_id)), photo_id)
    assert again.id == first.id
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1
    assert db.session.scalar(select(func.count()).where(AuditRecord.object_id == photo_id)) == 1


@both_databases
def test_other_bytes_under_the_same_id_are_refused_also_when_they_raced(context, receive):
    photo_id = new_id()
    record(receive(encoded("JPEG")), photo_id)
    other = receive(encoded("JPEG"))
    with pytest.raises(Refused):
        record(other, photo_id)


@both_databases
def test_the_same_request_arriving_twice_at_once_is_one_photo(app, receive):
    """The second finds no row when it looks, and the first's row when it writes."""
    received, photo_id = receive(encoded("JPEG")), new_id()
    with app.app_context():
        record(received, photo_id)
    with app.app_context(), transaction():
        looks = db.session.get

        def too_early(kind, key):
            db.session.get = looks

        db.session.get = too_early
        photo = record_photo(received, photo_id=photo_id, by=None, meta=PhotoMeta())
        assert photo.id == photo_id
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Photo)) == 1


def test_the_photo_is_taken_whatever_its_exif_claims(receive, context):
    garbage = b"Exif\0\0II*\0" + os.urandom(3000)
    photo = record(receive(encoded("JPEG", exif=garbage)), new_id())
    assert (photo.exif_latitude, photo.taken_at) == (None, None)


def test_limits_come_from_the_settings(settings):
    assert Limits.of(settings) == Limits(30 * MIB, 60_000_000)
