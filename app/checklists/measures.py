"""A measured value, its limits by condition, and the verdict in words. Pure; every limit comes from the data."""

import re
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from app.core.errors import N_, Invalid

NOT_DETECTED = "not_detected"


class BadReading(Invalid, ValueError):
    """A typed value that is no plain number; the sentence tells what to type instead."""


@dataclass(frozen=True)
class Limit:
    """One limit of a measure; without a condition it is the one that holds in general."""

    condition: str | None = None
    label_zh: str = ""
    label_en: str = ""
    min: Decimal | None = None
    max: Decimal | None = None
    min_inclusive: bool = True
    max_inclusive: bool = True
    expected: str | None = None  # "not_detected": judged by found or not found instead of a number
    absent_zh: str = "未检出"
    absent_en: str = "not detected"
    found_zh: str = "检出"
    found_en: str = "detected"

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Limit":
        bounds = {name: Decimal(data[name]) for name in ("min", "max") if data.get(name) is not None}
        return cls(**{**data, "min": None, "max": None, **bounds})


@dataclass(frozen=True)
class Measure:
    """Something to measure or to read in a report, with its limits by condition. `unsure`: limit to be checked."""

    key: str
    name_zh: str
    name_en: str
    unit: str
    unit_en: str
    limits: tuple[Limit, ...]
    unsure: bool = False

    @property
    def conditions(self) -> list[dict[str, str]]:
        """What the inspector chooses from; empty where one limit holds always."""
        return [
            {"key": limit.condition, "label_zh": limit.label_zh, "label_en": limit.label_en}
            for limit in self.limits
            if limit.condition
        ]

    @property
    def is_detection(self) -> bool:
        return any(limit.expected for limit in self.limits)

    def limit(self, condition: str | None) -> Limit:
        """Return the limit for a condition; refuses a missing or unknown one rather than guess."""
        for limit in self.limits:
            if limit.condition == (condition or None):
                return limit
        raise Invalid(N_("Choose which of the cases was measured."), field="condition")

    def as_dict(self) -> dict[str, Any]:
        """Shape for JSON columns; numbers are strings so that 0.10 stays 0.10."""
        limits = [
            {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(limit).items()}
            for limit in self.limits
        ]
        return {**asdict(self), "limits": limits}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Measure":
        return cls(**{**data, "limits": tuple(Limit.from_dict(limit) for limit in data["limits"])})


@dataclass(frozen=True)
class Verdict:
    """Whether a value conforms and the words for it, e.g. 低于 0.05 mg/L. `unsure`: its limit is to be checked."""

    conforms: bool
    text_zh: str
    text_en: str
    unsure: bool = False


def judge(
    measure: Measure, value: Decimal | None = None, condition: str | None = None, *, detected: bool | None = None
) -> Verdict:
    """Judge a number or a found/not found against the limit for the condition; refuses a missing one."""
    limit = measure.limit(condition)
    if limit.expected == NOT_DETECTED:
        if detected is None:
            raise Invalid(N_("Say whether it was detected."), field="detected")
        zh, en = (limit.found_zh, limit.found_en) if detected else (limit.absent_zh, limit.absent_en)
        return Verdict(not detected, zh, en, measure.unsure)
    if value is None or not value.is_finite():
        raise BadReading(N_("Enter a number, for example 0.05."), field="value")
    return _judge_number(measure, limit, value)


def _judge_number(measure: Measure, limit: Limit, value: Decimal) -> Verdict:
    broken = _broken_bound(limit, value)
    if broken:
        zh, en, bound = broken
        return Verdict(False, f"{zh} {_zh(measure, bound)}", f"{en} {_en(measure, bound)}", measure.unsure)  # noqa: FBT003
    return Verdict(True, *describe(measure, limit), measure.unsure)  # noqa: FBT003


def _broken_bound(limit: Limit, value: Decimal) -> tuple[str, str, Decimal] | None:
    if limit.min is not None:
        if value < limit.min:
            return "低于", "below", limit.min
        if value == limit.min and not limit.min_inclusive:
            return "未高于", "not above", limit.min
    if limit.max is not None:
        if value > limit.max:
            return "高于", "above", limit.max
        if value == limit.max and not limit.max_inclusive:
            return "未低于", "not below", limit.max
    return None


def describe(measure: Measure, limit: Limit) -> tuple[str, str]:
    """Say a limit in words, Chinese and English: 在 0.3~2 mg/L 范围内 / within 0.3–2 mg/L."""
    if limit.expected == NOT_DETECTED:
        return limit.absent_zh, limit.absent_en
    if limit.min is not None and limit.max is not None:
        zh, en = f"{limit.min}~{_zh(measure, limit.max)}", f"{limit.min}–{_en(measure, limit.max)}"
        return f"在 {zh} 范围内", f"within {en}"
    if limit.min is not None:
        zh, en = ("不低于", "at least") if limit.min_inclusive else ("高于", "above")
        return f"{zh} {_zh(measure, limit.min)}", f"{en} {_en(measure, limit.min)}"
    if limit.max is None:
        return "", ""
    zh, en = ("不高于", "at most") if limit.max_inclusive else ("低于", "below")
    return f"{zh} {_zh(measure, limit.max)}", f"{en} {_en(measure, limit.max)}"


def _zh(measure: Measure, number: Decimal) -> str:
    return _with_unit(number, measure.unit)


def _en(measure: Measure, number: Decimal) -> str:
    return _with_unit(number, measure.unit_en)


def _with_unit(number: Decimal, unit: str) -> str:
    return f"{number}{unit}" if unit == "%" else f"{number} {unit}".rstrip()


# A phone's Chinese keyboard types full-width digits, 。 for the point and several kinds of minus.
_KEYBOARD = str.maketrans("０１２３４５６７８９．。，－−–＋", "0123456789..,---+")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d{1,9}(\.\d{1,6})?|\.\d{1,6})", re.ASCII)


def parse_reading(text: str) -> Decimal:
    """Return what an inspector typed as an exact number; refuses anything but a plain number.

    1,234 is read as thousands; a single comma that cannot group thousands (0,05) as the decimal mark.
    """
    typed = text.translate(_KEYBOARD).strip()
    if _GROUPED.fullmatch(typed):
        typed = typed.replace(",", "")
    elif typed.count(",") == 1 and "." not in typed:
        typed = typed.replace(",", ".")
    if not _PLAIN.fullmatch(typed):
        raise BadReading(N_("Enter a number, for example 0.05."), field="value")
    return Decimal(typed)
