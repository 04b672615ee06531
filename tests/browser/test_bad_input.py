"""What goes wrong on a real day: nothing saved is lost, and the screen says what to do."""

from collections.abc import Callable, ItemsView
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import func, select

from app.checklists.models import ChecklistItem
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import Role
from app.demo.data import PASSWORD
from app.inspections.models import Answer, Inspection, InspectionPhoto, Status
from tests.factories.visits import begin_visit, noticed
from tests.fixtures.browsers import DESK, LiveServer
from tests.fixtures.demo import EATERY, DemoCounty
from tests.navigators.coordinator import Coordinator
from tests.navigators.owner import Owner

WATER_PLANT = "松岭水厂(演示)"
OPEN_PHONE = Callable[..., BrowserContext]


@pytest.fixture
def visit(live_server: LiveServer) -> UUID:
    """A visit under way: one complete finding, the other items not looked at."""
    return begin_visit(live_server.app, EATERY, findings=(("CAT-09", "两袋面粉直接放在地上"),))


@pytest.fixture
def at_work(coordinator: Coordinator, visit: UUID) -> Coordinator:
    coordinator.page.goto(f"/inspections/{visit}")
    return coordinator


def _status_of(live_server: LiveServer, visit: UUID) -> Status:
    with live_server.app.app_context():
        return db.session.get_one(Inspection, visit).status


def test_two_phones_finish_the_same_visit(
    at_work: Coordinator,
    county: DemoCounty,
    page_as: Callable[..., Page],
    visit: UUID,
    live_server: LiveServer,
) -> None:
    at_work.rest_conforms()
    other = Coordinator(page_as(person=county.named("xieguan2")))
    for phone in (at_work, other):
        phone.page.goto(f"/inspections/{visit}/finish")
        phone.draws_signature()
    at_work.tap(at_work.page.get_by_role("button", name="结束", exact=True))
    expect(at_work.page.get_by_role("link", name="更正")).to_be_visible()
    other.tap(other.page.get_by_role("button", name="结束", exact=True))
    expect(other.page.get_by_role("link", name="更正")).to_be_visible()
    with live_server.app.app_context():
        ended = (
            select(func.count()).select_from(AuditRecord).where(AuditRecord.action == "inspection_finished")
        )
        rows = db.session.scalar(ended.where(AuditRecord.object_id == visit))
    assert rows == 1


def test_an_answer_after_the_other_phone_finished_is_told(
    at_work: Coordinator, county: DemoCounty, page_as: Callable[..., Page], visit: UUID
) -> None:
    other = Coordinator(page_as(person=county.named("xieguan2")))
    other.page.goto(f"/inspections/{visit}")
    other.rest_conforms()
    other.finishes_signed()
    at_work.item("CAT-05").get_by_role("button", name="✗ 不符合", exact=True).tap()
    expect(at_work.page.get_by_role("alert").filter(has_text="已经结束")).to_be_visible()


def test_a_session_that_ended_keeps_everything_and_goes_on_after_signing_in(
    at_work: Coordinator, visit: UUID, live_server: LiveServer
) -> None:
    page = at_work.page
    at_work.answers("CAT-01", "符合")
    at_work.all_received()
    page.context.clear_cookies()
    at_work.item("CAT-05").get_by_role("button", name="✓ 符合", exact=True).tap()
    chip = page.locator("#sync")
    expect(chip).to_contain_text("登录")
    chip.tap()
    page.locator("main").get_by_role("link", name="登录").tap()  # the chip says it, too, and leads here
    page.get_by_label("登录名").fill("xieguan")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").tap()
    at_work.all_received()
    page.goto(f"/inspections/{visit}")
    for code in ("CAT-01", "CAT-05"):
        saved = at_work.item(code).get_by_role("button", name="✓ 符合", exact=True)
        expect(saved).to_have_attribute("aria-pressed", "true")
    assert _results(live_server, visit) >= {"CAT-01": "conforms", "CAT-05": "conforms"}.items()


