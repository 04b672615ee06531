"""What the pages of signals show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts.models import Person
from app.accounts.regions import Region
from app.inspections.models import Answer, Inspection, InspectionPhoto
from app.inspections.pages import fact_of
from app.photos.models import Photo
from app.signals import options, queries, services
from app.signals.kinds import ABOUT, About
from app.signals.models import Signal, State, VisitTrace
from app.signals.options import Mode
from app.signals.queries import Filters
from app.signals.rules import Kind
from app.web.filters import moment
from app.web.i18n import say

COUNTED = timedelta(days=30)
MOST_LISTED = 60
Facts = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class ListPage:
    """The supervisor's list."""

    filters: Filters
    top: Region
    page: queries.Page
    townships: Sequence[Region]

    def url(self, **changes: str) -> str:
        """The same choice with `changes`; an empty value takes one away."""
        area = str(self.filters.region.id) if self.filters.region.id != self.top.id else ""
        now = {"state": self.filters.state.value, "kind": self.filters.kind or "", "area": area}
        chosen: dict[str, Any] = {name: value for name, value in (now | changes).items() if value}
        return url_for("signals.index", **chosen)


@dataclass(frozen=True)
class Side:
    """One of the two things compared."""

    heading: str
    facts: Facts
    photo_id: UUID | None = None
    entries: Sequence[tuple[str, str]] = ()  # item and what was written there
    drawn: Inspection | None = None  # whose signature is compared


@dataclass(frozen=True)
class SignalPage:
    """One signal with the two things side by side."""

    signal: Signal
    sides: tuple[Side, Side]
    visits: Sequence[Inspection]  # those of an evening
    may_decide: bool
    may_explain: bool
    is_own: bool

    @property
    def photos(self) -> list[UUID]:
        return [side.photo_id for side in self.sides if side.photo_id is not None]


@dataclass(frozen=True)
class KindRow:
    """One kind on the page that says what is on."""

    about: About
    mode: Mode
    limits: Mapping[str, int]
    shadow: int  # found on trial in the last 30 days
    shown: int
    explained: int
    confirmed: int


def list_page(arguments: Mapping[str, str], person: Person) -> ListPage:
    """The list an address asks for; what means nothing in it is left out."""
    townships = queries.townships_of(person.region)
    region = next((one for one in townships if str(one.id) == arguments.get("area")), person.region)
    state = State(arguments["state"]) if arguments.get("state") in set(State) else State.OPEN
    kind = Kind(arguments["kind"]) if arguments.get("kind") in set(Kind) else None
    filters = Filters(region, state, kind)
    return ListPage(
        filters, person.region, queries.page_of_signals(filters, arguments.get("after", "")), townships
    )


def signal_page(signal: Signal, reader: Person) -> SignalPage:
    """The page of one signal."""
    is_own = signal.is_about(reader)
    visits: Sequence[Inspection] = ()
    traces = queries.traces([one for one in (signal.inspection_id, signal.other_inspection_id) if one])
    if (
        signal.kind is Kind.EVENING
        and signal.other_inspection_id in traces
        and signal.inspection_id in traces
    ):
        first, last = traces[signal.other_inspection_id], traces[signal.inspection_id]
        visits = queries.visits_between(first.person_id, first.began_at, last.began_at, MOST_LISTED)
    return SignalPage(
        signal,
        _sides(signal, reader, traces),
        [one for one in visits if reader.region.contains(one)],
        may_decide=reader.is_supervisor and services.may_decide(signal, reader),
        may_explain=is_own and signal.is_open,
        is_own=is_own,
    )


def kind_rows(county_id: UUID, region: Region, now: datetime) -> list[KindRow]:
    """What is on in the county, and how much of it was found lately: by kind, never by person."""
    counts = queries.counts_by_kind(region, now - COUNTED)

    def count(kind: Kind, *, shadow: bool, state: State | None = None) -> int:
        return sum(n for (k, s, t), n in counts.items() if k is kind and s is shadow and state in {None, t})

    return [
        KindRow(
            about,
            options.mode_of(county_id, kind),
            options.limits_of(county_id, kind),
            count(kind, shadow=True),
            count(kind, shadow=False),
            count(kind, shadow=False, state=State.EXPLAINED),
            count(kind, shadow=False, state=State.CONFIRMED),
        )
        for kind, about in ABOUT.items()
    ]


