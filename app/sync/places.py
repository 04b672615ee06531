"""A place that was not in the register yet, met without network."""

from collections.abc import Sequence

from app.accounts.callers import whole
from app.accounts.regions import Region
from app.core.database import db
from app.core.errors import N_, AppError, Invalid, Refused
from app.premises.facts import ADDRESS_LONGEST, NAME_LONGEST, Facts
from app.premises.kinds import domains as all_domains
from app.premises.kinds import kinds
from app.premises.models import Premises
from app.premises.queries import region_in, regions_by_id
from app.premises.services import register_premises
from app.sync import queries
from app.sync.book import Book, Told
from app.sync.rules import Status
from app.sync.wire import Change, ids_of, number_of, strings_of, text_of


def register_new(book: Book, changes: Sequence[Change]) -> None:
    """Register the new places among these changes, each for itself; what became of them stands in `book.settled`."""
    new = [change for change in changes if change.kind == "premises_new"]
    known = queries.known_changes([change.id for change in new])
    for change in new:
        if change.id in known or change.id in book.settled:
            continue  # repeated, or other content: decided with the others
        try:
            with db.session.begin_nested():
                _register(book, change)
        except AppError as error:
            words = (error.message, error.hint, error.params)
            book.settled[change.id] = Told(change.key, Status.REFUSED, *words)
        else:
            book.keep(change, Status.RECEIVED)
            book.settled[change.id] = Told(change.key, Status.RECEIVED)


def _register(book: Book, change: Change) -> None:
    wanted = ids_of([change.fields.get("premises_id")])
    if not wanted:
        raise Invalid(N_("This place came without its number. It stays on the phone."))
    known = db.session.get(Premises, wanted[0])
    if known is not None:
        if known.name != text_of(change.fields, "name", NAME_LONGEST):
            raise Refused(N_("Another place was already registered under this number."))
        return
    register_premises(_facts(book, change), book.person, premises_id=wanted[0], change_id=change.id, to_complete=True)
    db.session.flush()


def _facts(book: Book, change: Change) -> Facts:
    """What the phone knows; the kind is guessed from the domains where it was not chosen, to be corrected later."""
    fields = change.fields
    wanted = tuple(key for key in strings_of(fields.get("domains")) if key in all_domains())
    latitude, longitude = number_of(fields, "latitude", 90), number_of(fields, "longitude", 180)
    located = latitude is not None and longitude is not None
    return Facts(
        name=text_of(fields, "name", NAME_LONGEST),
        kind=_kind(fields.get("kind"), wanted),
        domains=wanted,
        region=_region(book, fields),
        address=text_of(fields, "address", ADDRESS_LONGEST),
        phone=text_of(fields, "phone", 30),
        person_in_charge=text_of(fields, "person_in_charge", 60),
        latitude=latitude if located else None,
        longitude=longitude if located else None,
    )


def _kind(chosen: object, wanted: tuple[str, ...]) -> str:
    if isinstance(chosen, str) and chosen in kinds():
        return chosen
    fitting = [key for key, kind in kinds().items() if wanted and set(wanted) <= set(kind.domains)]
    return (fitting or [key for key, kind in kinds().items() if set(kind.domains) & set(wanted)] or [""])[0]


def _region(book: Book, fields: dict[str, object]) -> Region:
    """The area the phone names, by id or code, when it is the person's; else the person's own."""
    own = whole(book.person).region
    for found in regions_by_id(ids_of([fields.get("region_id")])):
        if own.contains(found):
            return found
    code = fields.get("region")
    return (region_in(code, own) if isinstance(code, str) else None) or own

