"""Somebody holds a paper and wants to know whether it is genuine: a phone, no account, no script."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.notices.models import Notice
from app.notices.rules import short_digest
from tests.factories.visits import noticed
from tests.fixtures.browsers import LiveServer
from tests.fixtures.demo import EATERY
from tests.navigators.owner import Owner


@pytest.fixture
def notice(live_server: LiveServer) -> Notice:
    return noticed(live_server.app, EATERY, ("CAT-09", "两袋面粉直接放在地上"))


def test_from_the_owners_page_by_code_then_by_file(owner: Owner, notice: Notice, tmp_path: Path) -> None:
    page = owner.page
    owner.scans(f"/n/{notice.token}")
    paper = tmp_path / "notice.pdf"
    paper.write_bytes(page.request.get(f"/n/{notice.token}/notice.pdf").body())
    page.get_by_role("link", name="核验您手里的这份").tap()
    expect(page.get_by_label("编号")).to_have_value(notice.number)
    expect(page.get_by_role("button", name="核验", exact=True)).to_be_in_viewport()
    assert page.evaluate("document.scripts.length") == 0
    page.get_by_label("校验码").fill("0000 0000 0000 0000")
    page.get_by_role("button", name="核验", exact=True).tap()
    expect(page.get_by_role("alert")).to_contain_text("对不上")
    page.get_by_label("校验码").fill(short_digest(notice.digest).lower())
    page.get_by_role("button", name="核验", exact=True).tap()
    expect(page.get_by_role("status")).to_contain_text("编号与校验码相符")
    page.get_by_role("link", name="核验另一份").tap()
    page.get_by_label("PDF 文件").set_input_files(paper)
    page.get_by_role("button", name="核验文件").tap()
    expect(page.get_by_role("status")).to_contain_text("一个字节都没有改过")
    expect(page.get_by_text(notice.number)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.context.cookies() == []
