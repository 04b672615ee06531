"""A phone is prepared, loses its signal, and goes on; nobody else's pages, no mix of versions, no hotel's login."""

import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db, transaction
from app.core.roles import Role
from app.premises.models import Premises
from tests.factories.checklists import publish_copy
from tests.factories.premises import make_premises
from tests.fixtures.demo import EATERY, DemoCounty
from tests.fixtures.line import Line
from tests.navigators.pack import Pack

WAITING = "async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)"
# Driven from outside, Chromium never answers what an outgoing worker is asked: nothing is opened or asked until then.
TAKEN_OVER = """async () => {
  const { active, waiting } = await navigator.serviceWorker.getRegistration();
  return !waiting && active.state === "activated";
}"""
TYPED = "async () => (await navigator.locks.query()).held.some((lock) => lock.name === 'xuncha-typing')"


@pytest.fixture
def line(app: Flask) -> Line:
    return Line(app)


@pytest.fixture
def pack(line: Line, page_as: Callable[..., Page]) -> Pack:
    return Pack(page_as(Role.COORDINATOR))


@pytest.fixture
def eatery(app: Flask) -> str:
    """The address of a place in the coordinator's village."""
    with app.app_context():
        return f"/premises/{db.session.query(Premises).filter_by(name=EATERY).one().id}"


def _many(app: Flask, county: DemoCounty, count: int) -> None:
    with app.app_context():
        region = county.named("xieguan").organisation.region
        for n in range(count):
            make_premises(region, latitude=28.4 + n / 10_000, longitude=112.8, address=f"演示路 {n} 号")
        db.session.commit()


def test_a_prepared_phone_shows_its_pages_without_signal(pack: Pack, eatery: str) -> None:
    said = pack.prepares()
    assert re.search(r"\d+ 个场所 · [\d.]+ [KM]B", said), said
    assert "数据截至 今天" in said
    assert "还有 8 个编号" in said
    pack.loses_signal()
    page = pack.page
    pack.opens("/", "今天（离线）")
    expect(page.locator("#offline-line")).to_contain_text("没有信号 · 数据截至 今天")
    expect(page.locator("#places li").first).to_be_visible()
    pack.opens("/premises", "场所")
    page.get_by_role("searchbox").fill("qfxg")
    page.get_by_role("link", name=EATERY).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(EATERY)
    expect(page.get_by_text("老街 30 号")).to_be_visible()
    pack.opens(eatery, EATERY)
    pack.opens("/outbox", "待发箱")
    pack.opens("/patrol", "离线准备")
    expect(page.locator("#pack-problem")).to_contain_text("没有信号")
    pack.opens("/photo-log", "这部手机上没有")
    pack.finds_signal()
    page.goto("/premises")
    expect(page.locator("#offline-line")).to_have_count(0)


def test_a_door_code_opens_its_place_without_signal(pack: Pack, app: Flask) -> None:
    pack.prepares()
    with app.app_context():
        token = db.session.query(Premises).filter_by(name=EATERY).one().door_token
    pack.loses_signal()
    pack.opens(f"/d/{token}", EATERY)
    pack.opens("/scan", "扫码")
    pack.page.get_by_label("场所名称").fill(f"http://localhost/d/{token}")
    pack.page.get_by_role("button", name="打开", exact=True).tap()
    expect(pack.page.get_by_role("heading", level=1)).to_have_text(EATERY)


def test_a_visit_begins_with_one_tap_on_a_place_of_the_pack(pack: Pack, eatery: str) -> None:
    pack.prepares()
    pack.loses_signal()
    page = pack.page
    pack.opens(eatery, EATERY)
    page.get_by_role("button", name="开始").tap()
    page.wait_for_url("**/inspections/*")
    expect(page.locator("article[data-item]")).to_have_count(24)
    item = page.locator("#item-CAT-01")
    item.get_by_role("button", name="✓ 符合", exact=True).tap()
    expect(item.get_by_role("button", name="✓ 符合", exact=True)).to_have_attribute("aria-pressed", "true")
    pack.opens("/", "今天（离线）")
    expect(page.locator("#mine")).to_contain_text(f"{EATERY}")
    expect(page.locator("#mine")).to_contain_text("1 / 24")
    pack.opens(eatery, EATERY)
    expect(page.get_by_role("link", name="继续")).to_be_visible()


