"""The kinds of notices, read from data/kinds.yaml: titles, roles, numbering and wording are data of the county."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.core.errors import N_, Invalid
from app.core.roles import Role

DATA = Path(__file__).parent / "data" / "kinds.yaml"
_OWN = {"key", "default", "advisory", "draft", "issue", "domains", "number", "refers", "registration"}


@dataclass(frozen=True)
class Kind:
    """One kind of notice. `texts` holds every worded field by name with its language, such as `title_zh`."""

    key: str
    default: bool
    advisory: bool  # guidance: no penalty clauses, no words of an authority
    draft: frozenset[Role]
    issue: frozenset[Role]
    domains: frozenset[str] | None  # None takes every domain
    number: str
    refers: bool
    registration: bool  # its form has a line for the number of the official register
    texts: dict[str, str]

    def __getattr__(self, name: str) -> str:
        """Read a worded field as an attribute, so that `kind|say("title")` works in templates."""
        texts = self.__dict__.get("texts", {})
        if name in texts:
            return texts[name]
        raise AttributeError(name)

    def text(self, name: str, **places: str) -> dict[str, str]:
        """Return a worded field in both languages, its places filled."""
        return {lang: fill(self.texts[f"{name}_{lang}"], places) for lang in ("zh", "en")}


def fill(text: str, places: dict[str, str]) -> str:
    """Put values into `{name}` places; user text is never read as a format itself."""
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by key, in the order of the data."""
    rows = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {row["key"]: _kind(row) for row in rows}


def get_kind(key: str) -> Kind:
    """Return the kind called `key`. Raises Invalid for a name that is none."""
    kind = all_kinds().get(key)
    if kind is None:
        raise Invalid(N_("Choose what kind of notice it shall be."), field="kind")
    return kind


def _kind(row: dict[str, Any]) -> Kind:
    return Kind(
        key=row["key"],
        default=row["default"],
        advisory=row["advisory"],
        draft=frozenset(Role(name) for name in row["draft"]),
        issue=frozenset(Role(name) for name in row["issue"]),
        domains=None if row["domains"] is None else frozenset(row["domains"]),
        number=row["number"],
        refers=row["refers"],
        registration=row["registration"],
        texts={name: str(value) for name, value in row.items() if name not in _OWN},
    )
