"""The one door to files, on the local disk and on a real S3 server."""

import hashlib
import io
import os
import threading
import tracemalloc
from pathlib import Path

import pytest

from app.core.errors import AppError, NotFound, StorageFull, TooLarge
from app.core.storage import CHUNK, Storage, _write_all, original_key
from app.core.stores import speaking


@pytest.fixture(params=["disk", "s3"])
def storage(request, tmp_path):
    if request.param == "disk":
        return Storage(f"file://{tmp_path / 'files'}")
    server = request.getfixturevalue("s3_server")
    return Storage(f"{server.place()}/some/prefix", server.options, spool=tmp_path / "spool")


def spool_of(storage, tmp_path):
    return [*tmp_path.glob("spool/*"), *tmp_path.glob("files/tmp/*")]


class Breaking(io.BytesIO):
    """A stream whose sender goes away after the first mebibyte."""

    def read(self, size=-1):
        if self.tell() >= CHUNK:
            raise ConnectionResetError("gone")
        return super().read(size)


def test_what_is_put_comes_back_under_its_hash(storage, tmp_path):
    data = os.urandom(2 * CHUNK + 17)
    kept = storage.put_stream(io.BytesIO(data))
    digest = hashlib.sha256(data).hexdigest()
    assert (kept.sha256, kept.size, kept.key) == (
        digest,
        len(data),
        f"originals/{digest[:2]}/{digest[2:4]}/{digest}",
    )
    assert storage.read(kept.key) == data
    with storage.path(kept.key) as path:
        assert path.read_bytes() == data
    assert spool_of(storage, tmp_path) == []


def test_the_same_content_is_kept_once(storage, tmp_path):
    first = storage.put_stream(io.BytesIO(b"same"))
    before = (tmp_path / "files" / first.key).stat() if (tmp_path / "files").exists() else None
    assert storage.put_stream(io.BytesIO(b"same")) == first
    if before:
        assert (tmp_path / "files" / first.key).stat().st_ino == before.st_ino
    assert spool_of(storage, tmp_path) == []


def test_the_same_content_arriving_many_times_at_once_is_whole(storage):
    data = os.urandom(CHUNK)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(storage.put_stream(io.BytesIO(data))))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert len(set(results)) == 1
    assert storage.read(results[0].key) == data


def test_too_many_bytes_are_refused_while_they_arrive(storage, tmp_path):
    stream = io.BytesIO(bytes(40 * CHUNK))
    with pytest.raises(TooLarge) as refusal:
        storage.put_stream(stream, max_bytes=30 * CHUNK)
    assert refusal.value.params == {"megabytes": 30}
    assert stream.tell() == 31 * CHUNK, "the rest was not even read"
    assert spool_of(storage, tmp_path) == []


def test_exactly_the_limit_is_taken(storage):
    assert storage.put_stream(io.BytesIO(bytes(CHUNK)), max_bytes=CHUNK).size == CHUNK


def test_a_sender_that_goes_away_leaves_nothing(storage, tmp_path):
    with pytest.raises(ConnectionResetError):
        storage.put_stream(Breaking(bytes(3 * CHUNK)))
    assert spool_of(storage, tmp_path) == []
    assert not (tmp_path / "files" / "originals").exists()


def test_a_file_that_fails_inspection_leaves_nothing(storage, tmp_path):
    def inspect(incoming):
        assert incoming.path.read_bytes() == b"text"
        raise ValueError("no photo")

    with pytest.raises(ValueError, match="no photo"), storage.receive(io.BytesIO(b"text")) as incoming:
        inspect(incoming)
    assert not storage.exists(original_key(hashlib.sha256(b"text").hexdigest()))
    assert spool_of(storage, tmp_path) == []


