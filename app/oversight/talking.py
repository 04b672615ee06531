"""What is said about a photo: why it went back, what was answered, and short messages in between."""

import enum
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.accounts.regions import within
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed
from app.core.roles import Role
from app.inspections.models import InspectionPhoto, Review
from app.inspections.reviewing import may_reply
from app.oversight.models import PhotoMark, PhotoMessage

LONGEST = 500  # characters
MOST_SHOWN, MOST_UNREAD = 60, 20


class Kind(enum.StrEnum):
    """What an entry of the conversation is."""

    SENT_BACK = "sent_back"
    ANSWERED = "answered"
    MESSAGE = "message"


@dataclass(frozen=True)
class Said:
    """One entry. `is_new` for a message this reader has not seen."""

    at: datetime
    kind: Kind
    by: str
    text: str
    is_new: bool = False


def may_talk(row: InspectionPhoto, person: Person) -> bool:
    """Supervisors of the area, and the people of the visit."""
    return (person.is_supervisor and person.region.contains(row)) or may_reply(row, person)


def is_of_desk(row: InspectionPhoto, person: Person) -> bool:
    """On which side of the conversation somebody stands: who was on the visit never speaks for the desk."""
    return not may_reply(row, person)


def say(message_id: UUID, row: InspectionPhoto, text: str, *, by: Person, now: datetime) -> PhotoMessage:
    """Write a message about a photo. Raises NotAllowed and Invalid."""
    if not may_talk(row, by):
        raise NotAllowed(N_("Only the people on this visit and supervisors write here."))
    text = text.replace("\0", "").strip()
    if not text or len(text) > LONGEST:
        raise Invalid(N_("Write up to %(max)s characters."), field="text", max=LONGEST)
    message = PhotoMessage(
        id=message_id, photo_id=row.photo_id, by_id=by.id, from_desk=is_of_desk(row, by), text=text, at=now
    )
    db.session.add(message)
    db.session.flush()
    audit.record("photo_message_written", row, by=by.id, change_id=message_id, note=text)
    return message


def mark_read(row: InspectionPhoto, *, by: Person, now: datetime) -> int:
    """The other side's messages about this photo have been seen; how many were new."""
    if not may_talk(row, by):
        raise NotAllowed(N_("Only the people on this visit and supervisors write here."))
    new = db.session.scalars(
        select(PhotoMessage).where(
            PhotoMessage.photo_id == row.photo_id,
            PhotoMessage.from_desk.is_(not is_of_desk(row, by)),
            PhotoMessage.read_at.is_(None),
        )
    ).all()
    for message in new:
        message.read_at = now
    db.session.flush()
    if new:
        audit.record("photo_messages_read", row, by=by.id, after=[str(message.id) for message in new])
    return len(new)


def conversation(row: InspectionPhoto, reader: Person) -> list[Said]:
    """Everything said about a photo, oldest first: two reads."""
    desk = is_of_desk(row, reader)
    messages = db.session.scalars(
        select(PhotoMessage)
        .where(PhotoMessage.photo_id == row.photo_id)
        .options(joinedload(PhotoMessage.by))
        .order_by(PhotoMessage.at.desc())
        .limit(MOST_SHOWN)
    )
    found = [
        Said(one.at, Kind.MESSAGE, one.by.name, one.text, one.read_at is None and one.from_desk is not desk)
        for one in messages.unique()
    ]
    marks = db.session.scalars(
        select(PhotoMark)
        .where(PhotoMark.photo_id == row.photo_id, PhotoMark.undone_at.is_(None))
        .options(joinedload(PhotoMark.by))
        .order_by(PhotoMark.at)
    )
    for mark in marks.unique():
        if mark.was["replied_at"]:  # an earlier round: what was answered before this mark
            found.append(_answer(row, datetime.fromisoformat(mark.was["replied_at"]), mark.was["reply"]))
        if mark.review is Review.SENT_BACK:
            found.append(Said(mark.at, Kind.SENT_BACK, mark.by.name, mark.remark))
    if row.replied_at:
        found.append(_answer(row, row.replied_at, row.reply))
    return sorted(set(found), key=lambda said: said.at)


def _answer(row: InspectionPhoto, at: datetime, text: str) -> Said:
    return Said(at, Kind.ANSWERED, row.inspector.name, text)


def unread(person: Person) -> list[PhotoMessage]:
    """The newest unread message about each photo that concerns this person, newest first: one read for each side."""
    found: dict[UUID, PhotoMessage] = {}
    query = (
        select(PhotoMessage)
        .join(InspectionPhoto, InspectionPhoto.photo_id == PhotoMessage.photo_id)
        .where(PhotoMessage.read_at.is_(None))
        .options(joinedload(PhotoMessage.row).joinedload(InspectionPhoto.premises), joinedload(PhotoMessage.by))
        .order_by(PhotoMessage.at.desc())
        .limit(MOST_UNREAD)
    )
    sides = []
    if person.is_inspector:
        sides.append(query.where(PhotoMessage.from_desk.is_(True), InspectionPhoto.inspector_id == person.id))
    if person.is_any(Role.SUPERVISOR):
        mine = InspectionPhoto.inspector_id == person.id
        sides.append(query.where(PhotoMessage.from_desk.is_(False), within(InspectionPhoto, person.region), ~mine))
    for side in sides:
        for message in db.session.scalars(side).unique():
            found.setdefault(message.photo_id, message)
    return sorted(found.values(), key=lambda message: message.at, reverse=True)
