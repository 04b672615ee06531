"""The chain's head at second places, which whoever can rewrite the database cannot reach: files, object stores, mail.

An address is `file:///path`, `s3://bucket/prefix`, or anything Apprise takes. What is in a file or an object store is
read back by each verification; what was mailed is compared by a person.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec

from app.core.ledger import Head
from app.core.settings import Settings
from app.core.stores import REMOTE_LIMITS
from app.proof.heads import Known, known
from app.proof.rules import UNREADABLE, Found, Kind
from app.reminders import channels

LONGEST = 4096  # bytes of a line; a longer one is none of ours
_NO_HEAD = "too long"
Tell = Callable[[Found], None]


def place_of(address: str) -> str:
    """What is shown of an address: of a file or an object store all of it, of others their kind alone."""
    return address if address.startswith(("file://", "s3://")) else address.partition("://")[0]


def _path(address: str) -> Path:
    return Path(address.removeprefix("file://"))


def line_of(head: Head) -> str:
    """What is kept at a second place: one line of JSON."""
    said = {"seq": head.seq, "hash": head.hash.hex(), "at": head.at.isoformat()}
    return json.dumps(said, sort_keys=True)


def problem_of(address: str, settings: Settings) -> str:
    """Why an address is no second place; "" where it is one."""
    if address.startswith("file://"):
        path = _path(address).absolute()
        if path.is_relative_to(settings.data_dir.absolute()):
            return "it lies in the data folder"
    return ""


def send(address: str, head: Head, settings: Settings, now: datetime) -> str:
    """Bring the head there; what went wrong, "" where nothing did. Never raises."""
    if problem := problem_of(address, settings):
        return problem
    try:
        if address.startswith("file://"):
            _append(_path(address), line_of(head))
        elif address.startswith("s3://"):
            _put(address, head, settings, now)
        elif not channels.send(address, f"链头 chain head {head.short}", _letter(head)):
            return "the channel did not take it"
    except Exception as error:  # noqa: BLE001 - whatever an object store's client says, the others go on
        return type(error).__name__
    return ""


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def _put(address: str, head: Head, settings: Settings, now: datetime) -> None:
    """One object for each head, so that none is ever replaced; locked where that is asked for."""
    files, root = _store(address, settings)
    lock: dict[str, Any] = {}
    if settings.anchor_lock_days:
        until = now + timedelta(days=settings.anchor_lock_days)
        lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    files.pipe_file(f"{root}/{head.seq:012d}-{head.hash.hex()[:16]}.json", line_of(head).encode(), **lock)


def _letter(head: Head) -> str:
    asked = "请保存此消息。Keep this message: who has it can tell later whether earlier records were changed."
    return f"{line_of(head)}\n{asked}"


def kept(settings: Settings, sent: Mapping[str, int], tell: Tell) -> Iterator[Known]:
    """Every head that lies at a second place that can be read. `sent`: by place the last record that was sent there."""
    for address in settings.anchors:
        place = place_of(address)
        if not address.startswith(("file://", "s3://")):
            continue
        if address.startswith("file://") and place not in sent and not _path(address).exists():
            continue
        odd, last = 0, 0
        try:
            for text in _lines(address, settings):
                found = list(_heads(text, place))
                odd += not found and not text.isspace() and text != ""
                last = max([last, *(head.seq for head in found)])
                yield from found
        except Exception as error:  # noqa: BLE001 - as above; a place that is silent is told
            tell(Found(Kind.PLACE_SILENT, key=place, found=type(error).__name__))
            continue
        if last < sent.get(place, 0):
            tell(Found(Kind.PLACE_CUT, key=place, found=str(sent[place])))
        if odd:
            tell(Found(Kind.PLACE_ODD, key=place, found=str(odd)))


def _lines(address: str, settings: Settings) -> Iterator[str]:
    if address.startswith("file://"):
        with _path(address).open(encoding="utf-8", errors="replace") as file:
            yield from iter(lambda: file.readline(LONGEST), "")
        return
    files, root = _store(address, settings)
    for name, entry in sorted(files.find(root, detail=True).items()):
        yield files.cat_file(name).decode("utf-8", "replace") if entry["size"] <= LONGEST else _NO_HEAD


def _heads(text: str, place: str) -> Iterator[Known]:
    """The head a line tells; nothing where it tells none."""
    try:
        said = json.loads(text)
        return known(said["seq"], said["hash"], said["at"], place)
    except UNREADABLE:
        return iter(())


def _store(address: str, settings: Settings) -> tuple[Any, str]:
    options = {"use_listings_cache": False, "config_kwargs": REMOTE_LIMITS} | dict(settings.anchor_options)
    return fsspec.core.url_to_fs(address.rstrip("/"), **options)
