"""Where a page of a list ends and the next one goes on: by key, so that nothing is shown twice or left out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, true


@dataclass(frozen=True, order=True)
class Cursor:
    """A place in a list by moment and id between two rows: the last one seen."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{round(self.at.timestamp() * 1_000_000)}.{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """From a page's address; None for anything else than what we wrote there."""
        stamp, _, key = text.partition(".")
        try:
            moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(stamp))
            return cls(moment, UUID(hex=key))
        except (ValueError, OverflowError):
            return None


def older_than(place: Cursor | None, at: Any, key: Any) -> ColumnElement[bool]:
    """SQL: what follows in a list that has the newest first; all of it from the beginning (None) on."""
    return true() if place is None else and_(at <= place.at, or_(at < place.at, key < place.id))


def newer_than(place: Cursor, at: Any, key: Any) -> ColumnElement[bool]:
    """SQL: what stands before in such a list."""
    return and_(at >= place.at, or_(at > place.at, key > place.id))
