"""A reply is rejected once and accepted once; the rest is seen on site without signal; then the notice is closed."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import Settings
from app.core.storage import storage
from app.demo.pictures import draw_scene
from app.notices import turning
from app.notices.models import Notice, NoticeFinding
from app.notices.progress import Event, Stage, Step
from app.photos.intake import Limits, receive_photo
from app.photos.rules import PhotoMeta
from app.replies.models import ReplyKind
from app.replies.rules import Words
from app.replies.services import send_reply
from app.replies.verified import Verification
from tests.factories.visits import noticed
from tests.fixtures.demo import EATERY
from tests.navigators.coordinator import Coordinator
from tests.navigators.pack import Pack


@pytest.fixture
def notice(app: Flask) -> Notice:
    """One minor point and one that is not."""
    return noticed(app, EATERY, ("CAT-09", "两袋面粉直接放在地上"), ("CAT-10", "冰箱 9 度"))


def reply(app: Flask, notice: Notice, code: str, text: str, seed: int) -> None:
    """The owner answers with a photo, as the public page does."""
    with app.app_context():
        settings: Settings = app.extensions["settings"]
        picture = io.BytesIO(draw_scene(text, seed, settings))
        received = receive_photo(picture, storage=storage(), limits=Limits.of(settings))
        rows = db.session.query(NoticeFinding).filter_by(notice_id=notice.id)
        finding = next(row.finding_id for row in rows if row.finding.answer.item.code == code)
        with transaction():
            files = [(received, PhotoMeta())]
            send_reply(new_id(), notice.id, finding, Words(ReplyKind.FIXED, text), now=clock.now(), files=files)


def card(page: Page, mark: str) -> Locator:
    return page.locator("article.item", has=page.locator(".item-title", has_text=mark))


def test_rejected_once_accepted_once_seen_on_site_without_signal_closed(
    app: Flask, page_as: Callable[..., Page], notice: Notice, photos: Path
) -> None:
    page = page_as(Role.COORDINATOR)
    who, pack = Coordinator(page), Pack(page)
    reply(app, notice, "CAT-09", "改好了", 11)
    page.goto("/")
    who.tap(page.get_by_role("link", name=EATERY).first)
    first = card(page, "①")
    expect(first.locator(".compare-photos img")).to_have_count(2)
    who.tap(first.get_by_text("不认可，写明理由"))
    who.tap(first.get_by_role("button", name="这是旧照片"))
    who.tap(first.get_by_role("button", name="不认可", exact=True))
    expect(page.get_by_text("未认可。业主会看到理由")).to_be_visible()
    reply(app, notice, "CAT-09", "面粉已经上架", 12)
    page.reload()
    before = who.taps
    who.tap(card(page, "①").get_by_role("button", name="凭照片认可"))
    assert who.taps - before == 1
    expect(card(page, "①")).to_contain_text("✓ 已办结")
    look_again_without_signal(app, who, pack, notice, photos)
    with app.app_context():
        assert db.session.get_one(Notice, notice.id).stage is not Stage.CLOSED
    pack.finds_signal()
    who.all_received()
    with app.app_context():
        row = db.session.get_one(Notice, notice.id)
        assert row.stage is Stage.CLOSED
        assert {point.step for point in row.points} == {Step.CLOSED}
        events = [turn.event for turn in turning.turns_of(notice.id)]
        assert events.count(Event.VERIFIED_FIXED) == 1
        assert db.session.query(Verification).count() == 2  # this one and the demo's own
    page.goto(f"/notices/{notice.id}")
    expect(card(page, "②")).to_contain_text("现场核实")


def look_again_without_signal(app: Flask, who: Coordinator, pack: Pack, notice: Notice, photos: Path) -> None:
    """From the place's page of the pack: the earlier finding, how it is now, and the end without a signature."""
    page = who.page
    pack.prepares()
    pack.loses_signal()
    with app.app_context():
        place = db.session.get_one(Notice, notice.id).premises_id
    pack.opens(f"/premises/{place}", EATERY)
    who.tap(page.get_by_role("button", name="去回访"))
    page.wait_for_url("**/inspections/*")
    expect(page.locator("article[data-item]")).to_have_count(1)
    item = page.locator("#item-CAT-10")
    expect(item).to_contain_text("冰箱 9 度")
    who.tap(item.get_by_role("button", name="✓ 已整改"))
    expect(item.get_by_role("button", name="✓ 已整改")).to_have_attribute("aria-pressed", "true")
    with page.expect_file_chooser() as chooser:
        who.tap(item.get_by_label("相册"))
    chooser.value.set_files(photos / "portrait_6.jpg")
    expect(item.locator(".compare-photos img")).to_have_count(2)
    item.get_by_label("写给业主的说明").fill("冰箱 4 度")
    item.get_by_label("写给业主的说明").blur()
    who.tap(page.get_by_role("link", name="签字并结束"))
    expect(page.get_by_role("heading", level=1)).to_have_text("签字并结束")
    who.tap(page.get_by_role("radio", name="没有签字"))
    page.get_by_label("没有签字的原因").fill("店主外出")
    who.tap(page.get_by_role("button", name="结束", exact=True))
    expect(page.locator("#finished-here")).to_be_visible()
