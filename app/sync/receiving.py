"""The edge: one sending becomes one transaction, exactly once, however often and how many at once it comes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError, OperationalError

from app.accounts.callers import Caller, whole
from app.accounts.models import Person
from app.core import clock
from app.core.bulk import run
from app.core.database import db, transaction
from app.core.errors import AppError
from app.inspections.signatures import keep_signature
from app.sync import places, reports
from app.sync.again import tell_ends
from app.sync.book import Book, Told
from app.sync.held import remove
from app.sync.models import SyncChange
from app.sync.rules import Status
from app.sync.services import take_in
from app.sync.wire import VERSIONS, Change, Unreadable
from app.sync.writing import prepare, prepare_ends, record, run_if, write

TRIES = 6  # several sendings of the same at once: the second finds what the first did


RUNNING = frozenset({*VERSIONS, "photo_announced"})  # changes of a visit that goes on, which no other has to follow
ALONE = frozenset({"premises_new", "report_new", "notice_issue"})  # what is written by the services of its own feature
Way = Callable[["Sending", dict[UUID, str | AppError]], list[Told]]


class MovedMeanwhile(Exception):
    """What was read was changed by somebody else before it could be written."""


@dataclass(frozen=True)
class Sending:
    """Changes of one person's phone. `released`: rows held until now, which make way for what becomes of them."""

    changes: Sequence[Change | Unreadable]
    person: Person | Caller
    device_id: UUID | None
    released: Sequence[SyncChange] = ()

    @property
    def readable(self) -> list[Change]:
        return [change for change in self.changes if isinstance(change, Change)]

    def book(self) -> Book:
        return Book(self.person, self.device_id, clock.now())


def receive(sending: Sending) -> list[Told]:
    """Take the changes in and say what became of each, in their order."""
    signatures = _keep_signatures(sending.readable)
    for attempt in range(1, TRIES + 1):
        try:
            how = _quick_way(sending) if attempt == 1 else _receive
            return how(sending, signatures)
        except (IntegrityError, MovedMeanwhile):
            db.session.rollback()
            if attempt == TRIES:
                raise
        except OperationalError as error:
            db.session.rollback()
            if attempt == TRIES or getattr(error.orig, "sqlstate", "") not in {"40P01", "40001"}:
                raise  # no deadlock between two sendings, but a fault
    raise AssertionError("unreachable")


def _quick_way(sending: Sending) -> Way:
    """How it can be taken in without holding the database while thinking: new visits as a whole, or some answers."""
    changes = sending.readable
    kinds = {change.kind for change in changes}
    if sending.released or not kinds:
        return _receive
    if kinds <= RUNNING:
        return _receive_running
    begun = {change.inspection_id for change in changes if change.kind == "visit_start"}
    whole = begun and kinds.isdisjoint(ALONE) and all(change.inspection_id in begun for change in changes)
    return _receive_fresh if whole else _receive


def _receive_running(sending: Sending, signatures: dict[UUID, str | AppError]) -> list[Told]:
    """Answers of visits that go on: worked out on what is read, written if that still stands."""
    book = sending.book()
    book.open(sending.readable, hold=False)
    results = take_in(book, sending.changes, signatures)
    if reports.may_be_awaited(sending.readable, results):
        raise MovedMeanwhile
    work = prepare(book)
    if work:
        with transaction():
            if not book.stands():
                raise MovedMeanwhile
            for step in work:
                run(step)
            record(book)
    return results


def _receive_fresh(sending: Sending, signatures: dict[UUID, str | AppError]) -> list[Told]:
    """Whole new visits are worked out before the database is asked to let us write.

    Their ids keep two sendings apart: whoever comes second is refused by the database, and then finds them.
    """
    book = sending.book()
    book.open_fresh(sending.readable)
    results = take_in(book, sending.changes, signatures)
    work, ends = prepare(book), prepare_ends(book)
    with transaction():
        for step in work:
            run(step)
        if run_if(ends) != len(book.last_seen) or not (ends or book.places_stand()):
            raise MovedMeanwhile
        record(book)
        tell_ends(book)
    return results


def _receive(sending: Sending, signatures: dict[UUID, str | AppError]) -> list[Told]:
    with transaction():
        book = sending.book()
        book.person = whole(sending.person)
        remove(sending.released)
        places.register_new(book, sending.readable)
        reports.register_new(book, sending.readable)
        book.open(sending.readable)
        results = take_in(book, sending.changes, signatures)
        if sending.released:
            _hold_again(book, sending.readable, results)
        write(book)
        tell_ends(book)
        return results


def _hold_again(book: Book, changes: Sequence[Change], results: Sequence[Told]) -> None:
    """What cannot be applied now stays held: the phone has long forgotten it."""
    left = {told.id: told for told in results if told.status in {Status.REFUSED, Status.WAITING}}
    for change in changes:
        if change.key in left:
            book.keep(change, Status.HELD, message=left[change.key].message)


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
