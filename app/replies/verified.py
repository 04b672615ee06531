"""What a re-inspection made of each earlier finding: one row when it ends, beside the turn that follows from it."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.database import db, text_enum
from app.notices.progress import Event


class Verdict(enum.StrEnum):
    """How a finding was when somebody looked again; the values are those of the visit's answers."""

    FIXED = "fixed"
    PARTLY = "partly"
    NOT_FIXED = "not_fixed"


EVENTS = {
    Verdict.FIXED: Event.VERIFIED_FIXED,
    Verdict.PARTLY: Event.VERIFIED_PARTLY,
    Verdict.NOT_FIXED: Event.VERIFIED_NOT_FIXED,
}


class Verification(db.Model):  # type: ignore[name-defined]
    """One finding looked at again. Its id is derived from re-inspection and finding: it is made once."""

    __tablename__ = "verifications"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspections.id"), index=True)  # the re-inspection
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id"), index=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("findings.id"), index=True)
    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answers.id"))  # holds the photos of now
    result: Mapped[Verdict] = mapped_column(text_enum(Verdict))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]  # when it was looked at
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    turn_id: Mapped[UUID | None] = mapped_column(ForeignKey("turns.id"))  # None: nothing followed, it was over already

    by: Mapped[Person] = relationship()
