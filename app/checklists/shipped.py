"""The checklists the product ships: the parsed source and its hand-written overlays, joined and completed."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.checklists.measures import Limit, Measure
from app.premises.kinds import Domain, domains

DATA = Path(__file__).parent / "data"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class IncompleteChecklist(ValueError):
    """A code of the source that an overlay does not complete: a mistake in the data, found at start-up."""


@dataclass(frozen=True)
class Authority:
    key: str
    name_zh: str
    name_en: str
    configurable: bool


@dataclass(frozen=True)
class ItemData:
    """One item in both languages; see tools/parse_checklists.py for how the source gives each field."""

    code: str
    title_zh: str
    title_en: str
    how_zh: str
    how_en: str
    basis_zh: str
    basis_en: str
    severity: str
    deadline_zh: str
    deadline_en: str
    deadline_days: int | None
    immediate: bool
    quantity_zh: str | None
    quantity_en: str | None
    photo_required: bool
    sources: list[str]
    unsure: bool
    unsure_why: list[str]  # the source's marks as written; doubt() says them in words
    refer_to: str
    advice_zh: str
    advice_en: str
    phrases: list[dict[str, str]]
    measures: list[Measure]
    kinds: list[str] | None
    conditions: list[str]

    def as_row(self) -> dict[str, Any]:
        """The item as plain JSON-ready values, for a stored version (ChecklistItem)."""
        measures = [measure.as_dict() for measure in self.measures]
        return {**asdict(self), "measures": measures, "unsure_why": ";".join(self.unsure_why)}


@cache
def _read(name: str) -> Any:
    return yaml.load((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader


def load_domains() -> list[Domain]:
    return list(domains().values())


def load_authorities() -> list[Authority]:
    return [Authority(**row) for row in _read("authorities")]


def load_items(domain: str) -> list[ItemData]:
    """Return a domain's items in the order of the source; an unfinished overlay stops with the code it lacks."""
    if domain not in domains():
        raise KeyError(domain)
    return [_item(row) for row in _read(domain)]


def released_on(domain: str) -> date:
    """Since which release the domain's items say what they say now."""
    day: date = _read("released")[domain]
    return day


def load_water_limits() -> list[Measure]:
    """Return the further limits of GB 5749-2022 for laboratory reports, every one still to be checked (unsure)."""
    names = _read("water_names")
    rows = zip(_read("water_limits"), names["names"], strict=True)
    return [_water_measure(number, row, name, names) for number, (row, name) in enumerate(rows, start=1)]


def doubt(mark: str) -> tuple[str, str]:
    """Say a doubt mark of the source in words an administrator understands, Chinese and English."""
    if mark.startswith(("K中", "K低")):
        what = mark[2:].strip("()")
        known = {"频次": "frequency", "非高层": "outside high-rises"}
        return (f"凭经验,待核原文:{what}", f"from experience, to be checked: {known.get(what, what)}") if what else (
            "凭经验,待核原文", "from experience, to be checked")
    words = {
        "条款未核": ("条款未核", "article not checked"),
        "条款中等把握": ("条款中等把握", "article fairly certain only"),
        "限值按机构规模,未核": ("限值按机构规模,未核", "limits depend on size, not checked"),
        "第7章第5条": ("上线前待客户确认", "the client confirms it before use"),
    }
    return words[mark.strip("〔〕")]


def _pair(text: str) -> tuple[str, str]:
    zh, _, en = text.partition(" | ")
    return zh, en or zh


def _item(row: dict[str, Any]) -> ItemData:
    code = row["code"]
    english = _overlay("english", code, "English")
    spoken = _overlay("phrases", code, "advice and phrases")
    texts: dict[str, Any] = {f"{name}_en": english.get(name) for name in ("how", "basis", "deadline", "quantity")}
    for name, text in texts.items():
        if row[name.replace("_en", "_zh")] and not text:
            raise IncompleteChecklist(f"{code} has no English for {name.removesuffix('_en')} (data/english.yaml)")
    advice_zh, advice_en = _pair(spoken["advice"])
    phrases = [dict(zip(("zh", "en"), _pair(phrase), strict=True)) for phrase in spoken["phrases"]]
    measures = [_measure(measure) for measure in _read("measures").get(code, [])]
    only = _read("applies").get(code)
    return ItemData(
        **row, **texts, advice_zh=advice_zh, advice_en=advice_en, phrases=phrases, measures=measures,
        kinds=only, conditions=_read("conditions").get(code, []),
    )


def _overlay(file: str, code: str, what: str) -> dict[str, Any]:
    try:
        return _read(file)[code]
    except KeyError:
        raise IncompleteChecklist(f"{code} has no {what} (data/{file}.yaml)") from None


def _measure(data: dict[str, Any]) -> Measure:
    name_zh, name_en = _pair(data["name"])
    unit, unit_en = _pair(data["unit"])
    limits = tuple(_limit(limit) for limit in data["limits"])
    return Measure(data["key"], name_zh, name_en, unit, unit_en, limits, unsure=data.get("unsure", False))


def _limit(data: dict[str, Any]) -> Limit:
    label_zh, label_en = _pair(data.get("label", ""))
    said: dict[str, str] = {}
    for side in ("absent", "found"):
        if side in data:
            said[f"{side}_zh"], said[f"{side}_en"] = _pair(data[side])
    return Limit(
        condition=data.get("condition"), label_zh=label_zh, label_en=label_en,
        min=_number(data, "min"), max=_number(data, "max"),
        min_inclusive=not data.get("above", False), max_inclusive=not data.get("below", False),
        expected=data.get("expected"), **said,
    )


def _number(data: dict[str, Any], name: str) -> Decimal | None:
    return Decimal(data[name]) if name in data else None


def _water_measure(number: int, row: dict[str, Any], name_en: str, names: dict[str, Any]) -> Measure:
    limits = tuple(
        Limit(
            condition=names["keys"].get(limit["condition"]),
            label_zh=limit["condition"] or "", label_en=names["conditions"].get(limit["condition"], ""),
            min=_number(limit, "min"), max=_number(limit, "max"),
        )
        for limit in row["limits"]
    )
    return Measure(f"gb5749_{number:02d}", row["name_zh"], name_en, row["unit"], row["unit"], limits, row["to_check"])
