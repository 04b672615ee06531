"""A random year of a small county, through the product's own services: visits, notices, replies, papers, deletions."""

import io
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from PIL import Image
from sqlalchemy import select

from app import create_app
from app.accounts import county as decisions
from app.accounts.models import Person
from app.accounts.regions import Region
from app.checklists.services import load_shipped_checklists
from app.complaints import services as complaints
from app.complaints.rules import Channel
from app.complaints.sealing import Complainant
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import Settings
from app.core.storage import storage
from app.inspections import queries, reviewing, services
from app.inspections.amending import amend
from app.inspections.models import Answer, Inspection, InspectionPhoto, Receipt, Result, Review
from app.inspections.progress import findings_with_photos
from app.notices import services as notices
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice, NoticeFinding
from app.notices.paper import Layout
from app.notices.printing import paper_pdf
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.rules import PhotoMeta
from app.premises.facts import Facts, LicenceFacts
from app.premises.models import Premises
from app.premises.services import change_premises, merge_premises, register_premises
from app.proof import running as proof
from app.referrals.services import Facts as Matter
from app.referrals.services import Opening, open_referral
from app.replies.deciding import Decision, decide
from app.replies.deciding_rules import Act
from app.replies.models import ReplyKind
from app.replies.rules import Words
from app.replies.services import send_reply
from app.reports.services import Told, make_report
from app.retention import holds
from app.retention import running as retention
from app.retention.rules import Subject
from app.sampling.frames import Frame, LeftOut, prepare
from app.sampling.rules import Method, Plan
from app.sampling.services import keep_sample, new_seed
from app.signals import running as signals
from tests.factories.people import make_county
from tests.fixtures.databases import migrate, settings_for

ANCHORS, OLD = "second-place.jsonl", "old-backup.db"
BEGIN = datetime(2025, 1, 6, 1, 30, tzinfo=UTC)


def settings_of(folder: Path, url: str = "") -> Settings:
    """An installation in `folder`; its second place lies beside it."""
    found = settings_for(folder / "data", url or f"sqlite:///{folder / 'data' / 'xuncha.db'}")
    return replace(found, anchors=(f"file://{folder / ANCHORS}",))


def build(folder: Path, seed: int, days: int = 364, url: str = "") -> Flask:
    """The installation with its year, all of it honest."""
    settings = settings_of(folder, url)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    with clock.freeze(BEGIN):
        migrate(folder / "data", settings.database_url)
        app = create_app(settings)
    with app.app_context():
        Year(app, random.Random(seed), settings).play(days)
    return app


class NotYet(Exception):
    """There is none of it yet."""


