"""What the check page may say about a paper. Features that make papers register how theirs are found.

Nothing is told to whoever guesses: number and code must belong together, and one wrong sign gets the same answer as
a number that was never given.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.core.settings import settings
from app.seals import papers
from app.seals.models import PaperFile
from app.seals.rules import plain_code, plain_number


@dataclass(frozen=True)
class Paper:
    """As much of a paper as stands in its head, in the language of the page. `gone_on`: withdrawn since then."""

    title: str
    number: str
    issuer: str
    issued_on: date
    gone_on: date | None = None
    replaced_by: str = ""


@dataclass(frozen=True)
class Kind:
    """How papers of one table are found: by the beginning of their digest, and by their id."""

    by_digest: Callable[[str], Iterable[Paper]]
    by_id: Callable[[UUID], Paper | None]


@dataclass(frozen=True)
class Known:
    """A file whose bytes we made."""

    file: PaperFile
    paper: Paper


kinds: dict[str, Kind] = {}


def address_of_checks() -> str:
    """Where anybody checks a paper; written out, because a command without a request prints papers, too."""
    return f"{settings().public_url}/check"


def by_code(number: str, code: str) -> Paper | None:
    """The paper with this number and this check code."""
    wanted, digits = plain_number(number), plain_code(code)
    if not wanted or not digits:
        return None
    found = (paper for kind in kinds.values() for paper in kind.by_digest(digits))
    return next((paper for paper in found if plain_number(paper.number) == wanted), None)


def by_bytes(sha256: str) -> Known | None:
    """The paper whose file has exactly these bytes."""
    file = papers.by_hash(sha256)
    if file is None or file.subject_type not in kinds:
        return None
    paper = kinds[file.subject_type].by_id(file.subject_id)
    return Known(file, paper) if paper is not None else None
