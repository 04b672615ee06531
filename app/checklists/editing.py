"""Pure decisions of editing: what makes an item complete, and what differs between two versions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.errors import N_

SEVERITIES = ("A", "B", "C")
_BOTH_LANGUAGES = ("title", "how", "basis", "deadline", "advice")


def item_problem(row: Mapping[str, Any], *, prefix: str) -> tuple[str, str]:
    """What keeps an item from being published, as a msgid, and its field; two empty strings if nothing."""
    if not re.fullmatch(rf"{prefix}-[A-Z0-9]{{1,6}}", row["code"]):
        return N_("The code begins like the others of this checklist, for example CAT-26."), "code"
    for name in _BOTH_LANGUAGES:
        for language in ("zh", "en"):
            if not str(row[f"{name}_{language}"]).strip():
                return N_("This is needed in both languages."), f"{name}_{language}"
    if bool(row["quantity_zh"]) != bool(row["quantity_en"]):
        return N_("This is needed in both languages."), "quantity_zh" if row["quantity_en"] else "quantity_en"
    if row["severity"] not in SEVERITIES:
        return N_("Choose how serious it is."), "severity"
    return "", ""


def phrases_from(text: str) -> list[dict[str, str]]:
    """Quick phrases from lines "中文 | English"; a line without its English is shown in Chinese to all."""
    pairs = [line.partition("|") for line in text.splitlines() if line.strip()]
    return [{"zh": zh.strip(), "en": en.strip() or zh.strip()} for zh, _, en in pairs]


def phrases_text(phrases: Sequence[Mapping[str, str]]) -> str:
    """The reverse of phrases_from."""
    return "\n".join(f"{phrase['zh']} | {phrase['en']}" for phrase in phrases)


def wants_checking(item: Any) -> bool:
    """Whether a clause or a limit of the item is still to be looked up (the source's "how sure" marks)."""
    return bool(item.unsure) or any(measure.get("unsure") for measure in item.measures)


@dataclass(frozen=True)
class Change:
    """One item in two versions. `before` is None: added; `after` is None: retired. `fields`: what differs."""

    code: str
    before: Any | None
    after: Any | None
    fields: tuple[str, ...] = ()


def compare(older: Sequence[Any], newer: Sequence[Any], names: Sequence[str]) -> list[Change]:
    """What differs between the items of two versions, in the order of the newer one, retired items last."""
    was, now = {item.code: item for item in older}, {item.code: item for item in newer}
    changes = []
    for code, item in now.items():
        before = was.get(code)
        fields = tuple(
            name for name in names if before is not None and getattr(before, name) != getattr(item, name)
        )
        if before is None or fields:
            changes.append(Change(code, before, item, fields))
    return changes + [Change(code, item, None) for code, item in was.items() if code not in now]
