"""The holidays of next year are announced: the administrator enters them on the phone and sees whom it concerns."""

from datetime import date
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.regions import within
from app.calendar import days, library, services
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.notices.models import NoticeFinding
from app.notices.services import issue_notice
from app.premises.models import Premises
from tests.fixtures.demo import DemoCounty
from tests.notices.factory import make_visit, set_due, wish

YEAR = max(library.years()) + 1
ANNOUNCED = (
    "一、元旦：1月1日至3日放假，共3天。\n二、春节：2月5日（除夕）至13日放假，共9天。1月31日、2月20日上班。"
)


def test_the_spring_festival_is_entered_and_a_notice_gets_its_days(
    live_server: Any, county: DemoCounty, page_as: Any
) -> None:
    app = live_server.app
    with app.app_context(), transaction():
        services.fill(clock.now())
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        place = db.session.scalars(select(Premises).where(within(Premises, by.region)).limit(1)).one()
        visit = make_visit(by, place, ("CAT-02",), photos=0)
        set_due(visit, date(YEAR, 2, 9))
        notice_id = issue_notice(new_id(), wish(visit), by=by, now=clock.now()).id
    page: Page = page_as(Role.ADMINISTRATOR)
    page.goto(live_server("/me"))
    page.get_by_role("link", name="工作日历").tap()
    page.goto(live_server(f"/calendar/{YEAR}"))
    expect(page.get_by_text(f"{YEAR}年放假安排尚未录入")).to_be_visible()
    page.get_by_label("放假与调休上班").fill(ANNOUNCED)
    page.get_by_role("button", name="查看变化").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{YEAR}年的变化")
    _fits(page)
    page.get_by_text("本年放假安排已全部录入").tap()
    page.get_by_role("button", name="保存").tap()
    expect(page.get_by_text(f"{YEAR}年工作日历已保存。")).to_be_visible()
    _fits(page)
    expect(page.get_by_text("1 份整改单的日期落在休息日")).to_be_visible()
    page.get_by_role("link", name="查看这些整改单").tap()
    expect(page.get_by_role("button", name="顺延至")).to_be_visible()
    _fits(page)
    page.get_by_role("button", name="顺延至").tap()
    expect(page.get_by_text("没有受影响的日期")).to_be_visible()
    with app.app_context():
        moved = db.session.query(NoticeFinding).filter_by(notice_id=notice_id).one()
        assert (moved.first_due_on, moved.due_on) == (
            date(YEAR, 2, 9),
            days.first_working_day(date(YEAR, 2, 9)),
        )
        assert moved.due_on > date(YEAR, 2, 13)


def _fits(page: Page) -> None:
    """Nothing is wider than the phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
