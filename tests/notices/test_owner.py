"""The owner's page: light, without script or sign-in, about this one notice and nothing else."""

import dataclasses
import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import brotli
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.accounts.regions import Region, regions_in
from app.core import clock
from app.core.database import db
from app.core.ids import new_id, new_token
from app.core.roles import Role
from app.core.settings import Settings
from app.inspections.models import Inspection
from app.notices import services
from app.notices.models import Notice
from app.notices.pages import unbroken
from app.web.role_words import forbidden_in
from tests.fixtures.pages import PageClient, csrf_token, parse
from tests.fixtures.signing_in import SignIn
from tests.notices.conftest import Scene
from tests.notices.factory import CODES, make_premises, make_visit, set_due, wish

FIRST_WINDOW = 14 * 1024  # bytes a server may send before the phone has answered once

pytestmark = pytest.mark.usefixtures("a_monday")


@pytest.fixture
def notice(app: Flask, scene: Scene, sign_in: SignIn) -> Notice:
    with app.app_context():
        by = db.session.get_one(Person, sign_in.county.person(Role.COORDINATOR).id)
        made = services.issue_notice(
            new_id(), wish(db.session.get_one(Inspection, scene.visit_id)), by=by, now=clock.now()
        )
        db.session.commit()
        return made


def reread(app: Flask, notice: Notice) -> Notice:
    with app.app_context():
        return db.session.get_one(Notice, notice.id)


def test_it_says_what_to_fix_by_when_and_whom_to_call(client: PageClient, notice: Notice) -> None:
    page = client.page(f"/n/{notice.token}")
    said = page.text
    assert page.all("h1")[0].text == "巡查整改建议单"
    for words in ("北山镇卫生院", notice.number, "青禾小饭馆(演示)", "还有 7 天", "冰箱 9 度", "不是罚单"):
        assert words in said
    assert [link for link in page.all("a") if link["href"] == "tel:000-0000001"]
    assert len(page.all("img")) == 3
    assert said.count("为什么要改") == 3
    assert page.all("html")[0]["lang"] == "zh-Hans-CN"


def test_english_is_one_tap_away(client: PageClient, notice: Notice) -> None:
    client.set_cookie("lang", "en")
    page = client.page(f"/n/{notice.token}")
    assert page.all("html")[0]["lang"] == "zh-Hans-CN", "Chinese first, whatever a cookie says"
    link = next(link["href"] for link in page.all("a") if link.text == "English")
    english = client.page(link)
    assert english.all("html")[0]["lang"] == "en"
    assert "7 days left" in english.text
    assert "Patrol advice notice" in english.text
    shell = english.text.replace("青禾小饭馆(演示)", "")
    assert "我已收到" not in shell


def test_no_script_and_the_first_14_kilobytes_hold_it(client: PageClient, notice: Notice) -> None:
    answer = client.get(f"/n/{notice.token}")
    page = parse(answer.text)
    assert page.all("script") == []
    sheets = [link["href"] for link in page.all("link") if link["rel"] in {"stylesheet", "icon"}]
    parts = [
        answer.data,
        *(Path("static", *href.split("?")[0].split("/")[2:]).read_bytes() for href in sheets),
    ]
    sizes = [len(brotli.compress(part, quality=5)) for part in parts]
    headers = len(str(answer.headers)) * len(parts)
    assert sum(sizes) + headers <= FIRST_WINDOW, sizes


def test_a_long_notice_still_fits(client: PageClient, app: Flask, sign_in: SignIn) -> None:
    codes = tuple(f"{domain}-{n:02d}" for domain in ("CAT", "FIR") for n in range(1, 11))
    with app.app_context():
        by = db.session.get_one(Person, sign_in.county.person(Role.COORDINATOR).id)
        visit = make_visit(by, make_premises(sign_in.county.villages[0]), codes, photos=0)
        made = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
    html = client.get(f"/n/{made.token}").data
    css = Path("static/css/paper.css").read_bytes()
    assert len(brotli.compress(html, quality=5)) + len(brotli.compress(css, quality=5)) <= FIRST_WINDOW


def test_it_is_never_indexed_and_leaks_no_address(client: PageClient, notice: Notice) -> None:
    for path in ("", "/photos/1.jpg"):
        answer = client.get(f"/n/{notice.token}{path}")
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = client.page(f"/n/{notice.token}")
    assert any(meta["name"] == "robots" and "noindex" in meta["content"] for meta in page.all("meta"))


