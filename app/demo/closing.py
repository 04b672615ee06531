"""The end of the loop in the demo: one notice replied to, seen on site and closed; one whose reply waits; one owner
who asks for more time.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import derived_id
from app.core.settings import Settings
from app.core.storage import storage
from app.demo.pictures import draw_scene, draw_signature
from app.demo.telling import Step
from app.inspections import queries, services
from app.inspections.models import Inspection, Receipt, Result
from app.notices.models import Notice, NoticeFinding
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Purpose, Source
from app.photos.rules import PhotoMeta
from app.replies import verifying
from app.replies.deciding import Decision, decide
from app.replies.deciding_rules import Act
from app.replies.models import ReplyKind
from app.replies.rules import Words
from app.replies.services import send_reply

PLACE = UUID("00000000-0000-4000-8000-00000000da7a")  # namespace of the demo's ids
AGAIN = derived_id(PLACE, "again")  # the re-inspection


def steps(people: Mapping[str, Person], settings: Settings, now: datetime) -> Iterator[Step]:
    """Each whole or not at all; what is there is not made again."""
    closed, waiting = "松岭水厂", "老街面馆"
    fixed = partial(_reply, closed, "WAT-07", "10 月缺的自检已补做,记录在水泵房", 4247, settings)
    yield now - timedelta(days=5, minutes=40), fixed
    yield now - timedelta(days=4), partial(_decide_to_look, closed, people["xieguan2"])
    yield now - timedelta(days=2), partial(_see_on_site, closed, people["xieguan2"], settings)
    fixed = partial(_reply, waiting, "CAT-09", "面粉已全部上架,离地 20 厘米", 4242, settings)
    yield now - timedelta(minutes=40), fixed
    yield now - timedelta(minutes=30), partial(_ask_for_time, "河口村卫生室", "供货商下周才送新的利器盒来")


def _ask_for_time(place: str, why: str) -> None:
    notice = _notice(place)
    if notice is None or _is_answered(notice):
        return
    point = next(point for point in notice.points if point.due_on is not None)
    words = Words(ReplyKind.MORE_TIME, why, (point.due_on or clock.today()) + timedelta(days=7))
    send_reply(derived_id(notice.id, "reply"), notice.id, point.finding_id, words, now=clock.now())


def _notice(place: str) -> Notice | None:
    return db.session.get(Notice, derived_id(derived_id(PLACE, "visit", place), "notice"))


def _point(notice: Notice, code: str) -> NoticeFinding:
    rows = db.session.scalars(select(NoticeFinding).where(NoticeFinding.notice_id == notice.id))
    return next(row for row in rows if row.finding.answer.item.code == code)


def _is_answered(notice: Notice) -> bool:
    return any(point.turned_at is not None for point in notice.points)


def _reply(place: str, code: str, text: str, scene: int, settings: Settings) -> None:
    notice, at = _notice(place), clock.now()
    if notice is None or _is_answered(notice):
        return
    received = receive_photo(io.BytesIO(draw_scene(text, scene, settings)), storage=storage(), limits=Limits.of(settings))
    meta = PhotoMeta(captured_at=at, purpose=Purpose.AFTER, source=Source.CAMERA)
    words, finding_id = Words(ReplyKind.FIXED, text), _point(notice, code).finding_id
    send_reply(derived_id(notice.id, "reply"), notice.id, finding_id, words, now=at, files=[(received, meta)])


def _decide_to_look(place: str, by: Person) -> None:
    if (notice := _notice(place)) is not None:
        look = Decision(derived_id(notice.id, "look"), Act.LOOK)
        decide(notice.id, _point(notice, "WAT-07").finding_id, look, by=by, now=clock.now())


def _see_on_site(place: str, by: Person, settings: Settings) -> None:
    notice, begun = _notice(place), clock.now()
    if notice is None or db.session.get(Inspection, AGAIN) is not None:
        return
    visit = verifying.begin(AGAIN, notice, by=by, start=services.Start(begun, 0))
    item = next(item for item in queries.items_of(visit).values() if item.code == "WAT-07")
    services.save_answer(visit, item, Result.FIXED, by=by)
    services.save_note(visit, item, "补做记录齐全,已抽看两份", by=by)
    _photograph(visit, item, by, begun, settings)
    key = storage().put_stream(io.BytesIO(draw_signature(77))).key
    ending = services.Ending("", Receipt.SIGNED, visit.premises.person_in_charge, key)
    services.finish_inspection(visit, ending, by=by)


def _photograph(visit: Inspection, item: object, by: Person, at: datetime, settings: Settings) -> None:
    picture = io.BytesIO(draw_scene("自检记录 10 月", 7777, settings))
    received = receive_photo(picture, storage=storage(), limits=Limits.of(settings))
    meta = PhotoMeta(captured_at=at, clock_offset_ms=0, purpose=Purpose.AFTER, source=Source.CAMERA)
    photo = record_photo(received, photo_id=derived_id(AGAIN, "photo"), by=by.id, meta=meta)
    services.attach_photo(visit, photo, item, by=by)  # type: ignore[arg-type]
