"""An announced photo arrives: collected, compared with its hash, proven to be a photo, and given its place."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.callers import Caller
from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.core import audit, clock
from app.core.database import db, transaction
from app.core.errors import N_, AppError, Invalid, NotFound, Refused, TooLarge
from app.core.settings import settings
from app.core.storage import Readable, storage
from app.inspections.models import AnnouncedPhoto, Answer, Fellow, Inspection, InspectionPhoto, Review
from app.notices.awaited import is_on_notice
from app.photos.intake import Limits, Received, accept, columns_of, hold_bytes
from app.photos.models import Photo
from app.photos.rules import PhotoMeta
from app.sync import parts, report_photos

_ANNOUNCED, _VISITS, _ANSWERS = AnnouncedPhoto.__table__, Inspection.__table__, Answer.__table__
_PHOTOS, _PLACED = Photo.__table__, InspectionPhoto.__table__
_PLACE = ("premises_id", "lead_id", "region_id", "county_id", "township_id", "village_id")
_EXPECTED = (
    select(_ANNOUNCED, *(_VISITS.c[name].label(name) for name in (*_PLACE, "digest")), _ANSWERS.c.version_id)
    .join(_VISITS, _VISITS.c.id == _ANNOUNCED.c.inspection_id)
    .outerjoin(_ANSWERS, _ANSWERS.c.id == _ANNOUNCED.c.answer_id)
    .where(_ANNOUNCED.c.photo_id == bindparam("id"))
)
_KNOWN_SHA = select(_PHOTOS.c.sha256).where(_PHOTOS.c.id == bindparam("id"))
_IS_PLACED = select(_PLACED.c.inspection_id).where(_PLACED.c.photo_id == bindparam("id"))
_THIS = _ANNOUNCED.c.photo_id == bindparam("of")
_ARRIVED = update(_ANNOUNCED).where(_THIS).values(arrived_at=bindparam("at"), problem="")
_NO_PHOTO = update(_ANNOUNCED).where(_THIS).values(problem=bindparam("why"))
_VERSION = select(ChecklistItem.version_id).where(ChecklistItem.id == bindparam("item"))  # of a photo without answer
_ADD_PHOTO, _ADD_PLACE = insert(_PHOTOS), insert(_PLACED)


@dataclass(frozen=True)
class Progress:
    """What the server has of a photo."""

    received: bool
    offset: int
    sha256: str = ""


def expected(photo_id: UUID) -> RowMapping | None:
    """The announcement with its visit's place; None while it has not arrived."""
    found = db.session.execute(_EXPECTED, {"id": photo_id}).mappings().one_or_none()
    return report_photos.expected(photo_id) if found is None else found


def refuse_other_areas(photo: RowMapping, person: Person | Caller) -> None:
    """Raise NotFound where the visit lies outside the person's area."""
    if not person.region.contains(_Place(photo)):
        raise NotFound


def refuse_strangers(photo: RowMapping, person: Person | Caller) -> None:
    """Raise NotFound for a visit of another area, or one this person has nothing to do with."""
    refuse_other_areas(photo, person)
    if person.id in {photo["person_id"], photo["lead_id"]}:
        return
    fellows = Fellow.__table__
    along = select(fellows.c.person_id).where(
        fellows.c.inspection_id == photo["inspection_id"], fellows.c.person_id == person.id
    )
    if db.session.scalar(along) is None:
        raise NotFound


class _Place:
    """A row with attributes, for Region.contains."""

    def __init__(self, row: RowMapping) -> None:
        self.region_id, self.county_id = row["region_id"], row["county_id"]
        self.township_id, self.village_id = row["township_id"], row["village_id"]


def progress_of(photo: RowMapping) -> Progress:
    """How far it is."""
    if photo["arrived_at"] is not None:
        return Progress(received=True, offset=photo["size"], sha256=photo["sha256"])
    return Progress(received=False, offset=parts.offset_of(_part(photo)))


def take_part(photo: RowMapping, stream: Readable, *, offset: int) -> Progress:
    """Collect what the stream brings from `offset` on; complete, the photo is kept and given its place.

    Raises TooLarge, and for bytes that are no photo what the intake raises; then the visit says so.
    """
    if photo["arrived_at"] is not None:
        parts.drain(stream)
        return progress_of(photo)
    if photo["size"] > settings().photo_max_bytes:
        raise TooLarge(N_("This is too large to be taken."))
    path, known = _part(photo), ""
    db.session.rollback()  # nothing is held while the body arrives
    if parts.offset_of(path) == offset:
        collected = parts.collect(path, stream, offset=offset, total=photo["size"])
        known = collected.sha256
    parts.drain(stream)
    if parts.offset_of(path) == photo["size"]:
        return _complete(photo, known)
    return Progress(received=False, offset=parts.offset_of(path))


