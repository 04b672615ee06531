"""Originals that no record refers to: an upload kept its bytes, and then its record failed.

Bytes are kept before the record is written, so a file is an orphan for a moment in every upload. Two things keep a
sweep from taking one that is being recorded. Only files older than a day are looked at, and sending the same bytes
again makes a file new. And a file is removed only while nobody can write a record, after asking once more whether
there is one; whoever was kept waiting then looks whether the bytes are still there (photos.intake).
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import Table, select, text
from sqlalchemy.orm import InstrumentedAttribute

from app.core.database import db, transaction
from app.core.errors import NotFound
from app.core.storage import LEFT_OVER, Storage, storage

BATCH = 200  # keys looked at together; writers wait while those of one batch that nobody holds are removed
group = AppGroup("storage", help="Kept files.")


@dataclass(frozen=True)
class Holder:
    """A column that refers to originals, and how to ask which of some keys it has."""

    column: InstrumentedAttribute[str]
    held: Callable[[Collection[str]], set[str]]

    @property
    def table(self) -> Table:
        return self.column.class_.__table__


HOLDERS: list[Holder] = []


def holds(
    column: InstrumentedAttribute[str],
    *,
    by_hash: InstrumentedAttribute[str] | None = None,
    unless: InstrumentedAttribute[Any] | None = None,
) -> None:
    """Tell that `column` refers to originals; `by_hash` is an indexed column of the same row with the SHA-256.

    A row whose column `unless` is filled has given its file up (app.retention) and holds nothing any more.
    """

    def held(keys: Collection[str]) -> set[str]:
        asked = [column.in_(keys) if by_hash is None else by_hash.in_({hash_of(key) for key in keys})]
        if unless is not None:
            asked.append(unless.is_(None))
        return set(db.session.scalars(select(column).where(*asked)))

    HOLDERS.append(Holder(column, held))


def hash_of(key: str) -> str:
    """The SHA-256 an original's key names."""
    return key.rsplit("/", 1)[-1][:64]


def orphans(files: Storage, older_than: float = LEFT_OVER) -> Iterator[str]:
    """The originals that nothing refers to and that lie there for `older_than` seconds or more."""
    for keys in batched(files.originals()):
        yield from sorted(key for key in unheld(keys) if _age(files, key) >= older_than)
        db.session.rollback()  # the next batch sees what was recorded in the meantime


def sweep(files: Storage, older_than: float = LEFT_OVER) -> list[str]:
    """Remove the orphans; gives their keys."""
    removed = []
    for keys in batched(orphans(files, older_than)):
        with transaction():
            keep_writers_waiting()
            for key in sorted(unheld(keys)):
                if _age(files, key) >= older_than:
                    files.delete(key)
                    removed.append(key)
    return removed


def batched(keys: Iterable[str], size: int = BATCH) -> Iterator[list[str]]:
    """The keys in lists of at most `size`."""
    rest = iter(keys)
    while batch := list(islice(rest, size)):
        yield batch


def unheld(keys: Collection[str]) -> set[str]:
    """Those of `keys` that no record refers to."""
    left = set(keys)
    for holder in HOLDERS:
        if left:
            left -= holder.held(left)
    return left


def _age(files: Storage, key: str) -> float:
    try:
        return files.age(key)
    except NotFound:
        return 0


def keep_writers_waiting() -> None:
    """Until this transaction ends nobody records a file. SQLite has one writer at a time anyway."""
    if db.session.get_bind().dialect.name != "sqlite":
        names = ", ".join(sorted({holder.table.name for holder in HOLDERS}))
        db.session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


@group.command("sweep")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def sweep_command(dry_run: bool) -> None:  # noqa: FBT001 - click gives it by name
    """Remove files that no record refers to and that are older than a day."""
    found = list(orphans(storage())) if dry_run else sweep(storage())
    for key in found:
        click.echo(key)
    click.echo(f"{len(found)} files {'would be' if dry_run else 'were'} removed.")
