"""The table of days: filled, entered, undone, kept by one snapshot; and the pages of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.accounts.models import Person
from app.calendar import days, library, services
from app.calendar.announcements import Announced, read
from app.calendar.models import CalendarChange, CalendarDay, CalendarYear, Source
from app.calendar.services import Changed
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import Invalid, Refused
from app.core.roles import Role
from tests.factories.people import County, make_person
from tests.fixtures.pages import parse

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
FESTIVAL = "2027-02-05 to 2027-02-13 holiday Spring Festival, 2027-01-31 works"
UNKNOWN = max(library.years()) + 1


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with clock.freeze(NOW):
        yield


def admin(county: County) -> Person:
    return db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)


def enter(
    county: County, text: str = FESTIVAL, year: int = 2027, *, complete: bool = False
) -> CalendarChange:
    found, wrong = read(text, year)
    assert not wrong
    return services.enter(year, found, complete=complete, text=text, by=admin(county), now=NOW)


@pytest.mark.both_databases
def test_filling_writes_every_day_of_every_known_year_once(context: Flask) -> None:
    assert services.fill(NOW) == sum(
        (date(year + 1, 1, 1) - date(year, 1, 1)).days for year in library.years()
    )
    assert services.fill(NOW) == 0
    db.session.commit()
    row = db.session.get_one(CalendarDay, date(2026, 2, 16))
    assert (row.is_working, row.name_zh, row.name_en, row.source) == (
        False,
        "春节",
        "Spring Festival",
        Source.LIBRARY,
    )
    assert db.session.query(CalendarYear).filter_by(is_announced=True).count() == len(library.years())
    assert db.session.query(CalendarChange).count() == 1


@pytest.mark.both_databases
def test_a_calendar_never_filled_knows_what_the_library_knows(context: Flask) -> None:
    before = days.snapshot()
    services.fill(NOW)
    after = days.snapshot()
    assert (before.version, after.version) == (0, 1)
    assert (before.differing, before.announced) == (after.differing, after.announced)


def test_entering_into_a_calendar_never_filled_fills_it_first(context: Flask, county: County) -> None:
    enter(county)
    assert not days.is_working_day(date(2026, 10, 1))
    assert not days.is_provisional(2026)


@pytest.mark.both_databases
def test_what_an_administrator_entered_survives_being_filled_again(context: Flask, county: County) -> None:
    services.fill(NOW)
    enter(county, "2026-12-24 holiday 试验, 2026-12-26 works", 2026)
    assert services.fill(NOW) == 0
    assert not days.is_working_day(date(2026, 12, 24))
    assert days.is_working_day(date(2026, 12, 26))


def test_a_year_the_library_learns_later_fills_only_what_nobody_entered(
    context: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package is updated in winter: the county had entered the Spring Festival already."""
    services.fill(NOW)
    enter(county)
    later = [
        library.KnownDay(date(2027, 2, 5), True),
        library.KnownDay(date(2027, 5, 3), False, "劳动节", "Labour Day"),
    ]
    known, real = library.years() | {2027}, library.days_of
    monkeypatch.setattr(library, "years", lambda: known)
    monkeypatch.setattr(library, "days_of", lambda year: later if year == 2027 else real(year))
    assert services.fill(NOW) == 1
    assert not days.is_working_day(date(2027, 2, 5))
    assert not days.is_working_day(date(2027, 5, 3))
    assert not days.is_provisional(2027)


