"""A ZIP of photos that is written while it is sent: originals, a table, a manifest, hashes, a signature, a verifier.

Memory stays flat: one chunk of one original at a time, and the lists grow on disk. Photos are stored, not compressed;
they are compressed already. Signed is a small head (export.json) that names the hash of each list, so that the lists,
however long, are never held at once.
"""

import csv
import hashlib
import io
import json
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from stat import S_IFREG
from tempfile import TemporaryFile
from typing import Any

from stream_zip import ZIP_AUTO, stream_zip

from app.core import clock
from app.core.cells import cell
from app.core.errors import AppError
from app.core.settings import Settings, project_root
from app.core.storage import Storage
from app.oversight.exporting import STATES, Entry, Spool
from app.seals import signing
from app.web.i18n import both

CHUNK = 256 * 1024  # bytes
MODE = S_IFREG | 0o644
TABLE, MANIFEST, SUMS = "manifest.csv", "manifest.json", "SHA256SUMS"
HEAD, SIGNATURE, KEY = "export.json", "export.json.sig", "public-key.pem"
VERIFY = project_root() / "static" / "verify.py"  # a program for others, no module of ours

log = logging.getLogger("xuncha.export")
Member = tuple[str, datetime, int, Any, Iterable[bytes]]


@dataclass(frozen=True)
class Package:
    """Everything the ZIP is made of. Needs neither request nor database any more."""

    spool: Spool
    headings: Sequence[str]
    states: Mapping[str, str]  # key → words of a file's state
    storage: Storage
    settings: Settings
    now: datetime
    said: Mapping[str, Any]  # who, what choice: goes into the head
    key_address: str  # where the public key is had from


def state_words() -> dict[str, str]:
    """The words of a file's state, in both languages."""
    return {state: both(words) for state, words in STATES.items()}


def zip_of(package: Package) -> Iterator[bytes]:
    """The bytes of the ZIP, made while they are sent."""
    stored: Callable[[], Any] = lambda: zlib.compressobj(wbits=-zlib.MAX_WBITS, level=0)  # noqa: E731
    return iter(stream_zip(_members(package), get_compressobj=stored))


class _Lists:
    """The three lists of an export, growing on disk while the photos go by."""

    def __init__(self, headings: Sequence[str]) -> None:
        self.table, self.manifest, self.sums = TemporaryFile(), TemporaryFile(), TemporaryFile()  # noqa: SIM115
        self.table.write("\ufeff".encode() + _row(headings))  # the mark that makes Excel and WPS read Chinese
        self.manifest.write(b"[")
        self._first = True

    def add(self, entry: Entry, state: str, words: str, digest: str) -> None:
        line = (entry.name, entry.sha256, entry.size, state, words, *entry.line)
        self.table.write(_row([cell(value) for value in line]))
        said = {
            "name": entry.name,
            "sha256": digest,
            "received_sha256": entry.sha256,
            "size": entry.size,
            "state": state,
            **entry.facts,
        }
        self.manifest.write((b"\n" if self._first else b",\n") + json.dumps(said, ensure_ascii=False).encode())
        self._first = False
        if digest:
            self.sum(digest, entry.name)

    def sum(self, digest: str, name: str) -> None:
        self.sums.write(f"{digest}  {name}\n".encode())

    def close(self) -> None:
        for file in (self.table, self.manifest, self.sums):
            file.close()


def _members(package: Package) -> Iterator[Member]:
    lists, hashes = _Lists(package.headings), {}
    try:
        for entry in package.spool.entries():
            yield from _photo(entry, package, lists)
        lists.manifest.write(b"\n]\n")
        small = (
            ("verify.py", VERIFY.read_bytes()),
            (KEY, signing.public_key(package.settings)),
            ("README.txt", _readme(package)),
        )
        for name, data in small:
            hashes[name] = hashlib.sha256(data).hexdigest()
            lists.sum(hashes[name], name)
            yield name, package.now, MODE, ZIP_AUTO(len(data), level=0), [data]
        for name, file in ((TABLE, lists.table), (MANIFEST, lists.manifest), (SUMS, lists.sums)):
            digest = hashlib.sha256()
            size = file.tell()
            file.seek(0)
            yield name, package.now, MODE, ZIP_AUTO(size, level=0), _read(file, digest)
            hashes[name] = digest.hexdigest()
            if name != SUMS:
                lists.sum(hashes[name], name)
        head = _head(package, hashes)
        yield HEAD, package.now, MODE, ZIP_AUTO(len(head), level=0), [head]
        signature = signing.sign(head, package.settings)
        yield SIGNATURE, package.now, MODE, ZIP_AUTO(len(signature), level=0), [signature]
    finally:
        lists.close()


def _photo(entry: Entry, package: Package, lists: _Lists) -> Iterator[Member]:
    """One original, hashed on its way; what is missing or no longer what was received is said, not hidden."""
    if not entry.storage_key:
        lists.add(entry, "removed", package.states["removed"], "")
        return
    state, digest = "missing", ""
    try:
        file = package.storage.open(entry.storage_key)
    except (AppError, OSError):
        log.exception('"photo %s is not in the store"', entry.name)
    else:
        found = hashlib.sha256()
        with file:
            yield entry.name, entry.received_at, MODE, ZIP_AUTO(entry.size, level=0), _read(file, found)
        digest = found.hexdigest()
        state = "ok" if digest == entry.sha256 else "damaged"
    lists.add(entry, state, package.states[state], digest)


def _read(file: Any, digest: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        yield chunk


def _row(values: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_MINIMAL).writerow(values)
    return out.getvalue().encode()


def _head(package: Package, hashes: Mapping[str, str]) -> bytes:
    said = {
        "version": 1,
        "made_at": package.now.isoformat(),
        **package.said,
        "photos": package.spool.photos,
        "bytes": package.spool.bytes,
        "files": dict(hashes),
        "signature": {
            "algorithm": "Ed25519",
            "file": SIGNATURE,
            "public_key": KEY,
            "fingerprint": signing.fingerprint(package.settings),
            "download": package.key_address,
        },
    }
    return (json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _readme(package: Package) -> bytes:
    return f"""{clock.local(package.now):%Y-%m-%d %H:%M}

photos/          照片原件，未作任何改动 / original photos, untouched
manifest.csv     照片清单（可用 WPS、Excel 打开） / list of the photos
manifest.json    同一清单，供程序读取 / the same for programs
SHA256SUMS       全部文件的哈希 / hashes of all files
export.json      各清单的哈希，已签名 / hashes of the lists; this is what is signed
verify.py        校验程序，只需要 Python 3： / the verifier, needs Python 3 only:

    python3 verify.py
    python3 verify.py photos.zip --key public-key-from-the-county.pem

公钥请从这里下载，不要只用包里的： / take the public key from here, not only from this folder:

    {package.key_address}

公钥指纹 / fingerprint: {signing.fingerprint(package.settings)}

也可用 OpenSSL 3 验签： / or with OpenSSL 3:

    openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in export.json -sigfile export.json.sig
""".encode()
