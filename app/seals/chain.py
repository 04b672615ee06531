"""The head of the audit chain on paper: what a county has handed out, it can no longer rewrite behind."""

from collections.abc import Callable
from typing import Any

Frozen = dict[str, Any]  # {"seq": …, "hash": 64 hexadecimal digits, "at": ISO 8601}
# who keeps the chain; gives None while it is empty
heads: list[Callable[[], Frozen | None]] = []


def frozen() -> Frozen:
    """What goes into the content of a paper that is frozen now: {"chain": head}, or nothing while there is no chain."""
    head = next((found for ask in heads if (found := ask()) is not None), None)
    return {"chain": head} if head else {}


def printed(head: Frozen | None) -> str:
    """Its place and the first 16 digits in groups of four, small under the check code; "" for papers before it."""
    if not head:
        return ""
    digits = str(head["hash"])[:16].upper()
    return f"{head['seq']} · {' '.join(digits[i : i + 4] for i in range(0, 16, 4))}"