def test_bytes_are_written_replaced_and_removed(storage):
    key = "derived/abc/small.jpg"
    assert not storage.exists(key)
    storage.put_bytes(key, b"one")
    storage.put_bytes(key, b"two")
    assert storage.exists(key)
    assert storage.read(key) == b"two"
    with storage.open(key) as file:
        assert file.read(1) == b"t"
    storage.delete(key)
    storage.delete(key)
    assert not storage.exists(key)


def test_a_missing_file_is_not_found(storage):
    for look in (storage.read, storage.open):
        with pytest.raises(NotFound):
            look("derived/none/small.jpg")
    with pytest.raises(NotFound), storage.path("derived/none/small.jpg"):
        pass


@pytest.mark.parametrize(
    "key",
    [
        *(
            "../secret",
            "originals/../../etc/passwd",
            "/etc/passwd",
            "a//b",
            "originals/./x",
            "a/.hidden",
            "",
            "a",
        ),
        *(
            "a\\b/c",
            "a/b/",
            "s3://other/x",
            "a/b\n",
            "a/b\0",
            "a/" + "x" * 300,
            "originals/%2e%2e/x",
            "a/..",
            "原件/x",
        ),
    ],
)
def test_keys_with_tricks_do_not_exist(tmp_path, key):
    store = Storage(f"file://{tmp_path / 'files'}")
    for use in (store.read, store.open, store.exists, store.delete, lambda k: store.put_bytes(k, b"")):
        with pytest.raises(NotFound):
            use(key)


def test_a_suffix_is_only_a_suffix(storage):
    assert storage.put_stream(io.BytesIO(b"x"), ".png").key.endswith(".png")
    with pytest.raises(ValueError, match="suffix"):
        storage.put_stream(io.BytesIO(b"x"), "/../x")


def test_the_health_probe_answers_and_leaves_nothing(storage, tmp_path):
    storage.check()
    assert not list((tmp_path / "files").glob("probe/*"))


def test_the_health_probe_has_a_name_the_store_takes_whatever_chance_gives(
    storage, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.storage.new_token", lambda: "-_a-token-may-begin-like-this")
    storage.check()


def test_memory_stays_flat_while_a_large_file_arrives(storage):
    class Endless:
        left = 30

        def read(self, size=-1):
            self.left -= 1
            return bytes(size) if self.left >= 0 else b""

    tracemalloc.start()
    try:
        with storage.receive(Endless()) as incoming:
            peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert incoming.size == 30 * CHUNK
    assert peak < 8 * CHUNK


def test_a_full_disk_is_said_clearly():
    """/dev/full answers every write with ENOSPC, as a full disk does."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(StorageFull) as refusal, Path("/dev/full").open("wb", buffering=0) as full, speaking():
        _write_all(full, b"x")
    assert refusal.value.status == 507
    assert "Nothing already saved is lost" in refusal.value.hint


def test_a_store_that_cannot_be_written_fails_the_health_check(tmp_path):
    (tmp_path / "files").write_text("a file where a folder should be")
    with pytest.raises(AppError) as refusal:
        Storage(f"file://{tmp_path / 'files'}").check()
    assert refusal.value.status in (404, 503)


def test_an_object_store_that_does_not_answer_fails_the_health_check():
    impatient = {"connect_timeout": 1, "retries": {"max_attempts": 0}}
    options = {"endpoint_url": "http://127.0.0.1:9", "key": "k", "secret": "s", "config_kwargs": impatient}
    with pytest.raises(AppError) as refusal:
        Storage("s3://nowhere", options).check()
    assert refusal.value.status == 503


def test_left_over_temporary_files_are_swept(tmp_path):
    storage = Storage(f"file://{tmp_path / 'files'}")
    storage.put_stream(io.BytesIO(b"x"))
    old, fresh = tmp_path / "files/tmp/in-old", tmp_path / "files/tmp/in-fresh"
    for path in (old, fresh):
        path.write_bytes(b"left")
    os.utime(old, (0, 0))
    assert storage.sweep() == 1
    assert not old.exists()
    assert fresh.exists()
