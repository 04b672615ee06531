"""A referral's evidence as a ZIP that is written while it is sent: originals, papers, manifest and its signature.

Memory stays flat: one chunk of one original at a time. The manifest names every file with its SHA-256, the signature
covers the manifest, and verify.py inside checks the hashes with nothing but Python.
"""

import csv
import hashlib
import io
import json
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from stat import S_IFREG
from typing import Any
from uuid import UUID

from sqlalchemy import select
from stream_zip import ZIP_AUTO, stream_zip

from app.core import clock
from app.core.cells import cell
from app.core.database import db
from app.core.errors import AppError
from app.core.settings import Settings, settings
from app.core.storage import Storage, storage
from app.notices.paper import Layout
from app.notices.printing import paper_pdf
from app.photos.models import Photo
from app.referrals import printing
from app.referrals.models import Referral
from app.seals import signing

CHUNK = 256 * 1024  # bytes
MODE = S_IFREG | 0o644
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "image/heif": "heif"}
VERIFY = Path(__file__).parent / "data" / "verify.txt"  # a program for others, no module of ours
MANIFEST, TABLE, SIGNATURE, KEY = "manifest.json", "manifest.csv", "manifest.json.sig", "public-key.pem"
COLUMNS = ("文件 file", "SHA-256", "大小 size", "状态 state", "接收时 SHA-256 as received", "说明 caption",
           "手机时间 phone time", "相机时间 camera time", "接收时间 received",
           "位置 position", "设备 device")  # fmt: skip

log = logging.getLogger("xuncha.export")
Member = tuple[str, datetime, int, Any, Iterable[bytes]]


@dataclass(frozen=True)
class Original:
    """A photo to be packed: its name inside, where its bytes lie, what is known of it."""

    name: str
    storage_key: str
    size: int
    facts: dict[str, Any]


@dataclass(frozen=True)
class Bundle:
    """Everything the ZIP is made of. Needs neither request nor database any more."""

    number: str
    digest: str
    content: dict[str, Any]
    originals: tuple[Original, ...]
    papers: tuple[tuple[str, bytes], ...]
    storage: Storage
    settings: Settings
    now: datetime
    key_address: str
    events: tuple[dict[str, Any], ...] = field(default=())


def bundle_of(referral: Referral, now: datetime) -> Bundle:
    """Read what is packed: the sheet as it stands, the notice's paper, and where the originals lie."""
    papers = [("sheet.pdf", printing.sheet_pdf(referral))]
    if referral.notice is not None and referral.notice.number:
        papers.append(("notice.pdf", paper_pdf(referral.notice, Layout.A4)))
    frozen = referral.content["photos"]
    ids = [UUID(told["id"]) for told in frozen]
    rows = {row.id: row for row in db.session.scalars(select(Photo).where(Photo.id.in_(ids)))}
    originals = tuple(_original(told, rows[UUID(told["id"])]) for told in frozen if UUID(told["id"]) in rows)
    events = tuple(
        {"event": row.event.value, "at": row.at.isoformat(), "name": row.name or (row.by.name if row.by else ""),
         "reason": row.reason}
        for row in referral.events
    )  # fmt: skip
    return Bundle(
        referral.number, referral.digest, referral.content, originals, tuple(papers), storage(), settings(), now,
        printing.key_address(), events,
    )  # fmt: skip


def _original(told: dict[str, Any], photo: Photo) -> Original:
    ending = ENDINGS.get(photo.media_type, "bin")
    name = f"photos/{told['place']:02d}-{photo.short_hash}.{ending}"
    return Original(name, photo.storage_key if photo.removed_at is None else "", photo.size, told)


def zip_of(bundle: Bundle) -> Iterator[bytes]:
    """The bytes of the ZIP; photos are stored as they are, they are compressed already."""
    stored: Callable[[], Any] = lambda: zlib.compressobj(wbits=-zlib.MAX_WBITS, level=0)  # noqa: E731
    return iter(stream_zip(_members(bundle), get_compressobj=stored))