def test_the_page_speaks_as_an_adviser(client: PageClient, notice: Notice) -> None:
    said = client.page(f"/n/{notice.token}").text
    assert forbidden_in(said.replace("行政处罚或责令文书", "").replace("无执法权", ""), "coordinator") == []


def test_nothing_about_anyone_else(client: PageClient, notice: Notice, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        by = db.session.get_one(Person, sign_in.county.person(Role.COORDINATOR).id)
        make_visit(by, make_premises(sign_in.county.villages[0], "隔壁店"), ("CAT-10",))
        db.session.commit()
    said = client.get(f"/n/{notice.token}").text
    assert "隔壁店" not in said
    for secret in (str(notice.id), str(notice.inspection_id), str(notice.premises_id), "000-0000009", "30.1"):
        assert secret not in said


def test_a_staff_preview_does_not_count_as_opened(
    client: PageClient, sign_in: SignIn, notice: Notice, app: Flask
) -> None:
    assert "不计入" in sign_in(Role.SUPERVISOR).get(f"/n/{notice.token}").text
    assert reread(app, notice).openings == 0
    for _ in range(3):
        client.get(f"/n/{notice.token}")
    assert reread(app, notice).openings == 3
    shown = sign_in(Role.COORDINATOR).get(f"/notices/{notice.id}").text
    assert "业主打开过 3 次，最近" in shown


def test_i_have_received_this_works_without_a_cookie(client: PageClient, notice: Notice, app: Flask) -> None:
    token = csrf_token(client.get(f"/n/{notice.token}").text)
    fresh = app.test_client(use_cookies=False)
    answer = fresh.post(f"/n/{notice.token}/received", data={"csrf_token": token})
    assert answer.status_code == 303
    first = reread(app, notice).acknowledged_at
    assert first is not None
    fresh.post(f"/n/{notice.token}/received", data={"csrf_token": token})
    assert reread(app, notice).acknowledged_at == first
    page = client.get(answer.location).text
    assert "谢谢" in page
    assert "/received" not in page.replace("received=1", "")


@pytest.mark.parametrize("token", ["", "forged", "Im5vdGhpbmci.x"])
def test_a_forged_receipt_is_refused(client: PageClient, notice: Notice, app: Flask, token: str) -> None:
    answer = client.post(f"/n/{notice.token}/received", data={"csrf_token": token})
    assert answer.status_code == 400
    assert client.post(f"/n/{new_token()}/received", data={"csrf_token": token}).status_code == 400
    assert reread(app, notice).acknowledged_at is None


def test_a_receipt_counts_for_its_own_notice_only(client: PageClient, notice: Notice, app: Flask) -> None:
    token = csrf_token(client.get(f"/n/{notice.token}").text)
    assert client.post(f"/n/{new_token()}/received", data={"csrf_token": token}).status_code == 404


def test_the_owners_page_sets_no_cookie_and_can_be_asked_for_news(client: PageClient, notice: Notice) -> None:
    first = client.get(f"/n/{notice.token}")
    assert "Set-Cookie" not in first.headers
    again = client.get(f"/n/{notice.token}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert "no-cache" in first.headers["Cache-Control"]


def test_wrong_addresses_all_look_alike(client: PageClient, notice: Notice, app: Flask, scene: Scene) -> None:
    with app.app_context():
        by = db.session.get_one(Person, notice.drafted_by_id)
        visit = make_visit(by, make_premises(_village(by), "草稿店"), ("CAT-10",))
        draft = services.draft_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
    paths = [new_token(), "x", "0" * 500, notice.token[:-1], notice.token.swapcase(), draft.token]
    answers = [client.get(f"/n/{path}") for path in paths]
    answers += [client.get(f"/n/{new_token()}{rest}") for rest in ("/photos/1.jpg", "/notice.pdf")]
    answers += [client.get(f"/n/{notice.token}/photos/99.jpg")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert "Set-Cookie" not in answers[0].headers


def _village(by: Person) -> Region:
    return regions_in(by.region)[-1]


def test_photos_come_without_exif_and_position(client: PageClient, notice: Notice) -> None:
    for place in (1, 2, 3):
        answer = client.get(f"/n/{notice.token}/photos/{place}.jpg")
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert b"SecretMaker" not in answer.data
        with Image.open(BytesIO(answer.data)) as image:
            assert dict(image.getexif()) == {}
        assert answer.headers["Cache-Control"] == "private, no-cache"  # kept by the version in its address


def test_a_withdrawn_notice_says_so_and_points_to_its_successor(
    client: PageClient, notice: Notice, app: Flask, scene: Scene
) -> None:
    with app.app_context():
        by = db.session.get_one(Person, notice.drafted_by_id)
        old = db.session.get_one(Notice, notice.id)
        services.withdraw_notice(old, "内部原因不外传", by=by, now=clock.now())
        db.session.commit()
    alone = client.get(f"/n/{notice.token}").text
    assert "已于" in alone
    assert "撤回" in alone
    assert "内部原因不外传" not in alone
    assert "/received" not in alone
    assert "还有 7 天" not in alone, "nobody is hurried by a withdrawn notice"
    assert "前改好" not in alone, "nor asked to do anything"
    with app.app_context():
        by = db.session.get_one(Person, notice.drafted_by_id)
        visit = db.session.get_one(Inspection, scene.visit_id)
        new = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
    page = client.page(f"/n/{notice.token}")
    assert [link for link in page.all("a") if link["href"] == f"/n/{new.token}"]
    assert f"此单替换 {notice.number}" in client.get(f"/n/{new.token}").text


def test_an_overdue_notice_counts_the_days(client: PageClient, notice: Notice) -> None:
    with clock.freeze(clock.now() + timedelta(days=9)):
        page = client.page(f"/n/{notice.token}")
    assert "逾期 2 天" in page.text
    assert any("due-late" in element["class"] for element in page.all("p"))


def test_hostile_text_stays_text(client: PageClient, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        by = db.session.get_one(Person, sign_in.county.person(Role.COORDINATOR).id)
        premises = make_premises(sign_in.county.villages[0], "<script>alert(1)</script>𠮷野家😀{date}{phone}")
        visit = make_visit(by, premises, CODES, photos=0)
        for answer in visit.answers:
            answer.note = "<b>粗</b>{date}" + "长" * 10_000
        made = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
    said = client.get(f"/n/{made.token}").text
    assert "<script>alert" not in said
    assert "<b>粗" not in said
    assert "𠮷野家😀{date}{phone}" in said


class TestGuessing:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return dataclasses.replace(settings, rate_limits=True)

    def test_guessing_is_slowed_down_and_reading_is_not(self, client: PageClient, notice: Notice) -> None:
        assert {client.get(f"/n/{notice.token}").status_code for _ in range(40)} == {200}
        codes = [client.get(f"/n/{new_token()}").status_code for _ in range(32)]
        assert codes[:30] == [404] * 30
        assert codes[30:] == [429, 429]


def test_audit_knows_the_receipt(client: PageClient, notice: Notice, app: Flask) -> None:
    from app.core.audit import AuditRecord

    token = csrf_token(client.get(f"/n/{notice.token}").text)
    client.post(f"/n/{notice.token}/received", data={"csrf_token": token})
    with app.app_context():
        row = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "notice_acknowledged")).one()
        assert row.object_id == notice.id


def test_a_due_date_moved_later_in_the_visit_does_not_move_the_notice(
    client: PageClient, notice: Notice, app: Flask, scene: Scene
) -> None:
    with app.app_context():
        set_due(db.session.get_one(Inspection, scene.visit_id), clock.today() + timedelta(days=30))
        db.session.commit()
    assert "还有 7 天" in client.get(f"/n/{notice.token}").text


def plain(client: PageClient, path: str) -> str:
    """The page's text in the order it is read."""
    assert client.page(path)
    return re.sub(r"<[^>]+>", "", client.get(path).text)


def issued(
    app: Flask, sign_in: SignIn, note: str = "", kind: str = "xuncha_advice", role: Role | None = None
) -> Notice:
    """A notice about one finding with this note, issued by somebody of `role`, from the coordinator's visit."""
    with app.app_context():
        by = db.session.get_one(Person, sign_in.county.person(Role.COORDINATOR).id)
        visit = make_visit(by, make_premises(sign_in.county.villages[0]), ("CAT-10",), photos=0)
        for answer in visit.answers:
            answer.note = note
        issuer = db.session.get_one(Person, sign_in.county.person(role).id)
        asked = wish(visit, kind, registration_number="检登2026-77")
        made = services.issue_notice(new_id(), asked, by=issuer, now=clock.now())
        db.session.commit()
        return made


def test_a_very_long_note_is_no_headline(client: PageClient, app: Flask, sign_in: SignIn) -> None:
    made = issued(app, sign_in, "冷藏柜温度偏高，" * 1250)
    page = client.page(f"/n/{made.token}")
    assert max(len(heading.text) for heading in page.all("h2")) < 100
    assert page.text.count("冷藏柜温度偏高") >= 1249, "all of it can be read"
    assert "看全文" in page.text
    shown = sign_in(Role.COORDINATOR).page(f"/notices/{made.id}").text
    assert len(shown) < 5000


def test_a_note_of_some_lines_stands_open_below_the_item(
    client: PageClient, app: Flask, sign_in: SignIn
) -> None:
    page = client.page(f"/n/{issued(app, sign_in, '后厨冰箱' * 30).token}")
    assert "看全文" not in page.text
    assert [text for text in page.all("p") if "told" in text["class"]]


def test_dates_and_phone_numbers_stay_whole(client: PageClient, notice: Notice) -> None:
    for lang, weekday in (("", "周"), ("?lang=en", " ")):
        whole = [
            span.text
            for span in client.page(f"/n/{notice.token}{lang}").all("span")
            if "nowrap" in span["class"].split()
        ]
        assert "000-0000001" in whole
        assert any(weekday in text for text in whole)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("请于 11月29日 周日 前改好", ["11月29日 周日"]),
        ("2026年11月29日", ["2026年11月29日"]),
        ("by Sun 29 Nov 2026, or call +86 0571-5550123.", ["Sun 29 Nov 2026", "0571-5550123"]),
        ("拨0999-1234567。", ["0999-1234567"]),
        ("<b>119</b> 还有 7 天", ["还有 7 天"]),
        ("11月22日 周日 13:26 打开", ["11月22日 周日 13:26"]),
        ("12 个 3-4 箱", []),
    ],
)
def test_what_is_kept_whole(text: str, whole: list[str]) -> None:
    marked = str(unbroken(text))
    assert re.findall(r'<span class="nowrap">(.*?)</span>', marked) == whole
    assert "<b>" not in marked


