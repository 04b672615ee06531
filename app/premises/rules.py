"""Pure decisions about premises: what a search finds, what is alike, what is wrong with an entry."""

import enum
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from itertools import islice, product
from math import cos, hypot, radians

from pypinyin import Style, pinyin

LONGEST = 12  # characters of a text kept in one search term
HIGHEST = "\U0010ffff"
METRES_PER_DEGREE = 111_320.0
NEAR_METRES = 150.0  # two files this close with like names may be one place
LICENCE_WARN = timedelta(days=30)
VARIANTS = 6  # readings of one name that are kept

# Characters common in names whose second reading starts with another letter (《现代汉语词典》).
_READINGS = {
    "长": "cz", "重": "zc", "行": "xh", "乐": "ly", "朝": "cz", "曾": "zc", "单": "ds", "解": "jx", "盛": "sc",
    "厦": "sx", "会": "hk", "参": "cs", "藏": "cz", "传": "cz", "车": "cj", "宿": "sx", "仇": "cq", "查": "cz",
    "覃": "qt", "校": "xj", "降": "jx", "堡": "bp", "弹": "td", "省": "sx", "巷": "xh", "沈": "sc", "种": "zc",
    "调": "dt", "区": "qo", "翟": "zd", "尉": "wy", "蔚": "wy", "提": "td", "柜": "gj", "洞": "dt",
    "尾": "wy", "召": "zs", "折": "zs", "褚": "cz", "番": "fp",
}  # fmt: skip
_PHONE = re.compile(r"\+?\d[\d -]{3,18}\d( ?(转|ext\.?|x) ?\d{1,6})?", re.IGNORECASE)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015, table 3
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class Mark(enum.StrEnum):
    """The first character of a search term: what the text is. Their order is the order of the results."""

    NAME = "1"
    IN_NAME = "2"
    INITIALS = "3"
    PHONE = "4"
    ADDRESS = "5"
    CREDIT_CODE = "6"
    DOMAIN = "d"
    KIND = "k"
    STATUS = "s"


@dataclass(frozen=True)
class Range:
    """Terms from `low` up to but without `high`."""

    low: str
    high: str


def plain(text: str) -> str:
    """`text` as it is compared: full width made half width, lower case, letters, digits and Han only."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def initials(name: str) -> list[str]:
    """The pinyin initials of a name, the reading in context first, then other common readings (heteronyms)."""
    text = plain(name)
    if not text:
        return []
    read = pinyin(text, style=Style.FIRST_LETTER, errors=_each)  # type: ignore[arg-type] # its types forget lists
    letters = list("".join(syllable[0] for syllable in read))
    if len(letters) != len(text):  # some reading has no or several letters: one by one then
        letters = [syllable[0][:1] or "?" for syllable in pinyin(list(text), style=Style.FIRST_LETTER)]
    choices = [
        letter + _READINGS.get(character, "").replace(letter, "")
        for character, letter in zip(text, letters, strict=True)
    ]
    return list(dict.fromkeys("".join(reading) for reading in islice(product(*choices), VARIANTS)))


def _each(text: str) -> list[str]:
    """What pypinyin has no reading for stays as it is, character by character."""
    return list(text)


def search_terms(name: str, address: str = "", phone: str = "", credit_code: str = "") -> set[str]:
    """All terms under which a premises is found by typing."""
    title = plain(name)
    terms = {Mark.NAME + title[:LONGEST]} if title else set()
    terms |= {Mark.IN_NAME + ending for ending in _endings(title[1:])}
    for reading in initials(name):
        terms |= {Mark.INITIALS + ending for ending in _endings(reading)}
    terms |= {Mark.ADDRESS + ending for ending in _endings(plain(address))}
    digits = re.sub(r"\D", "", phone)
    terms |= {Mark.PHONE + part for part in (digits[:LONGEST], digits[-8:], digits[-4:]) if len(part) >= 4}
    if credit_code:
        terms.add(Mark.CREDIT_CODE + plain(credit_code))
    return terms


def facet_terms(name: str, kind: str, domains: Iterable[str], status: str) -> set[str]:
    """The terms a filtered list walks along, in name order. "open" has none: nearly all are."""
    facets = [(Mark.KIND, kind), (Mark.STATUS, status), *((Mark.DOMAIN, domain) for domain in domains)]
    return {f"{mark}{key}|{plain(name)[:LONGEST]}" for mark, key in facets if key != "open"}


def facet_range(mark: Mark, key: str) -> Range:
    """Where the terms of one facet stand."""
    return Range(f"{mark}{key}|", f"{mark}{key}|{HIGHEST}")


def words_of(query: str) -> list[list[Range]]:
    """What to look for: every word must be found, in any of its ranges. The longest word comes first.

    Words longer than a term are cut into pieces that must all be found.
    """
    pieces = [piece for word in map(plain, query.split()) for piece in _pieces(word)]
    return [_ranges(piece) for piece in sorted(pieces, key=len, reverse=True)[:6]]


def _pieces(word: str) -> list[str]:
    if word[:8].isdigit() and len(word) >= 8:
        return [word[:LONGEST]]  # a phone number or credit code: its start says enough
    return [word[start : start + LONGEST - 1] for start in range(0, len(word), LONGEST - 1)]


def _ranges(word: str) -> list[Range]:
    marks = [Mark.NAME, Mark.IN_NAME]
    if word.isascii():
        marks.append(Mark.INITIALS)
        marks += [Mark.PHONE] if word.isdigit() and len(word) >= 3 else []
        marks += [Mark.CREDIT_CODE] if len(word) >= 8 else []
    marks.append(Mark.ADDRESS)
    return [Range(mark + word, mark + word + HIGHEST) for mark in sorted(marks)]


def _endings(text: str) -> Iterator[str]:
    """Every ending of at least two characters (or the only one), cut to a term's length."""
    for start in range(max(1, len(text) - 1) if text else 0):
        yield text[start : start + LONGEST]


def metres_between(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Distance over ground, good enough within a county (equirectangular)."""
    north = (to_latitude - latitude) * METRES_PER_DEGREE
    east = (to_longitude - longitude) * METRES_PER_DEGREE * cos(radians(latitude))
    return hypot(north, east)


def likeness(one: str, other: str) -> float:
    """How alike two names are: 0 to 1; one standing inside the other counts as nearly the same."""
    a, b = plain(one), plain(other)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    if min(len(a), len(b)) >= 3 and (a in b or b in a):
        return 0.9
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


class Standing(enum.StrEnum):
    """How something with a last valid day stands."""

    VALID = "ok"
    ENDS_SOON = "soon"
    EXPIRED = "late"


def standing(until: date | None, today: date) -> Standing:
    """Whether a licence is still good on `today`; `until` is its last valid day, None means without end."""
    if until is None:
        return Standing.VALID
    if until < today:
        return Standing.EXPIRED
    return Standing.ENDS_SOON if until - today <= LICENCE_WARN else Standing.VALID


def is_phone(text: str) -> bool:
    """A mobile number, or a landline with or without area code and extension."""
    return _PHONE.fullmatch(text) is not None


def is_credit_code(text: str) -> bool:
    """统一社会信用代码 with a right check character (GB 32100-2015), or the 15 digits used before 2015."""
    if re.fullmatch(r"\d{15}", text):
        return True
    if len(text) != 18 or any(character not in _CREDIT for character in text):
        return False
    total = sum(
        _CREDIT.index(character) * weight for character, weight in zip(text, _CREDIT_WEIGHTS, strict=False)
    )
    return _CREDIT[(31 - total % 31) % 31] == text[17]
