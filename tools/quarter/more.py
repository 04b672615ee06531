"""What else happens in the quarter: matters whose clocks run, and holidays that are announced in the middle of it."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.accounts.models import Person
from app.accounts.regions import Region
from app.calendar import services as calendar
from app.calendar.announcements import Announced
from app.core.database import db, transaction
from app.core.ids import new_id
from app.notices import calendar_dates
from app.notices.models import Notice
from app.referrals import queries, steps
from app.referrals.rules import Event, Outcome, Status
from tools.quarter.oracle import LIMITS, Case

if TYPE_CHECKING:
    from tools.quarter.play import Game

DONE = {"name": "接收人", "reason": "办完"}


class More:
    """Plays into the same book as the notices."""

    def __init__(self, game: "Game") -> None:
        self.game, self.luck, self.oracle, self.world = game, game.luck, game.oracle, game.world
        self.cases: dict[UUID, Case] = {}

    def live(self, now: datetime) -> None:
        """Half an hour of it. Matters turn up at any hour; the calendar changes by day."""
        if self.luck.random() < 0.012:
            self._refer(now)
        for referral_id in list(self.cases):
            if self.luck.random() < 0.015:
                self._step(referral_id, now)
        if 9 <= now.hour < 17 and self.luck.random() < 0.016:
            self._announce(now)
        if 9 <= now.hour < 17 and self.luck.random() < 0.05:
            self._move(now)

    # ------------------------------------------------------------ referrals

    def _refer(self, now: datetime) -> None:
        matter = self.luck.choice(list(LIMITS))
        found = now - timedelta(minutes=self.luck.choice([0, 0, 10, 45, 180, 60 * 30]))
        referral_id, town = self.world.refer(self.luck, matter, found, now)
        case = Case(str(referral_id), matter, now, found, town)
        self.cases[referral_id] = self.oracle.cases[case.name] = case
        self.game.result.referrals += 1

    def _step(self, referral_id: UUID, now: datetime) -> None:
        case = self.cases[referral_id]
        with transaction():
            by = db.session.get_one(Person, self.world.supervisor_id)
            row = queries.get_referral(referral_id, by)
            event = self.luck.choice(_NEXT[row.status])
            ours = {Status.DRAFT: Outcome.NOT_SENT, Status.SENT: Outcome.WITHDRAWN, Status.RETURNED: Outcome.WITHDRAWN}
            outcome = ours.get(row.status, Outcome.DEALT_WITH) if event is Event.CLOSE else None
            steps.take_step(row, steps.Step(new_id(), event, outcome=outcome, **DONE), by=by, now=now)
            status, number = row.status, row.number
        if event is Event.SEND:
            case.was_sent, case.number, case.sent, case.rounds = True, number, now, case.rounds + 1
        elif event is Event.RETURN:
            case.sent = None  # nobody is told of what came back
        if status is Status.CLOSED:
            del self.cases[referral_id], self.oracle.cases[case.name]

    # ------------------------------------------------------------ the calendar

    def _announce(self, now: datetime) -> None:
        """Up to four days of the next weeks become days of rest, or are worked instead."""
        first = now.date() + timedelta(days=self.luck.randrange(1, 20))
        days = [first + timedelta(days=more) for more in range(self.luck.randrange(1, 5))]
        days = [day for day in days if day.year == first.year]
        entered = [Announced(day, not self.oracle.days.works(day), "调休") for day in days]
        with transaction():
            by = db.session.get_one(Person, self.world.admin_id)
            calendar.enter(first.year, entered, complete=False, text="临时通知", by=by, now=now)
        self.oracle.days.entered |= {one.day: (one.is_working, now) for one in entered}
        self.game.result.announced += 1
        for notice_id, paper in list(self.game.papers.items()):
            before = paper.due
            self.game.note(notice_id, paper)
            if paper.due != before:
                self.game.result.problems.append(f"{paper.number} moved by itself from {before} to {paper.due}")
            if paper.verify_by is not None and not self.oracle.days.works(paper.verify_by):
                self.game.result.problems.append(f"{paper.number} is looked at on a day of rest, {paper.verify_by}")

    def _move(self, now: datetime) -> None:
        """Somebody sees the list and moves all dates that fall on a new day of rest."""
        wanted = {}
        for notice_id, paper in self.game.papers.items():
            issued = db.session.get_one(Notice, notice_id).issued_at.astimezone(now.tzinfo)
            if paper.due is not None and self.oracle.days.freed_since(paper.due, issued):
                wanted[notice_id] = self.oracle.days.first_working(paper.due)
        with transaction():
            by = db.session.get_one(Person, self.world.supervisor_id)
            page = calendar_dates.affected(db.session.get_one(Region, self.world.county_id), most=100)
            listed = {one.notice_id for one in page.notices}
            calendar_dates.move_dates(sorted(listed), by=by, now=now)
        if listed != set(wanted):
            self.game.result.problems.append(f"{now:%m-%d}: {len(listed)} dates on new days of rest, {len(wanted)} are")
        for notice_id, day in wanted.items():
            paper = self.game.papers[notice_id]
            self.game.note(notice_id, paper)
            self.game.result.moved += 1
            if paper.due != day:
                self.game.result.problems.append(f"{paper.number} moved to {paper.due}, not to {day}")


_NEXT = {
    Status.DRAFT: [Event.SEND, Event.SEND, Event.CLOSE],
    Status.SENT: [Event.ACKNOWLEDGE, Event.ACCEPT, Event.RETURN, Event.CLOSE],
    Status.ACKNOWLEDGED: [Event.ACCEPT, Event.RETURN],
    Status.RETURNED: [Event.SEND, Event.SEND, Event.CLOSE],
    Status.ACCEPTED: [Event.CLOSE],
}
