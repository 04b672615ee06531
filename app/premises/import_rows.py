"""Judging imported rows: each becomes facts, or says in words why not; likely duplicates are named."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from app.accounts.regions import Level, Region
from app.core.errors import N_
from app.premises import rules
from app.premises.facts import Facts, LicenceFacts, Problem, problems_of
from app.premises.kinds import Kind, domains, kinds
from app.premises.models import Status

_STATUS = {
    Status.OPEN: ("营业", "正常", "在营", "开业", "存续", "open", ""),
    Status.PAUSED: ("暂停", "停业", "歇业", "停业整顿", "paused"),
    Status.CLOSED: ("关闭", "注销", "已关闭", "关停", "吊销", "closed"),
}
_YES = {"是", "有", "y", "yes", "true", "1", "√", "✓"}
_SPLIT = re.compile(r"[、,,;;/|\s]+")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORTENED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True)
class Known:
    """What is compared of a premises that is registered already."""

    id: UUID
    name: str
    phone: str
    credit_code: str
    region_id: UUID


@dataclass(frozen=True)
class Row:
    """One row of the file as it was understood. `number` is its row in the file."""

    number: int
    name: str
    facts: Facts | None
    problems: tuple[Problem, ...] = ()
    same_as: Known | None = None  # a registered file that may be the same place
    same_row: int | None = None  # an earlier row of the file that may be the same place
    reasons: tuple[str, ...] = ()

    @property
    def is_duplicate(self) -> bool:
        return self.facts is not None and (self.same_as is not None or self.same_row is not None)

    @property
    def is_good(self) -> bool:
        return self.facts is not None and not self.is_duplicate


@dataclass(frozen=True)
class Matching:
    """How a file is read: field -> column, and what rows get that do not say it themselves."""

    columns: Mapping[str, int]
    default_kind: str = ""
    default_region: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the batch's JSON column."""
        return {"columns": dict(self.columns), "kind": self.default_kind, "region": self.default_region}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Matching":
        return cls(stored.get("columns", {}), stored.get("kind", ""), stored.get("region", ""))


