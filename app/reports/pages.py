"""What the pages of information reports show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.accounts.models import Person
from app.checklists.shipped import load_authorities
from app.core import clock
from app.core.roles import Role
from app.reports import queries, rules
from app.reports.categories import Category, categories, category_of, hours_for
from app.reports.forms import as_day
from app.reports.models import Report
from app.reports.queries import Counts, Filters, Page, Shelf
from app.reports.rules import Event, State
from app.web.filters import moment
from app.web.i18n import say

EMERGENCIES = ("food", "water")  # CHECKLISTS 4 R1: what may become a public health event is told by phone first


def state_word(state: State) -> str:
    return {
        State.REPORTED: _("Reported"),
        State.VERIFIED: _("Verified: true"),
        State.UNFOUNDED: _("Verified: not true"),
        State.UNCLEAR: _("Cannot be told"),
        State.FORWARDED: _("Passed on"),
        State.HANDLED: _("Settled"),
        State.FED_BACK: _("Answered"),
    }[state]


def state_kind(state: State) -> str:
    """The colour of its tag (ui.html)."""
    if state in {State.REPORTED, State.VERIFIED, State.UNCLEAR}:
        return "soon"
    return "ok" if state is State.FED_BACK else "info"


def event_word(event: Event) -> str:
    """What somebody did, in the history."""
    return {
        Event.FOUND_TRUE: _("verified: true"),
        Event.FOUND_UNTRUE: _("verified: not true"),
        Event.CANNOT_TELL: _("could not tell"),
        Event.FORWARDED: _("passed on"),
        Event.HANDLED: _("settled here"),
        Event.FED_BACK: _("told the reporter"),
    }[event]


def shelf_word(shelf: Shelf) -> str:
    return {
        Shelf.OPEN: _("All open"),
        Shelf.TO_VERIFY: _("To verify"),
        Shelf.TO_FORWARD: _("To pass on"),
        Shelf.TO_ANSWER: _("To answer"),
        Shelf.DONE: _("Answered"),
        Shelf.ALL: _("All"),
    }[shelf]


@dataclass(frozen=True)
class ListPage:
    """The list, its counts, and how to go on."""

    filters: Filters
    page: Page
    counts: Counts
    own_only: bool

    @property
    def arguments(self) -> dict[str, str]:
        chosen = {
            "shelf": "" if self.filters.shelf is Shelf.OPEN else self.filters.shelf.value,
            "category": self.filters.category,
            "first": str(self.filters.first or ""),
            "last": str(self.filters.last or ""),
        }
        return {name: value for name, value in chosen.items() if value}

    def url(self, endpoint: str = "reports.index", **changes: str) -> str:
        """The same choice with `changes`; an empty value takes a choice away."""
        values: dict[str, Any] = {k: v for k, v in (self.arguments | changes).items() if v}
        return url_for(endpoint, **values)

    @property
    def next_url(self) -> str:
        return self.url(after=self.page.next_key) if self.page.next_key else ""

    @property
    def shelves(self) -> list[tuple[str, str, bool, int]]:
        """Tabs: word, address, chosen, count."""
        return [
            (
                shelf_word(one),
                self.url(shelf="" if one is Shelf.OPEN else one.value),
                one is self.filters.shelf,
                self.counts.on(one),
            )
            for one in Shelf
        ]

    @property
    def rate_words(self) -> str:
        """Discovered 12 · reported 9 · rate 75 %"""
        if self.counts.rate is None:
            return ""
        return _(
            "Discovered %(discovered)s · passed on %(reported)s · rate %(rate)s %%",
            discovered=self.counts.discovered, reported=self.counts.reported, rate=round(100 * self.counts.rate),
        )  # fmt: skip

    @property
    def categories(self) -> list[Category]:
        return list(categories().values())


def list_page(arguments: Any, reader: Person) -> ListPage:
    """Read the address parameters; nonsense in them is left out."""
    filters = filters_from(arguments, reader)
    own_only = not reader.is_any(Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
    page = queries.page_of_reports(filters, arguments.get("after", ""))
    return ListPage(filters, page, queries.count_reports(filters), own_only)


def filters_from(arguments: Any, reader: Person) -> Filters:
    shelf, category = arguments.get("shelf", ""), arguments.get("category", "")
    return Filters(
        reader,
        Shelf(shelf) if shelf in set(Shelf) else Shelf.OPEN,
        category if category in categories() else "",
        as_day(arguments.get("first", "")),
        as_day(arguments.get("last", "")),
    )


@dataclass(frozen=True)
class ReportPage:
    """One report, and what its reader may do next."""

    report: Report
    steps: tuple[Event, ...]
    due_at: datetime | None
    is_late: bool
    authorities: tuple[str, ...]

    @property
    def category(self) -> Category:
        return category_of(self.report.category)

    @property
    def hours_left(self) -> int:
        return max(0, int((self.due_at - clock.now()).total_seconds() // 3600)) if self.due_at else 0

    @property
    def calls_for_a_phone(self) -> bool:
        return self.report.state is State.REPORTED and self.report.category in EMERGENCIES

    @property
    def verdicts(self) -> list[Event]:
        return [event for event in self.steps if event in rules.VERDICTS]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Name and value, as the form has them and a little more."""
        report = self.report
        here = f"{report.latitude:.5f}, {report.longitude:.5f}" if report.latitude is not None else ""
        return [
            (_("Where"), report.where),
            (_("Position"), here if not report.where else ""),
            (_("Seen at"), moment(report.discovered_at)),
            (_("Reported at"), moment(report.reported_at)),
            (_("Reported by"), f"{report.reporter.name} · {say(report.organisation, 'name')}"),
            (_("Received at"), moment(report.received_at) if self._came_late else ""),
            (_("Passed on to"), report.forwarded_to),
        ]

    @property
    def _came_late(self) -> bool:
        return (self.report.received_at - self.report.reported_at).total_seconds() > 120


def report_page(report: Report, reader: Person) -> ReportPage:
    """`steps` are empty for whoever only reads."""
    due = rules.due_at(report.discovered_at, hours_for(category_of(report.category), report.county_id))
    waits = rules.is_waiting(report.state, report.forwarded_at)
    return ReportPage(
        report,
        tuple(rules.possible(report.state)) if reader.is_inspector and reader.region.contains(report) else (),
        due if waits else None,
        waits and clock.now() > due,
        tuple(say(one, "name") for one in load_authorities()),
    )
