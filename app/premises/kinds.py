"""Kinds of premises and the domains they are supervised in; both are data, read once."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Domain:
    """A field of supervision. `refer_to` is the authority findings are referred to by default."""

    key: str
    name_zh: str
    name_en: str
    prefix: str
    refer_to: str


@dataclass(frozen=True)
class Kind:
    """What a place is. `domains` are those it usually carries; a premises may carry more or fewer."""

    key: str
    name_zh: str
    name_en: str
    domains: tuple[str, ...]
    aliases: tuple[str, ...] = ()  # what registers elsewhere call it; used when a file is imported


@cache
def domains() -> MappingProxyType[str, Domain]:
    """All domains by key, in the order they are shown."""
    return MappingProxyType({row["key"]: Domain(**row) for row in _rows("domains.yaml")})


@cache
def kinds() -> MappingProxyType[str, Kind]:
    """All kinds by key, in the order they are shown."""
    return MappingProxyType(
        {
            row["key"]: Kind(
                row["key"],
                row["name_zh"],
                row["name_en"],
                tuple(row["domains"]),
                tuple(row.get("aliases", ())),
            )
            for row in _rows("kinds.yaml")
        }
    )


def kind_of(key: str) -> Kind:
    """The kind with `key`; one that is no longer in the data shows its key instead of breaking a page."""
    return kinds().get(key) or Kind(key, key, key, ())


def domain_of(key: str) -> Domain:
    """The domain with `key`, or a stand-in that shows the key."""
    return domains().get(key) or Domain(key, key, key, "", "")


def _rows(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
