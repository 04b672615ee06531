"""The list in shelves: what waits for whom; the same numbers as rows; pages that fit together."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Fellow
from app.notices import progress, services, turning
from app.notices.models import Notice, NoticeFinding
from app.notices.progress import Event, Step
from app.notices.shelves import Shelf, count_shelves, notices_on
from app.notices.turning import Move
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_premises, make_visit, set_due, wish

COUNTED = set(Shelf) - {Shelf.CLOSED}
WEDNESDAY = datetime(2026, 11, 18, 4, tzinfo=UTC)  # a date of two days ago must not wait for the end of a weekend


@pytest.fixture(autouse=True)
def in_mid_week() -> Iterator[None]:
    with clock.freeze(WEDNESDAY):
        yield


@pytest.fixture
def by(app: Flask, county: County, context: Flask) -> Person:
    return db.session.get_one(Person, county.person(Role.COORDINATOR).id)


def issued(by: Person, county: County, days: int = 7) -> Notice:
    with transaction():
        premises = make_premises(db.session.merge(county.villages[0]))
        visit = make_visit(by, premises, ("CAT-10",), photos=0)
        set_due(visit, clock.today() + timedelta(days=days))
        visit.started_at -= timedelta(days=30)
        return services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())


def turned(notice: Notice, *events: Event) -> Notice:
    finding = db.session.query(NoticeFinding).filter_by(notice_id=notice.id).one().finding_id
    for one in events:
        with transaction():
            turning.take_turn(notice.id, finding, Move(new_id(), one), by=None, now=clock.now())
    return notice


def ids(shelf: Shelf, reader: Person, size: int = 30) -> list[object]:
    found: list[object] = []
    after = ""
    while True:
        page = notices_on(shelf, reader.region, clock.today(), after, reader=reader, size=size)
        found += [notice.id for notice in page.notices]
        if page.next_key is None:
            return found
        after = page.next_key


@pytest.mark.both_databases
def test_each_notice_stands_where_it_waits_and_counts_are_the_rows(by: Person, county: County) -> None:
    late, soon = issued(by, county, -2), issued(by, county, 1)
    replied = turned(issued(by, county), Event.REPLIED)
    to_see = turned(issued(by, county), Event.REPLIED, Event.LOOK_AGAIN)
    referred, closed = turned(issued(by, county), Event.REFERRED), turned(issued(by, county), Event.VERIFIED_FIXED)
    assert set(ids(Shelf.VERIFY, by)) == {replied.id, to_see.id}
    assert ids(Shelf.LATE, by) == [late.id]
    assert ids(Shelf.SOON, by) == [soon.id]
    assert ids(Shelf.REFERRED, by) == [referred.id]
    assert ids(Shelf.CLOSED, by) == [closed.id]
    assert closed.id not in ids(Shelf.OPEN, by) + ids(Shelf.UNDATED, by) + ids(Shelf.MINE, by)
    assert ids(Shelf.MINE, by)[-1] == referred.id  # nothing to do there: last
    counts = count_shelves(by.region, clock.today(), by)
    assert {shelf: counts[shelf] for shelf in COUNTED} == {shelf: len(ids(shelf, by)) for shelf in COUNTED}


@pytest.mark.both_databases
def test_pages_fit_together_on_every_shelf(by: Person, county: County) -> None:
    for n in range(5):
        issued(by, county, -1 - n % 2)
        turned(issued(by, county), Event.REPLIED, *((Event.LOOK_AGAIN,) if n % 2 else ()))
        turned(issued(by, county), Event.VERIFIED_FIXED)
        turned(issued(by, county), Event.REFERRED)
    for shelf in Shelf:
        whole = ids(shelf, by)
        assert ids(shelf, by, size=2) == whole
        assert len(set(whole)) == len(whole)


def test_mine_are_those_i_led_or_came_along_on(by: Person, county: County) -> None:
    notice = issued(by, county)
    other = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
    assert ids(Shelf.MINE, other) == []
    with transaction():
        db.session.add(Fellow(inspection_id=notice.inspection_id, person_id=other.id))
    assert ids(Shelf.MINE, other) == [notice.id]
    assert count_shelves(other.region, clock.today(), other)[Shelf.MINE] == 1


def test_another_township_counts_for_itself(by: Person, county: County) -> None:
    turned(issued(by, county), Event.REPLIED)
    neighbour = db.session.get_one(Person, county.neighbour.id)
    assert set(count_shelves(neighbour.region, clock.today(), neighbour).values()) == {0}


def test_counting_is_one_statement(by: Person, county: County) -> None:
    issued(by, county)
    sent: list[str] = []
    region = by.region
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_r: sent.append(statement))
    count_shelves(region, clock.today(), by)
    assert len([one for one in sent if one.startswith("SELECT")]) == 1


def test_the_list_says_overdue_and_extended_by_word_and_shape(by: Person, county: County, sign_in: SignIn) -> None:
    notice = issued(by, county, -2)
    finding = db.session.query(NoticeFinding).filter_by(notice_id=notice.id).one()
    later = clock.today() + timedelta(days=9)
    with transaction():
        move = Move(new_id(), Event.EXTENDED, "等配件", due_on=later)
        turning.take_turn(notice.id, finding.finding_id, move, by=by, now=clock.now())
    issued(by, county, -2)
    client = sign_in(Role.COORDINATOR)
    assert "▲ 逾期 2 天" in client.page("/notices?shelf=overdue").text
    assert "↦ 已延期" in client.page("/notices").text
    for shelf in Shelf:
        client.page(f"/notices?shelf={shelf}")
    assert progress.first_step("by_a_date") is Step.AWAITED