def _sides(signal: Signal, reader: Person, traces: Mapping[UUID, VisitTrace]) -> tuple[Side, Side]:
    rows = queries.photo_rows([one for one in (signal.photo_id, signal.other_photo_id) if one])
    other, entries = signal.other_inspection, _entries(signal)
    if signal.photo is None:
        one = _visit_side(_("This visit"), signal.inspection, traces, entries)
        if signal.kind is Kind.SIGNATURE:
            one = replace(one, drawn=signal.inspection)
    else:
        one = _photo_side(_("This photo"), signal.photo, rows.get(signal.photo.id))
    if other is None:
        return one, _own_side(signal, traces)
    if not reader.region.contains(other):
        return one, Side(_("In another area"), [(_("Time"), moment(other.started_at))])
    if signal.other_photo is not None:
        return one, _photo_side(_("The earlier photo"), signal.other_photo, rows.get(signal.other_photo.id))
    heading = (
        _("The first of the row") if signal.kind in {Kind.EVENING, Kind.NO_POSITION} else _("The other visit")
    )
    side = _visit_side(heading, other, traces, entries)
    return one, replace(side, drawn=other) if signal.kind is Kind.SIGNATURE else side


def _own_side(signal: Signal, traces: Mapping[UUID, VisitTrace]) -> Side:
    """What a photo or visit is compared with where that is no second one."""
    visit = signal.inspection
    if signal.kind is Kind.SECONDS:
        return Side(
            _("Its items"),
            [(_("Tapped one by one"), signal.numbers["items"]), (_("Seconds"), signal.numbers["seconds"])],
        )
    if signal.kind in {Kind.EDITED, Kind.SCREEN}:
        photo = signal.photo
        said = photo.exif.get("Software") if photo else ""
        name = photo.original_name if photo else ""
        return Side(_("What the file says"), [(_("Program"), said), (_("Original name"), name)])
    if signal.kind is Kind.CLOCKS and signal.photo is not None:
        times = [
            (
                _("Phone's clock when added"),
                moment(signal.photo.captured_at) if signal.photo.captured_at else "",
            )
        ]
        return Side(
            _("The other clocks"), [*times, (_("Server received it"), moment(signal.photo.received_at))]
        )
    return _visit_side(_("The place and the visit"), visit, traces, {})


def _photo_side(heading: str, photo: Photo, row: InspectionPhoto | None) -> Side:
    phone = _position(photo.latitude, photo.longitude)
    if phone and photo.accuracy_m:
        phone += f" ±{photo.accuracy_m:.0f} m"
    facts = [
        (
            _("Premises"),
            _link("premises.show", row.premises.name, premises_id=row.premises_id) if row else "",
        ),
        (
            _("Visit"),
            _link("inspections.show", moment(row.received_at), inspection_id=row.inspection_id)
            if row
            else "",
        ),
        (_("Taken by"), row.inspector.name if row else ""),
        (_("Camera said"), moment(photo.taken_at) if photo.taken_at else ""),
        (_("Phone's position"), phone),
        (_("Camera's position"), _position(photo.exif_latitude, photo.exif_longitude)),
        ("SHA-256", photo.short_hash),
    ]
    return Side(heading, facts, photo.id)


def _visit_side(
    heading: str, visit: Inspection, traces: Mapping[UUID, VisitTrace], entries: Mapping[UUID, list[Answer]]
) -> Side:
    trace, place = traces.get(visit.id), visit.premises
    position = _position(place.latitude, place.longitude)
    facts = [
        (_("Premises"), _link("premises.show", place.name, premises_id=place.id)),
        (_("Visit"), _link("inspections.show", moment(visit.started_at), inspection_id=visit.id)),
        (_("First answer"), moment(trace.began_at) if trace else ""),
        (_("Made by"), visit.lead.name),
        (_("Position of the place"), position),
        (_("Position given by the phone"), _("none") if trace and not trace.positioned else ""),
    ]
    said = [
        (f"{one.item.code} {say(one.item, 'title')}", fact_of(one.item, one))
        for one in entries.get(visit.id, [])
    ]
    return Side(heading, facts, entries=said)


def _entries(signal: Signal) -> Mapping[UUID, list[Answer]]:
    if signal.kind is not Kind.PATTERN or signal.other_inspection_id is None:
        return {}
    return queries.own_entries([signal.inspection_id, signal.other_inspection_id])


def _position(latitude: float | None, longitude: float | None) -> str:
    return "" if latitude is None or longitude is None else f"{latitude:.5f}, {longitude:.5f}"


def _link(endpoint: str, text: str, **values: Any) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url_for(endpoint, **values), text)
