"""What a monthly report says once it is issued, as one JSON-ready value: page and paper read only this."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.accounts.models import Person
from app.accounts.regions import Region
from app.monthly.counting import Counted
from app.monthly.models import MonthlyReport
from app.monthly.rules import DEFINITIONS, Month
from app.premises.kinds import domain_of

VERSION = 1
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Wording:
    """The fixed words of the paper."""

    number: str
    title_zh: str
    title_en: str
    footer_zh: str
    footer_en: str
    seal_zh: str
    seal_en: str


@cache
def wording() -> Wording:
    return Wording(**yaml.safe_load((DATA / "paper.yaml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Issue:
    """What is issued, by whom, and instead of what."""

    region: Region
    month: Month
    number: str
    edition: int
    every_days: int
    by: Person
    now: datetime
    earlier: MonthlyReport | None = None
    reason: str = ""


def build(issue: Issue, counted: Counted) -> dict[str, Any]:
    """Return the whole content, but for the head of the chain."""
    words, body, region = wording(), issue.by.organisation, issue.region
    earlier = issue.earlier
    return {
        "version": VERSION,
        "definitions": DEFINITIONS,
        "number": issue.number,
        "edition": issue.edition,
        "title": {"zh": words.title_zh, "en": words.title_en},
        "month": str(issue.month),
        "region": {
            "id": str(region.id),
            "code": region.code,
            "level": region.level.value,
            "zh": region.name_zh,
            "en": region.name_en or region.name_zh,
        },
        "issuer": {"name": {"zh": body.name_zh, "en": body.name_en or body.name_zh}, "phone": body.phone},
        "by": {"name": issue.by.name, "certificate": issue.by.certificate_number},
        "issued_at": issue.now.isoformat(),
        "replaces": {"number": earlier.number, "digest": earlier.digest} if earlier else None,
        "reason": issue.reason,
        "figures": counted.figures,
        "domains": [_domain(asdict(line)) for line in counted.domains],
        "every_days": issue.every_days,
        "footer": {"zh": words.footer_zh, "en": words.footer_en},
        "seal": {"zh": words.seal_zh, "en": words.seal_en},
    }


def _domain(line: dict[str, Any]) -> dict[str, Any]:
    named = domain_of(line["domain"])
    return line | {"zh": named.name_zh, "en": named.name_en}


Counts = tuple[Any, Any, int]


def counts_of(counted: Counted, every_days: int) -> Counts:
    """What must differ for a correction to say something else."""
    return counted.figures, [asdict(line) for line in counted.domains], every_days


def counts_in(content: dict[str, Any]) -> Counts:
    """The same of what was issued."""
    lines = [
        {name: value for name, value in line.items() if name not in ("zh", "en")}
        for line in content["domains"]
    ]
    return content["figures"], lines, content["every_days"]