def test_a_year_entered_completely_is_left_alone_by_the_library(
    context: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.fill(NOW)
    enter(county, complete=True)
    known, real = library.years() | {2027}, library.days_of
    monkeypatch.setattr(library, "years", lambda: known)
    wrong = [library.KnownDay(date(2027, 5, 4), False, "劳动节", "Labour Day")]
    monkeypatch.setattr(library, "days_of", lambda year: wrong if year == 2027 else real(year))
    assert services.fill(NOW) == 0
    assert days.is_working_day(date(2027, 5, 4))


def test_a_corrected_library_corrects_its_own_days(
    context: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.fill(NOW)
    real = library.days_of
    turned = [
        library.KnownDay(one.day, one.is_working or one.day == date(2026, 12, 27)) for one in real(2026)
    ]
    monkeypatch.setattr(library, "days_of", lambda year: turned if year == 2026 else real(year))
    assert services.fill(NOW) == 1
    assert days.is_working_day(date(2026, 12, 27))


@pytest.mark.both_databases
def test_entered_days_hold_and_are_audited_and_undone(context: Flask, county: County) -> None:
    services.fill(NOW)
    assert days.is_provisional(UNKNOWN)
    change = enter(county, complete=True)
    assert not days.is_provisional(2027)
    assert not days.is_working_day(date(2027, 2, 8))
    assert days.is_working_day(date(2027, 1, 31))
    assert days.working_days(date(2027, 2, 4), date(2027, 2, 15)) == 1
    assert days.first_working_day(date(2027, 2, 6)) == date(2027, 2, 15)
    row = db.session.get_one(CalendarDay, date(2027, 2, 8))
    assert (row.name_zh, row.name_en, row.source, row.changed_at) == (
        "春节",
        "Spring Festival",
        Source.COUNTY,
        NOW,
    )
    services.undo(change, by=admin(county), now=NOW)
    db.session.flush()
    assert days.is_provisional(2027)
    assert days.is_working_day(date(2027, 2, 8))
    assert db.session.get(CalendarDay, date(2027, 2, 8)) is None
    db.session.commit()
    actions = [
        one.action
        for one in db.session.query(AuditRecord).filter(AuditRecord.object_type == "calendar_changes")
    ]
    assert sorted(actions) == ["calendar_entered", "calendar_filled", "calendar_undone"]
    with pytest.raises(Refused):
        services.undo(change, by=admin(county), now=NOW)


def test_undoing_brings_back_what_the_library_said(context: Flask, county: County) -> None:
    services.fill(NOW)
    change = enter(county, "2026-12-24 holiday", 2026)
    services.undo(change, by=admin(county), now=NOW)
    row = db.session.get_one(CalendarDay, date(2026, 12, 24))
    assert (row.is_working, row.source) == (True, Source.LIBRARY)


def test_what_was_changed_again_since_is_not_undone(context: Flask, county: County) -> None:
    change = enter(county)
    enter(county, "2027-02-13 works")
    with pytest.raises(Refused):
        services.undo(change, by=admin(county), now=NOW)


def test_what_the_library_knows_is_not_undone(context: Flask, county: County) -> None:
    services.fill(NOW)
    with pytest.raises(Refused):
        services.undo(db.session.query(CalendarChange).one(), by=admin(county), now=NOW)


def test_weeks_without_work_are_a_slip_of_the_finger(context: Flask, county: County) -> None:
    enter(county, "2027-02-01 to 2027-02-19 holiday")
    with pytest.raises(Invalid):
        enter(county, "2027-02-22 to 2027-03-05 holiday")
    with pytest.raises(Invalid):
        services.enter(2027, [], complete=False, text="", by=admin(county), now=NOW)


def test_upper_features_hear_of_a_change_with_both_calendars(
    context: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Changed] = []
    services.fill(NOW)
    monkeypatch.setattr(services, "_hooks", [])
    services.on_change(heard.append)
    services.on_change(heard.append)  # registered once
    enter(county)
    (changed,) = heard
    assert changed.days() == [date(2027, 1, 31), *(date(2027, 2, day) for day in (5, 8, 9, 10, 11, 12))]
    assert changed.before.works(date(2027, 2, 8))
    assert not changed.after.works(date(2027, 2, 8))


@pytest.mark.both_databases
def test_another_process_is_heard_at_the_next_request_and_a_read_costs_one_question(
    app: Flask, county: County
) -> None:
    with app.app_context(), transaction():
        services.fill(NOW)
    with app.app_context():
        days.snapshot()
    seen: list[str] = []
    note = lambda *arguments: seen.append(arguments[2])  # noqa: E731
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            for day in range(1, 28):
                days.is_working_day(date(2027, 2, day))
                days.working_days(date(2026, 11, day), date(2027, 2, day))
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert len([sql for sql in seen if "calendar" in sql]) == 1
        kept = dict(app.extensions)
    with app.app_context(), transaction():
        enter(county)
    app.extensions["calendar"] = kept["calendar"]  # as another worker still has it
    with app.app_context():
        assert not days.is_working_day(date(2027, 2, 8))


@pytest.mark.both_databases
def test_a_change_that_was_rolled_back_was_never_there(app: Flask, county: County) -> None:
    with app.app_context(), pytest.raises(ZeroDivisionError), transaction():
        enter(county)
        raise ZeroDivisionError
    with app.app_context():
        assert days.is_working_day(date(2027, 2, 8))


def test_the_command_fills_and_says_so(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    assert "days were written" in run(args=["calendar", "fill"]).output
    assert "Nothing to write" in run(args=["calendar", "fill"]).output


# ---- pages


def cells(page: Any, kind: str) -> list[str]:
    return [cell.text for cell in page.all("td") if f"day-{kind}" in cell["class"]]


def hidden(page: Any) -> dict[str, str]:
    return {
        one["name"]: one["value"] for one in page.all("input") if one["type"] == "hidden" and one["value"]
    }


def test_a_year_shows_its_holidays_by_sign_and_name(sign_in: Any) -> None:
    page = sign_in(Role.SUPERVISOR).page("/calendar/2026")
    assert len(page.all("caption")) == 12
    assert "16 休" in cells(page, "holiday")
    assert "28 班" in cells(page, "extra")
    assert not page.all("textarea")  # to read only


@pytest.mark.both_databases
def test_an_administrator_enters_previews_saves_and_undoes(app: Flask, county: County, sign_in: Any) -> None:
    with app.app_context(), transaction():
        services.fill(NOW)
    one = sign_in(Role.ADMINISTRATOR)
    assert "尚未录入" in one.page("/calendar/2027").text
    preview = one.submit("/calendar/2027", {"text": FESTIVAL})
    assert preview.status_code == 200
    page = parse(preview.text)
    assert "5 休" in cells(page, "changes")
    assert "6 天与现在不同" in page.text
    with app.app_context():
        assert days.is_working_day(date(2027, 2, 8))  # nothing is saved yet
    saving = hidden(page) | {"step": "save", "complete": "y"}
    assert one.post("/calendar/2027", data=saving).status_code == 303
    assert one.post("/calendar/2027", data=saving).status_code == 303  # the same once more
    page = one.page("/calendar/2027")
    assert "放假安排已齐" in page.text
    assert "8 休" in cells(page, "holiday")
    with app.app_context():
        number = db.session.query(CalendarChange).filter_by(year=2027).one().number
    undoing = hidden(page) | {"change_id": ""}
    assert one.post(f"/calendar/2027/undo/{number}", data=undoing).status_code == 303
    assert "尚未录入" in one.page("/calendar/2027").text
    assert one.post(f"/calendar/2027/undo/{number}", data=undoing).status_code == 409


def test_going_back_from_the_preview_keeps_the_text(sign_in: Any) -> None:
    one = sign_in(Role.ADMINISTRATOR)
    page = parse(one.submit("/calendar/2027", {"text": FESTIVAL}).text)
    back = one.post("/calendar/2027", data=hidden(page) | {"step": "edit"})
    assert back.status_code == 200
    assert FESTIVAL in parse(back.text).all("textarea")[0].text


def test_what_is_not_understood_is_said_and_kept(sign_in: Any) -> None:
    answer = sign_in(Role.ADMINISTRATOR).submit("/calendar/2027", {"text": "2-30 holiday\n1-1 holiday"})
    assert answer.status_code == 422
    assert "没有这个日期" in parse(answer.text).text
    assert "1-1 holiday" in parse(answer.text).all("textarea")[0].text
    assert sign_in(Role.ADMINISTRATOR).submit("/calendar/2027", {"text": ""}).status_code == 422


@pytest.mark.both_databases
def test_the_second_administrator_is_told_and_may_still_save(
    app: Flask, county: County, sign_in: Any
) -> None:
    with app.app_context():
        colleague = make_person(Role.ADMINISTRATOR, db.session.merge(county.agency), "管小七")
        db.session.commit()
    mine, theirs = sign_in(Role.ADMINISTRATOR), sign_in(person=colleague)
    first, second = (
        hidden(parse(who.submit("/calendar/2027", {"text": text}).text))
        for who, text in ((mine, "2-5 to 2-13 holiday"), (theirs, "2-6 to 2-14 holiday"))
    )
    assert theirs.post("/calendar/2027", data=second | {"step": "save"}).status_code == 303
    answer = mine.post("/calendar/2027", data=first | {"step": "save"})
    assert answer.status_code == 409
    page = parse(answer.text)
    assert "刚被别人改过" in page.text
    with app.app_context():
        assert days.is_working_day(date(2027, 2, 5))
    assert mine.post("/calendar/2027", data=first | hidden(page) | {"step": "save"}).status_code == 303
    with app.app_context():
        assert not days.is_working_day(date(2027, 2, 5))


def test_years_nobody_plans_for_are_not_there(sign_in: Any) -> None:
    assert sign_in(Role.ADMINISTRATOR).get("/calendar/1999").status_code == 404
    assert sign_in(Role.ADMINISTRATOR).get("/calendar").status_code == 303


def test_a_township_administrator_reads_and_does_not_write(app: Flask, county: County, sign_in: Any) -> None:
    with app.app_context():
        person = make_person(Role.ADMINISTRATOR, db.session.merge(county.hospitals[0]), "管小六")
        db.session.commit()
    client = sign_in(person=person)
    assert not client.page("/calendar/2027").all("textarea")
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/calendar/2027", data={"text": FESTIVAL}).status_code == 403


def test_entered_names_are_said_in_both_languages() -> None:
    assert services.names("春节") == services.names("spring festival") == ("春节", "Spring Festival")
    assert services.names("国庆") == ("国庆节", "National Day")
    assert services.names("三月三") == ("三月三", "")
    assert services.names("Rain day") == ("", "Rain day")
    assert Announced(date(2027, 1, 1), is_working=False).name == ""
