"""Changes are taken in: each finds its place or says why not, and a refused one never blocks the others."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core.errors import N_, AppError, NotAllowed, NotFound, Refused
from app.sync import again, announcing, notices, register, values, visits
from app.sync.book import Book, Told, Visit
from app.sync.rules import FIELDS, Status
from app.sync.wire import VERSIONS, Change, Unreadable, in_order

WAITS = N_("What this belongs to has not arrived yet. It is sent again by itself.")
LATE = N_("The visit was finished before this arrived. It is kept beside the record.")
USE_CORRECTION = N_("Use a correction: it shows both versions.")
THROWN_AWAY = N_("The visit was thrown away before this arrived. It is kept.")
CONFLICT = N_("Somebody else wrote something different here. Both versions are kept; choose one.")
OTHER_CONTENT = N_("This was sent before with other content. Both versions are kept.")

ANOTHER = {  # what the services of its own feature register: here it comes only with other content under a known id
    "premises_new": N_("Another place was already registered under this number."),
    "report_new": N_("Another report was already sent under this number."),
}


def take_in(
    book: Book, changes: Sequence[Change | Unreadable], signatures: Mapping[UUID, str | AppError]
) -> list[Told]:
    """Apply what can be applied to the book, and say of each change, in the order of sending, what became of it.

    `signatures` holds the storage keys of the drawn signatures by change, or why one could not be read.
    """
    seen: set[str] = set()
    done: dict[tuple[str, bytes], Told] = {}
    for change in in_order(one for one in changes if isinstance(one, Change)):
        key = (change.key, change.content)
        if key not in done:  # else it stands twice in one sending
            done[key] = _take(book, change, signatures, beside=change.key in seen)
            seen.add(change.key)
    return [
        Told(one.id, Status.REFUSED, one.message) if isinstance(one, Unreadable) else done[one.key, one.content]
        for one in changes
    ]


def _take(
    book: Book, change: Change, signatures: Mapping[UUID, str | AppError], *, beside: bool = False
) -> Told:
    known = book.known.get(change.id) if book.known else None
    if book.settled and change.id in book.settled and not beside:
        return book.settled[change.id]  # a new place, registered before the others (places.py)
    if known is not None and known.content == change.content:
        if known.status in {Status.LATE, Status.HELD, Status.SET_ASIDE}:
            return Told(change.key, known.status, known.message)
        return Told(change.key, Status.DUPLICATE)
    if known is not None or beside:
        return _keep_beside(book, change, signatures)
    try:
        status = _apply(book, change, signatures)
    except AppError as error:
        return Told(change.key, Status.REFUSED, error.message, error.hint, error.params)
    return Told(change.key, status, *_words(book, change, status))


def _words(book: Book, change: Change, status: Status) -> tuple[str, str]:
    if status is Status.RECEIVED:
        return "", ""
    if status is Status.LATE:
        return (THROWN_AWAY, "") if change.inspection_id in book.gone else (LATE, USE_CORRECTION)
    return (WAITS, "") if status is Status.WAITING else (CONFLICT, "") if status is Status.CONFLICT else ("", "")


def _keep_beside(book: Book, change: Change, signatures: Mapping[UUID, str | AppError]) -> Told:
    """Other content under a known id: kept as a version of its own, under an id made of both."""
    other = change.beside()
    result = Told(change.key, Status.CONFLICT, OTHER_CONTENT)
    if other.id in book.known or any(row["id"] == other.id for row in book.rows):
        return result
    try:
        status = _apply(book, other, {other.id: signatures.get(change.id, "")})
    except AppError:
        status = Status.REFUSED
    if status in {Status.REFUSED, Status.WAITING}:
        book.keep(other, Status.CONFLICT, message=OTHER_CONTENT)
    return result


def _apply(book: Book, change: Change, signatures: Mapping[UUID, str | AppError]) -> Status:
    if change.kind == "visit_start":
        return _start(book, change)
    if change.kind in ANOTHER:
        raise Refused(ANOTHER[change.kind])
    visit = book.visits.get(change.inspection_id) if change.inspection_id else None
    if visit is None:
        if change.inspection_id in book.gone:
            book.keep(change, Status.LATE, message=THROWN_AWAY)
            return Status.LATE
        return Status.WAITING
    _check_access(book, visit)
    if change.kind in VERSIONS or change.kind == "choose":
        return _version(book, visit, change)
    if change.kind == "notice_issue":
        return _issue(book, visit, change)
    if change.kind == "photo_announced":
        status = announcing.announce(book, visit, change)
        book.keep(change, status, message=LATE if status is Status.LATE else "")
        return status
    if not visit.is_open:
        return _late(book, change)
    if change.kind == "finish":
        status = _finish(book, visit, change, signatures.get(change.id, ""))
    else:
        status = visits.discard(book, visit, change)
    book.keep(change, status, value=_without_signature(change))
    return status


def _start(book: Book, change: Change) -> Status:
    if change.inspection_id in book.gone:
        book.keep(change, Status.LATE, message=THROWN_AWAY)
        return Status.LATE
    status = visits.start(book, change)
    if status is not Status.WAITING:
        book.keep(change, status)
    return status


def _check_access(book: Book, visit: Visit) -> None:
    if visit.may_write:
        return
    if visit.is_in_reach is None:
        visit.is_in_reach = bool(book.person.region.contains(visit.as_row()))
    if not visit.is_in_reach:
        raise NotFound
    if not visit.is_worked_on_by(book.person):
        raise NotAllowed(N_("Only the people on this visit can write in it."))
    visit.may_write = True


def _version(book: Book, visit: Visit, change: Change) -> Status:
    name, said = _field_of(change)
    assert change.item_id is not None
    item = visits.item_of(visit, change.item_id) if visit.is_open else visits.known_item(visit, change.item_id)
    if item is None:
        raise NotFound
    value = values.read_value(name, said, item, visit.day)
    again.refuse_other_answer(visit, item.id, name, value)
    told: dict[str, Any] = {"answer_id": visit.answer_id(change.item_id), "field": name, "value": value}
    if not visit.is_open:
        if register.says_the_same(visit, item, name, value):
            book.keep(change, Status.RECEIVED, **told | {"field": ""})
            return Status.RECEIVED
        return _late(book, change, **told)
    status = register.take_version(book, visit, item, change, name, value)
    book.keep(change, status, **told)
    return status


def _field_of(change: Change) -> tuple[str, dict[str, Any]]:
    """Which field a change is a version of, and what it says there."""
    if change.kind != "choose":
        return VERSIONS[change.kind], change.fields
    name, value = change.fields.get("field"), change.fields.get("value")
    if name not in FIELDS:
        raise Refused(N_("This choice names no field. Reload the page and choose again."))
    return name, value if isinstance(value, dict) else {name: value}


def _late(book: Book, change: Change, **told: Any) -> Status:
    book.keep(change, Status.LATE, message=LATE, **told)
    return Status.LATE


def _issue(book: Book, visit: Visit, change: Change) -> Status:
    status = notices.issue(book, visit, change)
    if status is not Status.WAITING:
        book.keep(change, status)
    return status


def _finish(book: Book, visit: Visit, change: Change, signature: str | AppError) -> Status:
    if isinstance(signature, AppError):
        raise signature
    return visits.finish(book, visit, change, signature)


def _without_signature(change: Change) -> dict[str, Any]:
    """The drawing of a visit that ended lies in the storage; of an ending that came too late it stays in the change."""
    return {name: value for name, value in change.fields.items() if name != "signature"}