def take_file(photo_id: UUID, key: str) -> bool:
    """An expected photo whose bytes lie in the storage under `key`; whether they are what was announced."""
    photo = expected(photo_id)
    if photo is None:
        return False
    if photo["arrived_at"] is not None:
        return True
    with storage().open(key) as file:
        try:
            return take_whole(photo, file).received
        except (Invalid, TooLarge):
            return False


def take_whole(photo: RowMapping, file: Readable) -> Progress:
    """All bytes at once, in place of what had arrived in parts."""
    if photo["arrived_at"] is None:
        _part(photo).unlink(missing_ok=True)
    return take_part(photo, file, offset=0)


def _part(photo: RowMapping) -> Any:
    return storage().part(str(photo["photo_id"]))


def _complete(photo: RowMapping, known: str) -> Progress:
    """All bytes are here."""
    path = _part(photo)
    with parts.finishing(path) as is_ours:
        if is_ours:
            sha256 = known or parts.hash_of(path)
            if sha256 != photo["sha256"]:
                path.unlink(missing_ok=True)
                return Progress(received=False, offset=0)  # something on the way changed them: from the beginning
            _keep(photo, sha256, path)
            path.unlink(missing_ok=True)  # still there where the bytes went to an object store, or were known
    now = expected(photo["photo_id"])
    if now is None:
        raise NotFound
    return progress_of(now)


def _keep(photo: RowMapping, sha256: str, path: Any) -> None:
    incoming = storage().complete(path, sha256, photo["size"])
    try:
        received = accept(incoming, storage=storage(), limits=Limits.of(settings()))
    except Invalid as error:
        path.unlink(missing_ok=True)
        _note_problem(photo, error)
        raise
    for attempt in (1, 2):
        try:
            with transaction():
                give_place(photo, received)
            return
        except IntegrityError:  # the same photo came through a page's own upload at the same moment
            if attempt == 2:
                raise


def _note_problem(photo: RowMapping, error: AppError) -> None:
    if report_photos.is_one(photo):
        report_photos.note_problem(photo, error)
        return
    with transaction():
        db.session.execute(_NO_PHOTO, {"of": photo["photo_id"], "why": error.message})
        row = _entry("photo_unreadable", _ANNOUNCED.name, photo["photo_id"], note=error.message)
        audit.record_rows([row], by=photo["person_id"])


def give_place(photo: RowMapping, received: Received) -> None:
    """Write the rows of a photo whose bytes are kept. It belongs to the visit since it was announced, open or not."""
    if report_photos.is_one(photo):
        report_photos.give_place(photo, received)
        return
    now, photo_id, by = clock.now(), photo["photo_id"], photo["person_id"]
    known = db.session.scalar(_KNOWN_SHA, {"id": photo_id})
    if known is not None and known != received.file.sha256:
        raise Refused(N_("Another photo was already received under this number."))
    audits = []
    if known is None:
        meta = PhotoMeta.from_form(photo["meta"], original_name=photo["meta"].get("original_name"))
        row = columns_of(received, photo_id=photo_id, by=by, meta=meta)
        db.session.execute(_ADD_PHOTO, row)
        hold_bytes(received)
        audits.append(_entry("photo_kept", "photos", photo_id, after={"sha256": row["sha256"], "size": row["size"]}))
    if db.session.scalar(_IS_PLACED, {"id": photo_id}) is None:
        db.session.execute(_ADD_PLACE, _placed(photo, now))
        after = {"sha256": received.file.sha256, "inspection": str(photo["inspection_id"])}
        audits.append(_entry("photo_received", _PLACED.name, photo_id, after=after))
    db.session.execute(_ARRIVED, {"of": photo_id, "at": now})
    audit.record_rows(audits, by=by)


def _placed(photo: RowMapping, now: Any) -> dict[str, Any]:
    item_id = photo["item_id"]
    version_id = photo["version_id"] or (db.session.scalar(_VERSION, {"item": item_id}) if item_id else None)
    item = published(version_id).items.get(item_id) if version_id and item_id else None
    return {
        "photo_id": photo["photo_id"],
        "inspection_id": photo["inspection_id"],
        "answer_id": photo["answer_id"],
        "premises_id": photo["premises_id"],
        "inspector_id": photo["person_id"],
        **{name: photo[name] for name in ("region_id", "county_id", "township_id", "village_id")},
        "domain": item.version.domain if item else "",
        "severity": item.severity if item else "",
        "on_notice": bool(photo["digest"]) and is_on_notice(photo["photo_id"], photo["inspection_id"]),
        "received_at": now,
        "review": Review.WAITING,
        "remark": "",
    }


def _entry(action: str, table: str, object_id: UUID, *, after: Any = None, note: str = "") -> dict[str, Any]:
    return {
        "action": action, "object_type": table, "object_id": object_id, "change_id": None, "before": None,
        "after": after, "note": note,
    }  # fmt: skip
