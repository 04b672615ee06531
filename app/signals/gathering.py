"""Plain facts for the rules, read from the record. A constant number of reads for each photo and each visit."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from app.core import clock
from app.core.database import db
from app.core.orphans import hash_of
from app.inspections.models import AnnouncedPhoto, Answer, Inspection, InspectionPhoto, Result, Status
from app.notices.models import Delivery, Notice
from app.photos.models import Photo, Source
from app.premises.models import Premises
from app.signals.models import SignatureTrace, VisitTrace
from app.signals.rules import Picture, Spot, Use, Visit

CLOCKS_AGREE = timedelta(minutes=2)
MOST_USES, MOST_VISITS = 20, 200
NEAR = timedelta(hours=12)  # an evening, and the way between two visits
_PLACE = ("region_id", "county_id", "township_id", "village_id")


@dataclass(frozen=True)
class Owner:
    """Where a signal belongs: the visit's area and place, and whose work it is about."""

    premises_id: UUID
    person_id: UUID
    area: dict[str, UUID | None]

    @property
    def county_id(self) -> UUID:
        found = self.area["county_id"]
        assert found is not None
        return found


def picture(photo_id: UUID) -> tuple[Picture, Owner, Photo] | None:
    """A photo in a visit; None for photos of reports and replies, and for one that is gone."""
    found = db.session.execute(
        select(Photo, InspectionPhoto, Inspection, Premises.latitude, Premises.longitude)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .join(Inspection, Inspection.id == InspectionPhoto.inspection_id)
        .join(Premises, Premises.id == InspectionPhoto.premises_id)
        .where(Photo.id == photo_id)
    ).one_or_none()
    if found is None:
        return None
    photo, row, visit, latitude, longitude = found
    began, known = visit.started_at, is_known(visit)
    spot = _spot(latitude, longitude)
    facts = Visit(visit.id, visit.premises_id, row.inspector_id, clock.local(began), known, spot)
    said = photo.exif or {}
    error = said.get("GPSHPositioningError")
    picture = Picture(
        photo.id,
        facts,
        photo.received_at,
        photo.taken_at,
        photo.captured_at,
        None if photo.clock_offset_ms is None else timedelta(milliseconds=photo.clock_offset_ms),
        photo.source is Source.CAMERA,
        _spot(photo.latitude, photo.longitude, photo.accuracy_m),
        _spot(
            photo.exif_latitude,
            photo.exif_longitude,
            float(error) if isinstance(error, int | float) else None,
        ),
        str(said.get("Software") or ""),
        photo.original_name,
    )
    return picture, _owner(row, row.inspector_id), photo


def uses_of(sha256: str, photo_id: UUID, county_id: UUID) -> list[Use]:
    """Photos of the county with the same bytes, in whatever visit."""
    rows = db.session.execute(
        select(Photo.id, InspectionPhoto.inspection_id, Photo.received_at)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .where(Photo.sha256 == sha256, Photo.id != photo_id, InspectionPhoto.county_id == county_id)
        .order_by(Photo.received_at.desc())
        .limit(MOST_USES)
    )
    return [Use(*row) for row in rows.tuples()]


def uses_among(numbers: dict[UUID, dict[str, Any]], county_id: UUID) -> list[Use]:
    """Those of these photos that stand in a visit of the county, each with what is known about its likeness."""
    rows = db.session.execute(
        select(Photo.id, InspectionPhoto.inspection_id, Photo.received_at)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .where(Photo.id.in_(numbers), InspectionPhoto.county_id == county_id)
    )
    return [Use(*row, numbers[row[0]]) for row in rows.tuples()]


def finished(inspection_id: UUID) -> Inspection | None:
    """The visit, if it is finished."""
    found = db.session.get(Inspection, inspection_id)
    return found if found is not None and found.status is Status.FINISHED else None


def trace_of(inspection: Inspection) -> VisitTrace:
    """What other visits will be compared with."""
    place, answers = inspection.premises, _answers(inspection.id)
    pattern, marks = pattern_of(answers)
    return VisitTrace(
        inspection_id=inspection.id,
        person_id=inspection.lead_id,
        premises_id=inspection.premises_id,
        began_at=_began(inspection, answers),
        known=is_known(inspection),
        latitude=place.latitude,
        longitude=place.longitude,
        positioned=inspection.latitude is not None or _photos_are_placed(inspection.id),
        pattern=pattern,
        marks=marks,
    )


def signatures_of(inspection: Inspection) -> list[SignatureTrace]:
    """The drawing at the visit's end."""
    if not inspection.signature_key or inspection.finished_at is None:
        return []
    sha, at = hash_of(inspection.signature_key), inspection.finished_at
    return [
        SignatureTrace(
            id=inspection.id, inspection_id=inspection.id, county_id=inspection.county_id, sha256=sha, at=at
        )
    ]


def receipts_of(notice_id: UUID) -> list[SignatureTrace]:
    """The drawings by which a notice was received."""
    rows = db.session.execute(
        select(Delivery.id, Delivery.signature_key, Delivery.at, Notice.inspection_id, Notice.county_id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.notice_id == notice_id, Delivery.signature_key != "")
    )
    return [
        SignatureTrace(id=id_, inspection_id=visit, county_id=county, sha256=hash_of(key), at=at)
        for id_, key, at, visit, county in rows.tuples()
    ]


def visit_of(inspection: Inspection, trace: VisitTrace) -> Visit:
    """The visit as the rules take it, with its taps."""
    return _visit(trace, _taps(inspection))


def owner_of(inspection: Inspection) -> Owner:
    """Where a visit's signals belong."""
    return _owner(inspection, inspection.lead_id)


