"""The play: a database file, the real services and command, a clock that stands still between steps, and bad luck."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.accounts import county as decisions
from app.accounts.models import Person
from app.accounts.regions import Region
from app.calendar import days as calendar
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.notices.models import Notice, NoticeFinding
from app.notices.progress import Event, Step
from app.notices.turning import Move, take_turn
from app.referrals.addressees import Address, save_addressee
from app.referrals.matters import authorities
from app.reminders import channels, sending
from app.reminders.models import Reminder
from app.reminders.rules import State
from tools.quarter.more import More
from tools.quarter.oracle import CLOCK, Oracle, Paper
from tools.quarter.receiver import Message, Receiver
from tools.quarter.world import World, build

ZONE = ZoneInfo("Asia/Shanghai")
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Plan:
    """What is played."""

    seed: int
    start: date
    days: int
    a_day: float = 0.7


@dataclass
class Result:
    """What came of it."""

    due: int = 0
    sent: int = 0
    problems: list[str] = field(default_factory=list)
    doubled: int = 0
    missed: int = 0
    runs: int = 0
    twice: int = 0
    left_out: int = 0
    killed: int = 0
    refused: int = 0
    uncertain: int = 0
    notices: int = 0
    referrals: int = 0
    announced: int = 0
    moved: int = 0

    @property
    def verdict(self) -> str:
        return f"due {self.due}, sent {self.sent}, doubled {self.doubled}, missed {self.missed}"

    @property
    def story(self) -> str:
        return (
            f"{self.notices} notices · {self.referrals} referrals · {self.announced} announcements, {self.moved} dates"
            f" moved · {self.runs} runs, {self.twice} of them doubled, {self.left_out} left out,"
            f" {self.killed} killed · {self.refused} refused by a failing channel · {self.uncertain} uncertain"
        )

    @property
    def is_right(self) -> bool:
        return self.due > 0 and self.due == self.sent and not (self.doubled or self.missed or self.problems)


class Killed(BaseException):
    """The process is gone: nothing of it runs on."""


class Game:
    """One quarter."""

    def __init__(self, plan: Plan, world: World, receiver: Receiver) -> None:
        self.plan, self.world, self.receiver = plan, world, receiver
        self.luck, self.oracle, self.result = random.Random(plan.seed), Oracle(), Result()
        self.papers: dict[UUID, Paper] = {}
        self.more = More(self)
        self.up_again = datetime.min.replace(tzinfo=ZONE)

    def step(self, now: datetime) -> None:
        """Half an hour: the world moves, then the command may run."""
        with clock.freeze(now):
            calendar.forget()
            self._live(now)
            self._weather(now)
            chance = self.luck.random()
            if chance < 0.06:
                self.result.left_out += 1
            elif chance < 0.2 and (expected := self.oracle.expected(now)):
                self._killed_run(now, self.luck.randrange(len(expected)))
            else:
                self._run(now)
                if chance > 0.85:
                    self.result.twice += 1
                    self._run(now)

    # ------------------------------------------------------------ the command

    def _run(self, now: datetime) -> None:
        self.result.runs += 1
        sending.run()
        self.oracle.hear(now, [_read(one) for one in self._taken()], whole=True, down=self.receiver.down)

    def _killed_run(self, now: datetime, left: int) -> None:
        """Die with a message in hand after `left` others, before or after it went out."""
        arrives, dead = self.luck.random() < 0.5, []

        def send(address: str, title: str, text: str) -> bool:
            nonlocal left
            left -= 1
            if left >= 0:
                return channels.send(address, title, text)
            path = "/" + address.split("://", 1)[1].split("/", 1)[1]
            is_down = path.split("/")[1] in self.receiver.down
            if arrives and not is_down:
                channels.send(address, title, text)
            dead.append(_read(Message(path, title, text, taken=True))[:3])
            raise Killed

        try:
            sending.run(send)
        except Killed:
            self.result.killed += 1
        arrived = [_read(one) for one in self._taken()]
        own = next((one for one in arrived if dead and one[:3] == dead[0]), None)
        self.oracle.hear(now, arrived, whole=not dead, down=self.receiver.down)
        if dead and own is None:
            self.oracle.lose(now, *dead[0])

    def _taken(self) -> list[Message]:
        found = self.receiver.take()
        self.result.sent += sum(one.taken for one in found)
        self.result.refused += sum(not one.taken for one in found)
        return found

    # ------------------------------------------------------------ the world

    def _weather(self, now: datetime) -> None:
        """Now and then a channel is down for some hours."""
        if self.receiver.down and now >= self.up_again:
            self.receiver.down = set()
        elif not self.receiver.down and self.luck.random() < 0.02:
            self.receiver.down = {self.luck.choice(["group", "mail", "sms", "authority"])}
            self.up_again = now + timedelta(hours=self.luck.randrange(1, 20))

    def _live(self, now: datetime) -> None:
        if 8 <= now.hour < 18 and self.luck.random() < self.plan.a_day / 20:
            self._issue(now)
        for notice_id in list(self.papers):
            if self.luck.random() < 0.004:
                self._turn(notice_id, now)
        self.more.live(now)

    def _issue(self, now: datetime) -> None:
        notice = self.world.issue(self.luck, now)
        self.result.notices += 1
        consents = self.luck.random() < 0.5
        if consents:
            self.world.consent(notice)
        paper = Paper(notice.number, now.date(), notice.due_on, consents, self.world.township_of(notice))
        self.papers[notice.id] = self.oracle.papers[notice.number] = paper

    def _turn(self, notice_id: UUID, now: datetime) -> None:
        """What may happen to a notice next: the owner replies, we decide, it is extended, referred, ended."""
        step, due = db.session.execute(
            NoticeFinding.__table__.select()
            .with_only_columns(NoticeFinding.step, NoticeFinding.due_on)
            .where(NoticeFinding.notice_id == notice_id)
        ).one()
        event = self.luck.choice(_NEXT[step])
        if event is None:
            return
        paper = self.papers[notice_id]
        later = None
        if event is Event.EXTENDED:
            if paper.due is None or paper.due != _first_date(notice_id) or step is not Step.AWAITED:
                return
            later = (due or now.date()) + timedelta(days=self.luck.randrange(1, 15))
        self._take(notice_id, event, later, now)
        self.note(notice_id, paper)

    def _take(self, notice_id: UUID, event: Event, later: date | None, now: datetime) -> None:
        with transaction():
            point = db.session.query(NoticeFinding).filter_by(notice_id=notice_id).one()
            by = None if event is Event.REPLIED else db.session.get(Person, self.world.supervisor_id)
            take_turn(notice_id, point.finding_id, Move(new_id(), event, due_on=later), by=by, now=now)

    def note(self, notice_id: UUID, paper: Paper) -> None:
        """Bring the oracle's book in line with what the spine says: its dates are not what is tried here."""
        row = db.session.get_one(Notice, notice_id)
        db.session.refresh(row)
        paper.due = row.due_on
        paper.verify_by = row.verify_by if row.stage.value in {"replied", "to_verify"} else None
        if row.stage.value in {"referred", "closed"}:
            del self.papers[notice_id]