def _results(live_server: LiveServer, visit: UUID) -> ItemsView[str, str | None]:
    """What the server has: the answers of a visit by the code of their item."""
    with live_server.app.app_context():
        rows = db.session.execute(
            select(ChecklistItem.code, Answer.result)
            .join(Answer, Answer.item_id == ChecklistItem.id)
            .where(Answer.inspection_id == visit)
        )
        return {code: result.value if result else None for code, result in rows}.items()


@pytest.mark.parametrize("fault", ["cut", "broken", "hotel"])
def test_an_answer_that_fails_waits_on_the_phone_and_is_sent_again(
    at_work: Coordinator, fault: str, visit: UUID, live_server: LiveServer
) -> None:
    page = at_work.page
    page.wait_for_load_state("networkidle")

    def fail(route: Route) -> None:
        if fault == "cut":
            route.abort("internetdisconnected")
        elif fault == "broken":
            route.fulfill(status=500, body="Internal Server Error")
        else:
            route.fulfill(status=200, content_type="text/html", body="<h1>Welcome, please sign in to our Wi-Fi</h1>")

    page.route("**/sync/**", fail)
    button = at_work.item("CAT-05").get_by_role("button", name="✓ 符合", exact=True)
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#sync")).to_contain_text("1")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert ("CAT-05", "conforms") not in _results(live_server, visit)
    page.unroute("**/sync/**")
    at_work.all_received()
    assert ("CAT-05", "conforms") in _results(live_server, visit)


def test_the_visit_continues_on_another_device(
    at_work: Coordinator, page_as: Callable[..., Page], visit: UUID
) -> None:
    at_work.answers("CAT-01", "符合")
    at_work.answers("CAT-05", "不符合")
    at_work.says("CAT-05", note="两人未戴工作帽")
    desk = page_as(Role.COORDINATOR, **DESK)
    desk.goto(f"/inspections/{visit}")
    item = desk.locator("#item-CAT-05")
    expect(item.get_by_role("button", name="✗ 不符合")).to_have_attribute("aria-pressed", "true")
    expect(item.get_by_label("用自己的话写")).to_have_value("两人未戴工作帽")
    desk.goto("/")
    expect(desk.get_by_text(EATERY).first).to_be_visible()


def test_the_rest_conforms_can_be_undone(at_work: Coordinator) -> None:
    at_work.rest_conforms()
    at_work.takes_the_sweep_back()
    expect(at_work.page.get_by_text("还有 23 项")).to_be_visible()
    expect(at_work.item("CAT-09").get_by_text("✓ 已填全")).to_be_visible()


def test_a_date_before_the_visit_is_refused_in_words(at_work: Coordinator) -> None:
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    field = at_work.item("CAT-09").get_by_label("完成日期")
    field.evaluate("field => field.removeAttribute('min')")
    field.fill(yesterday)
    field.blur()
    expect(at_work.item("CAT-09").get_by_text("日期早于到场那天")).to_be_visible()
    at_work.page.reload()
    expect(at_work.item("CAT-09").get_by_label("完成日期")).not_to_have_value(yesterday)


def test_what_is_not_a_photo_is_refused_and_the_rest_arrives(
    at_work: Coordinator, photos: Path, tmp_path: Path, visit: UUID, live_server: LiveServer
) -> None:
    disguised, cut, empty = tmp_path / "disguised.jpg", tmp_path / "cut.jpg", tmp_path / "empty.jpg"
    disguised.write_bytes(b"%PDF-1.7 this is no photo")
    cut.write_bytes((photos / "DSCN0010.jpg").read_bytes()[:40_000])
    empty.write_bytes(b"")
    strip = at_work.item("CAT-09").get_by_role("list", name="这个问题的照片")
    strip.get_by_label("相册").set_input_files([disguised, photos / "DSCN0021.jpg", cut, empty])
    expect(strip.locator('[data-state="failed"]')).to_have_count(3)
    expect(strip.locator('[data-state="ok"]')).to_have_count(2)
    expect(at_work.item("CAT-09").locator(".strip-problem").first).to_contain_text(".jpg")
    with live_server.app.app_context():
        rows = select(func.count()).select_from(InspectionPhoto).where(InspectionPhoto.inspection_id == visit)
        assert db.session.scalar(rows) == 2


