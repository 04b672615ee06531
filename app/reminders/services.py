"""Putting reminders away, and asking for one more. They flush; the caller holds the transaction."""

from datetime import datetime
from uuid import UUID

from app.accounts.models import Person
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Refused
from app.notices.models import Notice
from app.reminders import queries
from app.reminders.claims import ASKED
from app.reminders.models import ReminderRequest
from app.reminders.queries import get_own
from app.reminders.rules import State, may_ask_again


def put_away(reminder_id: UUID, person_id: UUID, now: datetime) -> None:
    """Take it off this person's list; again changes nothing. The log keeps it. Raises NotFound."""
    row = get_own(reminder_id, person_id)
    row.done_at = row.done_at or now
    db.session.flush()


def send_uncertain(reminder_id: UUID, *, by: Person, now: datetime) -> bool:
    """Let the next run send one that may not have arrived. False where somebody asked before. Raises NotFound."""
    row = queries.get_uncertain(reminder_id, by)
    db.session.refresh(row, ["state"], with_for_update=True)
    if row.state is not State.UNCERTAIN:
        return False
    row.state, row.why, row.next_try_at = State.FAILED, ASKED, now
    db.session.flush()
    told = {"channel": row.channel, "recipient": row.recipient, "about": str(row.subject_id)}
    audit.record("reminder_sent_again", row, by=by.id, after=told)
    return True


def ask_again(request_id: UUID, notice: Notice, *, by: Person, now: datetime) -> ReminderRequest:
    """Have the owner, and whoever leads, reminded once more with the next run. The same id gives the same request.

    Raises Refused where nothing is overdue or unfixed, or where it was said today.
    """
    known = db.session.get(ReminderRequest, request_id)
    if known is not None and known.notice_id == notice.id:
        return known
    today = clock.local(now).date()
    asked = queries.facts_of_asking(notice, today)
    if not (notice.is_issued and may_ask_again(
        due_on=notice.due_on, today=today, not_fixed=asked.not_fixed, told_today=asked.told_today
    )):  # fmt: skip
        raise Refused(
            N_("Reminding again is possible once a day, while something is overdue or was seen not to be fixed."),
            hint=N_("Call the owner if it is urgent."),
        )
    row = ReminderRequest(
        id=request_id, notice_id=notice.id, county_id=notice.county_id, day=today, at=now, by_id=by.id
    )
    db.session.add(row)
    db.session.flush()
    audit.record("reminder_asked", notice, by=by.id, change_id=request_id, after={"day": today.isoformat()})
    return row
