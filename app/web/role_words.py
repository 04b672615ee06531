"""Which words a role must not see or print (data/role_words.yaml): the authority line, held by tests."""

import re
from functools import cache
from pathlib import Path

import yaml

QUOTED_NAME = re.compile("《[^》]*》")


def forbidden_in(text: str, role: str = "coordinator") -> list[str]:
    """The forbidden words `text` uses, quoted names and allowed phrases aside. Empty for a role without a list."""
    forbidden, allowed = _lists(role)
    rest = QUOTED_NAME.sub("《》", text)
    for phrase in allowed:
        rest = rest.replace(phrase, "·")
    return [word for word in forbidden if word in rest]


@cache
def _lists(role: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Forbidden words and allowed phrases, the longest phrase first so that it is not cut by a shorter one."""
    known = yaml.safe_load((Path(__file__).parent / "data" / "role_words.yaml").read_text(encoding="utf-8"))
    entry = known.get(role, {})
    entry = known[entry["like"]] if "like" in entry else entry
    return tuple(entry.get("forbidden", ())), tuple(sorted(entry.get("allowed", ()), key=len, reverse=True))
