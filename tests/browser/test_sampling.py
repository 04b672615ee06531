"""On the phone: a supervisor draws, calls the drawn visits one after the other and reads what holds of all."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from app.core import clock
from app.core.roles import Role


def test_a_supervisor_draws_calls_and_reads_the_result_on_the_phone(page_as: Callable[..., Page]) -> None:
    page = page_as(Role.SUPERVISOR)
    page.goto("/sampling")
    page.get_by_role("link", name="抽取样本").click()
    page.get_by_label("巡查日期从").fill(str(clock.today() - timedelta(days=60)))
    page.get_by_label("到", exact=True).fill(str(clock.today()))
    page.get_by_label("按乡镇分层").check()
    page.get_by_label("自己定数量").check()
    page.get_by_label("巡查次数").fill("4")
    page.get_by_role("button", name="看看要抽多少").click()
    page.get_by_role("button", name="现在抽取 4 次巡查").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("次巡查中抽 4 次")

    page.get_by_role("link", name="打下一个").click()
    call = page.get_by_role("link", name="拨打")
    expect(call).to_have_attribute("href", "tel:0999-55000" + (call.get_attribute("href") or "")[-2:])
    first = page.get_by_role("heading", level=1).inner_text()
    box = page.locator("#sheet .seg label").first.bounding_box()
    assert box is not None
    assert box["height"] >= 48, "a button for a thumb"
    for question in ("有人来过吗", "属实吗", "满意吗"):
        page.get_by_role("group", name=question).get_by_label("✓ 是").check()
    page.get_by_role("button", name="保存，打下一个").click()
    expect(page.get_by_text("第 2 家，共 4 家")).to_be_visible()
    page.get_by_role("button", name="没人接").click()
    expect(page.get_by_text("第 3 家，共 4 家")).to_be_visible()
    page.get_by_role("group", name="有人来过吗").get_by_label("✗ 否").check()
    page.get_by_role("button", name="保存，打下一个").click()
    expect(page.get_by_text("第 4 家，共 4 家")).to_be_visible()

    page.get_by_role("link", name="返回").click()
    expect(page.get_by_text("回访 2 次，1 次确认：占全部巡查的")).to_be_visible()
    expect(page.get_by_text("抽中的巡查有 1 次没能问到")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text=first).filter(has_text="已回访")
    expect(row.first).to_contain_text("来过：是")
    page.get_by_role("link", name="重抽一遍并对比").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("重抽结果：完全一致")