def test_a_place_that_is_not_registered_yet_is_recorded_and_visited(pack: Pack, app: Flask) -> None:
    pack.prepares()
    pack.loses_signal()
    page = pack.page
    pack.opens("/premises/new", "登记场所")
    page.get_by_role("button", name="登记").tap()
    expect(page.locator("#place-problem")).to_be_visible()
    page.get_by_label("名称", exact=True).fill("无信号小吃(演示)")
    page.get_by_label("场所类型").select_option("small_eatery")
    page.locator("label.chip", has_text="餐饮").tap()
    page.get_by_role("button", name="登记").tap()
    page.wait_for_url("**/premises/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("无信号小吃(演示)")
    expect(page.get_by_text("在这部手机上登记")).to_be_visible()
    page.get_by_role("button", name="开始").tap()
    page.wait_for_url("**/inspections/*")
    expect(page.locator("article[data-item]").first).to_be_visible()
    pack.opens("/premises", "场所")
    page.get_by_role("searchbox").fill("无信号")
    expect(page.get_by_role("link", name="无信号小吃(演示)")).to_be_visible()


def test_three_hundred_places_are_prepared(
    pack: Pack, app: Flask, county: DemoCounty, line: Line, record_property: Any
) -> None:
    _many(app, county, 320)
    page = pack.page
    page.goto("/patrol")
    expect(page.locator("#pack-together")).to_contain_text("个场所")
    page.get_by_label("辖区").select_option(label="南河镇")
    expect(page.locator("#pack-together")).to_contain_text("共 300 个场所")
    begun = perf_counter()
    page.locator("#pack-go").tap()
    expect(page.locator("#pack-loading progress")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("已备好，手机上有 300 个场所", timeout=120_000)
    took, facts = perf_counter() - begun, page.locator("#pack-facts").inner_text()
    record_property("300 places prepared", f"{facts}, {took:.1f} s")
    assert sum(path == "/patrol/premises.json" for path in line.asked) == 12
    pack.loses_signal()
    pack.opens("/premises", "场所")
    expect(page.locator("#pack-count")).to_have_text("手机上有 300 个场所")


def test_an_interrupted_preparation_goes_on_where_it_stopped(
    pack: Pack, app: Flask, county: DemoCounty, line: Line
) -> None:
    _many(app, county, 120)
    page = pack.page
    page.goto("/patrol")
    expect(page.locator("#pack-together")).to_contain_text("个场所")
    page.get_by_label("辖区").select_option(label="南河镇")
    expect(page.locator("#pack-together")).to_contain_text(re.compile(r"共 1\d\d 个场所"))
    line.broken = lambda path: path == "/patrol/premises.json" and line.asked.count(path) > 3
    page.locator("#pack-go").tap()
    expect(page.locator("#pack-problem")).to_contain_text("点一下继续")
    done = line.asked.count("/patrol/premises.json")
    line.broken = lambda _path: False
    page.reload()  # goes on by itself as soon as a page is open
    expect(page.locator("#pack-title")).to_have_text("没有信号也能巡查", timeout=60_000)
    again = line.asked.count("/patrol/premises.json") - done
    assert again <= 3, f"{again} parts were fetched again"


def test_places_no_longer_chosen_leave_the_phone(pack: Pack, eatery: str) -> None:
    pack.prepares()
    page = pack.page
    page.get_by_label("辖区").select_option(label="不按地区")
    expect(page.locator("#pack-go")).to_be_enabled()
    with page.expect_response(lambda answer: "/patrol/pack.json" in answer.url):
        page.get_by_label("整改单已逾期的场所").uncheck()
    page.locator("#pack-go").tap()
    expect(page.locator("#live")).to_contain_text("已备好，手机上有 1 个场所")
    pack.loses_signal()
    pack.opens(eatery, "巡查")
    expect(page.get_by_text("这个场所不在手机上")).to_be_visible()


def test_a_single_place_is_added_by_searching_the_register(pack: Pack, county: DemoCounty) -> None:
    page = pack.page
    page.goto("/patrol")
    expect(page.locator("#pack-together")).to_contain_text("个场所")
    for name in ("我未完成的巡查", "整改单已逾期的场所"):
        page.get_by_label(name).uncheck()
    page.get_by_label("辖区").select_option(label="不按地区")
    expect(page.locator("#pack-go")).to_have_text("没有选场所")
    page.get_by_label("单独添加一个场所").fill("hkdkfd")
    page.locator("#pack-found").get_by_role("button", name="河口渡口饭店(演示)").tap()
    expect(page.locator("#pack-go")).to_have_text("准备 1 个场所")
    page.locator("#pack-go").tap()
    expect(page.locator("#live")).to_contain_text("已备好，手机上有 1 个场所")
    page.reload()
    expect(page.locator("#pack-go")).to_have_text("更新")
    assert [place["name"] for place in pack.stored("premises")] == ["河口渡口饭店(演示)"]


def _made(pack: Pack) -> Any:
    return pack.says("meta")["made_at_ms"]


def _until(page: Page, check: Callable[[], bool]) -> None:
    """Wait for what the phone does by itself, with the page open."""
    for _time in range(100):
        if check():
            return
        page.wait_for_timeout(200)
    raise AssertionError("it did not happen by itself")


def test_an_old_pack_is_refreshed_by_itself(pack: Pack) -> None:
    pack.prepares()
    before = _made(pack)
    pack.page.goto("/")
    pack.page.wait_for_timeout(1000)
    assert _made(pack) == before  # nothing is asked twice within half an hour
    pack.remembers("seen", at=0)
    pack.remembers("meta", finished_ms=pack.says("meta")["finished_ms"] - 13 * 3_600_000)
    pack.page.goto("/")
    _until(pack.page, lambda: _made(pack) > before)


def test_numbers_are_topped_up_by_themselves(pack: Pack) -> None:
    pack.prepares()
    mine = [row["number"] for row in pack.stored("numbers") if row["kind"] == "xuncha_advice"]
    pack.loses("numbers", *mine)
    pack.remembers("seen", at=0)
    pack.page.goto("/")
    _until(pack.page, lambda: sum(row["kind"] == "xuncha_advice" for row in pack.stored("numbers")) >= 5)
    assert not set(mine) & {row["number"] for row in pack.stored("numbers")}


def test_a_pack_older_than_the_checklist_says_so_works_and_is_refreshed(pack: Pack, app: Flask, eatery: str) -> None:
    pack.prepares()
    page = pack.page
    with app.app_context(), transaction():
        publish_copy("catering")
    pack.remembers("seen", checklists=["newer"])  # asked, and then the line broke
    pack.loses_signal()
    pack.opens("/patrol", "离线准备")
    expect(page.locator("#pack-missing")).to_contain_text("巡查表后来有更新")
    pack.opens(eatery, EATERY)
    page.get_by_role("button", name="开始").tap()
    page.wait_for_url("**/inspections/*")
    expect(page.locator("article[data-item]")).to_have_count(24)
    old = {one["version_id"] for one in pack.says("meta")["checklists"]}
    pack.remembers("seen", at=0)
    pack.finds_signal()
    page.goto("/")
    _until(page, lambda: {one["version_id"] for one in pack.says("meta")["checklists"]} != old)
    kept = {row["key"] for row in pack.stored("pack")}
    assert {f"sheet:{one}" for one in old} <= kept, "the visit that began with the old sheet needs it"


def test_an_ended_session_leaves_what_the_phone_has(pack: Pack, eatery: str) -> None:
    pack.prepares()
    pack.page.context.clear_cookies()
    pack.page.goto(eatery)
    expect(pack.page.get_by_label("登录名")).to_be_visible()
    pack.loses_signal()
    pack.opens(eatery, EATERY)  # not the sign-in page that came under this address


def test_a_hotels_login_page_is_not_taken_for_ours(pack: Pack, line: Line, eatery: str) -> None:
    pack.prepares()
    line.is_hotel = True
    pack.opens("/", "今天（离线）")
    pack.opens(eatery, EATERY)
    pack.opens("/photo-log", "这部手机上没有")
    pack.page.get_by_role("link", name="打开网络的登录页").tap()
    expect(pack.page.get_by_role("heading", level=1)).to_have_text("Welcome to our hotel")
    line.is_hotel = False
    pack.opens("/premises", "场所")
    expect(pack.page.locator("#offline-line")).to_have_count(0)


def test_a_slow_or_broken_server_does_not_keep_anybody_waiting(pack: Pack, line: Line, eatery: str) -> None:
    pack.prepares()
    line.delay = 8
    begun = perf_counter()
    pack.opens(eatery, EATERY)
    assert perf_counter() - begun < 7
    line.delay, line.broken = 0, lambda path: not path.startswith("/static")
    pack.opens(eatery, EATERY)
    pack.opens("/", "今天（离线）")


def test_a_page_that_breaks_off_in_the_middle_is_none(pack: Pack, line: Line, eatery: str) -> None:
    pack.prepares()
    line.breaks_off = True
    begun = perf_counter()
    pack.opens(eatery, EATERY)
    pack.opens("/outbox", "待发箱")
    pack.opens("/photo-log", "这部手机上没有")
    assert perf_counter() - begun < 15
    line.breaks_off = False
    pack.opens("/premises", "场所")
    expect(pack.page.locator("#offline-line")).to_have_count(0)


def test_pages_of_whoever_signed_out_are_gone(pack: Pack, eatery: str) -> None:
    pack.prepares()
    page = pack.page
    page.goto("/me")
    page.get_by_role("button", name="退出登录").tap()
    page.wait_for_url("**/sign-in*")
    _until(page, lambda: not pack.kept_pages())
    _until(page, lambda: not pack.stored("premises"))
    pack.loses_signal()
    for path in (eatery, "/", "/premises"):
        page.goto(path)
        expect(page.get_by_text("这部手机上也没有人登录")).to_be_visible()
        expect(page.get_by_text(EATERY)).to_have_count(0)


def test_another_person_on_the_same_phone_sees_nothing_of_the_first(
    pack: Pack, county: DemoCounty, eatery: str, sign_in: Any
) -> None:
    """The first one's session ended without a sign-out."""
    pack.prepares()
    page = pack.page
    other = county.named("xieguan3")
    cookie = sign_in.cookie(person=other)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}])
    page.goto("/")
    expect(page.get_by_text("示范员丙")).to_be_visible()
    _until(page, lambda: [name.endswith(str(other.id)) for name in pack.kept_pages()] == [True])
    page.goto("/premises")
    page.wait_for_load_state("networkidle")
    pack.loses_signal()
    pack.opens(eatery, "巡查")
    expect(page.get_by_text("这个场所不在手机上")).to_be_visible()
    pack.opens("/premises", "场所")
    expect(page.get_by_text("手机上没有场所")).to_be_visible()


def test_a_new_version_waits_for_whoever_types_and_then_takes_over(pack: Pack, app: Flask, eatery: str) -> None:
    pack.prepares()
    page = pack.page
    old = pack.asks_worker(ask="version")["version"]
    typing = page.context.new_page()
    typing.goto("/premises/new")
    typing.get_by_label("名称", exact=True).fill("还没写完")
    app.extensions["patrol"]["version"] = "0123456789abcdef"
    page.goto("/premises")
    _until(page, lambda: page.evaluate(WAITING))
    page.goto("/premises")
    page.wait_for_load_state("networkidle")
    assert pack.asks_worker(ask="version")["version"] == old
    typing.close()
    _until(page, lambda: not page.evaluate(TYPED))
    page.goto("/premises")
    _until(page, lambda: page.evaluate(TAKEN_OVER))
    assert pack.asks_worker(ask="version")["version"] == "0123456789abcdef"
    _until(page, lambda: not any(old in name for name in pack.kept_pages()))
    pack.loses_signal()  # the new one has everything the old one had
    pack.opens("/", "今天（离线）")
    pack.opens(eatery, EATERY)
