"""Files whose record failed are removed after a day; a file that is being used again never is."""

import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from app.core import clock, orphans
from app.core.database import db, transaction
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.storage import LEFT_OVER, Storage, storage
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Photo
from app.photos.rules import PhotoMeta
from tests.factories.inspections import jpeg

LIMITS = Limits(30_000_000, 60_000_000)
PAUSE = 0.5  # seconds between a record and its commit


def receive(files: Storage, colour: str = "tan"):
    return receive_photo(io.BytesIO(jpeg(colour)), storage=files, limits=LIMITS)


def record(received) -> Photo:
    return record_photo(received, photo_id=new_id(), by=None, meta=PhotoMeta())


def make_old(files: Storage, key: str) -> None:
    path = f"{files._store.root}/{key}"  # type: ignore[attr-defined]
    long_ago = clock.now().timestamp() - LEFT_OVER - 60
    os.utime(path, (long_ago, long_ago))


@pytest.mark.both_databases
def test_only_old_files_without_a_record_are_removed(context: Flask) -> None:
    files = storage()
    held, orphan, fresh = (receive(files, colour) for colour in ("tan", "teal", "navy"))
    with transaction():
        record(held)
    for one in (held, orphan):
        make_old(files, one.file.key)
    assert list(orphans.orphans(files)) == [orphan.file.key]
    assert orphans.sweep(files) == [orphan.file.key]
    assert [files.exists(one.file.key) for one in (held, orphan, fresh)] == [True, False, True]


def test_sending_the_same_bytes_again_makes_the_file_new(context: Flask) -> None:
    files = storage()
    first = receive(files)
    make_old(files, first.file.key)
    again = receive(files)
    assert (first.file.was_there, again.file.was_there) == (False, True)
    assert orphans.sweep(files) == []


def test_an_upload_whose_bytes_were_swept_before_its_record_is_told_to_send_again(context: Flask) -> None:
    files = storage()
    receive(files)
    again = receive(files)
    files.delete(again.file.key)
    with pytest.raises(AppError) as told, transaction():
        record(again)
    assert told.value.status == 503
    assert db.session.query(Photo).count() == 0


@pytest.mark.both_databases
def test_a_file_recorded_while_the_sweep_looks_stays(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep has found the file unheld; an upload records it and has not committed when the sweep goes on."""
    with app.app_context():
        files = storage()
        key = receive(files).file.key
    is_recorded = threading.Event()

    def upload() -> None:
        with app.app_context():
            received = receive(files)
            make_old(files, key)  # as if the bytes had come a day before their record
            with transaction():
                record(received)
                is_recorded.set()
                time.sleep(PAUSE)

    monkeypatch.setattr(orphans, "orphans", lambda _files, _older_than: [key])
    with ThreadPoolExecutor(1) as pool, app.app_context():
        uploading = pool.submit(upload)
        is_recorded.wait(5)
        assert orphans.sweep(files) == []
        uploading.result()
        assert files.exists(key)


@pytest.mark.both_databases
def test_no_record_points_to_a_swept_file_however_they_meet(app: Flask) -> None:
    """Pictures whose first records failed are sent again while a sweep that spares no age runs and runs."""
    colours = [f"#0000{number:02d}" for number in range(24)]
    with app.app_context():
        files = storage()
        for colour in colours:
            receive(files, colour)
    is_over = threading.Event()

    def sweeping() -> None:
        with app.app_context():
            while not is_over.is_set():
                orphans.sweep(files, older_than=-1)

    def upload(colour: str) -> str:
        with app.app_context():
            received = receive(files, colour)
            if not received.file.was_there:
                return ""  # new bytes are spared by their age, and this sweep spares none
            try:
                with transaction():
                    return record(received).storage_key
            except AppError:
                return ""

    with ThreadPoolExecutor(4) as pool:
        sweeper = pool.submit(sweeping)
        recorded = [key for key in pool.map(upload, colours) if key]
        is_over.set()
        sweeper.result()
    assert all(files.exists(key) for key in recorded)


def test_every_column_with_a_key_of_the_storage_is_asked(app: Flask) -> None:
    named = {
        column
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name in {"storage_key", "signature_key"}
    }
    assert named == {holder.table.c[holder.column.key] for holder in orphans.HOLDERS}


def test_the_command_names_what_it_removed(app: Flask) -> None:
    with app.app_context():
        files = storage()
        key = receive(files).file.key
        make_old(files, key)
    would = app.test_cli_runner().invoke(args=["storage", "sweep", "--dry-run"])
    assert f"{key}\n1 files would be removed." in would.output
    assert files.exists(key)
    assert "1 files were removed." in app.test_cli_runner().invoke(args=["storage", "sweep"]).output
    assert not files.exists(key)


def test_the_originals_of_an_object_store_are_walked_and_renewed(s3_server, tmp_path) -> None:
    files = Storage(f"{s3_server.place()}/some/prefix", s3_server.options, spool=tmp_path)
    keys = {files.put_stream(io.BytesIO(data)).key for data in (b"one", b"two")}
    assert set(files.originals()) == keys
    assert all(files.age(key) < 60 for key in keys)
    assert files.put_stream(io.BytesIO(b"one")).was_there
