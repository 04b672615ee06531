"""The digest of a finished visit: proves later that nothing in it was changed."""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.compact import canonical
from app.core.database import db
from app.inspections.models import AnnouncedPhoto, Answer, Inspection, InspectionPhoto
from app.photos.models import Photo


def content_digest(inspection: Inspection) -> str:
    """SHA-256 over everything recorded, as canonical JSON: proves later that nothing was changed."""
    answers = db.session.scalars(
        select(Answer).where(Answer.inspection_id == inspection.id).options(selectinload(Answer.finding))
    )
    return digest_of(inspection, answers, frozen_photos(inspection.id))


def frozen_photos(inspection_id: UUID) -> set[tuple[UUID, str]]:
    """The visit's photos by id and hash; one that was announced and is still on the phone is frozen like the others."""
    received = (
        select(Photo.id, Photo.sha256)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .where(InspectionPhoto.inspection_id == inspection_id, InspectionPhoto.in_answer_to_id.is_(None))
    )
    announced = select(AnnouncedPhoto.photo_id, AnnouncedPhoto.sha256).where(
        AnnouncedPhoto.inspection_id == inspection_id
    )
    return {(row[0], row[1]) for asked in (received, announced) for row in db.session.execute(asked)}


def digest_of(inspection: Any, answers: Iterable[Any], photos: Iterable[tuple[UUID, str]]) -> str:
    """The same over a visit and answers with their findings that are at hand, rows or anything with their names."""
    content = {
        "id": str(inspection.id),
        "premises": str(inspection.premises_id),
        "lead": str(inspection.lead_id),
        "finished_at": str(inspection.finished_at),
        "ending": [
            inspection.conclusion,
            inspection.receipt,
            inspection.signer_name,
            inspection.signature_key,
            inspection.refusal_reason,
            inspection.witness,
        ],
        "answers": sorted(map(_frozen_answer, answers), key=lambda entry: str(entry[0])),
        "photos": sorted([str(photo_id), sha256] for photo_id, sha256 in photos),
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _frozen_answer(answer: Any) -> list[Any]:
    entry: list[Any] = [str(answer.item_id), answer.result, answer.note, answer.phrases, answer.readings]
    if answer.finding is not None:
        f = answer.finding
        entry.append([f.outcome, str(f.due_on), f.refer_to, f.refer_reason, str(f.refer_on), f.guard, f.scene])
    return entry
