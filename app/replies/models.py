"""What an owner answers to a notice, with its photos; who may answer from a paper; the owner's own look round."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.checklists.models import ChecklistItem
from app.core.database import db, text_enum
from app.inspections.models import Finding
from app.notices.models import Notice
from app.photos.models import Photo

_UNSENT: Any = {f"{kind}_where": text("reply_id IS NULL") for kind in ("sqlite", "postgresql")}


class ReplyKind(enum.StrEnum):
    """What the owner says about one point."""

    FIXED = "fixed"
    MORE_TIME = "more_time"
    DISAGREE = "disagree"


class Said(enum.StrEnum):
    """What the owner answers to one item of the self-check."""

    DONE = "done"
    NOT_YET = "not_yet"
    NOT_HERE = "not_here"


class Reply(db.Model):
    """One answer of the owner to one finding of a notice; never changed, never removed.

    A reply that came when no turn was possible any more (closed, withdrawn meanwhile) is kept as a note:
    `as_note`; every other one has a turn REPLIED with the same id.
    """

    __tablename__ = "replies"
    __table_args__ = (
        UniqueConstraint("notice_id", "sequence"),
        Index("ix_replies_notice_finding_sent", "notice_id", "finding_id", "sent_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the owner's phone: the draft's id, the retry key
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("findings.id"), index=True)
    kind: Mapped[ReplyKind] = mapped_column(text_enum(ReplyKind))
    text: Mapped[str] = mapped_column(Text, default="")  # note, reason or statement, as written
    wished_on: Mapped[date | None]  # the date asked for, of MORE_TIME
    sequence: Mapped[int]  # within its notice, from 1: the end of the receipt's number
    sent_at: Mapped[datetime]  # server time
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of what the receipt shows
    as_note: Mapped[bool] = mapped_column(default=False, server_default=false())
    proved_by: Mapped[str] = mapped_column(default="")  # "phone", "code", or "" where the county asks for nothing

    notice: Mapped[Notice] = relationship(viewonly=True)
    finding: Mapped[Finding] = relationship(viewonly=True)
    photos: Mapped[list["ReplyPhoto"]] = relationship(
        order_by="(ReplyPhoto.received_at, ReplyPhoto.photo_id)", viewonly=True
    )


class ReplyPhoto(db.Model):
    """A photo the owner sent. Until its reply is sent it belongs to the draft (`draft_id`, the reply's id to be)."""

    __tablename__ = "reply_photos"
    __table_args__ = (
        Index("ix_reply_photos_notice_draft", "notice_id", "draft_id"),
        Index("ix_reply_photos_unsent", "received_at", **_UNSENT),
    )

    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"), primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("findings.id"))
    draft_id: Mapped[UUID]
    reply_id: Mapped[UUID | None] = mapped_column(ForeignKey("replies.id"), index=True)
    received_at: Mapped[datetime]
    seen_before: Mapped[bool] = mapped_column(default=False, server_default=false())  # for staff; never told the owner

    photo: Mapped[Photo] = relationship()


class ReplyLock(db.Model):
    """Wrong digits tried for one notice, since the last right ones."""

    __tablename__ = "reply_locks"

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)  # since the last pause
    pauses: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
    last_try_at: Mapped[datetime | None]


class SelfCheck(db.Model):
    """What the owner says about one item of the checklist. The owner's statement, nobody's finding."""

    __tablename__ = "self_checks"
    __table_args__ = (UniqueConstraint("notice_id", "item_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # derived from notice and item: two taps at once are one row
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("checklist_items.id"))
    says: Mapped[Said] = mapped_column(text_enum(Said))
    at: Mapped[datetime]

    item: Mapped[ChecklistItem] = relationship(viewonly=True)
