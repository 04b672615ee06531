"""The start page: for each of a person's roles what to do next, with real numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.accounts.models import Person
from app.accounts.pages import CertificateView, certificate_of
from app.accounts.queries import count_people
from app.accounts.regions import Region
from app.checklists.pages import DomainRow, domain_rows
from app.core import clock
from app.core.roles import Role
from app.core.settings import settings
from app.inspections.models import Inspection, InspectionPhoto, Review
from app.inspections.queries import sent_back_photos
from app.notices import queries as notices
from app.notices.models import Notice
from app.notices.queries import Shelf
from app.oversight import queries, start_queries
from app.oversight.queries import Filters, Tile
from app.oversight.rules import DayPart, capped, day_part
from app.oversight.start_queries import OpenVisit
from app.premises.models import Premises
from app.premises.pages import ListPage, list_page

NEAR, FEW, STRIP = 5, 5, 12


@dataclass(frozen=True)
class Places:
    """Premises to go to next: near the phone, or, without a position, those that wait longest."""

    near: ListPage | None
    waiting: Sequence[Premises]


@dataclass(frozen=True)
class Round:
    """A coordinator's day."""

    places: Places
    sent_back: Sequence[InspectionPhoto]
    due: Sequence[Notice]
    open_notices: int
    to_verify: int
    verify: Sequence[Notice]  # the first of them
    overdue: int


@dataclass(frozen=True)
class Desk:
    """A supervisor's day."""

    waiting: str
    overdue: int
    drafts: int
    open_notices: int
    late_notices: Sequence[Notice]
    draft_notices: Sequence[Notice]
    to_verify: int
    verify_notices: Sequence[Notice]
    answered: Sequence[Tile]
    photos: Sequence[Tile]
    visits: Sequence[Inspection]


@dataclass(frozen=True)
class Office:
    """An administrator's day."""

    people: int
    premises: int
    ending: Sequence[tuple[Person, CertificateView]]
    checklists: Sequence[DomainRow]
    warn_days: int

    @property
    def to_check(self) -> int:
        return sum(row.to_check for row in self.checklists)


@dataclass(frozen=True)
class Start:
    """What stands on the start page; a part is missing where the person has not the role."""

    part: DayPart
    certificate: CertificateView
    open_visits: Sequence[OpenVisit]
    round: Round | None = None
    desk: Desk | None = None
    office: Office | None = None
    registered: Sequence[Premises] | None = None


def start_page(person: Person, arguments: Mapping[str, str]) -> Start:
    """The start page of `person`; `arguments` may hold the phone's position."""
    coordinator = person.is_any(Role.COORDINATOR)
    alone = person.is_any(Role.INFORMANT) and len(person.role_names) == 1
    return Start(
        day_part(clock.local(clock.now()).hour),
        certificate_of(person, clock.today(), settings().certificate_warn_days),
        start_queries.open_visits(person) if person.is_inspector else (),
        _round(person, arguments) if coordinator else None,
        _desk(person) if person.is_supervisor else None,
        _office(person) if person.is_any(Role.ADMINISTRATOR) else None,
        start_queries.registered_by(person) if alone else None,
    )


def places_to_visit(person: Person, arguments: Mapping[str, str]) -> Places:
    """Five premises: the nearest to the position in `arguments`, else those that wait longest."""
    if arguments.get("latitude") and arguments.get("longitude"):
        here = {name: arguments[name] for name in ("latitude", "longitude")}
        return Places(list_page(here, person.region, NEAR, with_areas=False), ())
    return Places(None, start_queries.waiting_longest(person.region, NEAR))


def _round(person: Person, arguments: Mapping[str, str]) -> Round:
    today = clock.today()
    due = notices.notices_on(Shelf.OPEN, person.region, today, size=FEW).notices
    counts = notices.count_shelves(person.region, today)
    return Round(
        places_to_visit(person, arguments),
        sent_back_photos(person, FEW),
        due,
        counts[Shelf.OPEN],
        counts[Shelf.VERIFY],
        _first(Shelf.VERIFY, person.region, counts),
        counts[Shelf.LATE],
    )


def _first(shelf: Shelf, region: Region, counts: Mapping[Shelf, int]) -> Sequence[Notice]:
    """The first few of a shelf; nothing is asked where it is empty."""
    return notices.notices_on(shelf, region, clock.today(), size=FEW).notices if counts[shelf] else ()


def _desk(person: Person) -> Desk:
    region, today = person.region, clock.today()
    counts = notices.count_shelves(region, today)
    waiting = queries.count_photos([Filters(region, review=Review.WAITING)])[0]
    return Desk(
        capped(waiting.photos, is_least=waiting.is_least),
        counts[Shelf.LATE],
        counts[Shelf.DRAFT],
        counts[Shelf.OPEN],
        _first(Shelf.LATE, region, counts),
        _first(Shelf.DRAFT, region, counts),
        counts[Shelf.VERIFY],
        _first(Shelf.VERIFY, region, counts),
        queries.page_of_photos(Filters(region, review=Review.ANSWERED), size=STRIP).tiles,
        queries.page_of_photos(Filters(region), size=STRIP).tiles,
        start_queries.newest_visits(region, FEW),
    )


def _office(person: Person) -> Office:
    today, days = clock.today(), settings().certificate_warn_days
    ending = start_queries.certificates_ending(person.region, today, days)
    return Office(
        count_people(person.region)[True],
        start_queries.count_premises(person.region),
        [(one, certificate_of(one, today, days)) for one in ending],
        domain_rows(),
        days,
    )
