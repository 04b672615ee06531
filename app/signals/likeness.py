"""Near-duplicates, as the index of likeness (app/photos) names them. It compares later than the photo arrives."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_nothing  # both databases speak its ON CONFLICT

from app.core.database import db
from app.core.ids import derived_id
from app.photos import likeness_index
from app.photos.likeness_index import LikenessPair
from app.photos.models import Photo
from app.signals.models import SignalCheck

COMPARED = "photo_compared"
_WAITS = "waits"  # in SignalCheck.failed: to be looked at by the next run


def alike(photo: Photo) -> dict[UUID, dict[str, Any]]:
    """Earlier photos of other bytes that look like this one, with the numbers that say so."""
    return {
        one.photo_id: {"mirrored": one.mirrored, "same_places": one.places, "share": round(one.share, 2)}
        for one in likeness_index.find_alike(photo)
        if one.kind is likeness_index.Kind.ALIKE
    }


def compared(photo_ids: Sequence[UUID]) -> None:
    """Have those looked at again of whose picture another one was found; in the transaction that found it."""
    pair = or_(LikenessPair.sha256 == Photo.sha256, LikenessPair.other == Photo.sha256)
    found = db.session.scalars(
        select(Photo.id).join(LikenessPair, pair).where(Photo.id.in_(photo_ids)).distinct()
    ).all()
    if found:
        add = insert_or_nothing(SignalCheck.__table__)
        rows = [
            {
                "id": derived_id(one, COMPARED),
                "action": COMPARED,
                "object_id": one,
                "failed": _WAITS,
                "tries": 0,
            }
            for one in found
        ]
        again = {"failed": _WAITS, "tries": 0}
        db.session.execute(add.on_conflict_do_update(index_elements=["id"], set_=again), rows)
