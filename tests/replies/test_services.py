"""Replies on real rows: once, in order, nothing lost; on both databases where locks matter."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import Invalid, Refused
from app.core.ids import new_id
from app.core.settings import settings as app_settings
from app.core.storage import storage
from app.notices import services as notices
from app.notices import turning
from app.notices.models import Notice
from app.notices.progress import Event, Stage, Step
from app.notices.turning import Move
from app.photos.intake import Limits, Received, receive_photo
from app.photos.models import Photo
from app.photos.rules import PhotoMeta
from app.replies import queries, rules, services
from app.replies.models import Reply, ReplyKind, ReplyPhoto
from app.replies.rules import Proof, Words
from tests.replies.conftest import jpeg, points

FIXED = Words(ReplyKind.FIXED, "洗干净了")


@pytest.fixture
def finding(context: Flask, notice: Notice) -> UUID:
    return next(point.finding_id for point in points(notice.id) if point.step is Step.AWAITED)


@pytest.fixture
def by(context: Flask, notice: Notice) -> Person:
    return db.session.get_one(Person, notice.issued_by_id)


def send(notice: Notice, finding: UUID, words: Words = FIXED, reply_id: UUID | None = None, **more: object) -> Reply:
    with transaction():
        return services.send_reply(reply_id or new_id(), notice.id, finding, words, now=clock.now(), **more)  # type: ignore[arg-type]


def received(data: bytes) -> Received:
    return receive_photo(BytesIO(data), storage=storage(), limits=Limits.of(app_settings()))


def hold(notice: Notice, finding: UUID, draft: UUID, data: bytes, photo_id: UUID | None = None) -> ReplyPhoto:
    came = received(data)
    with transaction():
        locked = turning.lock_notice(notice.id)
        return services.hold_photo(came, photo_id or new_id(), draft, locked, finding, PhotoMeta())


def turn(notice: Notice, finding: UUID, event: Event, by: Person) -> None:
    with transaction():
        turning.take_turn(notice.id, finding, Move(new_id(), event), by=by, now=clock.now())


def step_of(notice: Notice, finding: UUID) -> Step:
    return next(point.step for point in points(notice.id) if point.finding_id == finding)


def test_a_reply_moves_the_point_and_the_notice_and_is_audited(notice: Notice, finding: UUID) -> None:
    draft = new_id()
    hold(notice, finding, draft, jpeg(1))
    sent = send(notice, finding, reply_id=draft, proved_by=Proof.PHONE)
    assert (sent.id, sent.sequence, sent.as_note, sent.proved_by) == (draft, 1, False, "phone")
    assert step_of(notice, finding) is Step.ANSWERED
    assert db.session.get_one(Notice, notice.id).stage is Stage.REPLIED
    assert [one.reply_id for one in queries.replies_of(notice.id)[0].photos] == [draft]
    turns = turning.turns_of(notice.id)
    assert [(one.id, one.event, one.by_id) for one in turns] == [(draft, Event.REPLIED, None)]
    assert turns[0].data["kind"] == "fixed"
    written = db.session.query(AuditRecord).filter_by(action="reply_sent").one()
    assert (written.object_id, written.person_id) == (draft, None)
    assert len(sent.digest) == 64


def test_the_same_reply_again_is_the_same_and_other_words_are_another(notice: Notice, finding: UUID) -> None:
    draft = new_id()
    first = send(notice, finding, reply_id=draft)
    assert send(notice, finding, reply_id=draft).id == first.id
    other = send(notice, finding, Words(ReplyKind.FIXED, "还换了灯"), reply_id=draft)
    assert other.id != first.id
    assert send(notice, finding, Words(ReplyKind.FIXED, "还换了灯"), reply_id=draft).id == other.id
    assert [reply.text for reply in queries.replies_of(notice.id)] == ["洗干净了", "还换了灯"]


@pytest.mark.both_databases
def test_ten_equal_replies_at_once_are_one(app: Flask, notice: Notice, finding: UUID) -> None:
    draft, picture = new_id(), jpeg(3)

    def once(_n: int) -> UUID:
        with app.app_context():
            files = [(received(picture), PhotoMeta())]
            return send(notice, finding, reply_id=draft, files=files).id

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(once, range(10))) == {draft}
    db.session.rollback()
    assert [len(one.photos) for one in queries.replies_of(notice.id)] == [1]
    assert len(turning.turns_of(notice.id)) == 1


@pytest.mark.both_databases
def test_two_people_reply_at_once_and_both_are_kept(app: Flask, notice: Notice, finding: UUID) -> None:
    def once(text: str) -> int:
        with app.app_context():
            return send(notice, finding, Words(ReplyKind.FIXED, text)).sequence

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(once, ["甲", "乙", "丙", "丁"])) == [1, 2, 3, 4]
    db.session.rollback()
    assert {one.text for one in queries.replies_of(notice.id)} == {"甲", "乙", "丙", "丁"}


def test_what_comes_after_closing_or_withdrawing_is_kept_as_a_note(notice: Notice, finding: UUID, by: Person) -> None:
    draft = new_id()
    hold(notice, finding, draft, jpeg(5))
    send(notice, finding)
    turn(notice, finding, Event.ACCEPTED, by)
    late = send(notice, finding, Words(ReplyKind.DISAGREE, "等一下"), reply_id=draft)
    assert late.as_note
    assert len(queries.replies_of(notice.id)[-1].photos) == 1
    assert step_of(notice, finding) is Step.CLOSED
    other = next(one.finding_id for one in points(notice.id) if one.step is not Step.CLOSED)
    with transaction():
        notices.withdraw_notice(db.session.get_one(Notice, notice.id), "写错了", by=by, now=clock.now())
    assert send(notice, other, Words(ReplyKind.FIXED, "已改")).as_note
    assert len(turning.turns_of(notice.id)) == 2


def test_a_refused_reply_leaves_nothing_behind(notice: Notice, finding: UUID) -> None:
    with pytest.raises(Invalid):
        send(notice, finding, Words(ReplyKind.DISAGREE, ""))
    db.session.rollback()
    assert queries.replies_of(notice.id) == []
    assert step_of(notice, finding) is Step.AWAITED


def test_more_time_is_asked_for_only_while_it_can_be_given(notice: Notice, finding: UUID, by: Person) -> None:
    wish = Words(ReplyKind.MORE_TIME, "等配件", clock.today() + timedelta(days=20))
    assert send(notice, finding, wish).wished_on == wish.wished_on
    with transaction():
        later = Move(new_id(), Event.EXTENDED, due_on=clock.today() + timedelta(days=20))
        turning.take_turn(notice.id, finding, later, by=by, now=clock.now())
    with pytest.raises(Invalid, match="once"):
        send(notice, finding, Words(ReplyKind.MORE_TIME, "再等", clock.today() + timedelta(days=40)))


def test_a_photo_that_served_elsewhere_is_marked_and_one_chosen_twice_is_not(
    notice: Notice, finding: UUID
) -> None:
    other = next(point.finding_id for point in points(notice.id) if point.finding_id != finding)
    twice, first = new_id(), new_id()
    hold(notice, other, first, jpeg(8))
    send(notice, other, reply_id=first)
    for data in (jpeg(8), jpeg(9), jpeg(9)):
        hold(notice, finding, twice, data)
    send(notice, finding, reply_id=twice)
    marks = {one.photo.sha256: one.seen_before for one in queries.replies_of(notice.id)[-1].photos}
    assert sorted(marks.values()) == [False, True]


def test_a_photo_is_held_once_and_can_be_taken_out_again(notice: Notice, finding: UUID) -> None:
    draft, photo = new_id(), new_id()
    assert {hold(notice, finding, draft, jpeg(1), photo).photo_id for _ in range(2)} == {photo}
    with pytest.raises(Refused):
        hold(notice, finding, draft, jpeg(2), photo)
    db.session.rollback()
    with pytest.raises(Refused):
        hold(notice, finding, new_id(), jpeg(1), photo)  # another draft cannot take it
    db.session.rollback()
    for _ in range(2):
        with transaction():
            services.drop_photo(notice.id, draft, photo)
    assert queries.photos_of_draft(notice.id, draft) == []
    assert db.session.get(Photo, photo) is None


def test_nobody_takes_an_inspectors_photo_for_their_own(notice: Notice, finding: UUID) -> None:
    theirs = db.session.query(Photo).first()
    assert theirs
    with pytest.raises(Refused):
        hold(notice, finding, new_id(), storage().read(theirs.storage_key), theirs.id)


def test_a_reply_has_nine_photos_at_most_and_none_after_it_was_sent(notice: Notice, finding: UUID) -> None:
    draft = new_id()
    for n in range(rules.MOST_PHOTOS):
        hold(notice, finding, draft, jpeg(n))
    with pytest.raises(Refused, match="9"):
        hold(notice, finding, draft, jpeg(99))
    db.session.rollback()
    send(notice, finding, reply_id=draft)
    with pytest.raises(Refused, match="sent already"):
        hold(notice, finding, draft, jpeg(100))


@pytest.mark.both_databases
def test_wrong_digits_at_once_count_each(app: Flask, notice: Notice, finding: UUID) -> None:
    def once(digits: str) -> bool:
        with app.app_context(), transaction():
            proof, _tries = services.try_digits(notice.id, digits, phone="000-0000009", code="123456", now=clock.now())
            return proof is not None

    with ThreadPoolExecutor(5) as pool:
        assert not any(pool.map(once, ["0001", "0002", "0003", "0004", "0005"]))
    assert not once("0009"), "paused: the right digits wait, too"
    with clock.freeze(clock.now() + rules.PAUSE):
        assert once("0009")
    db.session.rollback()
    lock = queries.lock_of(notice.id)
    assert lock is not None
    assert (lock.tries, lock.pauses, lock.paused_until) == (0, 0, None)
    actions = [row.action for row in db.session.query(AuditRecord).filter(AuditRecord.action.like("reply_%"))]
    assert sorted(actions) == ["reply_digits_wrong"] * 4 + ["reply_paused", "reply_unlocked"]


DOINGS = some.lists(
    some.tuples(some.sampled_from(["photo", "drop", "send", "send_again", "other_words"]), some.integers(0, 3)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doings=DOINGS)
def test_however_a_draft_is_sent_and_retried_nothing_doubles_and_nothing_is_lost(
    notice: Notice, finding: UUID, doings: list[tuple[str, int]]
) -> None:
    draft, ids = new_id(), [new_id() for _ in range(4)]
    sent: dict[str, UUID] = {}
    before = len(queries.replies_of(notice.id))
    held: set[UUID] = set()
    for doing, n in doings:
        text = f"话{n}" if doing == "other_words" else "话"
        try:
            if doing == "photo":
                hold(notice, finding, draft, jpeg(40 + n), ids[n])
                held.add(ids[n])
            elif doing == "drop":
                with transaction():
                    services.drop_photo(notice.id, draft, ids[n])
                held.discard(ids[n])
            else:
                reply = send(notice, finding, Words(ReplyKind.FIXED, text), reply_id=draft)
                assert sent.setdefault(text, reply.id) == reply.id
        except Refused:
            db.session.rollback()
            assert sent, "only what was sent is closed"
    replies = queries.replies_of(notice.id)[before:]
    assert {reply.text: reply.id for reply in replies} == sent
    kept = {one.photo_id for reply in replies for one in reply.photos}
    waiting = {one.photo_id for one in queries.photos_of_draft(notice.id, draft)}
    assert kept | waiting == held
