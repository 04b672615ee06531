"""What is known of the chain from elsewhere: heads on papers, of earlier verifications, and at second places."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from app.proof.reading import Snapshot
from app.proof.rules import Found, Kind

_AT_ONCE = 500
LAST = 2**63 - 1  # the highest number a database gives a record
_HASH = re.compile(r"[0-9a-f]{64}")
Tell = Callable[[Found], None]


class Known(NamedTuple):
    """That the chain had record `seq` with `hash` (64 hexadecimal digits); `place` says who remembers it."""

    seq: int
    hash: str
    at: str
    place: str


def known(seq: Any, digest: Any, at: Any, place: str) -> Iterator[Known]:
    """A head; nothing where it is none."""
    if type(seq) is int and 0 < seq <= LAST and isinstance(digest, str) and _HASH.fullmatch(digest):
        yield Known(seq, digest, str(at), place)


def remembered(look: Snapshot) -> Iterator[Known]:
    """Of this database itself: earlier verifications, what was sent out, papers."""
    for seq, digest, at in look.rows(
        "SELECT head_seq, head_hash, CAST(started_at AS TEXT) FROM audit_checks WHERE head_seq > 0"
    ):
        yield from known(seq, digest, at, "check")
    for seq, digest, at, place in look.rows("SELECT seq, hash, CAST(at AS TEXT), place FROM anchors"):
        yield from known(seq, digest, at, str(place))


def sent_to(look: Snapshot) -> dict[str, int]:
    """The second places that a head has reached, each with the last record of the newest one."""
    found: dict[str, int] = {}
    for place, seq in look.rows("SELECT place, seq FROM anchors WHERE why = ''"):
        if type(seq) is int:
            found[str(place)] = max(seq, found.get(str(place), 0))
    return found


def on_paper(content: Any, place: str) -> Iterator[Known]:
    """The head that is printed on a paper."""
    head = content.get("chain") if isinstance(content, dict) else None
    if isinstance(head, dict):
        yield from known(head.get("seq"), head.get("hash"), head.get("at"), place)


class Heads:
    """Holds known heads against the chain, some hundred at a time; tells the one that matters most."""

    def __init__(self, look: Snapshot, end: int) -> None:
        self.look, self.end, self.count = look, end, 0
        self._waiting: list[Known] = []
        self._beyond: Known | None = None
        self._other: tuple[Known, str] | None = None
        self._others = 0

    def take(self, heads: Iterable[Known]) -> None:
        for one in heads:
            self.count += 1
            if one.seq > self.end:
                if self._beyond is None or one.seq > self._beyond.seq:
                    self._beyond = one
                continue
            self._waiting.append(one)
            if len(self._waiting) >= _AT_ONCE:
                self._compare()

    def _compare(self) -> None:
        numbers = sorted({one.seq for one in self._waiting})
        marks = ", ".join("?" * len(numbers))
        found = (
            dict(self.look.rows(f"SELECT seq, hash FROM audit_records WHERE seq IN ({marks})", *numbers))
            if numbers
            else {}
        )
        for one in self._waiting:
            digest = found.get(one.seq)
            there = digest.hex() if isinstance(digest, bytes) else str(digest)
            if digest is not None and there != one.hash:
                self._others += 1
                if self._other is None or one.seq < self._other[0].seq:
                    self._other = (one, there)
        self._waiting.clear()

    def tell(self, tell: Tell, told: Callable[[int], bool]) -> None:
        """`told`: whether a record was found altered already, so that its head says nothing new."""
        self._compare()
        if self._beyond is not None:
            one = self._beyond
            detail = json.dumps({"place": one.place, "seq": one.seq, "end": self.end})
            tell(
                Found(
                    Kind.CHAIN_SHORTER, "audit_records", "", self.end, one.at, one.hash, str(self.end), detail
                )
            )
        if self._other is not None and not told(self._other[0].seq):
            one, digest = self._other
            detail = json.dumps({"place": one.place, "seq": one.seq, "count": self._others})
            tell(Found(Kind.CHAIN_REWRITTEN, "audit_records", "", one.seq, one.at, one.hash, digest, detail))