def test_an_overdue_owner_reads_what_happens_next_and_whom_to_call(
    client: PageClient, notice: Notice
) -> None:
    with clock.freeze(clock.now() + timedelta(days=9)):
        late = plain(client, f"/n/{notice.token}")
        english = plain(client, f"/n/{notice.token}?lang=en")
    for words in ("已经改好了？", "请打 000-0000001", "时间可以商量", "我们会再来看", "报告主管部门"):
        assert words in late, words
        assert words not in plain(client, f"/n/{notice.token}")
    assert forbidden_in(late.replace("行政处罚或责令文书", "").replace("无执法权", ""), "coordinator") == []
    assert "we can talk about more time" in english


def test_an_objection_goes_to_a_body_that_has_an_english_name(
    client: PageClient, app: Flask, sign_in: SignIn
) -> None:
    with app.app_context():
        for body in db.session.scalars(select(Organisation)):
            body.objection_to = "试验县疾病预防控制中心 000-7654321"
        db.session.get_one(Organisation, sign_in.county.agency.id).name_en = "Test County CDC"
        db.session.commit()
    made = issued(app, sign_in)
    assert "向试验县疾病预防控制中心 000-7654321说明" in plain(client, f"/n/{made.token}")
    assert "tell Test County CDC 000-7654321." in plain(client, f"/n/{made.token}?lang=en")


