"""The edge: one sending becomes one transaction, exactly once, however often and how many at once it comes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.exc import IntegrityError, OperationalError

from app.accounts.models import Person
from app.core import clock
from app.core.bulk import run
from app.core.database import db, transaction
from app.core.errors import AppError
from app.inspections.signatures import keep_signature
from app.sync import places
from app.sync.book import Book, Told
from app.sync.services import take_in
from app.sync.wire import Change, Unreadable
from app.sync.writing import prepare, prepare_ends, run_if, write

TRIES = 6  # several sendings of the same at once: the second finds what the first did


class MovedMeanwhile(Exception):
    """A place was merged or moved between reading and writing."""


def receive(changes: Sequence[Change | Unreadable], *, person: Person, device_id: UUID | None) -> list[Told]:
    """Take the changes in and say what became of each, in their order."""
    readable = [change for change in changes if isinstance(change, Change)]
    signatures = _keep_signatures(readable)
    for attempt in range(1, TRIES + 1):
        try:
            how = _receive_fresh if attempt == 1 and _may_be_fresh(readable) else _receive
            return how(changes, readable, signatures, person, device_id)
        except (IntegrityError, MovedMeanwhile):
            db.session.rollback()
            if attempt == TRIES:
                raise
        except OperationalError as error:
            db.session.rollback()
            if attempt == TRIES or getattr(error.orig, "sqlstate", "") not in {"40P01", "40001"}:
                raise  # no deadlock between two sendings, but a fault
    raise AssertionError("unreachable")


def _may_be_fresh(changes: Sequence[Change]) -> bool:
    """Whether these may be whole new visits and nothing else: the one sending most days are made of."""
    begun = {change.inspection_id for change in changes if change.kind == "visit_start"}
    plain = {"premises_new", "notice_issue"}.isdisjoint(change.kind for change in changes)
    return plain and bool(begun) and all(change.inspection_id in begun for change in changes)


def _receive_fresh(
    changes: Sequence[Change | Unreadable],
    readable: Sequence[Change],
    signatures: dict[UUID, str | AppError],
    person: Person,
    device_id: UUID | None,
) -> list[Told]:
    """Whole new visits are worked out before the database is asked to let us write.

    Their ids keep two sendings apart: whoever comes second is refused by the database, and then finds them.
    """
    book = Book(person, device_id, clock.now())
    book.open_fresh(readable)
    results = take_in(book, changes, signatures)
    work, ends = prepare(book), prepare_ends(book)
    with transaction():
        for step in work:
            run(step)
        if run_if(ends) != len(book.last_seen) or not (ends or book.places_stand()):
            raise MovedMeanwhile
    return results


def _receive(
    changes: Sequence[Change | Unreadable],
    readable: Sequence[Change],
    signatures: dict[UUID, str | AppError],
    person: Person,
    device_id: UUID | None,
) -> list[Told]:
    with transaction():
        book = Book(person, device_id, clock.now())
        places.register_new(book, readable)
        book.open(readable)
        results = take_in(book, changes, signatures)
        write(book)
        return results


def _keep_signatures(changes: Sequence[Change]) -> dict[UUID, str | AppError]:
    """Drawings go to the storage before the database is asked for anything."""
    kept: dict[UUID, str | AppError] = {}
    for change in changes:
        drawn = change.fields.get("signature")
        if change.kind == "finish" and isinstance(drawn, str):
            try:
                kept[change.id] = keep_signature(drawn)
            except AppError as error:
                kept[change.id] = error
    return kept
