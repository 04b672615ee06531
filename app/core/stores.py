"""Where bytes rest: the local disk, or an object store behind fsspec. Only `app.core.storage` talks to these."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import fsspec

from app.core.errors import N_, AppError, NotFound, StorageFull
from app.core.ids import new_token

FULL = {errno.ENOSPC, errno.EDQUOT}
REMOTE_LIMITS = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 3}}  # seconds, tries


class StoreFault(Exception):
    """An object store's own kind of error, brought to one name."""


@contextmanager
def speaking() -> Iterator[None]:
    """Turn what the operating system or the object store says into something a person can act on."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound(N_("This file is not in the store.")) from error
    except OSError as error:
        if error.errno in FULL:
            raise StorageFull(
                N_("The server's disk is full, so the file could not be kept."),
                hint=N_(
                    "Nothing already saved is lost. Keep the photo on the phone and tell the administrator."
                ),
            ) from error
        raise _no_answer() from error
    except StoreFault as error:
        raise _no_answer() from error


def _no_answer() -> AppError:
    return AppError(
        N_("The file store does not answer."),
        status=503,
        hint=N_("Nothing already saved is lost. Try again shortly."),
    )


class Store(Protocol):
    """What a place for bytes must do. Keys arrive checked."""

    def adopt(self, temporary: Path, key: str) -> bool:
        """Take over a complete local file as `key`, durably; False when it was there already, now as if new."""

    def write(self, key: str, data: bytes) -> None: ...
    def open(self, key: str) -> BinaryIO: ...
    def exists(self, key: str) -> bool: ...
    def delete(self, key: str) -> None: ...
    def modified(self, key: str) -> float:
        """When the file was written or taken over again, in seconds since 1970. Raises FileNotFoundError."""

    def walk(self, prefix: str) -> Iterator[str]:
        """The keys below `prefix`, in no order."""
    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """The same with the bytes of each file."""
    def path(self, key: str, spool: Path) -> AbstractContextManager[Path]: ...


class LocalStore:
    """Plain files below `root`; a name appears only when its bytes are on the disk (fsync, then rename)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def adopt(self, temporary: Path, key: str) -> bool:
        target = self.root / key
        is_new = False
        try:
            os.utime(target)
        except FileNotFoundError:
            is_new = True
            _sync(temporary)
            temporary.chmod(0o440)
            self._folder(target.parent)
            temporary.replace(target)
        _sync(target.parent)
        return is_new

    def write(self, key: str, data: bytes) -> None:
        target = self.root / key
        self._folder(target.parent)
        temporary = target.parent / f".{new_token()}"
        try:
            temporary.write_bytes(data)
            _sync(temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(target.parent)

    def open(self, key: str) -> BinaryIO:
        return (self.root / key).open("rb")

    def exists(self, key: str) -> bool:
        return (self.root / key).is_file()

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    def modified(self, key: str) -> float:
        return (self.root / key).stat().st_mtime

    def walk(self, prefix: str) -> Iterator[str]:
        for folder, _folders, names in os.walk(self.root / prefix):
            yield from (str((Path(folder) / name).relative_to(self.root)) for name in names)

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        start = len(str(self.root)) + 1
        folders = [str(self.root / prefix)]
        while folders:
            with suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        with suppress(FileNotFoundError):
                            yield entry.path[start:], entry.stat().st_size

    @contextmanager
    def path(self, key: str, spool: Path) -> Iterator[Path]:
        path = self.root / key
        if not path.is_file():
            raise NotFound(N_("This file is not in the store."))
        yield path

    def _folder(self, folder: Path) -> None:
        """Make a folder so that its own name, too, survives a pulled plug."""
        if folder.is_dir():
            return
        if folder != self.root:
            self._folder(folder.parent)
        folder.mkdir(parents=folder == self.root, exist_ok=True)
        _sync(folder.parent)


class RemoteStore:
    """An object store through fsspec. Objects appear whole, so uploading is already all or nothing."""

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        self._url = url.rstrip("/")
        self._options = dict(options)
        if url.startswith("s3"):
            self._options = {"use_listings_cache": False, "config_kwargs": REMOTE_LIMITS} | self._options

    def adopt(self, temporary: Path, key: str) -> bool:
        with _faults():
            fs, full = self._at(key)
            was_there = bool(fs.exists(full))
            fs.put_file(str(temporary), full)  # also over the same bytes: an object's age is renewed only so
            return not was_there

    def write(self, key: str, data: bytes) -> None:
        with _faults():
            fs, full = self._at(key)
            fs.pipe_file(full, data)

    def open(self, key: str) -> BinaryIO:
        with _faults():
            fs, full = self._at(key)
            return cast("BinaryIO", fs.open(full, "rb"))

    def exists(self, key: str) -> bool:
        with _faults():
            fs, full = self._at(key)
            return bool(fs.exists(full))

    def delete(self, key: str) -> None:
        with _faults(), suppress(FileNotFoundError):
            fs, full = self._at(key)
            fs.rm_file(full)

    def modified(self, key: str) -> float:
        with _faults():
            fs, full = self._at(key)
            return float(fs.info(full, refresh=True)["LastModified"].timestamp())

    def walk(self, prefix: str) -> Iterator[str]:
        with _faults():
            fs, full = self._at(prefix)
            start = len(full) - len(prefix)
            folders = fs.ls(full, detail=False) if fs.exists(full) else []
            for folder in folders:  # one after the other, so that never all keys are in memory
                yield from (found[start:] for found in fs.find(folder))

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        with _faults():
            fs, full = self._at(prefix)
            start = len(full) - len(prefix)
            for folder in fs.ls(full, detail=False) if fs.exists(full) else []:
                for found, facts in fs.find(folder, detail=True).items():
                    yield found[start:], int(facts["size"])

    @contextmanager
    def path(self, key: str, spool: Path) -> Iterator[Path]:
        with _faults_spoken():
            spool.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix="in-", dir=spool)
        local = Path(name)
        try:
            with _faults_spoken(), os.fdopen(handle, "wb") as file, self.open(key) as kept:
                shutil.copyfileobj(kept, file, 1024 * 1024)
            yield local
        finally:
            local.unlink(missing_ok=True)

    def _at(self, key: str) -> tuple[Any, str]:
        """The file system (fsspec keeps one per process, also after a fork) and the full path of `key`."""
        fs, root = fsspec.core.url_to_fs(self._url, **self._options)
        return fs, f"{root}/{key}"


@contextmanager
def _faults() -> Iterator[None]:
    """Errors of botocore are no OSErrors; it is imported only where an object store is used."""
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreFault(str(error)) from error


@contextmanager
def _faults_spoken() -> Iterator[None]:
    with speaking(), _faults():
        yield


def _sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
