"""Categories of information reports: data, with what older forms call them; a county switches them on and off."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import yaml

from app.accounts.county import Option, option, register
from app.core.errors import N_

DATA = Path(__file__).parent / "data" / "categories.yaml"


@dataclass(frozen=True)
class Category:
    """One category of form 1. `hours` counts from the discovery; None leaves it to the county."""

    key: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...] = ()
    phrases_zh: tuple[str, ...] = ()
    phrases_en: tuple[str, ...] = ()
    hours: int | None = None
    source_zh: str = ""
    source_en: str = ""
    retired: bool = False

    @property
    def option_key(self) -> str:
        return f"reports.category_{self.key}"


@cache
def categories() -> MappingProxyType[str, Category]:
    """All categories by key in the order of the form, retired ones last."""
    rows = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    lists = ("aliases", "phrases_zh", "phrases_en")
    made = [Category(**row | {name: tuple(row.get(name, ())) for name in lists}) for row in rows]
    return MappingProxyType({one.key: one for one in made})


def category_of(key: str) -> Category:
    """The category with `key`; one no longer in the data shows its key."""
    return categories().get(key) or Category(key, key, key, retired=True)


def category_named(text: str) -> Category | None:
    """The category a register means, by its name, its key or what older forms call it; None for none of them."""
    wanted = _plain(text)
    for one in categories().values():
        if wanted in map(_plain, (one.key, one.name_zh, one.name_en, *one.aliases)):
            return one
    return None


def open_categories(county_id: UUID | None) -> list[Category]:
    """What may be reported in this county now."""
    return [one for one in categories().values() if not one.retired and option(county_id, one.option_key)]


def hours_for(category: Category, county_id: UUID | None) -> int:
    """Within how many natural hours of the discovery a report is to be passed on."""
    return category.hours or int(option(county_id, "reports.hours"))


def _plain(text: str) -> str:
    return text.strip().lower().replace("（", "(").replace("）", ")").replace(" ", "")


_CATEGORY_HELP = N_("Off: nobody can report it any more. What was reported stays in the register.")
register(
    Option(
        key="reports.hours",
        default=24,
        least=1,
        most=240,
        unit=N_("hours"),
        label=N_("Pass information reports on within"),
        help=N_("Counted from the discovery, holidays included. A category with a limit of its own keeps that."),
        source="协管规范写“及时”；24 小时是本产品的默认值（时限表 R13）",
        unsure=True,
    ),
    Option(key="reports.category_food", default=True, label=N_("Report foodborne disease"), help=_CATEGORY_HELP),
    Option(key="reports.category_water", default=True, label=N_("Report on drinking water"), help=_CATEGORY_HELP),
    Option(key="reports.category_school", default=True, label=N_("Report on school health"), help=_CATEGORY_HELP),
    Option(key="reports.category_practice", default=True, label=N_("Report unlicensed practice"), help=_CATEGORY_HELP),
    Option(
        key="reports.category_family",
        default=True,
        label=N_("Report on family planning"),
        help=N_("Many counties no longer do. What was reported stays in the register."),
    ),
)
