"""The paper from the frozen notice: its code opens the page, its words are the right ones, it is made once."""

from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Page

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices import printing, services
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice
from app.notices.paper import Layout
from app.web.role_words import forbidden_in
from tests.factories.people import County
from tests.fixtures.browsers import LiveServer
from tests.fixtures.pages import PageClient
from tests.fixtures.signing_in import SignIn
from tests.notices.conftest import Scene
from tests.notices.factory import make_premises, make_visit, wish

LAYOUTS = ("a4", "80mm", "58mm")


@pytest.fixture
def notice(app: Flask, scene: Scene, county: County) -> Notice:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = db.session.get_one(Inspection, scene.visit_id)
        made = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
        return made


def codes_in(pdf: bytes) -> set[str]:
    """What a decoder reads from the pages rendered at 150 dpi."""
    found = set()
    for page in pypdfium2.PdfDocument(pdf):
        found |= {code.text for code in zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())}
    return found


def words_in(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_code_on_every_paper_opens_the_owners_page(
    sign_in: SignIn, notice: Notice, live_server: LiveServer, page: Page, layout: str
) -> None:
    answer = sign_in(Role.COORDINATOR).get(f"/notices/{notice.id}/{layout}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    address = live_server(f"/n/{notice.token}")
    assert codes_in(answer.data) == {address}
    page.goto(address)
    assert page.locator("h1").inner_text() == "巡查整改建议单"


def test_the_code_on_the_screen_says_the_same(sign_in: SignIn, notice: Notice, app: Flask) -> None:
    answer = sign_in(Role.COORDINATOR).get(f"/notices/{notice.id}/qr.png")
    with Image.open(BytesIO(answer.data)) as image:
        texts = [code.text for code in zxingcpp.read_barcodes(image.convert("L"))]
    assert texts == [f"{app.extensions['settings'].public_url}/n/{notice.token}"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_paper_speaks_as_an_adviser(sign_in: SignIn, notice: Notice, layout: str) -> None:
    said = "".join(words_in(sign_in(Role.COORDINATOR).get(f"/notices/{notice.id}/{layout}.pdf").data).split())
    assert forbidden_in(said) == []
    for words in (
        notice.number,
        "巡查整改建议单",
        "青禾小饭馆(演示)",
        "北山镇卫生院",
        "不是行政处罚或责令文书",
    ):
        assert words in said, words


def test_the_owner_gets_the_same_paper(client: PageClient, sign_in: SignIn, notice: Notice) -> None:
    owners = client.get(f"/n/{notice.token}/notice.pdf")
    assert owners.mimetype == "application/pdf"
    assert "noindex" in owners.headers["X-Robots-Tag"]
    assert owners.data == sign_in(Role.COORDINATOR).get(f"/notices/{notice.id}/a4.pdf").data


def test_a_paper_is_made_once_until_its_state_changes(
    app: Flask, notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Layout] = []
    real = printing.render_paper
    monkeypatch.setattr(printing, "render_paper", lambda n, layout: (made.append(layout), real(n, layout))[1])
    with app.test_request_context():
        for _ in range(2):
            printing.paper_pdf(db.session.get_one(Notice, notice.id), Layout.A4)
        assert made == [Layout.A4]
        row = db.session.get_one(Notice, notice.id)
        by = db.session.get_one(Person, row.drafted_by_id)
        handing = Handing(DeliveryMethod.REFUSED, reason="老板不在", witness="村委某某")
        record_delivery(new_id(), row, handing, by=by, now=clock.now())
        delivered = words_in(printing.paper_pdf(row, Layout.A4))
        services.withdraw_notice(row, "写错", by=by, now=clock.now())
        withdrawn = words_in(printing.paper_pdf(row, Layout.A4))
    assert len(made) == 3
    assert "村委某某" in delivered
    assert "撤回" in withdrawn


def test_characters_no_font_has_are_told_to_the_issuer(
    app: Flask, sign_in: SignIn, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_has = "\U0001316e"  # an Egyptian hieroglyph stands for a character without font
    monkeypatch.setattr("app.notices.print_fonts.FontSet._having", lambda _self, _sign: None)
    with app.test_request_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = make_visit(
            by, make_premises(county.villages[0], f"{nobody_has}记小吃"), ("CAT-10",), photos=0
        )
        made = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
        printing.prepare(made.id)
    said = sign_in(Role.COORDINATOR).get(f"/notices/{made.id}").text
    assert f"打印字体里没有这些字：{nobody_has}" in said
    assert sign_in(Role.COORDINATOR).get(f"/notices/{made.id}/58mm.pdf").status_code == 200


def test_a_draft_is_not_printed(app: Flask, sign_in: SignIn, scene: Scene, county: County) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = db.session.get_one(Inspection, scene.visit_id)
        draft = services.draft_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
    for path in ("a4.pdf", "qr.png"):
        assert sign_in(Role.COORDINATOR).get(f"/notices/{draft.id}/{path}").status_code == 404