class Year:
    """One after the other, each in a transaction of its own, the clock going forward only."""

    def __init__(self, app: Flask, luck: random.Random, settings: Settings) -> None:
        self.app, self.luck, self.settings, self.now = app, luck, settings, BEGIN
        self.old = settings.data_dir.parent / OLD
        self.refused: Counter[str] = Counter()
        self.places: list[UUID] = []
        self.visits: list[UUID] = []
        self.notices: list[UUID] = []

    def play(self, days: int) -> None:
        with clock.freeze(self.now), transaction():
            county = make_county()
            load_shipped_checklists(clock.now())
            self.people = {role: person.id for role, person in county.people.items()}
            self.villages = [village.id for village in county.villages[:2]]
            self.county = county.region.id
            for person in county.people.values():
                person.certificate_until = clock.today() + timedelta(days=2000)
        self._at(self._register, self._register, self._register, self._decide_on_periods)
        end, steps = self.now + timedelta(days=days), 0
        while self.now < end:
            self.now += timedelta(days=self.luck.randrange(2, 8), minutes=self.luck.randrange(300))
            self._at(*self.luck.choices(self._ordinary(), self._weights(), k=2))
            steps += 1
            if steps % 12 == 0:
                self._at(self._month)
            if steps == 30:
                self._back_up()
        self._at(self._tidy, self._month)

    def _back_up(self) -> None:
        """Of the database alone, as it was then."""
        with (
            closing(sqlite3.connect(self.settings.data_dir / "xuncha.db")) as now,
            closing(sqlite3.connect(self.old)) as old,
        ):
            now.backup(old)

    def _ordinary(self) -> list[Callable[[], None]]:
        return [
            self._visit, self._register, self._change_place, self._review, self._reply, self._withdraw, self._refer,
            self._report, self._complain, self._amend, self._hold, self._print, self._sample,
        ]  # fmt: skip

    def _weights(self) -> list[int]:
        return [40, 4, 6, 10, 14, 3, 4, 3, 3, 4, 2, 6, 2]

    def _at(self, *steps: Callable[[], None]) -> None:
        for step in steps:
            with clock.freeze(self.now):
                try:
                    step()
                except (AppError, NotYet) as refused:
                    db.session.rollback()  # that happens in a year, and leaves nothing
                    self.refused[type(refused).__name__] += 1
            db.session.rollback()
            self.now += timedelta(minutes=self.luck.randrange(1, 20))

    def _tick(self, minutes: int = 3) -> datetime:
        return clock.now() + timedelta(minutes=minutes)

    def _person(self, role: Role) -> Person:
        return db.session.get_one(Person, self.people[role])

    def _some(self, ids: list[UUID]) -> UUID:
        if not ids:
            raise NotYet
        return self.luck.choice(ids)

    # ---- places

    def _facts(self, name: str) -> Facts:
        village = db.session.get_one(Region, self._some(self.villages))
        until = clock.today() + timedelta(days=self.luck.randrange(30, 900))
        return Facts(
            name=name, kind=self.luck.choice(("restaurant", "small_eatery")), domains=("catering", "fire"), region=village,
            address=f"演示路 {self.luck.randrange(300)} 号", person_in_charge="示范老板", phone="000-0000009",
            latitude=28.4, longitude=112.8, licences=(LicenceFacts("许可证(演示)", f"演{self.luck.randrange(10**6)}", until),),
        )  # fmt: skip

    def _register(self) -> None:
        with transaction():
            place = register_premises(
                self._facts(f"第{len(self.places) + 1}家(演示)"), self._person(Role.COORDINATOR)
            )
        self.places.append(place.id)

    def _change_place(self) -> None:
        with transaction():
            place = db.session.get_one(Premises, self._some(self.places))
            change_premises(place, self._facts(place.name), self._person(Role.SUPERVISOR))
            if self.luck.random() < 0.2 and len(self.places) > 4:
                other = db.session.get_one(Premises, self.places.pop())
                if other.id != place.id:
                    merge_premises(place, other, self._person(Role.SUPERVISOR))

    def _decide_on_periods(self) -> None:
        with transaction():
            by = self._person(Role.ADMINISTRATOR)
            for key, days in (("retention.audit", 200), ("retention.unsent", 30)):
                decisions.set_option(self.county, key, days, by=by, now=clock.now())

    # ---- visits and what follows

    def picture(self) -> io.BytesIO:
        """A small photo like no other."""
        out = io.BytesIO()
        image = Image.new("RGB", (96, 72), tuple(self.luck.randrange(256) for _ in range(3)))
        image.putdata([(self.luck.randrange(256),) * 3 for _ in range(96 * 72)])
        image.save(out, "JPEG", quality=60)
        return io.BytesIO(out.getvalue())

    def _photo(self, visit: Inspection, item: Any, by: Person) -> None:
        received = receive_photo(self.picture(), storage=storage(), limits=Limits.of(self.settings))
        with transaction():
            photo = record_photo(received, photo_id=new_id(), by=by.id, meta=PhotoMeta())
            services.attach_photo(visit, photo, item, by=by)

    def _visit(self) -> None:
        by = self._person(Role.COORDINATOR)
        with transaction():
            place = db.session.get_one(Premises, self._some(self.places))
            visit = services.start_inspection(new_id(), place, by=by)
            items = {item.code: item for item in queries.items_of(visit).values()}
            found = self.luck.sample(
                sorted(code for code in items if code.startswith("CAT")), self.luck.randrange(3)
            )
            services.sweep_rest(visit, new_id(), by=by)
            for code in found:
                services.save_answer(visit, items[code], Result.DOES_NOT, by=by)
                services.save_note(visit, items[code], f"现场所见 {self.luck.randrange(1000)}", by=by)
        for code in found:
            self._photo(visit, items[code], by)
        signature = Image.new("L", (60, 20), self.luck.randrange(256))
        out = io.BytesIO()
        signature.save(out, "PNG", compress_level=self.luck.randrange(1, 9))
        key = storage().put_stream(io.BytesIO(out.getvalue() + self.luck.randbytes(4))).key
        with transaction():
            services.finish_inspection(visit, services.Ending("", Receipt.SIGNED, "示范老板", key), by=by)
        self.visits.append(visit.id)
        if found:
            self._issue(visit.id, by)

    def _issue(self, visit_id: UUID, by: Person) -> None:
        wanted = tuple(finding.id for finding, _photos in findings_with_photos(visit_id))
        with transaction():
            wish = notices.Wish(visit_id, "xuncha_advice", wanted)
            notice = notices.issue_notice(new_id(), wish, by=by, now=clock.now())
            record_delivery(
                new_id(),
                notice,
                Handing(DeliveryMethod.SENT, reason="000-0000009", consent=True),
                by=by,
                now=clock.now(),
            )
        self.notices.append(notice.id)

    def _reply(self) -> None:
        notice = db.session.get_one(Notice, self._some(self.notices))
        points = select(NoticeFinding).where(
            NoticeFinding.notice_id == notice.id, NoticeFinding.due_on.is_not(None)
        )
        point = db.session.scalars(points).first()
        if point is None:
            return
        received = receive_photo(self.picture(), storage=storage(), limits=Limits.of(self.settings))
        finding, notice_id = point.finding_id, notice.id
        with transaction():
            words = Words(ReplyKind.FIXED, "已改好(演示)")
            send_reply(new_id(), notice_id, finding, words, now=clock.now(), files=[(received, PhotoMeta())])
        with transaction():
            by = self._person(Role.SUPERVISOR)
            act = self.luck.choice((Act.LOOK, Act.REJECT))
            reason = "看不清(演示)" if act is Act.REJECT else ""
            decide(notice_id, finding, Decision(new_id(), act, reason), by=by, now=clock.now())

    def _withdraw(self) -> None:
        with transaction():
            notice = db.session.get_one(Notice, self._some(self.notices[3:]))
            notices.withdraw_notice(
                notice, "写错了名称(演示)", by=self._person(Role.SUPERVISOR), now=clock.now()
            )

    def _print(self) -> None:
        notice_id = self._some(self.notices[-1:])
        with self.app.test_request_context():
            paper_pdf(db.session.get_one(Notice, notice_id), Layout("58mm"))

    def _review(self) -> None:
        rows = db.session.scalars(
            select(InspectionPhoto).where(InspectionPhoto.review == Review.WAITING).limit(5)
        ).all()
        with transaction():
            for row in rows:
                again = db.session.get_one(InspectionPhoto, row.photo_id)
                reviewing.review_photo(again, Review.REVIEWED, by=self._person(Role.SUPERVISOR))

    def _amend(self) -> None:
        with transaction():
            visit = db.session.get_one(Inspection, self._some(self.visits))
            answer = db.session.scalars(select(Answer).where(Answer.inspection_id == visit.id)).first()
            amend(new_id(), visit, answer, "更正后的说明", "当时写错(演示)", by=visit.lead)

    # ---- the rest of the house

    def _refer(self) -> None:
        with transaction():
            village = db.session.get_one(Region, self._some(self.villages))
            facts = Matter(clock.now(), address="集市东头", facts="门口挂布条(演示)", scene="没有进入")
            open_referral(
                new_id(),
                Opening("illegal_practice", village, facts),
                by=self._person(Role.COORDINATOR),
                now=clock.now(),
            )

    def _report(self) -> None:
        with transaction():
            told = Told(
                category="food",
                content="农村家宴(演示)",
                premises=db.session.get_one(Premises, self._some(self.places)),
            )
            make_report(new_id(), told, by=self._person(Role.COORDINATOR), now=clock.now())

    def _complain(self) -> None:
        with transaction():
            place = db.session.get_one(Premises, self._some(self.places))
            lodged = complaints.Lodged(
                channel=Channel.PHONE, region=place.region, premises=place, matter="油烟直排(演示)",
                complainant=Complainant(name="示范投诉人(演示)", phone="000-0000000"),
            )  # fmt: skip
            complaints.register_complaint(
                new_id(), lodged, by=self._person(Role.COORDINATOR), now=clock.now()
            )

    def _hold(self) -> None:
        with transaction():
            visit, by = db.session.get_one(Inspection, self._some(self.visits)), self._person(Role.SUPERVISOR)
            hold = holds.place(new_id(), Subject.INSPECTION, visit, "复议期间(演示)", by=by, now=clock.now())
            if self.luck.random() < 0.8:
                holds.lift(hold, visit, "已结案(演示)", by=by, now=clock.now())

    def _sample(self) -> None:
        by, today = self._person(Role.SUPERVISOR), clock.today()
        frame = Frame(new_id(), db.session.get_one(Region, self.county), today - timedelta(days=120), today)
        prepared = prepare(frame, Plan(Method.SIMPLE, number=3), LeftOut(), by=by)
        with transaction():
            keep_sample(prepared, new_seed(), by=by, now=clock.now())

    def _month(self) -> None:
        """What cron does: signals, periods, a verification, the head to its second place."""
        decisions.forget()
        signals.run()
        retention.run(storage())
        proof.anchor()
        proof.run()

    def _tidy(self) -> None:
        """Every hold is lifted, so that what is old may be forgotten; what is not may not."""
        with transaction():
            by = self._person(Role.SUPERVISOR)
            for hold in db.session.scalars(
                select(holds.LegalHold).where(holds.LegalHold.lifted_at.is_(None))
            ):
                holds.lift(
                    hold,
                    db.session.get_one(Inspection, hold.subject_id),
                    "年末(演示)",
                    by=by,
                    now=clock.now(),
                )
