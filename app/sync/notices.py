"""A notice issued without network, under a number reserved for the phone: its paper is with the owner already."""

from datetime import datetime

from app.core.database import db
from app.core.errors import N_, Invalid
from app.notices.numbers import Claim
from app.notices.services import Wish, issue_notice
from app.sync import rules
from app.sync.book import Book, Visit
from app.sync.rules import Status
from app.sync.wire import Change, ids_of, text_of
from app.sync.writing import write


def issue(book: Book, visit: Visit, change: Change) -> Status:
    """Issue it as the phone worded it; WAITING while the visit's end has not arrived. Raises what issuing raises."""
    if visit.is_open:
        return Status.WAITING
    fields, ids = change.fields, ids_of([change.fields.get("notice_id")])
    number, token = text_of(fields, "number", 200), text_of(fields, "token", 200)
    if not ids or not number or not token:
        raise Invalid(N_("This notice came without its number. It stays on the phone."))
    replaced = ids_of([fields.get("replaces")])
    wish = Wish(
        visit.id,
        text_of(fields, "kind", 80),
        ids_of(fields.get("findings")),
        replaced[0] if replaced else None,
        text_of(fields, "reason", 1000),
        text_of(fields, "registration_number", 60),
        Claim(number, token, _issued_at(change, book.now)),
    )
    write(book)  # issuing reads the visit as the database has it
    with db.session.begin_nested():
        issue_notice(ids[0], wish, by=book.person, now=book.now)
    return Status.RECEIVED


def _issued_at(change: Change, now: datetime) -> datetime:
    """The phone's clock less what it is known to be off."""
    return rules.happened_at(change.device_at, change.offset_ms, now)
