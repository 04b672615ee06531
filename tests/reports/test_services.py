"""A report is made once, goes its way step by step, and everything is written down."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import Invalid, NotAllowed, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.reports import queries
from app.reports.models import Report, ReportTurn
from app.reports.rules import Event, NotPossible, State
from app.reports.services import make_report, take_step
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.reports.conftest import told

pytestmark = pytest.mark.both_databases


def _person(county: County, role: Role) -> Person:
    return db.session.get_one(Person, county.person(role).id)


def _step(report: Report, event: Event, county: County, **words: str) -> ReportTurn:
    by = _person(county, Role.COORDINATOR)
    return take_step(report.id, event, turn_id=new_id(), by=by, now=clock.now(), **words)


def _made(county: County, **changes: object) -> Report:
    return make_report(new_id(), told(**changes), by=_person(county, Role.INFORMANT), now=clock.now())


def test_the_same_report_twice_is_one(context: Flask, county: County) -> None:
    one, by = new_id(), _person(county, Role.INFORMANT)
    first = make_report(one, told(), by=by, now=clock.now())
    assert make_report(one, told(), by=by, now=clock.now()) is first
    with pytest.raises(Refused):
        make_report(one, told(content="别的事"), by=by, now=clock.now())
    with pytest.raises(Refused):
        make_report(one, told(), by=_person(county, Role.COORDINATOR), now=clock.now())


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"category": "weather"}, "category"), ({"category": "occupational"}, "category"), ({"content": " "}, "content"),
     ({"place": ""}, "place"), ({"place": "很" * 201}, "place"), ({"content": "很" * 2001}, "content")],
)  # fmt: skip
def test_what_is_missing_is_named(context: Flask, county: County, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        _made(county, **changes)
    assert caught.value.field == field


def test_a_position_is_a_place_too(context: Flask, county: County) -> None:
    assert _made(county, place="", latitude=28.4, longitude=112.8).latitude == 28.4


def test_a_report_lies_where_its_place_lies(context: Flask, county: County) -> None:
    premises = make_premises(county.villages[1])
    by = _person(county, Role.COORDINATOR)
    report = make_report(new_id(), told(premises=premises, place=""), by=by, now=clock.now())
    assert report.village_id == county.villages[1].id
    assert report.where == premises.name


def test_an_administrator_does_not_report(context: Flask, county: County) -> None:
    with pytest.raises(NotAllowed):
        make_report(new_id(), told(), by=_person(county, Role.ADMINISTRATOR), now=clock.now())


def test_it_is_verified_passed_on_and_answered(context: Flask, county: County) -> None:
    report = _made(county)
    _step(report, Event.FOUND_TRUE, county, note="现场有牙椅")
    _step(report, Event.FORWARDED, county, to="卫生健康局")
    _step(report, Event.FED_BACK, county, note="卫生健康局已受理")
    assert (report.state, report.outcome) == (State.FED_BACK, "卫生健康局已受理")
    assert report.forwarded_to == "卫生健康局"
    turns = queries.get_report(report.id, _person(county, Role.INFORMANT)).turns
    assert [turn.event for turn in turns] == [Event.FOUND_TRUE, Event.FORWARDED, Event.FED_BACK]
    db.session.commit()
    actions = db.session.scalars(select(AuditRecord.action).where(AuditRecord.object_id == report.id)).all()
    assert set(actions) == {"report_made", "report_found_true", "report_forwarded", "report_fed_back"}


def test_a_step_sent_twice_is_taken_once(context: Flask, county: County) -> None:
    report, one, by = _made(county), new_id(), _person(county, Role.COORDINATOR)
    first = take_step(report.id, Event.FOUND_TRUE, turn_id=one, by=by, now=clock.now())
    assert take_step(report.id, Event.FOUND_TRUE, turn_id=one, by=by, now=clock.now()) is first
    with pytest.raises(Refused):
        take_step(report.id, Event.FORWARDED, turn_id=one, by=by, now=clock.now(), to="卫生健康局")
    with pytest.raises(NotPossible):
        take_step(report.id, Event.FOUND_TRUE, turn_id=new_id(), by=by, now=clock.now())
    assert len(db.session.scalars(select(ReportTurn)).all()) == 1


def test_words_are_asked_for_where_they_matter(context: Flask, county: County) -> None:
    report = _made(county)
    for event in (Event.FOUND_UNTRUE, Event.CANNOT_TELL):
        with pytest.raises(Invalid):
            _step(report, event, county)
    with pytest.raises(Invalid) as caught:
        _step(report, Event.FORWARDED, county)
    assert caught.value.field == "to"
    assert report.state is State.REPORTED


def test_an_informant_judges_no_report(context: Flask, county: County) -> None:
    report, by = _made(county), _person(county, Role.INFORMANT)
    with pytest.raises(NotAllowed):
        take_step(report.id, Event.FOUND_TRUE, turn_id=new_id(), by=by, now=clock.now())


def test_the_rate_is_passed_on_by_discovered(context: Flask, county: County) -> None:
    reports = [_made(county, content=f"第 {n} 件") for n in range(5)]
    _step(reports[0], Event.FORWARDED, county, to="卫生健康局")
    _step(reports[1], Event.FOUND_TRUE, county)
    _step(reports[1], Event.FORWARDED, county, to="卫生健康局")
    _step(reports[1], Event.FED_BACK, county, note="已受理")
    _step(reports[2], Event.FOUND_UNTRUE, county, note="是装修")
    _step(reports[3], Event.FOUND_UNTRUE, county, note="是义诊")
    _step(reports[3], Event.FED_BACK, county, note="是义诊")
    counts = queries.count_reports(queries.Filters(_person(county, Role.COORDINATOR)))
    assert (counts.discovered, counts.reported) == (3, 2)
    assert counts.on(queries.Shelf.TO_VERIFY) == 1


def test_a_list_is_paged_by_key_without_gaps(context: Flask, county: County) -> None:
    now = clock.now()
    for n in range(7):
        _made(county, content=f"第 {n} 件", discovered_at=now - timedelta(hours=n // 2))
    filters, seen, after = queries.Filters(_person(county, Role.SUPERVISOR)), [], ""
    while True:
        page = queries.page_of_reports(filters, after, size=3)
        seen += [report.content for report in page.reports]
        if page.next_key is None:
            break
        after = page.next_key
    assert sorted(seen) == [f"第 {n} 件" for n in range(7)]
    assert len(queries.page_of_reports(filters, "nonsense", size=3).reports) == 3
