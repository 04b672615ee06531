"""Photos of held work: their bytes are kept apart, durably, until a supervisor has decided about the visit."""

from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import db
from app.core.settings import settings
from app.core.storage import Readable, storage
from app.inspections.models import AnnouncedPhoto
from app.sync import parts, photos, report_photos
from app.sync.models import SyncChange
from app.sync.photos import Progress
from app.sync.rules import Status


def announced(person_id: UUID, photo_id: UUID) -> SyncChange | None:
    """The held announcement of this photo."""
    rows = db.session.scalars(
        select(SyncChange).where(
            SyncChange.person_id == person_id,
            SyncChange.kind == "photo_announced",
            SyncChange.status.in_([Status.HELD, Status.SET_ASIDE]),
        )
    )
    return next((row for row in rows if row.value.get("photo_id") == str(photo_id)), None)


def key_of(photo_id: UUID) -> str:
    """Where its bytes wait; nothing sweeps there."""
    return f"held/{photo_id}"


def progress(row: SyncChange, photo_id: UUID) -> Progress:
    """How much of it is here."""
    if storage().exists(key_of(photo_id)):
        return Progress(received=True, offset=size_of(row), sha256=str(row.value.get("sha256")))
    return Progress(received=False, offset=parts.offset_of(storage().part(str(photo_id))))


def size_of(row: SyncChange) -> int:
    """Bytes announced; never more than is taken."""
    size = row.value.get("size")
    return min(size, settings().photo_max_bytes) if isinstance(size, int) else 0


def take_part(row: SyncChange, photo_id: UUID, stream: Readable, *, offset: int) -> Progress:
    """Collect the bytes like any other photo's; complete and true to their hash they are kept."""
    known = progress(row, photo_id)
    path, total = storage().part(str(photo_id)), size_of(row)
    db.session.rollback()  # nothing is held while the body arrives
    if not known.received and known.offset == offset:
        parts.collect(path, stream, offset=offset, total=total)
    parts.drain(stream)
    with parts.finishing(path) as is_ours:
        if is_ours and parts.offset_of(path) == total:
            if parts.hash_of(path) == row.value.get("sha256"):
                storage().put_bytes(key_of(photo_id), path.read_bytes())
            path.unlink(missing_ok=True)
    return progress(row, photo_id)


def give_places(person: Person) -> None:
    """After a release: the kept bytes of photos that are expected now go the way of all photos."""
    expected = db.session.scalars(
        select(AnnouncedPhoto.photo_id).where(
            AnnouncedPhoto.person_id == person.id, AnnouncedPhoto.arrived_at.is_(None)
        )
    ).all()
    for photo_id in (*expected, *report_photos.awaited(person.id)):
        if storage().exists(key_of(photo_id)) and photos.take_file(photo_id, key_of(photo_id)):
            storage().delete(key_of(photo_id))
