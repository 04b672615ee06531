"""An informant reports what they saw, with a photo, in under a minute; without signal too, and it arrives once."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.core.roles import Role
from app.reports.models import Report
from tests.navigators.pack import Pack

PHRASE = "流动摊点拔牙"


class Informant:
    """Counts every tap."""

    def __init__(self, page: Page, photo: Path) -> None:
        self.page, self.photo, self.taps = page, photo, 0

    def taps_on(self, thing: Any) -> None:
        thing.tap()
        self.taps += 1

    def reports(self, place: str) -> None:
        """From the start page to the button that sends."""
        page = self.page
        self.taps_on(page.get_by_role("link", name="报告情况").first)
        expect(page.locator("html")).to_have_attribute("data-scripts", "ready")
        self.taps_on(page.locator("label.chip", has_text="非法行医"))
        self.taps_on(page.get_by_role("button", name=PHRASE))
        self.taps_on(page.get_by_label("在哪里"))
        page.keyboard.type(place)
        with page.expect_file_chooser() as chooser:
            self.taps_on(page.locator(".add label").first)
        chooser.value.set_files(self.photo)
        expect(page.locator("#report-strip img")).to_have_count(1)
        self.taps_on(page.get_by_role("button", name="报告", exact=True))


@pytest.fixture
def informant(page_as: Callable[..., Page], photos: Path) -> Informant:
    return Informant(page_as(Role.INFORMANT), photos / "portrait_6.jpg")


def _reports(app: Flask) -> list[Report]:
    with app.app_context():
        rows = db.session.query(Report).filter(Report.place.like("%石门渡口%")).all()
        assert all(photo.arrived_at for row in rows for photo in row.photos)
        return rows


def test_an_informant_reports_with_a_photo_in_under_a_minute(
    informant: Informant, app: Flask, page_as: Callable[..., Page], record_property: Any
) -> None:
    page = informant.page
    page.goto("/")
    begun = perf_counter()
    informant.reports("石门渡口")
    page.wait_for_url("**/reports/*-*")
    took = perf_counter() - begun
    expect(page.get_by_text(PHRASE)).to_be_visible()
    expect(page.locator("#sync[data-known]")).to_contain_text("全部已送达")
    page.reload()
    expect(page.locator(".strip img")).to_have_count(1)
    assert len(_reports(app)) == 1
    assert informant.taps <= 6
    assert took < 60
    record_property("information report with a photo", f"{informant.taps} taps, {took:.1f} s")
    worker = page_as(Role.COORDINATOR)
    worker.goto(page.url)
    worker.locator("summary", has_text="不属实").tap()
    worker.get_by_label("简单写几句").locator("visible=true").fill("是镇卫生院的义诊")
    worker.get_by_role("button", name="不属实").tap()
    expect(worker.locator(".tags")).to_contain_text("已核实：不属实")
    worker.locator("summary", has_text="把结果反馈给报告人").tap()
    worker.get_by_label("处理结果").locator("visible=true").fill("已查看，是镇卫生院组织的义诊，谢谢您")
    worker.get_by_role("button", name="把结果反馈给报告人").tap()
    expect(worker.get_by_role("heading", name="处理结果")).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="石门渡口").tap()
    expect(page.locator(".lead").first).to_contain_text("是镇卫生院组织的义诊")


def test_without_signal_it_is_kept_and_received_afterwards_once(informant: Informant, app: Flask) -> None:
    page, line = informant.page, Pack(informant.page)
    page.goto("/")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    assert line.asks_worker(ask="shells")["ok"]
    line.loses_signal()
    page.goto("/")
    informant.reports("石门渡口")
    expect(page.locator("#report-kept")).to_be_visible()
    assert not _reports(app)
    page.goto("/outbox")
    expect(page.locator("#outbox-list")).to_contain_text("信息报告")
    line.finds_signal()
    page.goto("/")
    expect(page.locator("#sync[data-known]")).to_contain_text("全部已送达", timeout=60_000)
    (report,) = _reports(app)
    with app.app_context():
        row = db.session.get_one(Report, report.id)
        assert len(row.photos) == 1
        assert row.photos[0].arrived_at is not None
    page.goto(f"/reports/{report.id}")
    expect(page.locator(".strip img")).to_have_count(1)


def test_a_half_written_report_survives_a_closed_page(informant: Informant, photos: Path) -> None:
    page = informant.page
    page.goto("/reports/new")
    expect(page.locator("html")).to_have_attribute("data-scripts", "ready")
    page.get_by_label("看到了什么").fill("写到一半")
    page.locator("#report-photos").set_input_files(photos / "portrait_6.jpg")
    expect(page.locator("#report-strip img")).to_have_count(1)
    page.close()
    page = page.context.new_page()
    page.goto("/reports/new")
    expect(page.get_by_label("看到了什么")).to_have_value("写到一半")
    expect(page.locator("#report-strip img")).to_have_count(1)
