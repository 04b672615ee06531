"""`flask retention run`: what is past its period goes and leaves its hash; what anything still keeps stays."""

import hashlib
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import text

from app.accounts import county as decisions
from app.accounts.models import Person
from app.complaints import services as complaints
from app.complaints.rules import Channel
from app.complaints.sealing import Complainant
from app.complaints.services import Lodged, register_complaint
from app.core import audit, clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import Refused
from app.core.ids import new_id
from app.core.orphans import sweep
from app.core.roles import Role
from app.core.storage import Storage, storage
from app.notices.models import Notice, Status
from app.notices.printing import Copy, Layout, paper_pdf
from app.notices.services import issue_notice
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Photo
from app.photos.rules import PhotoMeta
from app.photos.views import View, read_view
from app.replies.models import ReplyPhoto
from app.retention import holds, removing
from app.retention.models import Run
from app.retention.rules import Subject
from app.seals.models import PaperFile
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.notices.factory import make_visit, wish
from tests.oversight.factory import make_photo
from tests.retention.conftest import THEN, YEAR, deletions, run_after

DAY = timedelta(days=1)


@pytest.mark.both_databases
def test_photos_go_after_their_period_and_leave_hash_size_and_times(visit: Any) -> None:
    before = {row.photo_id: (row.photo.sha256, row.photo.size, row.photo.received_at) for row in visit.rows}
    keys = {row.photo.storage_key for row in visit.rows}
    views = [read_view(row.photo, View.SMALL, storage=storage()) for row in visit.rows]
    db.session.rollback()
    assert run_after(5 * YEAR - DAY).gone.total() == 0
    assert run_after(5 * YEAR).gone["visit_photos"] == 3
    photos = db.session.query(Photo).all()
    assert {photo.id: (photo.sha256, photo.size, photo.received_at) for photo in photos} == before
    assert all(photo.removed_at == THEN + 5 * YEAR and photo.original_name == "" for photo in photos)
    assert not any(storage().exists(key) for key in keys)
    assert not [key for photo in photos for key in storage().below(f"derived/{photo.sha256}")]
    told = {record.object_id: record.after for record in deletions()}
    assert {one: said["sha256"] for one, said in told.items()} == {one: said[0] for one, said in before.items()}
    said = {(one["kind"], one["days"], one["bytes_gone"]) for one in told.values()}
    assert said == {("visit_photos", 5 * 365, True)}
    card = read_view(photos[0], View.SMALL, storage=storage())
    assert card not in views
    with Image.open(BytesIO(card)) as picture:
        assert picture.size == (400, 300)


