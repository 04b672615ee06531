"""Announced holidays as people type or paste them, line by line. Pure.

Understood are the words of the State Council's yearly notice (二、春节：2月15日（周日）至23日放假，共9天。2月14日、
2月28日上班。) and plain lines (2027-02-05 to 2027-02-13 holiday Spring Festival, 2027-01-31 works).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.errors import N_

LONGEST_RANGE = 30  # days
MOST_LINES = 100

_ASIDE = re.compile(r"（[^）]*）|\([^)]*\)|〔[^〕]*〕|\d{4}\s*年(?!\s*\d)")
_CLAUSES = re.compile(r"[。;；\n]+|,(?=\s*\d{4}-)")
_COMMAS = re.compile(r"[，,](?=\D*\d)")
_DATE = r"(?:(?:(?P<y{0}>\d{{4}})\s*[-/.年]\s*)?(?P<m{0}>\d{{1,2}})\s*[-/.月]\s*)?(?P<d{0}>\d{{1,2}})\s*(?:日|号)?"
_SPAN = re.compile(
    _DATE.format(1) + r"(?:\s*(?:至|到|—+|–|~|～|to|until|through|-)\s*" + _DATE.format(2) + ")?"
)
_COUNT = re.compile(r"共\s*\d+\s*天|\d+\s*(?:days?|天)")
_ORDINAL = re.compile(r"^\s*(?:[一二三四五六七八九十]+、|\d{1,2}[.、)]\s+(?=\D))")
_WORKS = re.compile(r"上班|补班|工作日|works?\b|working|workday", re.IGNORECASE)
_FREE = re.compile(r"放假|休息|调休|休假|holidays?\b|off\b|free\b|rest\b", re.IGNORECASE)
_ITEM = re.compile(r"(?=(?<![\d一二三四五六七八九十])[一二三四五六七八九十]+、)")
_NAME = re.compile(r"^\s*([^\d：:]{1,30}?)\s*[：:]")


@dataclass(frozen=True)
class Announced:
    """One day as entered; `name` is empty where none was given."""

    day: date
    is_working: bool
    name: str = ""


@dataclass(frozen=True)
class Misread:
    """A part that was not understood: the text and a msgid why."""

    text: str
    why: str


def read(text: str, year: int) -> tuple[list[Announced], list[Misread]]:
    """The days of `text`, the last word on each; and what was not understood. Dates without a year are of `year`."""
    found: dict[date, Announced] = {}
    wrong: list[Misread] = []
    name = ""
    for line in _ITEM.sub("\n", _ASIDE.sub("", text)).splitlines()[:MOST_LINES]:
        plain = _ORDINAL.sub("", line)
        heading = _NAME.match(plain)
        name = heading.group(1) if heading else ""
        rest = plain[heading.end() :] if heading else plain
        for clause in _clauses(rest):
            days, why = _read_clause(clause, year, name)
            found |= {one.day: one for one in days}
            if why:
                wrong.append(Misread(clause.strip(), why))
    return sorted(found.values(), key=lambda one: one.day), wrong


def _clauses(line: str) -> Iterator[str]:
    """Parts with dates of one kind each; a comma parts them only where both sides say what they are."""
    for clause in _CLAUSES.split(line):
        held = ""
        for piece in _COMMAS.split(_COUNT.sub("", clause)):
            held = f"{held}、{piece}" if held else piece
            if _WORKS.search(held) or _FREE.search(held):
                yield held
                held = ""
        if held.strip(" 、，,.：:"):
            yield held


def _read_clause(clause: str, year: int, name: str) -> tuple[list[Announced], str]:
    """The days of one clause, or why it was not understood."""
    try:
        ranges = list(_ranges(clause, year))
    except ValueError:
        return [], N_("There is no such date.")
    if re.search(r"\d", _SPAN.sub(lambda one: "" if _is_date(one) else one[0], clause)):
        return [], N_("Write dates as 2-5, 2月5日 or 2027-02-05.")
    if not ranges:
        return [], ""
    works, free = _WORKS.search(clause), _FREE.search(clause)
    if bool(works) == bool(free):
        return [], N_("Say for these dates either “holiday” or “works”.")
    for first, last in ranges:
        if not first <= last <= first + timedelta(days=LONGEST_RANGE - 1):
            return [], N_("A range runs forward and has at most 30 days.")
        if year not in {first.year, last.year}:
            return [], N_("This is a date of another year. Enter it on that year's page.")
    called = name or _own_name(clause)
    days = [
        Announced(first + timedelta(days=n), bool(works), called)
        for first, last in ranges
        for n in range((last - first).days + 1)
    ]
    return days, ""


def _is_date(span: re.Match[str]) -> bool:
    return bool(span["m1"]) or span[0].rstrip().endswith(("日", "号"))


def _ranges(clause: str, year: int) -> Iterator[tuple[date, date]]:
    """First and last days; what a date leaves out is as in the one before it (2月14日、28日). Raises ValueError."""
    last = None
    for span in _SPAN.finditer(clause):
        if not _is_date(span):
            continue
        month = int(span["m1"] or (last.month if last else 0))
        first = date(
            int(span["y1"] or (last.year if last and not span["m1"] else year)), month, int(span["d1"])
        )
        last = first
        if span["d2"]:
            last = date(int(span["y2"] or first.year), int(span["m2"] or first.month), int(span["d2"]))
        yield first, last


def _own_name(clause: str) -> str:
    """What is left of a line when dates and words of kind are gone: the name of the holiday."""
    left = _SPAN.sub(" ", clause)
    for pattern in (_WORKS, _FREE):
        left = pattern.sub(" ", left)
    return " ".join(left.replace("、", " ").replace(":", " ").replace("：", " ").split()).strip(" ,.，。")[
        :30
    ]
