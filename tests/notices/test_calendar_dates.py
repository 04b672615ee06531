"""A holiday is announced after notices were issued: whose date falls on it, and by which day there is time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from app.accounts.models import Person
from app.calendar import days, services
from app.calendar.announcements import read
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.notices import calendar_dates, turning
from app.notices.models import Notice, NoticeFinding, Turn
from app.notices.progress import Event
from app.notices.services import issue_notice
from app.notices.turning import Move
from tests.factories.people import County
from tests.notices.factory import make_premises, make_visit, set_due, wish

ISSUED = datetime(2027, 1, 4, 2, tzinfo=UTC)
ANNOUNCED = datetime(2027, 1, 11, 2, tzinfo=UTC)
FESTIVAL = "2027-02-05 to 2027-02-13 holiday Spring Festival, 2027-01-31 works"
INSIDE, FIRST_DAY = date(2027, 2, 9), date(2027, 2, 15)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with clock.freeze(ANNOUNCED):
        yield


def issued(county: County, due_on: date, *, area: int = 0, name: str = "青禾小饭馆(演示)") -> UUID:
    """A notice of January with two points by that date."""
    by = db.session.get_one(Person, (county.person(Role.COORDINATOR) if area < 2 else county.neighbour).id)
    with clock.freeze(ISSUED):
        visit = make_visit(
            by, make_premises(county.villages[area], name), ("CAT-02", "CAT-10", "FIR-03"), photos=0
        )
        set_due(visit, due_on)
        notice = issue_notice(new_id(), wish(visit), by=by, now=ISSUED)
    db.session.flush()
    return notice.id


def announce(county: County, text: str = FESTIVAL) -> Any:
    by = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    found, _wrong = read(text, 2027)
    return services.enter(2027, found, complete=True, text=text, by=by, now=ANNOUNCED)


def supervisor(county: County) -> Person:
    return db.session.get_one(Person, county.person(Role.SUPERVISOR).id)


def points(notice_id: UUID) -> list[NoticeFinding]:
    found = db.session.query(NoticeFinding).filter_by(notice_id=notice_id).order_by(NoticeFinding.position)
    return [one for one in found if one.due_on]


@pytest.mark.both_databases
def test_only_open_dates_that_became_days_of_rest_are_listed(context: Flask, county: County) -> None:
    hit, before, after = (issued(county, day) for day in (INSIDE, date(2027, 2, 4), date(2027, 2, 16)))
    known_sunday = issued(county, date(2027, 3, 7))
    done = issued(county, INSIDE)
    for point in points(done):
        turning.take_turn(
            done, point.finding_id, Move(new_id(), Event.ENDED), by=supervisor(county), now=ANNOUNCED
        )
    withdrawn = issued(county, INSIDE)
    db.session.get_one(Notice, withdrawn).withdraw(supervisor(county), "Irrtum", ANNOUNCED)
    assert calendar_dates.count_affected(county.region) == 0
    announce(county)
    (one,) = calendar_dates.affected(county.region).notices
    assert one.notice_id == hit
    assert [(was, now) for was, now, _places in one.moves] == [(INSIDE, FIRST_DAY)]
    assert calendar_dates.count_affected(county.townships[1]) == 0
    assert {before, after, known_sunday} & {hit} == set()


@pytest.mark.both_databases
def test_moving_keeps_the_paper_and_spends_no_extension(context: Flask, county: County) -> None:
    notice_id = issued(county, INSIDE)
    announce(county)
    by = supervisor(county)
    assert calendar_dates.move_dates([notice_id], by=by, now=ANNOUNCED) == 1
    assert {(one.first_due_on, one.due_on, one.extended_at) for one in points(notice_id)} == {
        (INSIDE, FIRST_DAY, None)
    }
    notice = db.session.get_one(Notice, notice_id)
    assert notice.due_on == FIRST_DAY
    assert notice.verify_by == date(2027, 2, 18)
    assert db.session.query(Turn).count() == 0
    db.session.commit()
    moved = db.session.query(AuditRecord).filter_by(action="notice_date_moved").all()
    assert {one.person_id for one in moved} == {by.id}
    assert calendar_dates.count_affected(county.region) == 0
    assert calendar_dates.move_dates([notice_id], by=by, now=ANNOUNCED) == 0  # somebody else had tapped, too
    longer = Move(new_id(), Event.EXTENDED, "货未到", due_on=date(2027, 2, 26))
    turning.take_turn(notice_id, points(notice_id)[0].finding_id, longer, by=by, now=ANNOUNCED)


def test_a_later_change_lists_it_again_and_time_is_never_taken_back(context: Flask, county: County) -> None:
    notice_id = issued(county, INSIDE)
    change = announce(county)
    calendar_dates.move_dates([notice_id], by=supervisor(county), now=ANNOUNCED)
    longer = announce(county, "2027-02-15 holiday")
    (one,) = calendar_dates.affected(county.region).notices
    assert one.moves[0][1] == date(2027, 2, 16)
    by = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    services.undo(longer, by=by, now=ANNOUNCED)
    services.undo(change, by=by, now=ANNOUNCED)
    assert calendar_dates.count_affected(county.region) == 0
    assert points(notice_id)[0].due_on == FIRST_DAY


def test_by_when_somebody_looks_again_follows_the_calendar_by_itself(context: Flask, county: County) -> None:
    notice_id, early = issued(county, date(2027, 2, 4)), issued(county, date(2027, 1, 12))
    notice = db.session.get_one(Notice, notice_id)
    assert notice.verify_by == date(2027, 2, 9)
    change = announce(county)
    db.session.refresh(notice)
    assert notice.verify_by == date(2027, 2, 17)
    assert db.session.get_one(Notice, early).verify_by == date(2027, 1, 15)
    services.undo(change, by=supervisor(county), now=ANNOUNCED)
    db.session.refresh(notice)
    assert notice.verify_by == date(2027, 2, 9)


@pytest.mark.both_databases
def test_the_list_is_paged_by_key_and_its_reads_are_constant(
    context: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_dates, "PAGE", 2)
    all_of_them = [issued(county, INSIDE + timedelta(days=n % 3), name=f"演示店{n}") for n in range(5)]
    announce(county)
    seen: list[UUID] = []
    key, counts = "", []
    for _round in range(3):
        reads: list[str] = []
        note = lambda *arguments, reads=reads: reads.append(arguments[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", note)
        page = calendar_dates.affected(county.region, key=key, most=2)
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(reads))
        seen += [one.notice_id for one in page.notices]
        key = page.next_key
    assert not key
    assert sorted(seen) == sorted(all_of_them)
    assert counts == [2, 2, 2]
    assert len(calendar_dates.affected(county.region, key="nonsense").notices) == 5


@pytest.mark.both_databases
def test_a_supervisor_moves_one_then_all(app: Flask, county: County, sign_in: Any) -> None:
    with app.app_context():
        first, *_others = [issued(county, INSIDE + timedelta(days=n), name=f"演示店{n}") for n in range(3)]
        announce(county)
        db.session.commit()
    client = sign_in(Role.SUPERVISOR)
    assert "3 份整改单的日期落在休息日" in client.page("/calendar/2027").text
    page = client.page("/notices/calendar-affected")
    assert page.text.count("顺延至2月15日") == 3
    one = {"csrf_token": page.all("input")[0]["value"], "change_id": str(new_id())}
    for _again in range(2):
        assert client.post(f"/notices/{first}/calendar-date", data=one).status_code == 303
    assert "演示店0" not in client.page("/notices/calendar-affected").text
    assert (
        client.post("/notices/calendar-affected", data=one | {"change_id": str(new_id())}).status_code == 303
    )
    assert "没有受影响的日期" in client.page("/notices/calendar-affected").text
    with app.app_context():
        assert {one.due_on for one in points(first)} == {FIRST_DAY}
        assert days.is_working_day(FIRST_DAY)


def test_nobody_moves_dates_of_another_place(app: Flask, county: County, sign_in: Any) -> None:
    with app.app_context():
        notice_id = issued(county, INSIDE)
        announce(county)
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post(f"/notices/{notice_id}/calendar-date").status_code == 403
