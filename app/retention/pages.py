"""What the pages of retention show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from app.accounts import county
from app.accounts.county_options import Option
from app.accounts.models import Person
from app.accounts.regions import within
from app.complaints.models import Complaint
from app.complaints.queries import readable
from app.core.database import db
from app.inspections.models import InspectionPhoto
from app.photos.covering import Box
from app.photos.models import PhotoCover
from app.photos.public import covers_of, history, version_of
from app.retention.models import LegalHold, Run
from app.retention.options import days_of
from app.retention.rules import Kind, Subject, What
from app.web.filters import day

PAGE, RUNS = 30, 10


@dataclass(frozen=True)
class Period:
    """A kind, how long the county keeps it, what the last run found."""

    option: Option
    days: int
    ahead: int


@dataclass(frozen=True)
class Overview:
    """The administrators' page."""

    periods: Sequence[Period]
    runs: Sequence[Run]
    last: Run | None  # that came to its end


def overview(county_id: UUID) -> Overview:
    """Periods, what comes within 30 days as the last run counted it, and the last runs."""
    runs = list(db.session.scalars(select(Run).order_by(Run.started_at.desc(), Run.id).limit(RUNS)))
    last = next((run for run in runs if run.ended_at), None)
    known = {one.key: one for one in county.options()}
    counts = last.counts if last else {}
    periods = [
        Period(known[f"retention.{kind.value}"], days_of(county_id, kind), counts.get(f"ahead.{kind.value}", 0))
        for kind in Kind
    ]
    return Overview(periods, runs, last)


def gone_in(run: Run) -> list[tuple[str, int]]:
    """What a run deleted, in words."""
    known = {one.key: one.label for one in county.options()}
    return [(known[f"retention.{kind}"], count) for kind, count in run.counts.items() if "." not in kind]


@dataclass(frozen=True)
class Holds:
    """One page of the list."""

    rows: Sequence[LegalHold]
    next_key: str | None


def holds_in(reader: Person, after: str = "") -> Holds:
    """Holds of the reader's area, the newest first; those on a complaint only for who may read it."""
    start = _start(after)
    theirs = select(Complaint.id).where(readable(reader))
    rows = select(LegalHold).where(
        within(LegalHold, reader.region),
        or_(LegalHold.subject != Subject.COMPLAINT, LegalHold.subject_id.in_(theirs)),
    )
    if start is not None:
        at, key = LegalHold.placed_at, LegalHold.id
        rows = rows.where(and_(at <= start.placed_at, or_(at < start.placed_at, key < start.id)))
    rows = rows.options(joinedload(LegalHold.placed_by), joinedload(LegalHold.lifted_by))
    found = list(db.session.scalars(rows.order_by(LegalHold.placed_at.desc(), LegalHold.id.desc()).limit(PAGE + 1)))
    return Holds(found[:PAGE], str(found[PAGE - 1].id) if len(found) > PAGE else None)


def _start(after: str) -> LegalHold | None:
    try:
        return db.session.get(LegalHold, UUID(after)) if after else None
    except ValueError:
        return None


def history_of(subject_id: UUID) -> list[LegalHold]:
    """All holds there ever were on it, the newest first."""
    rows = select(LegalHold).where(LegalHold.subject_id == subject_id)
    rows = rows.options(joinedload(LegalHold.placed_by), joinedload(LegalHold.lifted_by))
    return list(db.session.scalars(rows.order_by(LegalHold.placed_at.desc())))


def hold_url(subject: Subject, subject_id: UUID, endpoint: str = "retention.hold") -> str:
    """The page of holds on it."""
    ids: dict[str, Any] = {f"{subject.value}_id": subject_id}
    return url_for(endpoint, **ids)


def subject_url(subject: Subject, subject_id: UUID) -> str:
    """Its own page."""
    folder = {Subject.PREMISES: "premises", Subject.INSPECTION: "inspections", Subject.NOTICE: "notices",
              Subject.COMPLAINT: "complaints", Subject.REFERRAL: "referrals"}[subject]  # fmt: skip
    ids: dict[str, Any] = {f"{subject.value}_id": subject_id}
    return url_for(f"{folder}.show", **ids)


def subject_word(subject: Subject) -> str:
    return {
        Subject.PREMISES: _("Premises"), Subject.INSPECTION: _("Visit"), Subject.NOTICE: _("Notice"),
        Subject.COMPLAINT: _("Complaint"), Subject.REFERRAL: _("Referral"),
    }[subject]  # fmt: skip


def what_word(what: What) -> str:
    return {
        What.PHOTO: _("Photo, large"), What.ORIGINAL: _("Original file"), What.PHOTOS_ZIP: _("Photos as a ZIP"),
        What.NOTICE_FILE: _("Paper of the notice"), What.REFERRAL_FILE: _("Hand-over sheet"),
        What.REFERRAL_ZIP: _("Evidence as a ZIP"), What.SIGNATURE: _("Signature"),
        What.COMPLAINANT: _("Who complained"), What.COMPLAINT_PHOTO: _("Photo of a complainant"),
    }[what]  # fmt: skip


def deleted_text(moment: datetime | None, sha256: str) -> str:
    """The sentence in a deleted photo's place."""
    return _("Deleted after its period on %(day)s. Its hash stays: %(hash)s", day=day(moment), hash=sha256)


@dataclass(frozen=True)
class Cell:
    """A square of the picture to be ticked where there is no script."""

    row: int
    column: int
    value: str  # left,top,width,height


COLUMNS, MOST_ROWS = 6, 12


def cells(width: int, height: int) -> list[Cell]:
    """Squares over the whole picture, six in a row: on a phone of 360 pixels each is a finger wide."""
    rows = min(MOST_ROWS, max(3, round(COLUMNS * height / max(width, 1))))
    across, down = -(-10_000 // COLUMNS), -(-10_000 // rows)
    return [
        Cell(row + 1, column + 1, f"{column * across},{row * down},{across},{down}")
        for row in range(rows)
        for column in range(COLUMNS)
    ]


@dataclass(frozen=True)
class CoverPage:
    """The page on which faces and plates are covered."""

    row: InspectionPhoto
    boxes: Sequence[Box]
    history: Sequence[PhotoCover]
    people: Mapping[UUID, str]
    version: str  # of what the public sees

    @property
    def cells(self) -> list[Cell]:
        return cells(self.row.photo.width, self.row.photo.height)

    @property
    def in_force(self) -> PhotoCover | None:
        """The drawing that holds now; the only one that can be taken back."""
        return next((one for one in self.history if one.undone_at is None), None)


def cover_page(row: InspectionPhoto) -> CoverPage:
    """The photo, what is covered on it, and who drew that."""
    drawn = history(row.photo_id)
    names = select(Person.id, Person.name).where(Person.id.in_({one.by_id for one in drawn}))
    boxes = covers_of([row.photo_id]).get(row.photo_id, [])
    version = version_of(row.photo, boxes)
    return CoverPage(row, boxes, drawn, dict(db.session.execute(names).tuples().all()), version)