@dataclass
class Judge:
    """Understands rows for one person: only their areas exist."""

    regions: Sequence[Region]
    known: Iterable[Known]
    matching: Matching
    _kinds: dict[str, Kind] = field(default_factory=dict)
    _domains: dict[str, str] = field(default_factory=dict)
    _by_name: dict[str, list[Region]] = field(default_factory=lambda: defaultdict(list))
    _seen: dict[tuple[str, str], Known | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in kinds().values():
            for word in (kind.key, kind.name_zh, kind.name_en, *kind.aliases):
                self._kinds.setdefault(rules.plain(word), kind)
        for domain in domains().values():
            for word in (domain.key, domain.name_zh, domain.name_en):
                self._domains[rules.plain(word)] = domain.key
        self._domains |= {
            "饮用水": "water",
            "消防": "fire",
            "医疗": "clinics",
            "学校": "schools",
            "餐饮服务": "catering",
        }
        for region in self.regions:
            for name in {region.name_zh, region.name_en, region.code, _stem(region.name_zh)} - {""}:
                self._by_name[rules.plain(name)].append(region)
        for row in self.known:
            for key in _keys(row.name, row.phone, row.credit_code):
                self._seen.setdefault(key, row)

    def judge(self, cells: Sequence[str], number: int) -> Row:
        """Understand one row and remember it for those that follow."""
        get = self._reader(cells)
        problems: list[Problem] = []
        facts = self._facts(get, problems)
        if facts is not None:
            problems += problems_of(facts)
        if problems or facts is None:
            return Row(number, get("name"), None, tuple(problems))
        return self._compared(Row(number, facts.name, facts))

    def _compared(self, row: Row) -> Row:
        assert row.facts is not None
        same: dict[str, Known | int] = {}
        for key in _keys(row.facts.name, row.facts.phone, row.facts.credit_code):
            match = self._seen.get(key)
            if match is not None and self._really(key, row.facts, match):
                same[key[0]] = match
            self._seen.setdefault(key, row.number)
        if not same:
            return row
        first = next(iter(same.values()))
        reasons = tuple(same)
        if isinstance(first, Known):
            return replace(row, same_as=first, reasons=reasons)
        return replace(row, same_row=first, reasons=reasons)

    def _really(self, key: tuple[str, str], facts: Facts, match: Known | int) -> bool:
        """One owner may run two different places under one phone; then the names say so."""
        if key[0] != "phone" or isinstance(match, int):
            return True
        return rules.likeness(facts.name, match.name) >= 0.4

    def _reader(self, cells: Sequence[str]) -> Any:
        columns = self.matching.columns

        def get(name: str) -> str:
            index = columns.get(name)
            return cells[index].strip() if index is not None and 0 <= index < len(cells) else ""

        return get

    def _facts(self, get: Any, problems: list[Problem]) -> Facts | None:
        kind = self._kind(get("kind"), problems)
        region = self._region(get("township"), get("village"), problems)
        keys = self._domain_keys(get("domains"), kind, problems)
        until = day(get("licence_until"), "licence_until", problems)
        licence = LicenceFacts(get("licence_name") or "许可证", get("licence_number"), until)
        has_licence = bool(get("licence_name") or get("licence_number") or until)
        facts = {
            "name": " ".join(get("name").split()),
            "address": " ".join(get("address").split()),
            "latitude": number(get("latitude"), "latitude", problems),
            "longitude": number(get("longitude"), "longitude", problems),
            "person_in_charge": get("person_in_charge"),
            "phone": _phone(get("phone"), problems),
            "credit_code": get("credit_code").upper().replace(" ", ""),
            "high_rise": get("high_rise").lower() in _YES,
            "staff_certificates": count(get("staff_certificates"), problems),
            "staff_certificates_until": day(
                get("staff_certificates_until"), "staff_certificates_until", problems
            ),
            "status": _status(get("status"), problems),
            "notes": get("notes"),
            "licences": (licence,) if has_licence else (),
        }
        if kind is None or region is None:
            if not rules.plain(get("name")):
                problems.append(Problem("name", N_("The name is missing.")))
            return None
        return Facts(kind=kind.key, region=region, domains=keys, **facts)

    def _kind(self, text: str, problems: list[Problem]) -> Kind | None:
        word = rules.plain(text or self.matching.default_kind)
        if not word:
            problems.append(Problem("kind", N_("It does not say what kind of place this is.")))
            return None
        kind = self._kinds.get(word) or next(
            (
                kind
                for known, kind in self._kinds.items()
                if len(known) >= 2 and (known in word or word in known)
            ),
            None,
        )
        if kind is None:
            problems.append(
                Problem("kind", N_("The kind of place “%(text)s” is not known."), (("text", text[:30]),))
            )
        return kind

    def _domain_keys(self, text: str, kind: Kind | None, problems: list[Problem]) -> tuple[str, ...]:
        keys = []
        for word in filter(None, map(rules.plain, _SPLIT.split(text))):
            if word in self._domains:
                keys.append(self._domains[word])
            else:
                problems.append(
                    Problem("domains", N_("The domain “%(text)s” is not known."), (("text", word[:30]),))
                )
        return tuple(dict.fromkeys(keys)) or (kind.domains if kind else ())

    def _region(self, township: str, village: str, problems: list[Problem]) -> Region | None:
        chosen = next((one for one in self.regions if one.code == self.matching.default_region), None)
        if not township and not village:
            if chosen is None:
                problems.append(
                    Problem("township", N_("It does not say in which township or village this is."))
                )
            return chosen
        town = self._named(township, None) if township else None
        if township and town is None:
            problems.append(
                Problem("township", N_("“%(text)s” is not in your area."), (("text", township[:30]),))
            )
            return None
        place = self._named(village, town) if village else town
        if place is None and not township:
            place = self._named(village, chosen)  # several villages have this name: the one in the chosen area
        if place is None:
            problems.append(
                Problem("village", N_("“%(text)s” is not in your area."), (("text", village[:30]),))
            )
        return place

    def _named(self, text: str, above: Region | None) -> Region | None:
        """The one area with this name inside `above`; the deepest if the name stands for several levels."""
        word = rules.plain(text)
        found = self._by_name.get(word) or self._by_name.get(rules.plain(_stem(text))) or []
        if above is not None:
            found = [region for region in found if above.contains(region) and region.id != above.id]
            if not found and above.level is not Level.TOWNSHIP and word == rules.plain(above.name_zh):
                found = [above]
        ids = {region.id for region in found}
        return found[0] if len(ids) == 1 else None


def day(text: str, name: str, problems: list[Problem]) -> date | None:
    """2027-06-30, 2027/6/30, 2027年6月30日, 20270630; "长期" has no end."""
    if not text or text in {"长期", "长期有效", "无", "-", "/", "永久"}:
        return None
    match = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        return (
            date(*(int(part) for part in match.groups())) if match else _unreadable_day(text, name, problems)
        )
    except ValueError:
        return _unreadable_day(text, name, problems)


def _unreadable_day(text: str, name: str, problems: list[Problem]) -> date | None:
    problems.append(
        Problem(name, N_("“%(text)s” is not a date. Example: 2027-06-30"), (("text", text[:30]),))
    )
    return None


def number(text: str, name: str, problems: list[Problem]) -> float | None:
    """A decimal number."""
    try:
        value = float(text) if text else None
    except ValueError:
        value = float("nan")
    if value is not None and not -1e9 < value < 1e9:
        problems.append(Problem(name, N_("“%(text)s” is not a number."), (("text", text[:30]),)))
        return None
    return value


def count(text: str, problems: list[Problem]) -> int | None:
    """A whole number of people: 3, 3人."""
    digits = text.removesuffix("人").strip()
    if not digits:
        return None
    if digits.isdecimal() and len(digits) <= 6:
        return int(digits)
    problems.append(Problem("staff_certificates", N_("“%(text)s” is not a number."), (("text", text[:30]),)))
    return None


def _phone(text: str, problems: list[Problem]) -> str:
    """The first of several numbers; one that Excel shortened cannot be restored."""
    if _SHORTENED.fullmatch(text):
        problems.append(
            Problem(
                "phone",
                N_(
                    "Excel shortened the phone number to “%(text)s”. Format that column as text and enter it again."
                ),
                (("text", text),),
            )
        )
        return ""
    return re.split(r"[、,,;;/]", text)[0].strip()


def _status(text: str, problems: list[Problem]) -> Status:
    word = rules.plain(text)
    for status, words in _STATUS.items():
        if word in words:
            return status
    problems.append(Problem("status", N_("The status “%(text)s” is not known."), (("text", text[:30]),)))
    return Status.OPEN


def _keys(name: str, phone: str, credit_code: str) -> list[tuple[str, str]]:
    digits = "".join(filter(str.isdigit, phone))
    keys = [
        ("credit_code", credit_code),
        ("name", rules.plain(name)),
        ("phone", digits if len(digits) >= 7 else ""),
    ]
    return [key for key in keys if key[1]]


def _stem(name: str) -> str:
    """北山镇 is also written 北山; 河口村村民委员会 is 河口村."""
    short = re.sub(r"(村民委员会|村委会|居民委员会|居委会|社区|街道办事处|街道|镇|乡|村)$", "", name)
    return short if len(short) >= 2 else name
