"""The papers that were made, each with the hash of its bytes: what anybody holds can be told from what nobody made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import orphans
from app.core.database import db
from app.core.ids import new_id
from app.seals.rules import Grade

_CURRENT: Any = {f"{kind}_where": text("replaced_at IS NULL") for kind in ("sqlite", "postgresql")}


class PaperFile(db.Model):
    """One PDF as it was handed out. Kept among the originals, so that the same bytes are served again.

    `subject_type` and `subject_id` say what it is a paper of, as the audit record does: features above make papers.
    """

    __tablename__ = "paper_files"
    __table_args__ = (
        Index("uq_paper_files_current", "slot", unique=True, **_CURRENT),
        Index("ix_paper_files_subject", "subject_type", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slot: Mapped[str]  # which paper in which state: one file at a time is the current one
    subject_type: Mapped[str]  # a table
    subject_id: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(index=True)  # of the whole file
    storage_key: Mapped[str]
    size: Mapped[int]  # bytes
    grade: Mapped[int]  # rules.Grade
    certificate: Mapped[str] = mapped_column(default="")  # SHA-256 of the one it was signed with
    stamped: Mapped[bool] = mapped_column(default=False)  # with the time of an RFC 3161 server
    made_at: Mapped[datetime] = mapped_column(index=True)
    replaced_at: Mapped[datetime | None]  # made anew since: signed better, or its file was lost
    removed_at: Mapped[datetime | None]  # its bytes were deleted after their period; the hash stays

    @property
    def signed_with(self) -> Grade:
        return Grade(self.grade)


orphans.holds(PaperFile.storage_key, by_hash=PaperFile.sha256, unless=PaperFile.removed_at)