_NEXT: dict[Step, list[Any]] = {
    Step.AWAITED: [Event.REPLIED, Event.REPLIED, Event.EXTENDED, Event.REFERRED, Event.ENDED, None],
    Step.ANSWERED: [Event.ACCEPTED, Event.LOOK_AGAIN, Event.REJECTED, None, None],
    Step.TO_VERIFY: [Event.VERIFIED_FIXED, Event.VERIFIED_NOT_FIXED, None],
    Step.REFERRED: [None],
    Step.CLOSED: [None],
}


def _first_date(notice_id: UUID) -> date | None:
    """The date on the paper: only that one is extended, and once."""
    point = db.session.query(NoticeFinding).filter_by(notice_id=notice_id).one()
    return point.first_due_on if point.extended_at is None else None


def _read(message: Message) -> tuple[str, str, str, bool]:
    """Path, number, heading, taken: as somebody would read them off the screen."""
    heading, _, number = message.title.partition(" ")
    if heading == CLOCK:  # a draft has no number: its address says which one it is
        number = message.text.rsplit("/", 1)[1]
    return message.path, number, heading, message.taken


def play(plan: Plan, folder: Path, say: Callable[[str], None] = lambda _line: None) -> Result:
    """Play `plan` with everything in `folder`."""
    receiver = Receiver().start()
    app, world = build(folder)
    try:
        with app.app_context():
            with clock.freeze(datetime.combine(plan.start, time(), ZONE)):
                _decide(world, receiver)
            game = Game(plan, world, receiver)
            now = datetime.combine(plan.start, time(), ZONE)
            for step in range(plan.days * 48):
                game.step(now + step * HALF_HOUR)
                if step % (48 * 14) == 0 and step:
                    say(f"day {step // 48}: {game.oracle.due_count} so far")
            return _added_up(game, now + plan.days * 48 * HALF_HOUR)
    finally:
        receiver.stop()
        world.close(app)


def _decide(world: World, receiver: Receiver) -> None:
    root = f"json://127.0.0.1:{receiver.port}"
    staff, owners = (f"{root}/group", f"{root}/mail/{{email}}"), (f"{root}/sms/{{phone}}",)
    with transaction():
        decisions.set_option(world.county_id, "reminders.staff", staff, by=None, now=clock.now())
        decisions.set_option(world.county_id, "reminders.owners", owners, by=None, now=clock.now())
        by, county = db.session.get_one(Person, world.admin_id), db.session.get_one(Region, world.county_id)
        for authority in authorities():
            row = save_addressee(new_id(), Address(authority, county, "试验单位"), by=by, now=clock.now())
            row.web_hook = f"http://127.0.0.1:{receiver.port}/authority"


def _added_up(game: Game, end: datetime) -> Result:
    result, oracle = game.result, game.oracle
    with clock.freeze(end.replace(hour=3)):  # quiet: nothing goes out, lost claims come to light
        sending.run()
    states = db.session.query(Reminder.state).filter(Reminder.channel != channels.APP).all()
    result.uncertain = sum(state is State.UNCERTAIN for (state,) in states)
    result.due, result.doubled, result.missed = oracle.due_count, len(oracle.doubled), len(oracle.missed)
    result.problems = oracle.doubled + oracle.missed
    if result.uncertain != result.killed:
        result.problems.append(f"{result.killed} runs were killed, {result.uncertain} reminders are uncertain")
    if any(state is State.CLAIMED for (state,) in states):
        result.problems.append("a claim without result is not shown as uncertain")
    return result
