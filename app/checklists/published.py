"""Published checklists as they stand for ever: read once by each worker, then kept.

A version never changes after it was published, and its id is never given again, so nothing here grows old. A visit's
page and every tap read 50 items with all their texts; from here they cost nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from app.checklists.models import ChecklistItem, ChecklistVersion
from app.core.database import db
from app.core.errors import NotFound

MOST = 256  # versions kept by a worker, about half a megabyte each


@dataclass(frozen=True)
class Published:
    """A version with its items by id, in their order. The rows belong to no session: for reading only."""

    version: ChecklistVersion
    items: Mapping[UUID, ChecklistItem]


@lru_cache(maxsize=MOST)
def published(version_id: UUID) -> Published:
    """The version as it was published. Raises NotFound."""
    versions, items = ChecklistVersion.__table__, ChecklistItem.__table__
    row = db.session.execute(select(versions).where(versions.c.id == version_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    version = ChecklistVersion(**row)
    found = db.session.execute(select(items).where(items.c.version_id == version_id).order_by(items.c.position))
    kept = [ChecklistItem(**item) for item in found.mappings()]
    for item in kept:
        set_committed_value(item, "version", version)
    set_committed_value(version, "items", kept)
    return Published(version, {item.id: item for item in kept})
