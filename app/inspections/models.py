"""One visit to one premises, and everything that was seen there."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.accounts.regions import InRegion
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.core import orphans
from app.core.database import db, text_enum
from app.core.ids import new_id
from app.photos.models import Photo
from app.premises.models import Premises

# milliseconds of a clock that may be years off; SQLite's integers are wide enough as they are
WIDE = Integer().with_variant(BigInteger(), "postgresql")


class Status(enum.StrEnum):
    """Open while work goes on; finished is frozen."""

    OPEN = "open"
    FINISHED = "finished"


class Result(enum.StrEnum):
    """An answer. Not looked at is the absence of one.

    The last three answer in a re-inspection what an earlier visit found (rechecking.py), and only that.
    """

    CONFORMS = "conforms"
    DOES_NOT = "does_not"
    NOT_APPLICABLE = "not_applicable"
    FIXED = "fixed"
    PARTLY = "partly"
    NOT_FIXED = "not_fixed"


VERDICTS = frozenset({Result.FIXED, Result.PARTLY, Result.NOT_FIXED})


class Outcome(enum.StrEnum):
    """How a finding leaves the visit: exactly one of these (DOMAIN.md)."""

    FIXED = "fixed_on_the_spot"
    BY_DATE = "by_a_date"
    REFERRED = "referred"
    GUARDED = "stop_and_guard"


class Receipt(enum.StrEnum):
    """What the person on site did at the end."""

    SIGNED = "signed"
    REFUSED = "refused"


class Review(enum.StrEnum):
    """What the supervisor made of a photo."""

    WAITING = "waiting"
    REVIEWED = "reviewed"
    SENT_BACK = "sent_back"
    ANSWERED = "answered"  # sent back, and the one who took it has answered: to be looked at again


class Inspection(db.Model, InRegion):
    """A visit. The id is made on the phone; place and people are fixed at the start."""

    __tablename__ = "inspections"
    __table_args__ = (
        Index("ix_inspections_premises_started", "premises_id", "started_at"),
        Index("ix_inspections_parent", "parent_id", "started_at"),
        Index("ix_inspections_lead_status", "lead_id", "status", "started_at"),
        Index("ix_inspections_county_started", "county_id", "started_at"),
        Index("ix_inspections_township_started", "township_id", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspections.id"))  # a re-inspection's first visit
    status: Mapped[Status] = mapped_column(text_enum(Status), default=Status.OPEN)
    started_at: Mapped[datetime]  # server time; of a visit without network the phone's less its known offset
    device_started_at: Mapped[datetime | None]  # what the phone's clock said
    clock_offset_ms: Mapped[int | None] = mapped_column(WIDE)  # phone minus server
    received_at: Mapped[datetime | None]  # when the start arrived through the outbox
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    finished_at: Mapped[datetime | None]
    device_finished_at: Mapped[datetime | None]
    finish_received_at: Mapped[datetime | None]  # when the ending arrived through the outbox
    conclusion: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[Receipt | None] = mapped_column(text_enum(Receipt))
    signer_name: Mapped[str] = mapped_column(default="")
    signature_key: Mapped[str] = mapped_column(default="")  # storage key of the drawn signature (PNG)
    refusal_reason: Mapped[str] = mapped_column(default="")
    witness: Mapped[str] = mapped_column(default="")
    digest: Mapped[str] = mapped_column(default="")  # SHA-256 over the frozen content

    premises: Mapped[Premises] = relationship()
    lead: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()
    sheets: Mapped[list["Sheet"]] = relationship(order_by="Sheet.position", cascade="all, delete-orphan")
    fellows: Mapped[list["Fellow"]] = relationship(cascade="all, delete-orphan")
    answers: Mapped[list["Answer"]] = relationship(back_populates="inspection")
    findings: Mapped[list["Finding"]] = relationship(back_populates="inspection")
    photos: Mapped[list["InspectionPhoto"]] = relationship(
        back_populates="inspection", order_by="InspectionPhoto.received_at"
    )
    amendments: Mapped[list["Amendment"]] = relationship(order_by="Amendment.at")

    @property
    def is_open(self) -> bool:
        return self.status is Status.OPEN

    def is_worked_on_by(self, person: Person) -> bool:
        """Lead and fellows may write; everybody else in the region reads."""
        return person.id == self.lead_id or any(fellow.person_id == person.id for fellow in self.fellows)


class Sheet(db.Model):
    """That an inspection uses this exact checklist version."""

    __tablename__ = "inspection_sheets"

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id", ondelete="CASCADE"), primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("checklist_versions.id"), primary_key=True)
    position: Mapped[int]
    item_ids: Mapped[list[str]] = mapped_column(JSON)  # the items that applied to this place on that day
    version: Mapped[ChecklistVersion] = relationship()


class Fellow(db.Model):
    """Somebody who inspects along (共同巡查)."""

    __tablename__ = "inspection_fellows"

    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    person: Mapped[Person] = relationship()


class Answer(db.Model):
    """What was seen for one item. Its id is derived from inspection and item, so every device knows it."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("inspection_id", "item_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id", ondelete="CASCADE"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("checklist_items.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("checklist_versions.id"))  # for counting without the items
    result: Mapped[Result | None] = mapped_column(text_enum(Result))  # None: taken back, not looked at
    note: Mapped[str] = mapped_column(Text, default="")
    phrases: Mapped[list[int]] = mapped_column(JSON, default=list)  # chosen quick phrases by position
    readings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # measure, value, condition, point…
    sweep_id: Mapped[UUID | None]  # given by "the rest conforms"; undo takes back exactly these
    answered_at: Mapped[datetime]
    answered_by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    device_at: Mapped[datetime | None]  # what the phone's clock said
    clock_offset_ms: Mapped[int | None] = mapped_column(WIDE)  # phone minus server, as the phone knew it
    received_at: Mapped[datetime | None]  # when it arrived through the outbox
    # field → ids of the versions nobody was made after; several are a conflict (docs/decisions/0004)
    heads: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))

    inspection: Mapped[Inspection] = relationship(back_populates="answers")
    item: Mapped[ChecklistItem] = relationship()
    finding: Mapped["Finding | None"] = relationship(back_populates="answer")


