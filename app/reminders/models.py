"""The log of reminders: one row for each thing said to somebody on a channel. It is claimed before it is sent."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import db, text_enum
from app.reminders.rules import Kind, State


class Subject(enum.StrEnum):
    """What it is about."""

    NOTICE = "notice"
    REFERRAL = "referral"


class Reminder(db.Model):
    """`recipient` is a person's id, "group" or "owner". The unique key is what keeps two runs from saying it twice."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("subject_id", "kind", "step", "anchor", "recipient", "channel", name="uq_reminders_said_once"),
        Index("ix_reminders_county_claimed", "county_id", "claimed_at", "id"),
        Index("ix_reminders_person_done", "person_id", "channel", "done_at", "claimed_at", "id"),
        Index("ix_reminders_state_claimed", "state", "claimed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # derived from the unique key
    county_id: Mapped[UUID] = mapped_column(ForeignKey("regions.id"))
    subject: Mapped[Subject] = mapped_column(text_enum(Subject))
    subject_id: Mapped[UUID]
    kind: Mapped[Kind] = mapped_column(text_enum(Kind))
    step: Mapped[int]  # days from the anchor, of a clock hours
    anchor: Mapped[date]  # the date it is about
    recipient: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    channel: Mapped[str]  # its name; never its address
    state: Mapped[State] = mapped_column(text_enum(State), default=State.CLAIMED)
    why: Mapped[str] = mapped_column(default="")  # a key: no_address, refused, channel_down
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime]  # for the first time: the order of lists
    tried_at: Mapped[datetime]  # when it was claimed last
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]  # put away by its reader, or overtaken by a later one


class ReminderRequest(db.Model):
    """That somebody asked for one more reminder about a notice: one a day. The next run says it."""

    __tablename__ = "reminder_requests"
    __table_args__ = (
        UniqueConstraint("notice_id", "day"),
        Index("ix_reminder_requests_county_day", "county_id", "day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"))
    county_id: Mapped[UUID] = mapped_column(ForeignKey("regions.id"))
    day: Mapped[date]
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
