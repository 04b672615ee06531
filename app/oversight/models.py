"""What the desk keeps: each mark a supervisor gave a photo, so that it can be taken back, and what is said about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.database import db, text_enum
from app.inspections.models import InspectionPhoto, Review


class PhotoMark(db.Model):
    """One decision about one photo. The id is made where it was tapped, so that it is carried out once."""

    __tablename__ = "photo_marks"
    __table_args__ = (
        Index("ix_photo_marks_photo", "photo_id", "at"),
        Index("ix_photo_marks_batch", "batch_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_photos.photo_id"))
    batch_id: Mapped[UUID | None]  # several decided together are taken back together
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    review: Mapped[Review] = mapped_column(text_enum(Review))
    remark: Mapped[str] = mapped_column(Text, default="")
    was: Mapped[dict[str, Any]] = mapped_column(JSON)  # inspections.reviewing.standing before it
    undone_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship()
    row: Mapped[InspectionPhoto] = relationship()


class PhotoMessage(db.Model):
    """A short message about a photo, between the desk and the people of the visit."""

    __tablename__ = "photo_messages"
    __table_args__ = (
        Index("ix_photo_messages_photo", "photo_id", "at"),
        Index(
            "ix_photo_messages_unread",
            "from_desk",
            "at",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_photos.photo_id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    from_desk: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # by the other side

    by: Mapped[Person] = relationship()
    row: Mapped[InspectionPhoto] = relationship()


class SavedFilter(db.Model):
    """A choice of photos under a person's own name for it."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("person_id", "name", name="uq_saved_filters_person_name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str]
    arguments: Mapped[dict[str, str]] = mapped_column(JSON)  # forms.arguments_of
    saved_at: Mapped[datetime]
