"""The main job on a phone: from opening a restaurant to a notice that its owner reads."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import func, select

from app.core.database import db
from app.core.storage import storage
from app.inspections.models import Finding, InspectionPhoto, Outcome
from app.notices.models import Notice
from app.photos.models import Photo
from tests.fixtures.browsers import LiveServer
from tests.fixtures.demo import EATERY
from tests.navigators.coordinator import Coordinator, Noticed
from tests.navigators.owner import Owner

pytestmark = pytest.mark.usefixtures("nothing_overlooked")  # whatever wrote in it, the chain knows
MOST_TAPS = 45
ROTATED, HEIC, GPS, HMD = "portrait_6.jpg", "iphone_13_pro_max.HEIC", "DSCN0010.jpg", "HMD_Nokia_8.3_5G.jpg"


@pytest.fixture
def noticed(coordinator: Coordinator, photos: Path) -> Noticed:
    """The whole job, as short as it may be."""
    coordinator.begins("qfxg", EATERY)
    coordinator.finds("CAT-07", "发现过期食品", photos / HEIC, note="货架第二层,7 袋面包")
    coordinator.finds("CAT-09", "食品直接放地上", photos / ROTATED)
    coordinator.finds("CAT-02", "健康证明已过期", photos / GPS, photos / HMD)
    coordinator.rest_conforms()
    coordinator.finishes_signed()
    coordinator.previews_notice()
    return coordinator.issues()


def test_a_restaurant_becomes_a_notice_in_few_taps(
    noticed: Noticed,
    coordinator: Coordinator,
    live_server: LiveServer,
    photos: Path,
    record_property: Callable[[str, object], None],
) -> None:
    record_property(
        f"taps from the start page to the issued notice, besides typing (≤ {MOST_TAPS})", coordinator.taps
    )
    assert coordinator.taps <= MOST_TAPS
    with live_server.app.app_context():
        notice = db.session.scalars(select(Notice).order_by(Notice.issued_at.desc())).first()
        assert notice is not None and notice.number == noticed.number
        assert len(notice.content["findings"]) == 3
        findings = db.session.scalars(
            select(Finding).where(Finding.inspection_id == notice.inspection_id)
        ).all()
        assert sorted(f.outcome for f in findings) == sorted(
            [Outcome.REFERRED, Outcome.BY_DATE, Outcome.BY_DATE]
        )
        critical = next(f for f in findings if f.outcome is Outcome.REFERRED)
        assert critical.refer_to and critical.refer_on is not None
        _photos_are_untouched(notice, [photos / name for name in (ROTATED, HEIC, GPS, HMD)])


def _photos_are_untouched(notice: Notice, files: list[Path]) -> None:
    rows = db.session.scalars(
        select(Photo)
        .join(InspectionPhoto, InspectionPhoto.photo_id == Photo.id)
        .where(InspectionPhoto.inspection_id == notice.inspection_id)
    ).all()
    sent = {hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert {photo.sha256 for photo in rows} == sent
    for photo in rows:
        assert hashlib.sha256(storage().read(photo.storage_key)).hexdigest() == photo.sha256


def _code_on(pdf: bytes) -> str:
    """What a decoder reads from the paper, rendered at 150 dpi."""
    paper = pypdfium2.PdfDocument(pdf)
    for number in range(len(paper)):
        image = paper[number].render(scale=150 / 72).to_pil()
        found = [code.text for code in zxingcpp.read_barcodes(image) if "/n/" in code.text]
        if found:
            return found[0]
    raise AssertionError("no code was read from the paper")


def test_the_owner_scans_any_paper_and_answers(
    noticed: Noticed, coordinator: Coordinator, owner: Owner, open_context: Callable[..., BrowserContext]
) -> None:
    for layout in ("a4", "80mm", "58mm"):
        answer = coordinator.page.request.get(f"{noticed.url}/{layout}.pdf")
        assert answer.ok, f"{layout}: {answer.status}"
        assert _code_on(answer.body()) == noticed.public_url, layout
        other = Owner(open_context().new_page())
        other.scans(_code_on(answer.body()))
        other.reads(EATERY)
    owner.scans(noticed.public_url)
    owner.reads(noticed.number)
    owner.reads("货架第二层,7 袋面包")
    expect(owner.page.locator(".find img")).to_have_count(4)
    owner.says_received()
    assert owner.opens_pdf().startswith(b"%PDF-")
    owner.switches_to_english()
    owner.reads("days left")
    owner.switches_to_chinese()
    coordinator.page.goto(noticed.url)
    expect(coordinator.page.get_by_text("已打开").or_(coordinator.page.get_by_text("打开过"))).to_be_visible()


def test_a_double_tap_issues_one_notice(
    coordinator: Coordinator, photos: Path, live_server: LiveServer
) -> None:
    coordinator.begins("qfxg", EATERY)
    coordinator.finds("CAT-09", "食品直接放地上", photos / GPS)
    coordinator.rest_conforms()
    coordinator.finishes_signed()
    coordinator.previews_notice()
    with live_server.app.app_context():
        before = db.session.scalar(select(func.count()).select_from(Notice))
    sent = []
    coordinator.page.on("request", lambda r: sent.append(r) if r.method == "POST" else None)
    coordinator.page.get_by_role("button", name="确认出单").dblclick()
    expect(coordinator.page.locator("#code")).to_be_visible()
    first = coordinator.notice()
    again = coordinator.page.request.post(
        sent[-1].url, data=sent[-1].post_data, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert again.url == first.url
    with live_server.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Notice)) == (before or 0) + 1
