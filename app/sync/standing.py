"""What the server has of a visit, JSON-ready for the phone."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.database import db
from app.inspections.models import AnnouncedPhoto, InspectionPhoto
from app.photos.models import Photo
from app.sync import queries, values
from app.sync.book import FINDING_COLUMNS


def answers(visit_id: UUID) -> dict[str, dict[str, Any]]:
    """The answers by item; what is empty is left out."""
    return {str(row["item_id"]): _answer(row) for row in queries.answer_rows([], [visit_id])}


def _answer(row: Any) -> dict[str, Any]:
    finding = {}
    if row["finding_id"] is not None:
        finding = values.outcome_as_sent({name: row[f"finding_{name}"] for name in FINDING_COLUMNS})
    said = {
        "result": row["result"].value if row["result"] else None,
        "sweep": str(row["sweep_id"]) if row["sweep_id"] else None,
        "note": row["note"],
        "phrases": row["phrases"],
        "readings": values.readings_as_sent(row["readings"]),
        **finding,
        "heads": row["heads"],
    }
    return {name: value for name, value in said.items() if value}


def photos(visit_id: UUID) -> list[dict[str, Any]]:
    """The visit's photos that are here, and those it waits for."""
    here = db.session.execute(
        select(Photo.id, Photo.sha256)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .where(InspectionPhoto.inspection_id == visit_id)
    ).all()
    awaited = db.session.execute(
        select(AnnouncedPhoto.photo_id, AnnouncedPhoto.sha256).where(
            AnnouncedPhoto.inspection_id == visit_id, AnnouncedPhoto.arrived_at.is_(None)
        )
    ).all()
    known = {row[0] for row in here}
    told = [(row, True) for row in here] + [(row, False) for row in awaited if row[0] not in known]
    return [{"id": str(row[0]), "sha256": row[1], "received": received} for row, received in told]