def test_a_photo_is_sent_again_until_it_is_there(at_work: Coordinator, photos: Path) -> None:
    tries: list[str] = []

    def once(route: Route) -> None:
        tries.append(route.request.url)
        route.abort("connectionreset") if len(tries) == 1 else route.continue_()

    at_work.page.route("**/sync/photos/*", once)
    at_work.photographs("CAT-09", photos / "DSCN0010.jpg")
    assert len(tries) >= 2 and len(set(tries)) == 1, "the same id again"


def test_long_notes_emoji_and_rare_characters_reach_the_paper(
    at_work: Coordinator, owner: Owner, live_server: LiveServer
) -> None:
    words = "操作台旁𠮷师傅说冰箱坏了🧊" + "冷" * 300
    at_work.says("CAT-09", note=words)
    field = at_work.item("CAT-09").get_by_label("用自己的话写")
    field.evaluate("field => field.removeAttribute('maxlength')")
    field.fill("长" * 10_001)
    field.blur()
    expect(at_work.page.get_by_text("文字太长").first).to_be_visible()
    at_work.page.reload()
    expect(at_work.item("CAT-09").get_by_label("用自己的话写")).to_have_value(words)
    at_work.rest_conforms()
    at_work.finishes_signed()
    at_work.previews_notice()
    notice = at_work.issues()
    owner.scans(notice.public_url)
    owner.reads(words[:14])
    text = (
        "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(owner.opens_pdf()))
        .replace("\n", "")
        .replace("\r", "")
    )
    assert "师傅说冰箱坏了" in text


def test_the_longest_note_is_taken(at_work: Coordinator, live_server: LiveServer, owner: Owner) -> None:
    at_work.says("CAT-09", note="长" * 10_000)
    expect(at_work.item("CAT-09").get_by_text("✓ 已填全")).to_be_visible()
    issued = noticed(live_server.app, "老街面馆(演示)", ("CAT-09", "长" * 9_999 + "𠮷"))
    owner.scans(live_server(f"/n/{issued.token}"))
    owner.reads("长长长")
    assert owner.opens_pdf().startswith(b"%PDF-")


def test_a_wrong_code_opens_nothing(owner: Owner, live_server: LiveServer) -> None:
    owner.scans(live_server("/n/AAAAAAAAAAAAAAAAAAAAAA"))
    owner.reads("这个网址打不开任何单子")


def test_words_typed_while_an_answer_is_on_its_way_stay(
    coordinator: Coordinator, live_server: LiveServer
) -> None:
    page = coordinator.page
    page.goto(f"/inspections/{begin_visit(live_server.app, WATER_PLANT)}")
    value, instrument = page.locator("#value-WAT-M2-chlorine"), page.locator("#instrument-WAT-M2")
    held: list[Route] = []
    page.route("**/sync/changes", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/sync/changes"):
        value.fill("0.03")
        value.blur()
    instrument.focus()
    instrument.press_sequentially("DPD-")
    expect(page.locator("#item-WAT-M2 .measure .tag")).to_be_visible()
    with page.expect_response("**/sync/changes"):
        held[0].continue_()
    instrument.press_sequentially("0007")
    instrument.blur()
    coordinator.all_received()
    page.reload()
    expect(instrument).to_have_value("DPD-0007")


def test_a_refused_value_stays_for_correction(
    coordinator: Coordinator, live_server: LiveServer
) -> None:
    page = coordinator.page
    page.goto(f"/inspections/{begin_visit(live_server.app, WATER_PLANT)}")
    value = page.locator("#value-WAT-M2-chlorine")
    value.fill("0.0.3")
    value.blur()
    expect(page.locator("#item-WAT-M2 .field-error")).to_be_visible()
    expect(value).to_have_value("0.0.3")
    value.fill("0.03")
    value.blur()
    expect(page.locator("#item-WAT-M2 .measure .tag")).to_be_visible()
    expect(page.locator("#item-WAT-M2 .field-error")).to_have_count(0)
    coordinator.all_received()
    page.reload()
    expect(value).to_have_value("0.03")