def test_who_was_there_and_who_issued_are_both_named(client: PageClient, app: Flask, sign_in: SignIn) -> None:
    both = plain(client, f"/n/{issued(app, sign_in, role=Role.SUPERVISOR).token}")
    assert "协小二" in both
    assert re.search(r"出具人\s*督小三", both)
    alone = plain(client, f"/n/{issued(app, sign_in).token}")
    assert "出具人" not in alone


def test_the_registration_number_stands_where_the_form_has_one(
    client: PageClient, app: Flask, sign_in: SignIn
) -> None:
    opinion = issued(app, sign_in, kind="health_opinion", role=Role.SUPERVISOR)
    assert "检登2026-77" in plain(client, f"/n/{opinion.token}")
    assert "检登2026-77" not in plain(client, f"/n/{issued(app, sign_in).token}")


def test_in_english_the_law_stands_in_its_own_words_too(client: PageClient, notice: Notice) -> None:
    page = client.page(f"/n/{notice.token}?lang=en")
    assert [text for text in page.all("p") if text["lang"] == "zh-Hans" and "《" in text.text]
    links = [link["href"] for link in page.all("a")]
    assert f"/n/{notice.token}/notice.pdf?lang=en" in links
    assert f"/n/{notice.token}/notice.pdf" in links
