"""Turns: everything that happens to a finding on a notice goes through here, one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

from app.accounts.models import Person
from app.calendar import days
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Refused
from app.inspections.models import Finding
from app.notices import progress
from app.notices.models import Notice, NoticeFinding, Turn
from app.notices.progress import Event, NotPossible, Stage, Step


@dataclass(frozen=True)
class Move:
    """What happens to a finding. `id` is made by whoever causes it; `due_on` is the date an EXTENDED sets."""

    id: UUID
    event: Event
    reason: str = ""  # the owner reads it
    data: dict[str, Any] = field(default_factory=dict)
    due_on: date | None = None


Hook = Callable[[Turn, Notice], None]
_hooks: list[Hook] = []


def on_turn(hook: Hook) -> None:
    """Call `hook(turn, notice)` in the transaction of every turn, so that upper features can follow."""
    if hook not in _hooks:
        _hooks.append(hook)


def begin(notice: Notice, findings: Sequence[Finding]) -> None:
    """Set where each finding stands on the day of issue. A date on a day of rest holds until the next working day.

    The paper keeps the date it was given (CHECKLISTS 6.4: the end of a period moves off a day of rest).
    """
    outcomes = {finding.id: finding for finding in findings}
    for point in _points(notice.id):
        finding = outcomes[point.finding_id]
        by_date = finding.outcome == "by_a_date"
        point.step = progress.first_step(finding.outcome or "")
        point.first_due_on = finding.due_on if by_date else None
        point.due_on = days.first_working_day(point.first_due_on) if point.first_due_on else None
    _settle(notice, notice.issued_at)


def take_turn(notice_id: UUID, finding_id: UUID, move: Move, *, by: Person | None, now: datetime) -> Turn:
    """Move a finding on a notice. The same `move.id` again gives the same turn; `by` is None for the owner.

    Raises NotPossible where the table forbids it, the notice is not in force, or time was already given once;
    Refused when the id stands for something else.
    """
    notice = lock_notice(notice_id)
    known = db.session.get(Turn, move.id)
    if known is not None:
        return _the_same(known, notice_id, finding_id, move.event)
    if not notice.is_issued:
        raise NotPossible(N_("This notice is not in force."), hint=N_("Reload the page to see how it stands now."))
    point = _point(notice_id, finding_id)
    before, point.step = point.step, progress.next_step(point.step, move.event)
    if move.event is Event.EXTENDED:
        _extend(point, move.due_on, now)
    point.turned_at = now
    turn = _written(point, before, move, by, now)
    _settle(notice, now)
    told = {"event": turn.event, "finding": str(finding_id), "step": point.step, "stage": notice.stage}
    audit.record("notice_turned", notice, by=turn.by_id, change_id=move.id, before={"step": before}, after=told)
    for hook in _hooks:
        hook(turn, notice)
    db.session.flush()
    return turn


def _written(point: NoticeFinding, before: Step, move: Move, by: Person | None, now: datetime) -> Turn:
    turn = Turn(
        id=move.id,
        notice_id=point.notice_id,
        finding_id=point.finding_id,
        event=move.event,
        step_before=before,
        step_after=point.step,
        at=now,
        by_id=by.id if by else None,
        reason=move.reason.strip(),
        data=move.data,
    )
    db.session.add(turn)
    db.session.flush()
    return turn


def move_date(notice_id: UUID, finding_id: UUID, due_on: date, *, by: Person, now: datetime) -> None:
    """Set the date that holds without spending the one extension: it fell on a holiday announced later.

    Raises NotPossible unless the point still waits for the owner.
    """
    notice = lock_notice(notice_id)
    point = _point(notice_id, finding_id)
    if not notice.is_issued or point.step not in progress.WHILE_OWNERS_TURN:
        raise NotPossible(N_("This point no longer waits for the owner."))
    before, point.due_on = point.due_on, due_on
    db.session.flush()
    _settle(notice, now)
    dates = ({"due_on": str(before), "finding": str(finding_id)}, {"due_on": str(due_on)})
    audit.record("notice_date_moved", notice, by=by.id, before=dates[0], after=dates[1])
    db.session.flush()


def lock_notice(notice_id: UUID) -> Notice:
    """The notice, locked until the end of the transaction."""
    return db.session.scalars(
        select(Notice)
        .where(Notice.id == notice_id)
        .options(defer(Notice.content))
        .with_for_update(of=Notice)
        .execution_options(populate_existing=True)
    ).one()


def turns_of(notice_id: UUID) -> list[Turn]:
    """Every turn of a notice, the oldest first."""
    return list(db.session.scalars(select(Turn).where(Turn.notice_id == notice_id).order_by(Turn.at, Turn.id)))


def _the_same(known: Turn, notice_id: UUID, finding_id: UUID, event: Event) -> Turn:
    if (known.notice_id, known.finding_id, known.event) != (notice_id, finding_id, event):
        raise Refused(N_("Something else was already recorded under this number. Reload the page."))
    return known


def _extend(point: NoticeFinding, due_on: date | None, now: datetime) -> None:
    if point.extended_at is not None:
        raise NotPossible(N_("More time was already given once for this point."))
    if due_on is None or (point.due_on is not None and due_on <= point.due_on):
        raise NotPossible(N_("The new date must lie after the present one."))
    point.due_on, point.extended_at = days.first_working_day(due_on), now


def _settle(notice: Notice, now: datetime | None) -> None:
    """Bring the notice's own row in line with its points; the lists read only that."""
    standings = [point.standing for point in _points(notice.id)]
    opened = notice.first_opened_at is not None or notice.acknowledged_at is not None
    delivered = notice.stage is Stage.DELIVERED or bool(notice.handed_over)
    notice.stage = progress.stage_of(standings, delivered=delivered, opened=opened)
    notice.due_on = progress.due_of(standings)
    notice.extended = any(one.extended and one.step is not Step.CLOSED for one in standings)
    notice.verify_by = progress.verify_by(standings, days.is_working_day)
    notice.closed_at = (notice.closed_at or now) if notice.stage is Stage.CLOSED else None
    db.session.flush()


def _points(notice_id: UUID) -> list[NoticeFinding]:
    return list(
        db.session.scalars(
            select(NoticeFinding)
            .where(NoticeFinding.notice_id == notice_id)
            .order_by(NoticeFinding.position)
            .execution_options(populate_existing=True)
        )
    )


def _point(notice_id: UUID, finding_id: UUID) -> NoticeFinding:
    point = next((one for one in _points(notice_id) if one.finding_id == finding_id), None)
    if point is None:
        raise NotPossible(N_("This point does not stand on the notice."))
    return point


__all__ = ["Event", "Move", "begin", "lock_notice", "move_date", "on_turn", "take_turn", "turns_of"]