def neighbours(trace: VisitTrace) -> list[Visit]:
    """This person's visits within half a day."""
    span = VisitTrace.began_at.between(trace.began_at - NEAR, trace.began_at + NEAR)
    return _others(trace, span)


def same_pattern(trace: VisitTrace, days: int) -> list[Visit]:
    """This person's visits with the same entries, within so many days."""
    if not trace.pattern:
        return []
    span = VisitTrace.began_at.between(
        trace.began_at - timedelta(days=days), trace.began_at + timedelta(days=days)
    )
    return _others(trace, span, VisitTrace.pattern == trace.pattern)


def visits_before(trace: VisitTrace, count: int) -> list[Visit]:
    """This person's visits before this one, the newest first."""
    return _others(trace, VisitTrace.began_at <= trace.began_at, limit=count)


def uses_of_signature(trace: SignatureTrace) -> list[tuple[UUID, datetime]]:
    """Visits of the county in which the same drawing stands."""
    rows = db.session.execute(
        select(SignatureTrace.inspection_id, SignatureTrace.at)
        .where(SignatureTrace.sha256 == trace.sha256, SignatureTrace.county_id == trace.county_id)
        .order_by(SignatureTrace.at.desc())
        .limit(MOST_USES)
    )
    return list(rows.tuples())


def is_known(visit: Inspection) -> bool:
    """Whether the beginning is certain: the server's time, or the phone's less a known distance and not cut off."""
    if visit.received_at is None:
        return True
    if visit.clock_offset_ms is None or visit.device_started_at is None:
        return False
    said = visit.device_started_at - timedelta(milliseconds=visit.clock_offset_ms)
    return abs(said - visit.started_at) <= CLOCKS_AGREE


def pattern_of(answers: Collection[Any]) -> tuple[str, int]:
    """A hash of what was written at each item, and how many entries somebody made themselves."""
    said, marks = [], 0
    for one in answers:
        if one.result is None:
            continue
        readings = [[r.get("measure"), r.get("value")] for r in one.readings or []]
        own = one.result is Result.DOES_NOT or bool(one.note.strip() or one.phrases or readings)
        marks += own
        said.append([str(one.item_id), one.result.value, one.note.strip(), list(one.phrases or []), readings])
    text = json.dumps(sorted(said, key=lambda each: str(each[0])), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest() if marks else "", marks


def _answers(inspection_id: UUID) -> Sequence[Row[Any]]:
    return db.session.execute(
        select(
            Answer.item_id, Answer.result, Answer.note, Answer.phrases, Answer.readings, Answer.answered_at,
            Answer.device_at, Answer.clock_offset_ms,
        ).where(Answer.inspection_id == inspection_id)
    ).all()  # fmt: skip


def _began(visit: Inspection, answers: Sequence[Any]) -> datetime:
    """The first answer whose moment is certain; the start where there is none, or where it says something absurd."""
    known = [one.answered_at for one in answers if one.result is not None and _answer_is_known(one)]
    first = min(known, default=visit.started_at)
    return max(first, visit.started_at)


def _answer_is_known(answer: Any) -> bool:
    if answer.device_at is None:
        return True
    said = answer.device_at - timedelta(milliseconds=answer.clock_offset_ms or 0)
    return abs(said - answer.answered_at) <= CLOCKS_AGREE


def _taps(visit: Inspection) -> tuple[datetime, ...]:
    """The phone's own times of answers its lead tapped one by one; none where the page saved them itself."""
    single = (Answer.inspection_id == visit.id, Answer.result.is_not(None), Answer.sweep_id.is_(None))
    mine = select(Answer.device_at).where(*single, Answer.answered_by_id == visit.lead_id)
    found = db.session.scalars(mine).all()
    return tuple(at for at in found if at is not None) if None not in found else ()


def _photos_are_placed(inspection_id: UUID) -> bool:
    placed = (
        select(Photo.id)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .where(InspectionPhoto.inspection_id == inspection_id)
        .where(or_(Photo.latitude.is_not(None), Photo.exif_latitude.is_not(None)))
        .limit(1)
    )
    if db.session.scalar(placed) is not None:
        return True
    expected = select(AnnouncedPhoto.meta).where(
        AnnouncedPhoto.inspection_id == inspection_id, AnnouncedPhoto.arrived_at.is_(None)
    )
    return any(meta.get("latitude") for meta in db.session.scalars(expected))


def _others(trace: VisitTrace, *where: Any, limit: int = MOST_VISITS) -> list[Visit]:
    mine = (VisitTrace.person_id == trace.person_id, VisitTrace.inspection_id != trace.inspection_id)
    rows = select(VisitTrace).where(*mine, *where).order_by(VisitTrace.began_at.desc()).limit(limit)
    return [_visit(row) for row in db.session.scalars(rows)]


def _visit(trace: VisitTrace, taps: Sequence[datetime] = ()) -> Visit:
    return Visit(
        trace.inspection_id,
        trace.premises_id,
        trace.person_id,
        clock.local(trace.began_at),
        trace.known,
        _spot(trace.latitude, trace.longitude),
        trace.positioned,
        trace.pattern,
        trace.marks,
        taps=taps,
    )


def _spot(latitude: float | None, longitude: float | None, accuracy: float | None = None) -> Spot | None:
    """None where nobody knows it; 0, 0 is what lists and phones write instead of saying so."""
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None
    return Spot(latitude, longitude, accuracy)


def _owner(row: Any, person_id: UUID) -> Owner:
    return Owner(row.premises_id, person_id, {name: getattr(row, name) for name in _PLACE})
