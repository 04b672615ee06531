"""A signal between two people: who was there explains it, the supervisor looks at both things and decides."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.core.database import db
from app.core.roles import Role
from app.signals.models import Signal, State
from app.signals.rules import Kind
from tests.fixtures.browsers import DESK, LiveServer


def test_the_coordinator_explains_and_the_supervisor_decides(
    page_as: Callable[..., Page], live_server: LiveServer
) -> None:
    coordinator = page_as(Role.COORDINATOR)
    coordinator.goto("/")
    coordinator.get_by_role("link", name="关于我的到访的提示").click()
    coordinator.get_by_role("link", name="照片拍摄位置离场所较远").click()
    expect(coordinator.locator("main")).to_contain_text("提示不是结论")
    coordinator.get_by_role("link", name="月").first.click()  # the visit it is about: it stands there, too
    coordinator.wait_for_url("**/inspections/**")
    coordinator.get_by_role("link", name="照片拍摄位置离场所较远").click()
    coordinator.get_by_label("简单写几句").fill("渡口改了位置，登记的坐标还是老码头")
    coordinator.get_by_role("button", name="提交说明").click()
    expect(coordinator.get_by_role("list", name="说明与处理")).to_contain_text("老码头")

    supervisor = page_as(Role.SUPERVISOR, **DESK)
    supervisor.goto("/signals")
    row = supervisor.get_by_role("link", name="照片拍摄位置离场所较远")
    expect(row).to_contain_text("已有说明")
    row.click()
    expect(supervisor.locator("main")).to_contain_text("老码头")
    supervisor.get_by_role("button", name="有合理说明").click()  # not without a word
    expect(supervisor).to_have_url(live_server(f"/signals/{_of(live_server, Kind.FAR).id}"))
    supervisor.get_by_label("简单写几句").fill("已改正登记坐标")
    supervisor.get_by_role("button", name="有合理说明").click()
    supervisor.wait_for_url("**/signals")
    expect(supervisor.get_by_role("link", name="照片拍摄位置离场所较远")).to_have_count(0)
    assert _of(live_server, Kind.FAR).state is State.EXPLAINED


def _of(live_server: LiveServer, kind: Kind) -> Signal:
    with live_server.app.app_context():
        return db.session.query(Signal).filter_by(kind=kind).one()
