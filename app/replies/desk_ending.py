"""A place has closed or changed hands: its file says so; open points end with a reason or go to the new operator."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, NotFound
from app.core.ids import derived_id
from app.notices import turning
from app.notices.models import Notice, NoticeFinding, Status
from app.notices.progress import Event, Step, allows
from app.notices.turning import Move
from app.premises.facts import facts_of
from app.premises.models import Premises
from app.premises.models import Status as PlaceStatus
from app.premises.services import change_premises

LONGEST_REASON, LONGEST_NAME = 1000, 60  # characters


class Happened(enum.StrEnum):
    """What became of the place."""

    CLOSED = "closed"
    CHANGED_HANDS = "changed_hands"


@dataclass(frozen=True)
class Report:
    """What is recorded. `id` is made by the page; `person_in_charge` is the new operator."""

    id: UUID
    happened: Happened
    reason: str
    person_in_charge: str = ""
    phone: str = ""
    ends_points: bool = True  # otherwise they are carried over by a new notice


def record(notice: Notice, report: Report, *, by: Person, now: datetime) -> Sequence[UUID]:
    """Write it into the place's file and end its open points; the points that stay open, for a new notice.

    A second time changes nothing. Raises NotAllowed, Invalid (reason, new operator).
    """
    if not by.is_inspector:
        raise NotAllowed(N_("Your role does not include this."))
    reason = report.reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(N_("Write in a few words what you know: the owner may read it."), field="reason")
    premises = db.session.get(Premises, notice.premises_id)
    if premises is None or not by.region.contains(premises):
        raise NotFound
    _write(premises, report, by)
    if not report.ends_points:
        return open_points(notice.id)
    for notice_id, finding_id, step in _open(premises.id):
        if allows(step, Event.ENDED):
            turn_id = derived_id(report.id, str(notice_id), str(finding_id))
            move = Move(turn_id, Event.ENDED, reason, {"why": report.happened})
            turning.take_turn(notice_id, finding_id, move, by=by, now=now)
    return ()


def _write(premises: Premises, report: Report, by: Person) -> None:
    facts = facts_of(premises)
    if report.happened is Happened.CLOSED:
        wanted = replace(facts, status=PlaceStatus.CLOSED)
    else:
        name = report.person_in_charge.strip()
        if not name or len(name) > LONGEST_NAME:
            raise Invalid(N_("Write the name of the new operator."), field="person_in_charge")
        wanted = replace(facts, person_in_charge=name, phone=report.phone.strip() or facts.phone)
    if wanted != facts:
        change_premises(premises, wanted, by, change_id=report.id)


def _open(premises_id: UUID) -> Sequence[tuple[UUID, UUID, Step]]:
    """The open points of a place, by notice, so that two people lock them in one order."""
    rows = db.session.execute(
        select(NoticeFinding.notice_id, NoticeFinding.finding_id, NoticeFinding.step)
        .join(Notice, Notice.id == NoticeFinding.notice_id)
        .where(Notice.premises_id == premises_id, Notice.status == Status.ISSUED, NoticeFinding.step != Step.CLOSED)
        .order_by(NoticeFinding.notice_id, NoticeFinding.position)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def open_points(notice_id: UUID) -> list[UUID]:
    """The findings of a notice that are not closed."""
    asked = select(NoticeFinding.finding_id).where(
        NoticeFinding.notice_id == notice_id, NoticeFinding.step != Step.CLOSED
    )
    return list(db.session.scalars(asked.order_by(NoticeFinding.position)))