class Finding(db.Model):
    """An answer that does not conform, with its one outcome and what that outcome needs."""

    __tablename__ = "findings"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # derived from the answer
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"), unique=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[Outcome | None] = mapped_column(text_enum(Outcome))
    due_on: Mapped[date | None] = mapped_column(index=True)
    refer_to: Mapped[str] = mapped_column(default="")  # authority key
    refer_reason: Mapped[str] = mapped_column(Text, default="")
    refer_on: Mapped[date | None]
    guard: Mapped[str] = mapped_column(default="")  # who guards until it is fixed
    scene: Mapped[str] = mapped_column(Text, default="")  # how the scene was preserved

    answer: Mapped[Answer] = relationship(back_populates="finding")
    inspection: Mapped[Inspection] = relationship(back_populates="findings")


LOG_ORDER, LOG_SIEVE = ("received_at", "photo_id"), ("domain", "severity", "on_notice")
LOG_AREA = ("county_id", "township_id")


class InspectionPhoto(db.Model, InRegion):
    """A photo's place in a visit, with what the photo log filters by, so that its pages read one table."""

    __tablename__ = "inspection_photos"
    __table_args__ = (
        # the photo log walks these from the newest on; the last columns are what it sieves by, so that no row is read
        Index("ix_inspection_photos_county", "county_id", *LOG_ORDER, *LOG_SIEVE, "review"),
        Index("ix_inspection_photos_township", "township_id", *LOG_ORDER, *LOG_SIEVE, "review"),
        Index("ix_inspection_photos_village", "village_id", *LOG_ORDER, *LOG_SIEVE, "review"),
        Index("ix_inspection_photos_county_review", "county_id", "review", *LOG_ORDER, *LOG_SIEVE),
        Index("ix_inspection_photos_township_review", "township_id", "review", *LOG_ORDER, *LOG_SIEVE),
        Index("ix_inspection_photos_premises", "premises_id", *LOG_ORDER),
        Index("ix_inspection_photos_inspector", "inspector_id", *LOG_ORDER, *LOG_SIEVE, "review", *LOG_AREA),
    )

    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"), primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answers.id"), index=True)
    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id"))
    inspector_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    domain: Mapped[str] = mapped_column(default="")
    severity: Mapped[str] = mapped_column(default="")
    on_notice: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime]
    review: Mapped[Review] = mapped_column(text_enum(Review), default=Review.WAITING)
    reviewed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    reviewed_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text, default="")  # why it was sent back; the coordinator sees it
    reply: Mapped[str] = mapped_column(Text, default="")  # what the coordinator answered; the supervisor sees it
    replied_at: Mapped[datetime | None]
    # a photo taken later in answer to one sent back: it belongs to the log, not to what was frozen with the visit
    in_answer_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection_photos.photo_id"))

    photo: Mapped[Photo] = relationship()
    inspection: Mapped[Inspection] = relationship(back_populates="photos")
    answer: Mapped[Answer | None] = relationship()
    premises: Mapped[Premises] = relationship()
    inspector: Mapped[Person] = relationship(foreign_keys=[inspector_id])

    @property
    def id(self) -> UUID:
        """For the audit record."""
        return self.photo_id


LATE = "late"  # in AnnouncedPhoto.meta


class AnnouncedPhoto(db.Model):
    """A photo the phone has taken and will send: it counts as present, and until it arrives the visit is incomplete.

    Its hash is frozen with the visit; afterwards only the bytes with this hash are taken under this id.
    """

    __tablename__ = "announced_photos"
    __table_args__ = (
        Index("ix_announced_photos_inspection", "inspection_id", "answer_id"),
        Index(
            "ix_announced_photos_missing",
            "announced_at",
            sqlite_where=text("arrived_at IS NULL"),
            postgresql_where=text("arrived_at IS NULL"),
        ),
    )

    photo_id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone, as the photo's own
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id", ondelete="CASCADE"))
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    item_id: Mapped[UUID | None]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    device_id: Mapped[UUID | None]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    purpose: Mapped[str] = mapped_column(String(40))  # a value of photos.models.Purpose
    meta: Mapped[dict[str, Any]] = mapped_column(JSON)  # what upload forms say beside the bytes (PhotoMeta.from_form)
    announced_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text, default="")  # why the bytes that came are no photo, as a msgid

    person: Mapped[Person] = relationship()

    @property
    def id(self) -> UUID:
        """For the audit record."""
        return self.photo_id

    @property
    def is_late(self) -> bool:
        """Announced after the visit had ended: kept and shown beside the record, no part of what was signed."""
        return bool(self.meta.get(LATE))


class Amendment(db.Model):
    """A correction to a finished inspection: both versions stay visible."""

    __tablename__ = "amendments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answers.id"))
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    by: Mapped[Person] = relationship()


orphans.holds(Inspection.signature_key)
