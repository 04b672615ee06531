"""Files against the rows that refer to them: there, as long as they were, and the same bytes."""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from itertools import groupby, islice

from sqlalchemy.exc import SQLAlchemyError

from app.core import ledger, orphans
from app.core.database import db, transaction
from app.core.errors import AppError, NotFound
from app.core.orphans import HOLDERS, Holder
from app.core.storage import CHUNK, LEFT_OVER, Storage
from app.proof.reading import Snapshot
from app.proof.rules import Found, Kind
from app.proof.shelf import Claim, Shelf

SIZED = frozenset(
    {"photos", "paper_files"}
)  # `size` is that of the file; of a locked photo it is the picture's
_PREFIX = "originals/"
MOST_WAITS = 20  # for whoever is deleting files just now
_MOST_NAMED = 20  # files that nobody refers to
Tell = Callable[[Found], None]


def gather(look: Snapshot, shelf: Shelf) -> None:
    """Which rows refer to which files, in the same moment of the database as all else."""
    for holder in HOLDERS:
        shelf.claim(_claims(look, holder))


def _claims(look: Snapshot, holder: Holder) -> Iterator[tuple[str, int | None, str, str]]:
    table, column = holder.table, holder.column.key
    keys = ", ".join(f'"{key.name}"' for key in table.primary_key.columns)
    size = "size" if table.name in SIZED else "NULL"
    gone = ' AND "removed_at" IS NULL' if "removed_at" in table.c else ""
    sql = f'SELECT "{column}", {size}, {keys} FROM {table.name} WHERE "{column}" <> \'\'{gone}'
    for path, length, *key in look.rows(sql):
        yield str(path), length, table.name, ledger.key_of(key)


def compare(storage: Storage, shelf: Shelf, tell: Tell, *, quick: bool) -> int:
    """Each file once; how many. `quick`: whether it is there and how long it is, not what is in it."""
    shelf.lies(storage.sizes("originals"))
    count, waits = 0, iter(range(MOST_WAITS))
    for path, claims in groupby(shelf.claims(), lambda claim: claim.path):
        count += 1
        rows = list(islice(claims, 100))
        found = _look(storage, shelf, rows[0], quick=quick)
        if found is not None and _still_holds(path) and not _has_gone(found, path, waits):
            for row in rows:
                tell(
                    Found(
                        found.kind,
                        row.table,
                        row.key,
                        expected=found.expected,
                        found=found.found,
                        detail=found.detail,
                    )
                )
    _not_needed(storage, shelf, tell)
    return count


def _look(storage: Storage, shelf: Shelf, claim: Claim, *, quick: bool) -> Found | None:
    path, size = claim.path, claim.lies
    try:
        if size is None:
            with storage.open(path) as file:  # kept elsewhere, or gone
                size = sum(map(len, iter(lambda: file.read(CHUNK), b"")))
        wanted = orphans.hash_of(path)
        named_by_hash = path.startswith(_PREFIX) and len(wanted) == hashlib.sha256().digest_size * 2
        found = "" if quick or not named_by_hash else _sha256(storage, path)
    except (NotFound, OSError, ValueError):  # ValueError: it cannot be a file's name
        return Found(Kind.FILE_MISSING, detail=path)
    except AppError as error:
        return Found(Kind.FILE_MISSING, found=str(error.message), detail=path)
    other = found and found != wanted and shelf.claimed_like(f"{_PREFIX}{found[:2]}/{found[2:4]}/{found}")
    if other:
        return Found(Kind.FILE_SWAPPED, expected=wanted, found=found, detail="/".join(other))
    if claim.size is not None and size != claim.size:
        return Found(Kind.FILE_SIZE, expected=str(claim.size), found=str(size), detail=path)
    if found and found != wanted:
        return Found(Kind.FILE_CHANGED, expected=wanted, found=found, detail=path)
    return None


def _sha256(storage: Storage, path: str) -> str:
    with storage.open(path) as file:
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _still_holds(path: str) -> bool:
    """Whether a row refers to it now: it may have been deleted after its period while we looked."""
    db.session.rollback()
    return path not in _unheld({path})


def _unheld(paths: Collection[str]) -> set[str]:
    """Those that no row refers to now. A row that cannot be read may refer to any."""
    try:
        return orphans.unheld(paths)
    except SQLAlchemyError:
        db.session.rollback()
        return set()


def _has_gone(found: Found, path: str, waits: Iterator[int]) -> bool:
    """Whether a run was just deleting it, whose files go before its transaction ends: waits until nobody writes."""
    if found.kind is not Kind.FILE_MISSING or next(waits, None) is None:
        return False  # or so many are missing that nobody is deleting them: others are not held up for each
    with suppress(SQLAlchemyError), transaction():
        orphans.keep_writers_waiting()
    return not _still_holds(path)


def _not_needed(storage: Storage, shelf: Shelf, tell: Tell) -> None:
    """Files that nobody refers to, and have lain there for a day: left by an upload that failed, or put there."""
    count, named = 0, list[str]()
    for batch in orphans.batched(shelf.unclaimed()):
        db.session.rollback()
        for path in sorted(_unheld(batch)):
            try:
                is_old = storage.age(path) >= LEFT_OVER
            except AppError:
                continue
            if is_old:
                count += 1
                named += [path] if len(named) < _MOST_NAMED else []
    for path in named:
        tell(Found(Kind.NOT_NEEDED, detail=path))
    if count > len(named):
        tell(Found(Kind.NOT_NEEDED, detail=str(count - len(named))))