def test_a_run_twice_or_after_one_that_died_deletes_once(visit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    deleted: list[str] = []
    real = Storage.delete

    def die_at_the_second(self: Storage, key: str) -> None:
        deleted.append(key)
        real(self, key)
        if len(deleted) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Storage, "delete", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_after(6 * YEAR)
    monkeypatch.undo()
    assert not deletions()
    assert run_after(6 * YEAR + DAY).gone["visit_photos"] == 3
    assert run_after(6 * YEAR + 2 * DAY).gone.total() == 0
    assert len(deletions()) == 3
    ended = [run.ended_at is not None for run in db.session.query(Run).order_by(Run.started_at)]
    assert ended == [False, True, True]


def test_a_dry_run_names_and_deletes_nothing(app: Flask, visit: Any) -> None:
    with clock.freeze(THEN + 6 * YEAR):
        said = app.test_cli_runner().invoke(args=["retention", "run", "--dry-run"]).output
    assert str(visit.rows[0].photo_id) in said
    assert "visit_photos: 3" in said
    assert "3 would be deleted" in said
    assert not deletions()
    assert db.session.query(Run).count() == 0


def test_bytes_stay_while_another_kept_record_rests_on_them(county: County, visit: Any) -> None:
    person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    with clock.freeze(THEN + 4 * YEAR):
        young = make_visit(person, make_premises(county.villages[0]), ("CAT-10",), photos=0)
        again = make_photo(young, colour="tan")
        db.session.commit()
    run_after(5 * YEAR)
    assert visit.rows[0].photo.removed_at is not None
    assert storage().exists(again.photo.storage_key)
    assert not storage().exists(visit.rows[1].photo.storage_key)
    assert {record.after["bytes_gone"] for record in deletions()} == {True, False}
    with clock.freeze(THEN + 6 * YEAR):
        assert sweep(storage()) == []
    assert again.photo.removed_at is None
    assert read_view(again.photo, View.SMALL, storage=storage()) != read_view(
        visit.rows[0].photo, View.SMALL, storage=storage()
    )


def test_a_county_may_keep_longer_but_not_shorter_than_the_floor(county: County, visit: Any) -> None:
    decisions.set_option(county.region.id, "retention.visit_photos", 10 * 365, by=None, now=clock.now())
    db.session.commit()
    assert run_after(9 * YEAR).gone.total() == 0
    with pytest.raises(Exception, match="whole number"):
        decisions.set_option(county.region.id, "retention.visit_photos", 365, by=None, now=clock.now())
    with pytest.raises(Exception, match="whole number"):
        decisions.set_option(county.region.id, "retention.looks", 179, by=None, now=clock.now())
    decisions.forget()
    assert run_after(10 * YEAR).gone["visit_photos"] == 3


def _paper(app: Flask, notice_id: UUID) -> bytes:
    with app.test_request_context():
        return paper_pdf(db.session.get_one(Notice, notice_id), Layout.A4, copy=Copy.FILE)


def test_a_visit_with_a_notice_is_kept_until_the_notice_is_over(app: Flask, county: County, context: Any) -> None:
    person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    with clock.freeze(THEN):
        visit = make_visit(person, make_premises(county.villages[0]), ("CAT-10",))
        notice = issue_notice(new_id(), wish(visit), by=person, now=clock.now())
        db.session.commit()
    with_photo = _paper(app, notice.id)
    paper = db.session.query(PaperFile).one()
    assert storage().exists(paper.storage_key)
    assert run_after(30 * YEAR).gone["notice_photos"] == 0  # nobody ever closed it
    with clock.freeze(THEN + YEAR):
        row = db.session.get_one(Notice, notice.id)
        row.status, row.withdrawn_at = Status.WITHDRAWN, clock.now()
        db.session.commit()
    assert run_after(11 * YEAR - DAY).gone["notice_photos"] == 0
    assert run_after(11 * YEAR).gone["notice_photos"] == 1
    assert not storage().exists(paper.storage_key)
    assert {record.after["sha256"] for record in deletions()} >= {paper.sha256}
    assert _paper(app, notice.id) != with_photo


@pytest.mark.both_databases
def test_nobody_is_told_of_a_hold_while_what_it_is_for_is_being_deleted(
    app: Flask, county: County, visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever places one meanwhile waits, and learns the truth afterwards."""
    if db.engine.dialect.name == "sqlite":
        return  # one writer at a time
    modes: list[str] = []
    real = removing.held_ids

    def look() -> set[UUID]:
        asked = text(
            "SELECT l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
            "WHERE c.relname = 'legal_holds' AND l.granted AND l.pid = pg_backend_pid()"
        )
        modes.extend(db.session.scalars(asked))
        return real()

    monkeypatch.setattr(removing, "held_ids", look)
    run_after(6 * YEAR)
    assert "ShareRowExclusiveLock" in modes


def test_photos_stay_while_what_a_later_visit_led_to_is_open(county: County, visit: Any) -> None:
    """The re-inspection's notice is in force: what the first visit saw belongs to it."""
    person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    with clock.freeze(THEN + YEAR):
        again = make_visit(person, visit.premises, ("CAT-10",), photos=0)
        again.parent_id = visit.id
        notice = issue_notice(new_id(), wish(again), by=person, now=clock.now())
        db.session.commit()
    assert run_after(20 * YEAR).gone["visit_photos"] == 0
    with clock.freeze(THEN + 2 * YEAR):
        row = db.session.get_one(Notice, notice.id)
        row.status, row.withdrawn_at = Status.WITHDRAWN, clock.now()
        db.session.commit()
    assert run_after(20 * YEAR).gone["notice_photos"] == 3


@pytest.mark.parametrize("subject", [Subject.PREMISES, Subject.INSPECTION])
def test_a_hold_keeps_everything_under_it_until_it_is_lifted(county: County, visit: Any, subject: Subject) -> None:
    person = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
    held = visit.premises if subject is Subject.PREMISES else visit
    hold = holds.place(new_id(), subject, held, "行政复议", by=person, now=clock.now())
    assert holds.place(new_id(), subject, held, "再来一次", by=person, now=clock.now()) is hold
    db.session.commit()
    assert run_after(20 * YEAR).gone.total() == 0
    holds.lift(hold, held, "已结案", by=person, now=clock.now())
    db.session.commit()
    assert run_after(20 * YEAR).gone["visit_photos"] == 3


@pytest.mark.both_databases
def test_photos_of_replies_that_were_never_sent_go_after_a_month(county: County, context: Any) -> None:
    person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    with clock.freeze(THEN):
        visit = make_visit(person, make_premises(county.villages[0]), ("CAT-10",), photos=0)
        notice = issue_notice(new_id(), wish(visit), by=person, now=clock.now())
        picture = BytesIO()
        Image.new("RGB", (40, 30), "olive").save(picture, "JPEG")
        received = receive_photo(BytesIO(picture.getvalue()), storage=storage(), limits=Limits(1 << 20, 1 << 24))
        photo = record_photo(received, photo_id=new_id(), by=None, meta=PhotoMeta())
        points = notice.points
        row = ReplyPhoto(
            photo_id=photo.id, notice_id=notice.id, finding_id=points[0].finding_id, draft_id=new_id(),
            received_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.commit()
    assert run_after(29 * DAY).gone.total() == 0
    assert run_after(30 * DAY).gone["unsent"] == 1
    assert db.session.query(ReplyPhoto).count() == 0
    assert not storage().exists(photo.storage_key)
    said = deletions()[0].after
    assert (said["kind"], said["sha256"]) == ("unsent", hashlib.sha256(picture.getvalue()).hexdigest())
    again = receive_photo(BytesIO(picture.getvalue()), storage=storage(), limits=Limits(1 << 20, 1 << 24))
    with pytest.raises(Refused):
        record_photo(again, photo_id=photo.id, by=None, meta=PhotoMeta())


def test_a_clock_that_ran_ahead_deletes_nothing_by_itself(app: Flask, visit: Any) -> None:
    """A battery that died at night would otherwise end every period at once, and nothing brings that back."""
    runner = app.test_cli_runner()
    with clock.freeze(clock.now() + 12 * YEAR):
        said = runner.invoke(args=["retention", "run"])
        assert said.exit_code == 1 and "--clock-is-right" in said.output
        assert db.session.query(Photo).filter(Photo.removed_at.is_not(None)).count() == 0
        assert runner.invoke(args=["retention", "run", "--clock-is-right"]).exit_code == 0
    db.session.expire_all()
    assert db.session.query(Photo).filter(Photo.removed_at.is_not(None)).count() == 3


def test_what_is_due_soon_is_counted(visit: Any) -> None:
    tally = run_after(5 * YEAR - 10 * DAY)
    assert (tally.gone.total(), tally.ahead["visit_photos"]) == (0, 3)
    assert db.session.query(Run).one().counts == {"ahead.visit_photos": 3}


def test_the_audit_forgets_what_it_told_but_not_what_was_deleted(visit: Any) -> None:
    run_after(5 * YEAR)
    with clock.freeze(THEN + YEAR):
        audit.record("premises_changed", visit.premises, by=None, before={"phone": "1"}, after={"phone": "2"})
        db.session.commit()
    changed = db.session.query(AuditRecord).filter_by(action="premises_changed").one()
    assert changed.after == {"phone": "2"}
    assert run_after(12 * YEAR).gone["audit"] >= 1
    changed = db.session.query(AuditRecord).filter_by(action="premises_changed").one()
    assert (changed.before, changed.after, changed.action) == (None, None, "premises_changed")
    assert all(record.after["sha256"] for record in deletions())


def test_who_complained_is_forgotten_but_not_on_hold(county: County, context: Any) -> None:
    person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    place = make_premises(county.villages[0])
    with clock.freeze(THEN):
        rows = []
        for name in ("王演示", "李演示"):
            who = Complainant(name=name, phone="13000000000", address="", other="")
            lodged = Lodged(channel=Channel.VISIT, region=place.region, matter="有老鼠(演示)", complainant=who)
            rows.append(register_complaint(new_id(), lodged, by=person, now=clock.now()))
            rows[-1].answered_at = clock.now()
        holds.place(new_id(), Subject.COMPLAINT, rows[1], "复核中", by=person, now=clock.now())
        db.session.commit()
    sealed = hashlib.sha256(rows[0].sealed or b"").hexdigest()
    assert complaints.purge(THEN + DAY, THEN + YEAR) == [rows[0].number]
    db.session.rollback()
    assert run_after(YEAR - DAY).gone["complainants"] == 0
    assert run_after(YEAR).gone["complainants"] == 1
    assert (rows[0].sealed, rows[1].sealed is None) == (None, False)
    assert [record.after["sha256"] for record in deletions()] == [sealed]
