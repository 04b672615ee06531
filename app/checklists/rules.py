"""Pure decisions on checklist items: whom they are for, by when, on what basis; and the one place to import from.

Facts and limits come from data/*.yaml (made from the client's CHECKLISTS.md, section 2, each with its "how sure"
marks); nothing here knows a legal value. Functions take anything with the fields named, so that an item of the
shipped data and a stored item of an old version are judged alike.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

from app.checklists.measures import (
    NOT_DETECTED,
    BadReading,
    Limit,
    Measure,
    Verdict,
    describe,
    judge,
    parse_reading,
)
from app.checklists.shipped import (
    Authority,
    IncompleteChecklist,
    ItemData,
    doubt,
    load_authorities,
    load_domains,
    load_items,
    load_water_limits,
    released_on,
)

__all__ = [
    "NOT_DETECTED", "Authority", "BadReading", "IncompleteChecklist", "ItemData", "Limit", "Measure",
    "Verdict", "applies", "basis", "describe", "doubt", "judge", "load_authorities", "load_domains", "load_items",
    "load_water_limits", "parse_reading", "released_on", "suggested_date",
]

HIGH_RISE = "high_rise"


class Applicable(Protocol):
    """Anything that says which premises it is for."""

    kinds: Sequence[str] | None
    conditions: Sequence[str]


class Dated(Protocol):
    deadline_days: int | None


class Based(Protocol):
    code: str
    basis_zh: str
    basis_en: str


def applies(item: Applicable, kind: str, high_rise: bool = False) -> bool:  # noqa: FBT001, FBT002 - a fact of the premises
    """An item without kinds is for every kind of its domain; one under a condition only where the place meets it."""
    if HIGH_RISE in item.conditions and not high_rise:
        return False
    return not item.kinds or kind in item.kinds


def suggested_date(item: Dated, inspected_on: date) -> date:
    """Return the default date: the first number of days the checklist names, or the same day where it names none.

    A product default, not a legal term (CHECKLISTS.md section 0.2); the inspector confirms or changes it.
    """
    return inspected_on + timedelta(days=item.deadline_days or 0)


# Abbreviations the source defines in the introductions of sections 2.4 and 2.6.
_FULL_ZH = {
    "高层规定": "《高层民用建筑消防安全管理规定》(应急管理部令第5号)",
    "实施细则": "《公共场所卫生管理条例实施细则》",
}
_FULL_EN = {
    "High-rise Provisions": "Provisions on Fire Safety of High-rise Civil Buildings (Emergency Management Order 5)",
    "Implementing Rules": "Implementing Rules of the Regulations on Sanitation of Public Places",
}
_HIGH_RISE_LAW = ("高层规定", "高层民用建筑消防安全管理规定")
_ON_PAPER = str.maketrans(",;:()", "，；：（）")  # the source writes Chinese with ASCII punctuation
_NOT_HIGH_RISE = ("非高层:", "not high-rise: ")
_MARKS_ZH = re.compile(r"〔[^〕]*(?:未核|把握)[^〕]*〕|,K[高中低]")
_MARKS_EN = re.compile(r" ?\[[^\]]*(?:check|certain)[^\]]*\]")
_PENALTY_ZH = re.compile(r"\([^()]*罚则[^()]*\)")
_PENALTY_EN = re.compile(r" ?\([^()]*penalty[^()]*\)")
_GENERAL_FIRE_LAW = ("《消防法》；公安部令第61号", "Fire Protection Law; Ministry of Public Security Order 61")


def basis(item: Based, *, high_rise: bool, penalties: bool) -> tuple[str, str]:
    """Return the legal basis as a notice words it, Chinese and English.

    The high-rise rules hold for high-rise buildings only (CHECKLISTS.md section 2.4): elsewhere their clauses are
    left out. Doubt marks are for administrators and left out; `penalties` False leaves out the penalty articles,
    which an advisory notice has no business to name.
    """
    kept = [pair for pair in _clauses(item) if _holds(pair[0], high_rise=high_rise)]
    if not kept:
        return _GENERAL_FIRE_LAW if item.code.startswith("FIR-") else ("", "")
    zh = ";".join(_MARKS_ZH.sub("", pair[0].removeprefix(_NOT_HIGH_RISE[0])) for pair in kept)
    en = "; ".join(_MARKS_EN.sub("", pair[1].removeprefix(_NOT_HIGH_RISE[1])) for pair in kept)
    if not penalties:
        zh, en = _PENALTY_ZH.sub("", zh), _PENALTY_EN.sub("", en)
    for short, full in _FULL_ZH.items():
        zh = re.sub(rf"(?<!条例){short}", full, zh)
    for short, full in _FULL_EN.items():
        en = en.replace(short, full)
    return zh.translate(_ON_PAPER), en


def _clauses(item: Based) -> list[tuple[str, str]]:
    """Chinese and English clause by clause; an edited text whose clauses do not pair up stays one clause."""
    zh, en = item.basis_zh.split(";"), item.basis_en.split("; ")
    return list(zip(zh, en, strict=True)) if len(zh) == len(en) else [(item.basis_zh, item.basis_en)]


def _holds(clause: str, *, high_rise: bool) -> bool:
    if re.search(r"转 [A-Z]{3}-\d+", clause):  # a pointer to another item, not a law
        return False
    if clause.startswith(_HIGH_RISE_LAW):
        return high_rise
    return not (high_rise and clause.startswith(_NOT_HIGH_RISE[0]))
