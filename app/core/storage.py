"""The one guarded door to files, on the local disk (`file://`) or an object store (`s3://bucket/prefix`).

What arrives is streamed to a temporary name and hashed while it is written; only complete, accepted bytes are
renamed to `originals/ab/cd/<sha256>`. An original is never written twice and never changed, so deleting one on
behalf of a single upload is not offered lightly: another record may rest on the same bytes.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from flask import current_app

from app.core import clock
from app.core.errors import N_, AppError, NotFound, TooLarge
from app.core.ids import new_id, new_token
from app.core.stores import LocalStore, RemoteStore, Store, speaking

CHUNK = 1024 * 1024  # bytes in memory at once for each arriving file
LEFT_OVER = 24 * 3600  # seconds after which a left-over temporary file belongs to nobody
LEFT_ALONE = 90 * 24 * 3600  # a phone may lie in a drawer; what it sent before is not asked of it twice
_PART = re.compile(r"[a-z0-9-]{8,64}")
_KEY = re.compile(r"[a-z][a-z0-9-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)+")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")


class Readable(Protocol):
    """Anything that gives bytes: a request's stream, a form's file, an open file."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class StoredFile:
    """Bytes that are safely kept."""

    sha256: str  # 64 hexadecimal digits
    size: int  # bytes
    key: str
    was_there: bool = field(default=False, compare=False)  # the same bytes had been kept before


class Incoming:
    """A file that has arrived completely but is not kept yet; it can be looked at as a local file."""

    def __init__(self, store: Store, path: Path, sha256: str, size: int) -> None:
        self._store = store
        self.path = path
        self.sha256 = sha256
        self.size = size

    def keep(self, suffix: str = "") -> StoredFile:
        """Move it under its hash, durably. The same bytes kept before are left as they are."""
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"not a suffix: {suffix!r}")
        key = original_key(self.sha256) + suffix
        with speaking():
            is_new = self._store.adopt(self.path, key)
        return StoredFile(self.sha256, self.size, key, not is_new)


