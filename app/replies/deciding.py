"""Staff decide on a point: each decision is one turn. They flush; the caller holds the transaction."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.county import option
from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, Refused
from app.inspections.models import Answer, Finding
from app.notices import turning
from app.notices.models import Notice, NoticeFinding, Turn
from app.notices.progress import NotPossible, next_step
from app.notices.turning import Move
from app.replies import deciding_rules as rules
from app.replies.deciding_rules import Act, Powers, Situation
from app.replies.desk_options import ACCEPT_ON_PHOTO, COORDINATOR, EXTENSION_BY
from app.replies.models import Reply


@dataclass(frozen=True)
class Decision:
    """What staff decide. `id` is made by the page; `seen` is the point's last turn as they saw it."""

    id: UUID
    act: Act
    reason: str = ""
    due_on: date | None = None
    seen: UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)


def powers_of(person: Person, county_id: UUID) -> Powers:
    """What this person may decide in this county."""
    return Powers(
        supervisor=person.is_supervisor,
        inspector=person.is_inspector,
        accepts_on_photo=bool(option(county_id, ACCEPT_ON_PHOTO)),
        coordinator_extends=option(county_id, EXTENSION_BY) == COORDINATOR,
    )


def situation_of(notice: Notice, point: NoticeFinding, reply: Reply | None, today: date) -> Situation:
    """How a point stands. Its finding is read with it."""
    severity = point.finding.answer.item.severity
    kind = reply.kind if reply else None
    return Situation(point.step, severity, kind, point.due_on, point.extended_at is not None, today, notice.is_issued)


def decide(notice_id: UUID, finding_id: UUID, decision: Decision, *, by: Person, now: datetime) -> Turn:
    """Take the decision. The same id again gives the same turn; of two people deciding at once the second is told.

    Raises Refused (409) when something happened to the point since it was looked at, NotAllowed (403), Invalid (422).
    """
    notice = turning.lock_notice(notice_id)
    event = rules.EVENTS[decision.act]
    if db.session.get(Turn, decision.id) is None:
        point, last = _point(notice_id, finding_id), _last_turn(notice_id, finding_id)
        if decision.seen is not None and (last is None or last.id != decision.seen):
            raise Refused(
                N_("Something happened to this point meanwhile."), hint=N_("Reload the page and look at it once more.")
            )
        if not notice.is_issued:
            raise NotPossible(N_("This notice is not in force."), hint=N_("Reload the page to see how it stands now."))
        next_step(point.step, event)
        reply = _last_reply(notice_id, finding_id)
        _check(decision, notice, point, situation_of(notice, point, reply, clock.local(now).date()), by)
        decision.data.update({"reply": str(reply.id)} if reply else {})
    move = Move(decision.id, event, decision.reason, decision.data, decision.due_on)
    return turning.take_turn(notice_id, finding_id, move, by=by, now=now)


def _check(decision: Decision, notice: Notice, point: NoticeFinding, stands: Situation, by: Person) -> None:
    why = rules.why_not(decision.act, stands, powers_of(by, notice.county_id))
    if why:
        raise NotAllowed(why)
    reason = decision.reason.strip()
    if len(reason) > rules.LONGEST_REASON:
        raise Invalid(
            N_("This is too long: %(most)s characters at most."), field="reason", most=rules.LONGEST_REASON
        )
    if decision.act in {Act.REJECT, Act.EXTEND} and not reason:
        raise Invalid(N_("Write why: the owner reads it."), field="reason")
    if decision.act is not Act.EXTEND:
        return
    if decision.due_on is None:
        raise Invalid(N_("Choose the new date."), field="due_on")
    bad = rules.bad_date(decision.due_on, stands, clock.local(point.finding.inspection.started_at).date())
    if bad:
        raise Invalid(bad, field="due_on")


def _point(notice_id: UUID, finding_id: UUID) -> NoticeFinding:
    found = db.session.scalars(
        select(NoticeFinding)
        .where(NoticeFinding.notice_id == notice_id, NoticeFinding.finding_id == finding_id)
        .options(joinedload(NoticeFinding.finding).joinedload(Finding.answer).joinedload(Answer.item))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotPossible(N_("This point does not stand on the notice."))
    return found


def _last_turn(notice_id: UUID, finding_id: UUID) -> Turn | None:
    asked = select(Turn).where(Turn.notice_id == notice_id, Turn.finding_id == finding_id)
    return db.session.scalars(asked.order_by(Turn.at.desc(), Turn.id.desc()).limit(1)).first()


def _last_reply(notice_id: UUID, finding_id: UUID) -> Reply | None:
    asked = select(Reply).where(Reply.notice_id == notice_id, Reply.finding_id == finding_id)
    return db.session.scalars(asked.order_by(Reply.sequence.desc()).limit(1)).first()
