"""What passes between a supervisor and the one who took a photo: reviewed, sent back, answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.accounts.models import Person
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, Refused
from app.inspections.deciding import LONGEST_NOTE
from app.inspections.models import InspectionPhoto, Review
from app.photos.models import Photo


def review_photo(
    row: InspectionPhoto, review: Review, *, by: Person, remark: str = "", change_id: UUID | None = None
) -> InspectionPhoto:
    """A supervisor has looked: reviewed, or sent back with a remark the coordinator sees."""
    if review is Review.SENT_BACK and not remark.strip():
        raise Invalid(N_("Write what the coordinator should do."), field="remark")
    before, remark = row.review, remark.strip()[:LONGEST_NOTE]
    row.review = review
    if review is Review.SENT_BACK:
        row.remark, row.reply, row.replied_at = remark, "", None
    row.reviewed_by_id, row.reviewed_at = by.id, clock.now()
    db.session.flush()
    audit.record("photo_reviewed", row, by=by.id, change_id=change_id, before=before, after=review, note=remark)
    return row


def standing(row: InspectionPhoto) -> dict[str, Any]:
    """Where the review of a photo stands, JSON-ready; `take_back_review` puts it back."""
    said = {"review": row.review.value, "remark": row.remark, "reply": row.reply}
    by = str(row.reviewed_by_id) if row.reviewed_by_id else ""
    return said | {"by": by, "at": _written(row.reviewed_at), "replied_at": _written(row.replied_at)}


def take_back_review(
    row: InspectionPhoto, was: dict[str, Any], *, by: Person, change_id: UUID | None = None
) -> InspectionPhoto:
    """A decision made by mistake: the review stands again where it stood (`was`, from `standing`)."""
    before = row.review
    row.review, row.remark, row.reply = Review(was["review"]), was["remark"], was["reply"]
    row.reviewed_by_id = UUID(was["by"]) if was["by"] else None
    row.reviewed_at, row.replied_at = _read(was["at"]), _read(was["replied_at"])
    db.session.flush()
    audit.record("photo_review_taken_back", row, by=by.id, change_id=change_id, before=before, after=row.review)
    return row


def _written(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _read(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def may_reply(row: InspectionPhoto, person: Person) -> bool:
    """Whoever took the photo, and the others on the visit."""
    return person.id == row.inspector_id or row.inspection.is_worked_on_by(person)


def reply_to_review(
    row: InspectionPhoto, reply: str, *, by: Person, photo: Photo | None = None, change_id: UUID | None = None
) -> InspectionPhoto:
    """Answer a photo that was sent back; the supervisor looks at it again, with the answer beside it.

    A photo taken for the answer stands beside the visit, not in it: what was frozen stays as it was. Raises NotAllowed,
    Refused when the photo is not, or no longer, sent back, and Invalid for an answer that says and shows nothing.
    """
    if not may_reply(row, by):
        raise NotAllowed(N_("Only the people on this visit can write in it."))
    db.session.refresh(row, ["review"], with_for_update=True)
    if row.review is not Review.SENT_BACK:
        raise Refused(N_("This photo is not sent back any more. Reload the page."))
    if not reply.strip() and photo is None:
        raise Invalid(N_("Write what you did, or add a new photo."), field="reply")
    if photo is not None:
        _add(photo, row, by)
    row.review, row.reply, row.replied_at = Review.ANSWERED, reply.strip()[:LONGEST_NOTE], clock.now()
    db.session.flush()
    after = {"review": Review.ANSWERED, "photo": str(photo.id) if photo else ""}
    audit.record(
        "photo_answered", row, by=by.id, change_id=change_id, before=Review.SENT_BACK, after=after, note=row.reply
    )
    return row


def _add(photo: Photo, row: InspectionPhoto, by: Person) -> None:
    """The later photo, at the place of the one it answers."""
    if photo.sha256 == row.photo.sha256:
        raise Invalid(
            N_("This is the very photo that was sent back. Take a new one, or answer in words."), field="photo"
        )
    known = db.session.get(InspectionPhoto, photo.id)
    if known is not None:
        raise Refused(N_("This photo already belongs to another visit."))
    place = ("premises_id", "region_id", "county_id", "township_id", "village_id")
    db.session.add(
        InspectionPhoto(
            photo_id=photo.id,
            inspector_id=by.id,
            received_at=photo.received_at,
            in_answer_to_id=row.photo_id,
            **{name: getattr(row, name) for name in ("inspection_id", *place, "domain", "severity")},
        )
    )