def _members(bundle: Bundle) -> Iterator[Member]:
    listed: list[dict[str, Any]] = []
    for original in bundle.originals:
        yield from _photo(original, bundle, listed)
    small = [*bundle.papers, ("verify.py", VERIFY.read_bytes()), ("README.txt", _readme(bundle)),
             (KEY, signing.public_key(bundle.settings))]  # fmt: skip
    for name, data in small:
        listed.append(_entry(name, data))
        yield _member(name, data, bundle.now)
    table = _table(listed)
    listed.append(_entry(TABLE, table))
    yield _member(TABLE, table, bundle.now)
    manifest = _manifest(bundle, listed)
    yield _member(MANIFEST, manifest, bundle.now)
    yield _member(SIGNATURE, signing.sign(manifest, bundle.settings), bundle.now)


def _photo(original: Original, bundle: Bundle, listed: list[dict[str, Any]]) -> Iterator[Member]:
    """One original, hashed on its way; what is missing or no longer what was received is said, not hidden."""
    entry = {"name": original.name, "sha256": "", "size": original.size, "state": "missing", "photo": original.facts}
    listed.append(entry)
    if not original.storage_key:
        entry["state"] = "removed"
        return
    try:
        file = bundle.storage.open(original.storage_key)
    except (AppError, OSError):
        log.exception('"photo %s of a referral is not in the store"', original.name)
        return
    digest = hashlib.sha256()
    with file:
        at = datetime.fromisoformat(original.facts["received_at"])
        yield original.name, at, MODE, ZIP_AUTO(original.size, level=0), _read(file, digest)
    entry["sha256"] = digest.hexdigest()
    entry["state"] = "ok" if entry["sha256"] == original.facts["sha256"] else "damaged"


def _read(file: Any, digest: Any) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        yield chunk


def _member(name: str, data: bytes, at: datetime) -> Member:
    return name, at, MODE, ZIP_AUTO(len(data), level=0), [data]


def _entry(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "state": "ok"}


def _manifest(bundle: Bundle, listed: list[dict[str, Any]]) -> bytes:
    said = {
        "version": 1,
        "made_at": bundle.now.isoformat(),
        "number": bundle.number,
        "digest": bundle.digest,
        "referral": bundle.content,
        "events": list(bundle.events),
        "signature": {
            "algorithm": "Ed25519",
            "file": SIGNATURE,
            "public_key": KEY,
            "fingerprint": signing.fingerprint(bundle.settings),
            "download": bundle.key_address,
        },
        "files": listed,
    }
    return (json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _table(listed: list[dict[str, Any]]) -> bytes:
    """UTF-8 with the mark that makes Excel and WPS read Chinese; a cell never begins a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    for entry in listed:
        told = entry.get("photo", {})
        position = ", ".join(str(one) for one in told.get("position") or ())
        line = [entry["name"], entry["sha256"], entry["size"], entry["state"], told.get("sha256", ""),
                told.get("caption", ""), told.get("captured_at") or "", told.get("camera_at") or "",
                told.get("received_at", ""), position, told.get("device", "")]  # fmt: skip
        writer.writerow([cell(value) for value in line])
    return out.getvalue().encode("utf-8-sig")


def _readme(bundle: Bundle) -> bytes:
    day = clock.local(bundle.now)
    return f"""{bundle.number}
{day:%Y-%m-%d %H:%M}

sheet.pdf       案件转交单 / hand-over sheet
notice.pdf      整改单（如有） / the notice, if there is one
photos/         照片原件，未作任何改动 / original photos, untouched
manifest.csv    文件清单（可用 WPS、Excel 打开） / list of files
manifest.json   文件清单，含全部 SHA-256 / list of files with every SHA-256
manifest.json.sig  清单的 Ed25519 签名 / its signature
verify.py       校验哈希，只需要 Python 3： / checks the hashes, needs Python 3 only:

    python3 verify.py

签名这样验（OpenSSL 3）： / the signature is checked like this (OpenSSL 3):

    openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.json.sig

公钥请从这里下载，不要只用包里的： / take the public key from here, not only from this folder:

    {bundle.key_address}

公钥指纹 / fingerprint: {signing.fingerprint(bundle.settings)}
""".encode()
