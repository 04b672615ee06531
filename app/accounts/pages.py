"""What the busy account pages show, put together once."""

from dataclasses import dataclass
from datetime import date

from app.accounts import rules
from app.accounts.models import Person
from app.accounts.regions import LEVELS, Region
from app.accounts.rules import Certificate

_KINDS = {
    Certificate.VALID: "ok",
    Certificate.ENDS_SOON: "soon",
    Certificate.EXPIRED: "late",
    Certificate.MISSING: "late",
}


@dataclass(frozen=True)
class CertificateView:
    """A certificate on a day: its state, the kind of tag, and whether to speak of it at all."""

    state: Certificate
    number: str
    until: date | None
    needed: bool  # only who issues notices needs one

    @property
    def kind(self) -> str:
        """The kind of tag (components/ui.html)."""
        return _KINDS[self.state]

    @property
    def worth_a_warning(self) -> bool:
        return self.needed and self.state is not Certificate.VALID


def certificate_of(person: Person, today: date, warn_days: int) -> CertificateView:
    """The certificate of `person` as it stands today."""
    state = rules.certificate_state(person.certificate_number, person.certificate_until, today, warn_days)
    return CertificateView(state, person.certificate_number, person.certificate_until, person.is_inspector)


@dataclass(frozen=True)
class RegionRow:
    """A region in the tree, `depth` steps under the top."""

    region: Region
    depth: int


def region_tree(regions: list[Region]) -> list[RegionRow]:
    """The regions (widest first) in reading order: each followed by what lies in it."""
    known = {region.id for region in regions}
    children: dict[object, list[Region]] = {}
    for region in regions:
        children.setdefault(region.parent_id if region.parent_id in known else None, []).append(region)
    rows: list[RegionRow] = []

    def walk(parent: object, depth: int) -> None:
        for region in sorted(children.get(parent, []), key=lambda r: (LEVELS.index(r.level), r.code)):
            rows.append(RegionRow(region, depth))
            walk(region.id, depth + 1)

    walk(None, 0)
    return rows
