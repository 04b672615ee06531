"""Pure decisions about notices: who may issue which kind, by when, under which number, and what was frozen."""

import enum
import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from app.accounts.rules import Certificate
from app.accounts.rules import may_issue as certificate_allows
from app.core.errors import N_, Invalid, NotAllowed
from app.core.roles import Role
from app.inspections.rules import refuse_date
from app.notices.kinds import Kind, all_kinds

SOON = timedelta(days=3)
LEAST_PHONE = 7  # digits of a number one can call
SAME_TIME = timedelta(minutes=2)  # a phone's clock and ours


class Urgency(enum.StrEnum):
    """How a deadline stands today."""

    LATE = "late"
    SOON = "soon"
    OK = "ok"


def may_draft(kind: Kind, roles: Collection[Role]) -> bool:
    return not kind.draft.isdisjoint(roles)


def may_issue(kind: Kind, roles: Collection[Role]) -> bool:
    return not kind.issue.isdisjoint(roles)


def kinds_offered(roles: Collection[Role], domains: Collection[str]) -> list[Kind]:
    """Return the kinds a person with `roles` may at least draft for findings of `domains`, the default one first."""
    offered = [
        kind
        for kind in all_kinds().values()
        if may_draft(kind, roles) and (kind.domains is None or not kind.domains.isdisjoint(domains))
    ]
    return sorted(offered, key=lambda kind: not kind.default)


def check_certificate(roles: Collection[Role], state: Certificate) -> None:
    """Without a valid certificate, no notice (DOMAIN.md). Raises NotAllowed saying what to do."""
    if certificate_allows(frozenset(roles), state):
        return
    message = {
        Certificate.EXPIRED: N_("Your certificate has expired, so you cannot issue a notice."),
        Certificate.MISSING: N_("No certificate is on file for you, so you cannot issue a notice."),
    }.get(state, N_("Your role does not include issuing notices."))
    raise NotAllowed(message, hint=N_("Ask your administrator to enter the new number and date."))


def check_issuer(kind: Kind, roles: Collection[Role], state: Certificate) -> None:
    """Refuse (NotAllowed) whoever may not issue this kind, or has no valid certificate."""
    if not may_issue(kind, roles):
        raise NotAllowed(N_("A supervisor issues this kind. Save it as a draft."))
    check_certificate(roles, state)


def check_domains(kind: Kind, domains: Iterable[str]) -> None:
    """A kind for some domains takes findings of these only. Raises Invalid."""
    if kind.domains is not None and not set(domains) <= kind.domains:
        raise Invalid(N_("This kind of notice does not take all the findings you chose."), field="kind")


def check_deadline(due_on: date | None, visited_on: date, outcome: str) -> None:
    """A finding to be fixed by a date has one, not before the visit and not absurdly far. Raises Invalid."""
    if due_on is None:
        if outcome == "by_a_date":
            raise Invalid(N_("A finding has no date by which it should be fixed."), field="findings")
        return
    refused = refuse_date(due_on, visited_on)
    if refused is not None:
        raise Invalid(refused.value, field="findings")


def clocks_differ(told: datetime | None, received: datetime | None) -> bool:
    """Whether the phone's time of issue is worth showing beside the server's."""
    return told is not None and received is not None and abs(received - told) > SAME_TIME


def format_number(pattern: str, prefix: str, year: int, sequence: int) -> str:
    """Return the number as printed: 南卫协建〔2026〕0012号 or 2026-0012."""
    return pattern.format(prefix=prefix, year=year, seq=sequence)


def canonical(content: dict[str, Any]) -> bytes:
    """Return the one byte form of `content`: keys sorted, no blanks, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical content, 64 hexadecimal digits: the proof that nothing changed since the issue."""
    return hashlib.sha256(canonical(content)).hexdigest()


def short_digest(full: str) -> str:
    """Return the first 16 digits in groups of four, as printed on the paper and compared by eye."""
    return " ".join(full[i : i + 4].upper() for i in range(0, 16, 4))


def urgency(due_on: date, today: date) -> Urgency:
    if due_on < today:
        return Urgency.LATE
    return Urgency.SOON if due_on - today <= SOON else Urgency.OK


_BETWEEN_NUMBERS = re.compile(r"([/、,，;；|或]+)")


def phone_endings(phone: str) -> frozenset[str]:
    """The last four digits of each number in what was registered as a phone; none where no whole number stands."""
    digits = [re.sub(r"\D", "", part) for part in _BETWEEN_NUMBERS.split(unicodedata.normalize("NFKC", phone))]
    return frozenset(number[-4:] for number in digits if len(number) >= LEAST_PHONE)


def without_end(phone: str) -> str:
    """The same with those digits covered: who has only the link does not learn them from the paper."""
    parts = _BETWEEN_NUMBERS.split(phone)
    return "".join(re.sub(r"\d(?=(?:\D*\d){0,3}\D*$)", "*", part) for part in parts)