class Storage:
    """Files by key. `options` are handed to the object store (endpoint_url, key, secret).

    `spool` is the local folder in which files for an object store wait while they arrive; on the local disk the
    temporary files lie beside the kept ones, on the same file system.
    """

    def __init__(
        self, url: str, options: Mapping[str, Any] | None = None, *, spool: Path | None = None
    ) -> None:
        if url.startswith("file://") or "://" not in url:
            local = LocalStore(Path(url.removeprefix("file://")).absolute())
            self._store: Store = local
            self._spool = local.root / "tmp"
        else:
            self._store = RemoteStore(url, options or {})
            self._spool = spool or Path(tempfile.gettempdir())
        self.url = url

    @contextmanager
    def receive(self, stream: Readable, *, max_bytes: int | None = None) -> Iterator[Incoming]:
        """Stream a file in and hand it over for inspection; whatever is not kept inside the block is removed.

        Raises TooLarge as soon as more than `max_bytes` arrived, StorageFull when the disk is full.
        """
        with speaking():
            self._spool.mkdir(parents=True, exist_ok=True)
        path = self._spool / f"in-{new_token()}"
        try:
            sha256, size = _spool(stream, path, max_bytes)
            yield Incoming(self._store, path, sha256, size)
        finally:
            path.unlink(missing_ok=True)

    def part(self, name: str) -> Path:
        """Where a file that arrives in several requests is collected; on the file system that adopts it."""
        if not _PART.fullmatch(name):
            raise ValueError(f"not a name: {name!r}")
        with speaking():
            self._spool.mkdir(parents=True, exist_ok=True)
        return self._spool / f"part-{name}"

    def complete(self, path: Path, sha256: str, size: int) -> Incoming:
        """A collected file whose hash the caller has worked out, to be looked at and kept like any that arrived."""
        return Incoming(self._store, path, sha256, size)

    def put_stream(self, stream: Readable, suffix: str = "", *, max_bytes: int | None = None) -> StoredFile:
        """Keep a stream under its hash; the same content twice gives the same key and no second write."""
        with self.receive(stream, max_bytes=max_bytes) as incoming:
            return incoming.keep(suffix)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Write `data` under `key`, all or nothing, replacing what was there."""
        key = checked(key)
        with speaking():
            self._store.write(key, data)

    def open(self, key: str) -> BinaryIO:
        """The kept file, opened for reading. Raises NotFound."""
        key = checked(key)
        with speaking():
            return self._store.open(key)

    def read(self, key: str) -> bytes:
        """The whole kept file. Raises NotFound."""
        with self.open(key) as file, speaking():
            return file.read()

    def exists(self, key: str) -> bool:
        key = checked(key)
        with speaking():
            return self._store.exists(key)

    def delete(self, key: str) -> None:
        """Remove what can be made again (derived views, probes). A missing file is fine."""
        key = checked(key)
        with speaking():
            self._store.delete(key)

    def originals(self) -> Iterator[str]:
        """The keys of all kept originals, in no order."""
        return self._store.walk("originals")

    def sizes(self, folder: str) -> Iterator[tuple[str, int]]:
        """The keys in a folder with the bytes of each, in no order."""
        with speaking():
            yield from self._store.sizes(checked(f"{folder}/x").removesuffix("/x"))

    def below(self, folder: str) -> list[str]:
        """The keys in a folder, such as the views of one photo."""
        folder = checked(folder)
        with speaking():
            return sorted(self._store.walk(folder))

    def age(self, key: str) -> float:
        """Seconds since the file was kept, or was sent again. Raises NotFound."""
        key = checked(key)
        with speaking():
            return clock.now().timestamp() - self._store.modified(key)

    @contextmanager
    def path(self, key: str) -> Iterator[Path]:
        """The kept file as a local file to read, for libraries that want one. Raises NotFound."""
        key = checked(key)
        with self._store.path(key, self._spool) as path:
            yield path

    def check(self) -> None:
        """Write, read and remove a small probe. Raises AppError when the store does not answer as it should."""
        key = f"probe/{new_id().hex}"  # a token may begin with a sign that no key begins with
        self.put_bytes(key, b"probe")
        try:
            if self.read(key) != b"probe":
                raise AppError(N_("The file store gave back something else than was written."), status=503)
        finally:
            self.delete(key)

    def sweep(self) -> int:
        """Remove what a stopped process left behind a day ago, and parts nobody went on with; how many there were."""
        now = clock.now().timestamp()
        ages = {"in-*": LEFT_OVER, "part-*": LEFT_ALONE}
        left = [
            path for kind, age in ages.items() for path in self._spool.glob(kind) if path.stat().st_mtime < now - age
        ]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


def storage() -> Storage:
    """The storage of the running app."""
    return current_app.extensions["storage"]


def original_key(sha256: str) -> str:
    """Where the bytes with this hash are kept; two levels so that no folder grows huge."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError("not a SHA-256")
    return f"originals/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def checked(key: str) -> str:
    """`key` when it is a plain path below the store; anything with tricks in it does not exist (NotFound)."""
    if len(key) > 250 or ".." in key or not _KEY.fullmatch(key):
        raise NotFound(N_("This file is not in the store."))
    return key


def _spool(stream: Readable, path: Path, max_bytes: int | None) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with speaking():
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb", buffering=0)
    with file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if max_bytes is not None and size > max_bytes:
                raise TooLarge(
                    N_("This file is too large: at most %(megabytes)s MB can be sent."),
                    megabytes=max_bytes // (1024 * 1024),
                )
            digest.update(chunk)
            with speaking():
                _write_all(file, chunk)
    return digest.hexdigest(), size


def _write_all(file: Any, chunk: bytes) -> None:
    """An unbuffered write may take only a part when the disk is nearly full."""
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) :]
