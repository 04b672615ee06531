"""What the register's busy pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.accounts.regions import Level, Region
from app.core import clock
from app.core.errors import N_, Invalid
from app.premises import queries, rules
from app.premises.kinds import Domain, Kind, domain_of, domains, kind_of, kinds
from app.premises.models import Premises, Status
from app.web.filters import near_day
from app.web.i18n import say, word


@dataclass(frozen=True)
class ListPage:
    """The register: what is chosen, one page of it, and how to go on."""

    filters: queries.Filters
    top: Region  # the widest area the person may choose
    page: queries.Page
    areas: Sequence[Region] = ()

    @property
    def arguments(self) -> dict[str, str]:
        """The address parameters of this choice, without the place in the list."""
        filters = self.filters
        chosen = {
            "q": filters.query,
            "domain": filters.domain,
            "kind": filters.kind,
            "status": str(filters.status or ""),
            "region": "" if filters.region.id == self.top.id else filters.region.code,
        }
        if filters.near:
            chosen |= {"latitude": str(filters.near[0]), "longitude": str(filters.near[1])}
        return {name: value for name, value in chosen.items() if value}

    def url(self, endpoint: str = "premises.index", **changes: str) -> str:
        """The same choice with `changes`; an empty value takes a choice away."""
        wanted = self.arguments | changes
        values: dict[str, Any] = {name: value for name, value in wanted.items() if value}
        return url_for(endpoint, **values)

    @property
    def next_url(self) -> str:
        return self.url(after=str(self.page.next)) if self.page.next else ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but the area is chosen."""
        filters = self.filters
        return bool(filters.query or filters.domain or filters.kind or filters.status or filters.near)

    @property
    def hidden_filters(self) -> int:
        """How many choices stand in the folded form."""
        filters = self.filters
        return sum(map(bool, (filters.kind, filters.status, filters.region.id != self.top.id)))

    @property
    def domains(self) -> list[Domain]:
        return list(domains().values())

    @property
    def kinds(self) -> list[Kind]:
        return list(kinds().values())

    def distance(self, premises: Premises) -> float | None:
        """Metres from where the person stands; None without a position."""
        if not self.filters.near or premises.latitude is None or premises.longitude is None:
            return None
        return rules.metres_between(*self.filters.near, premises.latitude, premises.longitude)


def list_page(arguments: Any, top: Region, size: int = queries.PAGE, *, with_areas: bool = True) -> ListPage:
    """Read the address parameters `arguments` and fetch what they ask for; nonsense in them is left out."""
    filters = filters_from(arguments, top)
    after = queries.Cursor.parse(arguments.get("after", ""))
    areas = queries.child_regions(filters.region) if with_areas else ()
    if with_areas and not areas and filters.region.id != top.id:
        areas = [filters.region]
    return ListPage(filters, top, queries.page_of_premises(filters, after, size), areas)


def filters_from(arguments: Any, top: Region) -> queries.Filters:
    """The choice the address parameters make, within `top`."""
    code = arguments.get("region", "")
    domain, kind, status = (arguments.get(name, "") for name in ("domain", "kind", "status"))
    return queries.Filters(
        region=(queries.region_in(code, top) if code else None) or top,
        query=arguments.get("q", "")[:100].replace("\0", ""),
        domain=domain if domain in domains() else "",
        kind=kind if kind in kinds() else "",
        status=Status(status) if status in set(Status) else None,
        near=_position(arguments),
    )


def _position(arguments: Any) -> tuple[float, float] | None:
    texts = [arguments.get(name, "").strip() for name in ("latitude", "longitude")]
    if not any(texts):
        return None
    try:
        latitude, longitude = (float(text) for text in texts)
    except ValueError:
        latitude, longitude = 999.0, 999.0
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Invalid(N_("This position cannot be used."), hint=N_("Go back and tap “Near me” again."))
    return latitude, longitude


def domain_names(premises: Premises) -> str:
    """餐饮 · 消防安全"""
    order = list(domains())
    keys = sorted(premises.domains, key=lambda key: order.index(key) if key in order else len(order))
    return " · ".join(say(domain_of(key), "name") for key in keys)


def kind_name(premises: Premises) -> str:
    return say(kind_of(premises.kind), "name")


def last_visit(premises: Premises) -> str:
    """上次巡查 11月20日 周五 or 从未巡查, in the words of the person's role."""
    if premises.last_inspected_at is None:
        return _("No %(inspection)s yet", inspection=word("inspection"))
    return _(
        "Last %(inspection)s %(day)s", inspection=word("inspection"), day=near_day(premises.last_inspected_at)
    )


@dataclass(frozen=True)
class FilePage:
    """One premises with what should be seen at once."""

    premises: Premises
    place: str  # 南河镇 河口村
    warnings: list[tuple[str, str, Any]]  # standing, what, last valid day


def file_page(premises: Premises, path: Sequence[Region]) -> FilePage:
    """`path` are the areas the premises lies in, the widest first."""
    return FilePage(premises, " ".join(say(region, "name") for region in path), warnings_of(premises))


def warnings_of(premises: Premises) -> list[tuple[str, str, Any]]:
    """Licences and health certificates that ended or end soon, the worst first."""
    dated = [(licence.name or licence.number, licence.until) for licence in premises.licences]
    dated.append((_("Health certificates of staff"), premises.staff_certificates_until))
    today = clock.today()
    judged = [(rules.standing(until, today), name, until) for name, until in dated]
    bad = [entry for entry in judged if entry[0] is not rules.Standing.VALID]
    return sorted(bad, key=lambda entry: str(entry[2]))


def path_of(premises: Premises) -> list[Region]:
    """The areas the premises lies in below the county, the widest first."""
    ids = [premises.township_id, premises.village_id, premises.region_id]
    rows = {region.id: region for region in queries.regions_by_id([one for one in ids if one])}
    unique = [rows[one] for one in dict.fromkeys(one for one in ids if one) if one in rows]
    return [region for region in unique if region.level is not Level.COUNTY] or unique
