"""What a county decides itself: the typed list of such decisions, and how a value is read. Pure but for the list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any

from app.core.errors import N_, Invalid

# the first part of an option's key, and the heading it stands under on the page, in this order
GROUPS = {
    "accounts": N_("People and certificates"),
    "calendar": N_("Calendar"),
    "photos": N_("Photos"),
    "premises": N_("Premises"),
    "checklists": N_("Checklists"),
    "inspections": N_("Visits"),
    "notices": N_("Notices"),
    "replies": N_("Replies of owners"),
    "referrals": N_("Referrals"),
    "reports": N_("Information reports"),
    "complaints": N_("Complaints"),
    "reminders": N_("Reminders"),
    "signals": N_("Signals"),
    "sampling": N_("Sampling"),
    "oversight": N_("Reports and registers"),
    "retention": N_("How long what is kept"),
}
LONGEST_TEXT, LONGEST_ADDRESS, MOST_ADDRESSES = 200, 500, 50


class Kind(StrEnum):
    """How an option is entered; it follows from its default and its choices."""

    CHOICE = "choice"
    YES_NO = "yes_no"
    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    ADDRESSES = "addresses"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One decision of a county.

    The type of `default` is the type of the value: bool, int (within `least` and `most`), str (one of `choices`, or
    up to `longest` characters), datetime.time, or a tuple of addresses. `choices` gives each value its words:
    {"open": N_("Anybody with the paper")}. `check` gives a msgid when a value cannot be taken, else "". `source` says
    in an administrator's words where the default comes from (a law, a standard, "产品规则"), never a file of ours;
    `unsure` that it still wants checking. A `secret` value (an address with a token in it) is not
    written into the audit.
    """

    key: str
    default: Any
    label: str
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    least: int = 0
    most: int = 100_000
    unit: str = ""
    longest: int = LONGEST_TEXT
    check: Callable[[Any], str] | None = None
    source: str = ""
    unsure: bool = False
    secret: bool = False

    def __post_init__(self) -> None:
        if self.group not in GROUPS or "." not in self.key:
            raise ValueError(f"{self.key}: the first part of an option's key is one of {', '.join(GROUPS)}")
        if self.choices and not isinstance(self.choices, Mapping):
            raise TypeError(f'{self.key}: choices need their words: {{"open": N_("Anybody with the paper")}}')
        self.read(self.stored(self.default))  # a default that cannot be taken is a mistake of ours

    @property
    def group(self) -> str:
        return self.key.partition(".")[0]

    @property
    def kind(self) -> Kind:
        """How it is entered."""
        if self.choices:
            return Kind.CHOICE
        by_type = {
            bool: Kind.YES_NO,
            int: Kind.NUMBER,
            str: Kind.TEXT,
            time: Kind.TIME,
            tuple: Kind.ADDRESSES,
        }
        return by_type[type(self.default)]

    def stored(self, value: Any) -> Any:
        """`value` as JSON."""
        if isinstance(value, time):
            return value.strftime("%H:%M")
        return list(value) if isinstance(value, tuple) else value

    def read(self, raw: Any) -> Any:
        """The value of what is stored or was typed. Raises Invalid (field: the key)."""
        value = _READERS[self.kind](self, raw)
        problem = self.check(value) if self.check else ""
        if problem:
            raise Invalid(problem, field=self.key)
        return value


def _choice(option: Option, raw: Any) -> str:
    if raw not in option.choices:
        raise Invalid(N_("Choose one of the answers."), field=option.key)
    return str(raw)


def _yes_no(option: Option, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Invalid(N_("Choose one of the answers."), field=option.key)
    return raw


def _number(option: Option, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not option.least <= raw <= option.most:
        raise Invalid(
            N_("A whole number from %(least)s to %(most)s."),
            field=option.key, least=option.least, most=option.most,
        )  # fmt: skip
    return raw


def _text(option: Option, raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > option.longest:
        raise Invalid(N_("At most %(max)s characters."), field=option.key, max=option.longest)
    return raw.strip()


def _time(option: Option, raw: Any) -> time:
    try:
        return time.fromisoformat(raw) if isinstance(raw, str) else time(raw.hour, raw.minute)
    except (ValueError, AttributeError):
        raise Invalid(N_("A time of day, for example 08:30."), field=option.key) from None


def _addresses(option: Option, raw: Any) -> tuple[str, ...]:
    """One on each line; empty lines and repetitions do not count."""
    lines = raw.splitlines() if isinstance(raw, str) else list(raw or ())
    found = tuple(dict.fromkeys(line.strip() for line in map(str, lines) if line.strip()))
    if len(found) > MOST_ADDRESSES or any(len(line) > LONGEST_ADDRESS for line in found):
        raise Invalid(
            N_("At most %(most)s addresses, each of at most %(max)s characters."),
            field=option.key, most=MOST_ADDRESSES, max=LONGEST_ADDRESS,
        )  # fmt: skip
    return found


_READERS: Mapping[Kind, Callable[[Option, Any], Any]] = {
    Kind.CHOICE: _choice,
    Kind.YES_NO: _yes_no,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.TIME: _time,
    Kind.ADDRESSES: _addresses,
}
