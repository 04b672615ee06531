"""Photos of information reports: announced and sent like those of a visit, kept with their report."""

from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select

from app.core import audit, clock
from app.core.database import db, transaction
from app.core.errors import N_, AppError, Refused
from app.photos.intake import Received, record_photo
from app.photos.models import Photo
from app.photos.rules import PhotoMeta
from app.reports.models import Report, ReportPhoto

_PHOTOS, _REPORTS = ReportPhoto.__table__, Report.__table__
_PLACE = ("region_id", "county_id", "township_id", "village_id")
_EXPECTED = (
    select(
        _PHOTOS, _PHOTOS.c.report_id.label("inspection_id"), _PHOTOS.c.person_id.label("lead_id"),
        *(_REPORTS.c[name].label(name) for name in _PLACE),
    )
    .join(_REPORTS, _REPORTS.c.id == _PHOTOS.c.report_id)
    .where(_PHOTOS.c.photo_id == bindparam("id"))
)  # fmt: skip


def is_one(photo: RowMapping) -> bool:
    """Whether this expected photo belongs to a report."""
    return "report_id" in photo


def expected(photo_id: UUID) -> RowMapping | None:
    """The announcement with its report's place, in the shape of a visit's; None while it has not arrived."""
    return db.session.execute(_EXPECTED, {"id": photo_id}).mappings().one_or_none()


def awaited(person_id: UUID) -> list[UUID]:
    """This person's photos whose bytes are not here yet."""
    rows = select(ReportPhoto.photo_id).where(ReportPhoto.person_id == person_id, ReportPhoto.arrived_at.is_(None))
    return list(db.session.scalars(rows))


def note_problem(photo: RowMapping, error: AppError) -> None:
    """The bytes that came are no photo; the report says so."""
    with transaction():
        row = db.session.get_one(ReportPhoto, photo["photo_id"])
        row.problem = error.message
        audit.record("report_photo_unreadable", row, by=row.person_id, note=error.message)


def give_place(photo: RowMapping, received: Received) -> None:
    """Write the rows of a photo whose bytes are kept."""
    row = db.session.get_one(ReportPhoto, photo["photo_id"])
    known = db.session.get(Photo, row.photo_id)
    if known is not None and known.sha256 != received.file.sha256:
        raise Refused(N_("Another photo was already received under this number."))
    meta = PhotoMeta.from_form(row.meta, original_name=row.meta.get("original_name"))
    record_photo(received, photo_id=row.photo_id, by=row.person_id, meta=meta)
    row.arrived_at, row.problem = clock.now(), ""
    after = {"sha256": row.sha256, "report": str(row.report_id)}
    audit.record("report_photo_received", row, by=row.person_id, after=after)
