"""A visit begins without signal: at a place that was only looked at before, with others, or with a sentence why not."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.database import db
from app.core.roles import Role
from app.inspections.models import Fellow, Inspection
from app.premises.models import Premises
from tests.fixtures.demo import EATERY
from tests.navigators.pack import Pack


@pytest.fixture
def pack(page_as: Callable[..., Page]) -> Pack:
    return Pack(page_as(Role.COORDINATOR))


@pytest.fixture
def eatery(app: Flask) -> str:
    """The address of a place in the coordinator's village."""
    with app.app_context():
        return f"/premises/{db.session.query(Premises).filter_by(name=EATERY).one().id}"


def _prepares_without(pack: Pack) -> None:
    """The pack holds one other place."""
    page = pack.page
    page.goto("/patrol")
    expect(page.locator("#pack-together")).to_contain_text("个场所")
    page.get_by_label("辖区").select_option(label="不按地区")
    expect(page.locator("#pack-go")).to_be_enabled()
    with page.expect_response(lambda answer: "/patrol/pack.json" in answer.url):
        page.get_by_label("整改单已逾期的场所").uncheck()
    page.locator("#pack-go").tap()
    expect(page.locator("#live")).to_contain_text("已备好，手机上有 1 个场所")


def _begins(page: Page) -> UUID:
    page.get_by_role("button", name="开始").tap()
    page.wait_for_url("**/inspections/*")
    expect(page.locator("article[data-item]").first).to_be_visible()
    return UUID(page.url.rsplit("/", 1)[-1])


def _arrived(pack: Pack, app: Flask, visit: UUID) -> Inspection:
    pack.finds_signal()
    pack.page.goto("/me")
    expect(pack.page.locator("#sync[data-known]")).to_have_text("✓ 全部已送达")
    with app.app_context():
        return db.session.scalars(select(Inspection).where(Inspection.id == visit)).one()


def test_a_place_that_was_only_looked_at_is_visited_from_its_kept_page(pack: Pack, app: Flask, eatery: str) -> None:
    _prepares_without(pack)
    pack.looks_at(eatery)
    pack.loses_signal()
    pack.opens(eatery, EATERY)
    visit = _begins(pack.page)
    expect(pack.page.locator("article[data-item]")).to_have_count(24)
    pack.opens(eatery, EATERY)
    expect(pack.page.get_by_role("link", name="继续")).to_have_attribute("href", f"/inspections/{visit}")
    expect(pack.page.get_by_role("button", name="开始")).to_have_count(0)
    assert eatery.endswith(str(_arrived(pack, app, visit).premises_id))


def test_an_unprepared_phone_says_what_to_do_and_stays_where_it_is(pack: Pack, eatery: str) -> None:
    page = pack.page
    page.goto("/")
    pack.asks_worker(ask="shells")
    pack.looks_at(eatery)
    pack.loses_signal()
    pack.opens(eatery, EATERY)
    page.get_by_role("button", name="开始").tap()
    expect(page.locator("#problem")).to_contain_text("离线准备")
    expect(page.get_by_role("heading", level=1)).to_have_text(EATERY)
    pack.finds_signal()
    page.locator("#problem").get_by_role("button").tap()
    _begins(page)


def test_a_dead_line_that_looks_alive_is_no_signal_either(pack: Pack, eatery: str) -> None:
    page = pack.page
    page.goto(eatery)
    page.context.route("**/*", lambda route: route.abort("connectionreset"))
    page.get_by_role("button", name="开始").tap()
    expect(page.locator("#problem")).to_contain_text("离线准备")
    page.context.unroute_all()
    page.locator("#problem").get_by_role("button").tap()
    _begins(page)


@pytest.mark.parametrize("taken_along", [True, False])
def test_a_visit_with_others_begins_without_signal(
    pack: Pack, app: Flask, eatery: str, *, taken_along: bool
) -> None:
    if taken_along:
        pack.prepares()
    else:
        _prepares_without(pack)
        pack.looks_at(eatery)
    page = pack.page
    pack.loses_signal()
    pack.opens(eatery, EATERY)
    page.get_by_role("link", name="与人同行").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"开始：{EATERY}")
    expect(page.get_by_role("group", name="看哪些领域").get_by_role("checkbox")).to_be_checked()
    whom = page.get_by_role("group", name="同行人员").locator("label").first
    name = whom.inner_text()
    whom.tap()
    visit = _begins(page)
    arrived = _arrived(pack, app, visit)
    with app.app_context():
        fellows = db.session.scalars(select(Fellow).where(Fellow.inspection_id == arrived.id)).all()
        assert [fellow.person.name for fellow in fellows] == [name]
        sheets = db.session.get_one(Inspection, visit).sheets
        assert [sheet.version.domain for sheet in sheets] == ["catering"]
    page.goto(f"/inspections/{visit}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(EATERY)


def test_who_comes_along_was_chosen_when_the_line_went(pack: Pack, app: Flask, eatery: str) -> None:
    pack.prepares()
    page = pack.page
    page.goto(f"{eatery}/visit")
    page.get_by_role("group", name="同行人员").locator("label").first.tap()
    pack.loses_signal()
    visit = _begins(page)
    arrived = _arrived(pack, app, visit)
    with app.app_context():
        assert len(db.session.scalars(select(Fellow).where(Fellow.inspection_id == arrived.id)).all()) == 1
