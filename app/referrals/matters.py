"""Kinds of matter with their clocks, and the fixed words of the sheet: data of the county, read once."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from app.checklists.shipped import Authority, load_authorities
from app.core.errors import N_, Invalid
from app.referrals.rules import Limit, LimitKind

DATA = Path(__file__).parent / "data"
CRITICAL, NOT_RECTIFIED, OTHER = "critical_finding", "not_rectified", "other"


@dataclass(frozen=True)
class Clock:
    """A row of CHECKLISTS section 4, word for word. `unsure`: to be checked against the original."""

    number: str
    situation: str
    who: str
    to: str
    limit: str
    basis: str
    marks: tuple[str, ...]
    unsure: bool
    product_default: bool


@dataclass(frozen=True)
class Matter:
    """What a referral is about. `clock`: the row its limit comes from; None where no law gives one."""

    key: str
    title_zh: str
    title_en: str
    domain: str
    authority: str
    urgency: str
    nameless: bool
    from_findings: bool
    limit: Limit | None
    clock: Clock | None
    written_hours: int  # a report in writing follows within; 0: none
    alarm: str
    scene: tuple[tuple[str, str], ...]  # Chinese and English; not empty: a referral says how the scene was preserved
    hint_zh: str
    hint_en: str

    @property
    def unsure(self) -> bool:
        return bool(self.clock and self.clock.unsure)

    @property
    def product_default(self) -> bool:
        """Whether the limit is no law but this product's own."""
        return self.limit is not None and (self.clock is None or self.clock.product_default)


@dataclass(frozen=True)
class Wording:
    """The fixed words of the hand-over sheet."""

    number: str
    title_zh: str
    title_en: str
    opinion_zh: str
    opinion_en: str
    footer_zh: str
    footer_en: str
    seal_zh: str
    seal_en: str
    copies_zh: str
    copies_en: str


@cache
def clocks() -> MappingProxyType[str, Clock]:
    """All rows by their R number."""
    return MappingProxyType({row["number"]: Clock(**row | {"marks": tuple(row["marks"])}) for row in _read("clocks")})


@cache
def all_matters() -> MappingProxyType[str, Matter]:
    """Every kind of matter by key, in the order of the data."""
    return MappingProxyType({row["key"]: _matter(row) for row in _read("matters")})


def get_matter(key: str) -> Matter:
    """Return the matter called `key`. Raises Invalid for a name that is none."""
    found = all_matters().get(key)
    if found is None:
        raise Invalid(N_("Choose what it is about."), field="matter")
    return found


def direct_matters() -> list[Matter]:
    """Return those that need no visit: they are chosen with one tap."""
    return [matter for matter in all_matters().values() if not matter.from_findings]


@cache
def authorities() -> MappingProxyType[str, Authority]:
    """Whom a matter can go to, by key."""
    return MappingProxyType({row.key: row for row in load_authorities()})


@cache
def wording() -> Wording:
    return Wording(**_read("paper"))


def _matter(row: dict[str, Any]) -> Matter:
    limit = row.get("limit")
    return Matter(
        key=row["key"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        domain=row["domain"],
        authority=row["authority"],
        urgency=row["urgency"],
        nameless=row["nameless"],
        from_findings=row.get("from_findings", False),
        limit=Limit(LimitKind(limit["kind"]), limit["amount"]) if limit else None,
        clock=clocks()[row["rule"]] if row["rule"] else None,
        written_hours=row.get("written_hours", 0),
        alarm=row.get("alarm", ""),
        scene=tuple(_pair(text) for text in row.get("scene", ())),
        hint_zh=row.get("hint_zh", ""),
        hint_en=row.get("hint_en", ""),
    )


def _pair(text: str) -> tuple[str, str]:
    zh, _, en = text.partition(" | ")
    return zh, en or zh


def _read(name: str) -> Any:
    return yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
