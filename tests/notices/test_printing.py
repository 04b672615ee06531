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


def test_whoever_has_only_the_link_gets_the_paper_without_the_end_of_the_phone_number(
    client: PageClient, sign_in: SignIn, notice: Notice
) -> None:
    public = client.get(f"/n/{notice.token}/notice.pdf")
    assert public.mimetype == "application/pdf"
    assert "noindex" in public.headers["X-Robots-Tag"]
    ours = sign_in(Role.COORDINATOR).get(f"/notices/{notice.id}/a4.pdf").data
    assert "000-0000009" in words_in(ours)
    assert "000-0000009" not in words_in(public.data)
    assert words_in(public.data).replace("000-000****", "000-0000009") == words_in(ours)


def test_a_paper_is_made_once_until_its_state_changes(
    app: Flask, notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Layout] = []
    real = printing.render_paper
    monkeypatch.setattr(
        printing, "render_paper", lambda n, layout, *said: (made.append(layout), real(n, layout, *said))[1]
    )
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


def opinion(app: Flask, county: County, **changes: str) -> Notice:
    """A supervisor's opinion about the coordinator's visit."""
    by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    visit = make_visit(by, make_premises(county.villages[0]), ("CAT-10",), photos=0)
    asked = wish(visit, "health_opinion", **changes)
    issuer = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
    return services.issue_notice(new_id(), asked, by=issuer, now=clock.now())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_paper_names_who_was_there_who_issued_and_the_register(
    app: Flask, county: County, layout: str
) -> None:
    with app.test_request_context():
        made = opinion(app, county, registration_number="检登2026-77")
        said = "".join(words_in(printing.paper_pdf(made, Layout(layout))).split())
        issuer = made.issued_by
    assert issuer is not None
    for text in (
        "现场人员",
        "协小二",
        "签发人",
        f"督小三(证件号{issuer.certificate_number})",
        "登记号",
        "检登2026-77",
    ):
        assert text in said, text


def test_a_paper_whose_issuer_was_there_names_nobody_twice(app: Flask, notice: Notice) -> None:
    with app.test_request_context():
        said = words_in(printing.paper_pdf(db.session.get_one(Notice, notice.id), Layout.A4))
    assert said.count("协小二") == 1
    assert "登记号" not in said, "an advisory paper has no line for it"
    assert "出具人" not in said


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_english_paper_is_complete_and_says_that_the_chinese_one_counts(
    client: PageClient, sign_in: SignIn, notice: Notice, layout: str
) -> None:
    staff = sign_in(Role.COORDINATOR)
    chinese = staff.get(f"/notices/{notice.id}/{layout}.pdf").data
    english = staff.get(f"/notices/{notice.id}/{layout}.pdf?lang=en").data
    said = " ".join(words_in(english).split())
    for text in (
        "Patrol advice notice",
        "What to do",
        "Legal basis",
        "Translation for reading",
        "巡查整改建议单",
        "《",
        notice.number,
        "Best fixed by",
    ):
        assert text in said, text
    for entry in notice.content["findings"]:
        assert "".join(entry["title"]["en"].split()) in "".join(said.split())
    assert "怎么改" not in said
    assert codes_in(english) == codes_in(chinese)
    staff.set_cookie("lang", "en")
    assert staff.get(f"/notices/{notice.id}/{layout}.pdf").data == chinese, "the notice is the Chinese one"
    if layout == "a4":
        for tail, ours in (("?lang=en", english), ("", chinese)):
            public = client.get(f"/n/{notice.token}/notice.pdf{tail}").data
            assert words_in(public).replace("000-000****", "000-0000009") == words_in(ours)
