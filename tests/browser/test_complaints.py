"""Somebody complains on an old phone without scripts, keeps the receipt, and sees what becomes of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.county import set_option
from app.accounts.regions import Level, Region
from app.core import clock
from app.core.database import db, transaction
from app.core.roles import Role

WORDS = "小区门口的诊所没有执照,给孩子输液(演示)"


@pytest.fixture
def is_open(app: Flask) -> None:
    with app.app_context(), transaction():
        county = db.session.scalars(select(Region).where(Region.level == Level.COUNTY)).first()
        assert county is not None
        set_option(county.id, "complaints.public", True, by=None, now=clock.now())


@pytest.mark.usefixtures("is_open")
def test_a_complaint_without_scripts_is_answered_and_its_sender_stays_hidden(
    open_context: Callable[..., object], page_as: Callable[..., Page], photos: Path
) -> None:
    stranger: Page = open_context(java_script_enabled=False).new_page()  # type: ignore[attr-defined]
    stranger.goto("/complain")
    stranger.get_by_role("link", name="English").tap()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Complain or report")
    stranger.get_by_role("link", name="中文").tap()
    stranger.get_by_label("发生了什么事").fill(WORDS)
    stranger.get_by_label("您的电话").fill("13900001234")
    stranger.get_by_label("照片").set_input_files(photos / "portrait_6.jpg")
    stranger.wait_for_timeout(3500)  # nobody writes that in less
    stranger.get_by_role("button", name="提交").tap()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("已收到您的投诉举报")
    number, code = stranger.locator("dd.receipt-number").all_inner_texts()

    supervisor = page_as(Role.SUPERVISOR)
    supervisor.goto("/")
    supervisor.get_by_role("link", name="投诉举报").first.tap()
    supervisor.get_by_role("link", name=number).tap()
    expect(supervisor.locator("main")).not_to_contain_text("输液")
    supervisor.get_by_role("button", name="受理").tap()
    supervisor.get_by_role("button", name="查看投诉人信息和原话").tap()
    expect(supervisor.locator("main")).to_contain_text(WORDS)
    expect(supervisor.locator("main")).to_contain_text("13900001234")
    supervisor.locator("a.back").tap()
    for step, words in (("已处理", "已到现场查看,已取得执照"), ("答复投诉人", "诊所证照齐全,谢谢您")):
        supervisor.locator("summary", has_text=step).tap()
        supervisor.locator("details[open] textarea").fill(words)
        supervisor.locator("details[open]").get_by_role("button", name=step).tap()
        expect(supervisor.locator(".flash")).to_be_visible()

    stranger.get_by_role("link", name="查询办理情况").tap()
    stranger.get_by_label("受理编号").fill(number)
    stranger.get_by_label("查询码").fill(code)
    stranger.get_by_role("button", name="查看").or_(stranger.get_by_role("button", name="显示")).tap()
    expect(stranger.locator("main")).to_contain_text("诊所证照齐全")
