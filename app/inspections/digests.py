"""The digest of a finished visit: proves later that nothing in it was changed."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import selectinload

from app.core.compact import canonical
from app.core.database import db
from app.inspections.models import LATE, AnnouncedPhoto, Answer, Inspection, InspectionPhoto
from app.photos.models import Photo


def content_digest(inspection: Inspection) -> str:
    """SHA-256 over everything recorded, as canonical JSON: proves later that nothing was changed."""
    answers = db.session.scalars(
        select(Answer).where(Answer.inspection_id == inspection.id).options(selectinload(Answer.finding))
    )
    return digest_of(inspection, answers, frozen_photos(inspection.id))


def frozen_photos(inspection_id: UUID) -> set[tuple[UUID, str]]:
    """The visit's photos by id and hash; one that was announced and is still on the phone is frozen like the others.

    Those announced after the end are not.
    """
    received = (
        select(Photo.id, Photo.sha256)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .where(InspectionPhoto.inspection_id == inspection_id, InspectionPhoto.in_answer_to_id.is_(None))
    )
    told = _announced(inspection_id)
    late = _late_among(told)
    return {(row[0], row[1]) for row in (*db.session.execute(received), *told) if row[0] not in late}


def late_photos(inspection_id: UUID) -> set[UUID]:
    """The photos that were announced after the visit had ended."""
    return _late_among(_announced(inspection_id))


def _announced(inspection_id: UUID) -> Sequence[Row[tuple[UUID, str, dict[str, Any]]]]:
    asked = select(AnnouncedPhoto.photo_id, AnnouncedPhoto.sha256, AnnouncedPhoto.meta)
    return db.session.execute(asked.where(AnnouncedPhoto.inspection_id == inspection_id)).all()


def _late_among(told: Sequence[Row[tuple[UUID, str, dict[str, Any]]]]) -> set[UUID]:
    return {row.photo_id for row in told if row.meta.get(LATE)}


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
