"""The head of the audit chain on paper: what a county has handed out, it can no longer rewrite behind."""

from typing import Any

from app.core import ledger

Frozen = dict[str, Any]  # {"seq": …, "hash": 64 hexadecimal digits, "at": ISO 8601}


def frozen() -> Frozen:
    """What goes into the content of a paper that is frozen now: {"chain": head}, or nothing while there is no chain."""
    head = ledger.head()
    return {"chain": {"seq": head.seq, "hash": head.hash.hex(), "at": head.at.isoformat()}} if head else {}


def printed(head: Frozen | None) -> str:
    """Its place and the first 16 digits of its hash, small under the check code; "" for papers before the chain."""
    return f"{head['seq']}-{str(head['hash'])[:16]}" if head else ""
