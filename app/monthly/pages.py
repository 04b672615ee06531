"""What the pages of monthly reports show."""

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.errors import NotFound
from app.monthly import queries, rules, services
from app.monthly.models import MonthlyReport
from app.monthly.queries import Page
from app.monthly.rules import GROUPS, PARTS, Figure, Figures, Line, Month, Rate
from app.monthly.words import LABELS, MEANINGS, TITLES
from app.notices.queries import Shelf
from app.premises.kinds import domain_of
from app.web.i18n import is_chinese, say, translate

MONTHS = 36  # that can be chosen
NOTHING = "—"


@dataclass(frozen=True)
class Row:
    """One figure. `is_part`: a part of the line before. `url`: the list of what it counts, if there is one."""

    label: str
    value: str
    meaning: str
    is_part: bool
    url: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class DomainRow:
    name: str
    places: str  # visited / on the register
    coverage: str
    visits: int
    findings: int
    url: str = ""


@dataclass(frozen=True)
class Table:
    """The figures as they are shown, live or frozen."""

    sections: Sequence[Section]
    domains: Sequence[DomainRow]


def value_of(line: Line, figures: Figures) -> str:
    """As printed; a share of nothing is a stroke."""
    return (rules.rate(line, figures) or NOTHING) if isinstance(line, Rate) else str(figures[line])


def meaning_of(line: Line, every_days: int) -> str:
    return translate(MEANINGS[line], {"days": every_days})


def table(
    figures: Figures,
    domains: Sequence[Mapping[str, Any]],
    every_days: int,
    link: Callable[[Line], str] = lambda _line: "",
    link_of_domain: Callable[[str], str] = lambda _key: "",
) -> Table:
    """Figures in the order of the report."""
    sections = [
        Section(translate(TITLES[group]), [_row(line, figures, every_days, link) for line in lines])
        for group, lines in GROUPS.items()
    ]
    return Table(sections, [_domain_row(line, link_of_domain(line["domain"])) for line in domains])


def _row(line: Line, figures: Figures, every_days: int, link: Callable[[Line], str]) -> Row:
    url = link(line) if isinstance(line, Figure) and figures[line] else ""
    label = translate(LABELS[line])
    return Row(label, value_of(line, figures), meaning_of(line, every_days), line in PARTS, url)


def _domain_row(line: Mapping[str, Any], url: str) -> DomainRow:
    frozen = "zh" in line  # with the names of the day it was issued
    name = line["zh" if is_chinese() else "en"] if frozen else say(domain_of(line["domain"]), "name")
    places = f"{line['visited']} / {line['premises']}"
    coverage = rules.share(line["visited"], line["premises"]) or NOTHING
    return DomainRow(name, places, coverage, line["visits"], line["findings"], url)


def month_text(month: Month) -> str:
    """2026年10月"""
    return (
        f"{month.year}年{month.number}月"
        if is_chinese()
        else f"{calendar.month_abbr[month.number]} {month.year}"
    )


@dataclass(frozen=True)
class IndexView:
    """A chosen area and month as it stands now, and what was issued."""

    areas: Sequence[Region]
    area: Region
    months: Sequence[Month]
    month: Month
    is_over: bool
    is_empty: bool
    table: Table
    editions: Sequence[MonthlyReport]
    changed: bool  # since the last version
    issued: Page
    may_issue: bool

    @property
    def latest(self) -> MonthlyReport | None:
        return self.editions[0] if self.editions else None


def index_view(arguments: Mapping[str, str], reader: Person) -> IndexView:
    """Read the address: no month is the last one that ended, no area the reader's own. NotFound for a foreign area."""
    now = clock.now()
    today = clock.local(now).date()
    month = chosen_month(arguments.get("month", ""), today)
    areas = queries.areas_of(reader)
    area = area_of(areas, arguments.get("region", ""))
    counted = services.count_month(area, month, now)
    every_days = services.every_days(area)
    editions = queries.editions_of(area, month)
    domains = [asdict(line) for line in counted.domains]
    is_over = month.has_ended(today)
    links = _Links(area, month, reader, is_running=not is_over)
    return IndexView(
        areas=areas,
        area=area,
        months=rules.months_back(Month.of(today), MONTHS),
        month=month,
        is_over=is_over,
        is_empty=rules.is_empty(counted.figures),
        table=table(counted.figures, domains, every_days, links.of, links.of_domain),
        editions=editions,
        changed=bool(editions) and services.differs(editions[0], counted, every_days),
        issued=queries.issued_in(area, arguments.get("after", "")),
        may_issue=is_over and services.may_issue(area, reader),
    )


def chosen_month(text: str, today: date) -> Month:
    """A month that has begun; else the last one that ended."""
    running = Month.of(today)
    found = Month.parse(text)
    return found if found is not None and found <= running else running.before


def area_of(areas: Sequence[Region], code: str) -> Region:
    """The area with this code, the widest one without. NotFound where it is none of these."""
    if not code:
        return areas[0]
    found = next((one for one in areas if one.code == code), None)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class _Links:
    """Where the things behind a figure are listed, where a list shows just these."""

    area: Region
    month: Month
    reader: Person
    is_running: bool

    def of(self, line: Line) -> str:
        if line is Figure.PREMISES:
            return self.of_domain("")
        if self.area.id != self.reader.region.id:
            return ""  # the other lists show the reader's whole area
        if line is Figure.REPORTS:
            last = self.month.following.first - timedelta(days=1)
            return url_for("reports.index", shelf="all", first=self.month.first, last=last)
        shelves = {Figure.CLOSED: Shelf.CLOSED}
        if self.is_running:  # these lists know today alone
            shelves |= {Figure.OPEN_AT_END: Shelf.OPEN, Figure.OVERDUE: Shelf.LATE}
        if line in shelves:
            return url_for("notices.index", shelf=shelves[line].value)  # type: ignore[index]
        return url_for("referrals.index") if line is Figure.REFERRED else ""

    def of_domain(self, key: str) -> str:
        return url_for("premises.index", region=self.area.code, domain=key or None)


@dataclass(frozen=True)
class ReportView:
    """An issued report: its content alone, and what became of it."""

    report: MonthlyReport
    table: Table
    may_correct: bool

    @property
    def content(self) -> dict[str, Any]:
        return self.report.content

    @property
    def issued_at(self) -> datetime:
        return datetime.fromisoformat(self.content["issued_at"])

    def say(self, *path: str) -> str:
        """A text of the content in the page's language."""
        said: Any = self.content
        for name in path:
            said = said[name]
        return str(said["zh" if is_chinese() else "en"])


def report_view(report: MonthlyReport, reader: Person) -> ReportView:
    said = report.content
    shown = table(said["figures"], said["domains"], said["every_days"])
    may = report.replaced_by is None and services.may_issue(report.region, reader)
    return ReportView(report, shown, may)
