"""The pages: from one tap to a closed referral, without scripts, and by a link without account."""

import dataclasses
import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id, new_token
from app.core.roles import Role
from app.core.settings import Settings
from app.core.storage import storage
from app.notices import services as notices
from app.photos.models import Photo
from app.referrals.models import Addressee, Referral, ReferralLink
from app.referrals.rules import Event, Outcome, Status
from app.web.role_words import forbidden_in
from tests.factories.people import County
from tests.fixtures.pages import PageClient, csrf_token, parse
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_premises, make_visit, wish
from tests.referrals.factory import RECEIVED, make_photo, make_referral, sent, take, with_photos

FORM = {
    "address": "集市东头第三间,蓝色卷帘门", "facts": "门口挂“祖传治牙”布条", "scene": "外观已拍照,没有进入",
    "authority": "health_commission", "urgency": "urgent",
}  # fmt: skip


def person_of(county: County, role: Role = Role.COORDINATOR) -> Person:
    return db.session.get_one(Person, county.person(role).id)


def the_only(app: Flask) -> Referral:
    with app.app_context():
        return db.session.scalars(select(Referral)).one()


@pytest.fixture
def out(app: Flask, county: County) -> tuple[UUID, str]:
    """A referral with two photos that was sent, and the token of its link."""
    with app.app_context():
        by = person_of(county)
        referral = sent(by, county.villages[0], photos=with_photos(by))
        db.session.commit()
        assert referral.link is not None
        return referral.id, referral.link.token


def test_one_tap_starts_the_clock_and_the_rest_is_written_looked_over_and_sent(
    app: Flask, sign_in: SignIn, county: County
) -> None:
    client, referral_id = sign_in(Role.COORDINATOR), new_id()
    page = client.page("/referrals/new")
    assert "无证行医" in page.text
    answer = client.submit(
        "/referrals", {"matter": "illegal_practice", "change_id": str(referral_id)}, page="/referrals/new"
    )
    assert answer.headers["Location"] == f"/referrals/{referral_id}/edit"
    edit = client.page(answer.headers["Location"])
    assert "还剩 23 小时 59 分" in edit.text or "还剩 1 天" in edit.text
    discovered = next(one["value"] for one in edit.all("input") if one["name"] == "discovered_at")
    with app.app_context():
        village = str(county.villages[0].id)
    saved = client.submit(
        f"/referrals/{referral_id}/edit", FORM | {"region": village, "discovered_at": discovered},
        page=f"/referrals/{referral_id}/edit",
    )  # fmt: skip
    assert saved.status_code == 303
    shown = client.page(saved.headers["Location"])
    for words in ("名称不详", "祖传治牙", "县级卫生健康主管部门", "现在发出", "R13"):
        assert words in shown.text
    assert the_only(app).status is Status.DRAFT, "nothing is sent without a person"
    step = {"event": "send", "change_id": str(new_id())}
    for _twice in range(2):
        gone = client.submit(f"/referrals/{referral_id}/steps", step, page=f"/referrals/{referral_id}")
        assert gone.status_code == 303
    referral = the_only(app)
    assert (referral.status, referral.round, referral.subject) == (Status.SENT, 1, "")
    assert referral.region_id == county.villages[0].id


def test_an_incomplete_one_says_what_is_missing(app: Flask, sign_in: SignIn, county: County) -> None:
    client, referral_id = sign_in(Role.COORDINATOR), new_id()
    client.submit("/referrals", {"matter": "food_poisoning", "change_id": str(referral_id)}, page="/referrals/new")
    page = client.page(f"/referrals/{referral_id}")
    assert "发出前还要写" in page.text and "现在发出" not in page.text
    refused = client.submit(f"/referrals/{referral_id}/steps", {"event": "send"}, page=f"/referrals/{referral_id}")
    assert refused.status_code == 422
    assert the_only(app).number == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("discovered_at", "2999-01-01T00:00"),
        ("discovered_at", "gestern"),
        ("authority", "nobody"),
        ("address", "长" * 300),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(
    app: Flask, sign_in: SignIn, county: County, field: str, value: str
) -> None:
    with app.app_context():
        referral_id = make_referral(person_of(county), county.villages[0]).id
        db.session.commit()
    url = f"/referrals/{referral_id}/edit"
    client = sign_in(Role.COORDINATOR)
    now = f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}"
    answer = client.submit(url, FORM | {"discovered_at": now, field: value}, page=url)
    assert answer.status_code == 422
    assert "祖传治牙" in answer.text, "nothing typed is lost"


def test_photos_join_by_body_and_by_form_and_can_be_left_out(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        by = person_of(county)
        referral_id = make_referral(by, county.villages[0]).id
        bytes_ = storage().read(make_photo(by, 9).storage_key)
        db.session.commit()
    client, url = sign_in(Role.COORDINATOR), f"/referrals/{referral_id}/photos"
    token = csrf_token(client.get(f"/referrals/{referral_id}/edit").text)
    photo_id = new_id()
    for _twice in range(2):
        answer = client.post(f"{url}/{photo_id}", data=bytes_, headers={"X-CSRFToken": token, "X-Purpose": "scene"})
        assert answer.status_code == 201
    assert client.get(answer.json["thumb"]).mimetype == "image/jpeg"
    other = {"csrf_token": token, "photos": (io.BytesIO(bytes_ + b"\0"), "b.jpg")}
    assert client.post(url, data=other).status_code == 303
    edit = client.page(f"/referrals/{referral_id}/edit")
    assert len([img for img in edit.all("img") if "/photos/" in img["src"]]) == 2
    assert client.post(f"{url}/{photo_id}/leave-out", data={"csrf_token": token}).status_code == 303
    with app.app_context():
        referral = db.session.get_one(Referral, referral_id)
        assert len(referral.photos) == 1
        assert db.session.get(Photo, photo_id) is not None, "the photo itself stays on record"


def test_informants_find_no_door(app: Flask, sign_in: SignIn, out: tuple[UUID, str]) -> None:
    client = sign_in(Role.INFORMANT)
    for path in ("/referrals", "/referrals/new", f"/referrals/{out[0]}", f"/referrals/{out[0]}/evidence.zip"):
        assert client.get(path).status_code == 403
    assert "移送" not in client.page("/").text


def reads_of(app: Flask, client: PageClient, path: str) -> int:
    """How many statements a page asks."""
    asked: list[str] = []
    with app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        client.page(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_lists_and_start_page_ask_as_much_for_one_as_for_many(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        by = person_of(county)
        sent(by, county.villages[0])
        make_referral(by, county.villages[0])
        db.session.commit()
    client, paths = sign_in(Role.SUPERVISOR), ("/referrals", "/referrals?shelf=waiting", "/")
    for path in paths:
        client.page(path)  # caches are warm
    before = {path: reads_of(app, client, path) for path in paths}
    with app.app_context():
        by = person_of(county)
        for _ in range(9):
            make_referral(by, county.villages[0])
            sent(by, county.villages[0])
        db.session.commit()
    assert {path: reads_of(app, client, path) for path in paths} == before
    page = sign_in(Role.COORDINATOR).page("/referrals")
    assert len([row for row in page.all("li") if row["id"].startswith("referral-")]) == 10
    assert forbidden_in(page.text) == []


def test_the_start_page_shows_the_clocks_that_run(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        by = person_of(county)
        make_referral(by, county.villages[0], matter="food_poisoning", at=clock.now() - timedelta(minutes=18))
        make_referral(by, county.villages[0], matter="outbreak", at=clock.now() - timedelta(hours=3))
        db.session.commit()
    for role in (Role.COORDINATOR, Role.SUPERVISOR):
        said = sign_in(role).page("/").text
        assert "○ 还剩 1 小时 4" in said
        assert "▲ 已超时 1 小时" in said
        assert "1 件超时" in said


def test_a_finished_visit_proposes_two_taps(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        visit = make_visit(person_of(county), make_premises(county.villages[0]), ("CAT-10", "FIR-03"))
        visit_id = visit.id
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    page = client.page(f"/inspections/{visit_id}")
    assert "移送（已填好）" in page.text and "当日移送" in page.text
    first = client.submit(
        f"/inspections/{visit_id}/referral", {"authority": "fire_rescue"}, page=f"/inspections/{visit_id}"
    )
    again = client.submit(
        f"/inspections/{visit_id}/referral", {"authority": "fire_rescue"}, page="/referrals/new"
    )
    assert first.headers["Location"] == again.headers["Location"], "two taps, one referral"
    shown = client.page(first.headers["Location"])
    assert "消防救援大队" in shown.text and "现在发出" in shown.text
    sent_now = client.submit(f"{first.headers['Location']}/steps", {"event": "send"}, page=first.headers["Location"])
    assert sent_now.status_code == 303
    assert the_only(app).status is Status.SENT
    assert the_only(app).number in client.page(f"/inspections/{visit_id}").text


def test_a_notice_that_was_not_followed_offers_its_referral(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        by = person_of(county)
        visit = make_visit(by, make_premises(county.villages[0]), ("CAT-10",))
        notice_id = notices.issue_notice(new_id(), wish(visit), by=by, now=clock.now()).id
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    made = client.submit(
        f"/notices/{notice_id}/referral", {"authority": "market_supervision"}, page=f"/notices/{notice_id}"
    )
    shown = client.page(made.headers["Location"])
    assert "冰箱 9 度" in shown.text and "北卫协建" in shown.text
    assert forbidden_in(shown.text) == []


def test_the_answer_of_the_other_side_is_written_down_with_its_name(
    app: Flask, sign_in: SignIn, out: tuple[UUID, str]
) -> None:
    client, page = sign_in(Role.COORDINATOR), f"/referrals/{out[0]}"
    nameless = client.submit(f"{page}/steps", {"event": "acknowledge"}, page=page)
    assert nameless.status_code == 422 and "对方哪位" in nameless.text
    for step in (
        {"event": "accept", "name": "李某", "opinion": "马上核实"},
        {"event": "close", "name": "李某", "reason": "已处理", "outcome": "dealt_with"},
    ):
        assert client.submit(f"{page}/steps", step, page=page).status_code == 303
    said = client.page(page).text
    assert "已办结" in said and "李某" in said and "协小二 代记" in said
    late = client.submit(f"{page}/steps", {"event": "accept", "name": "李某"}, page="/referrals/new")
    assert late.status_code == 409


def test_a_supervisor_sends_nothing_of_another_state_and_reads_what_is_hers(
    app: Flask, sign_in: SignIn, out: tuple[UUID, str]
) -> None:
    page = sign_in(Role.SUPERVISOR).page(f"/referrals/{out[0]}")
    assert "记下对方的答复" in page.text
    assert "已办结" not in sign_in(Role.ADMINISTRATOR).page(f"/referrals/{out[0]}").text


# ---- the link


def answer(client: PageClient, token: str, **fields: str) -> object:
    client.checks = False
    form = csrf_token(client.get(f"/r/{token}").text)
    return client.post(f"/r/{token}/answer", data={"csrf_token": form, "name": "王某(卫健局)"} | fields)


def test_without_account_it_is_read_and_answered_once(
    app: Flask, client: PageClient, out: tuple[UUID, str]
) -> None:
    token = out[1]
    page = client.page(f"/r/{token}")
    for words in ("案件转交单", "不详", "祖传治牙", "照片说明1", "答复移送单位", "指纹"):
        assert words in page.text
    assert page.all("script") == []
    assert forbidden_in(page.text) == []
    done = answer(client, token, answer="acknowledge")
    assert done.status_code == 303  # type: ignore[attr-defined]
    after = client.page(f"/r/{token}")
    assert "发出答复" not in after.text and "只能查看" in after.text and "王某(卫健局)" in after.text
    assert client.get(f"/r/{token}").headers["Cache-Control"] == "no-store"
    with app.app_context():
        link = db.session.scalars(select(ReferralLink)).one()
        assert link.used_at is not None and link.openings >= 3


def test_forwarded_after_the_answer_it_gives_no_right_to_write(
    app: Flask, client: PageClient, out: tuple[UUID, str]
) -> None:
    token = out[1]
    client.checks = False
    early = csrf_token(client.get(f"/r/{token}").text)  # somebody has the form open while another one answers
    answer(client, token, answer="acknowledge")
    late = client.post(f"/r/{token}/answer", data={"csrf_token": early, "name": "转来的人", "answer": "accept"})
    assert late.status_code == 409 and "已经答复过" in late.text
    with app.app_context():
        assert db.session.get_one(Referral, out[0]).status is Status.ACKNOWLEDGED


def test_the_same_form_twice_answers_once(app: Flask, client: PageClient, out: tuple[UUID, str]) -> None:
    client.checks = False
    form = csrf_token(client.get(f"/r/{out[1]}").text)
    data = {"csrf_token": form, "name": "王某", "answer": "return", "reason": "不归我们管"}
    assert [client.post(f"/r/{out[1]}/answer", data=data).status_code for _ in range(2)] == [303, 303]
    with app.app_context():
        referral = db.session.get_one(Referral, out[0])
        assert referral.status is Status.RETURNED
        assert [event.event for event in referral.events] == [Event.SEND, Event.RETURN]
        actions = select(AuditRecord.action).where(AuditRecord.object_id == referral.id)
        assert list(db.session.scalars(actions)).count("referral_returned") == 1


@pytest.mark.parametrize(
    "fields",
    [{"answer": "return", "reason": ""}, {"answer": "accept", "name": " "}, {"answer": "close"}, {"answer": ""}],
)
def test_an_answer_that_lacks_something_is_asked_again_with_what_was_typed(
    client: PageClient, out: tuple[UUID, str], fields: dict[str, str]
) -> None:
    refused = answer(client, out[1], **{"opinion": "我方意见"} | fields)
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "我方意见" in refused.text  # type: ignore[attr-defined]


def test_wrong_revoked_and_unsent_addresses_look_all_alike(
    app: Flask, client: PageClient, sign_in: SignIn, county: County, out: tuple[UUID, str]
) -> None:
    referral_id, token = out
    desk, page = sign_in(Role.COORDINATOR), f"/referrals/{out[0]}"
    assert desk.submit(f"{page}/link", {"revoke": "1"}, page=page).status_code == 303
    for ending in ("", "/sheet.pdf", "/evidence.zip", "/photos/1.jpg"):
        revoked, wrong = client.get(f"/r/{token}{ending}"), client.get(f"/r/{new_token()}{ending}")
        assert (revoked.status_code, revoked.data) == (wrong.status_code, wrong.data) == (404, wrong.data)
    assert client.get("/r/%00").status_code == 404
    assert desk.submit(f"{page}/link", {}, page=page).status_code == 303
    with app.app_context():
        fresh = db.session.get_one(Referral, referral_id).link
        assert fresh is not None and fresh.token != token
        assert client.get(f"/r/{fresh.token}").status_code == 200


def test_staff_who_look_are_not_counted_and_cannot_answer(
    app: Flask, sign_in: SignIn, out: tuple[UUID, str]
) -> None:
    page = sign_in(Role.SUPERVISOR).page(f"/r/{out[1]}")
    assert "不计入" in page.text and "发出答复" not in page.text
    with app.app_context():
        assert db.session.scalars(select(ReferralLink.openings)).one() == 0


def test_sheet_and_bundle_come_by_link_and_are_written_down(
    app: Flask, client: PageClient, out: tuple[UUID, str]
) -> None:
    assert client.get(f"/r/{out[1]}/sheet.pdf").data.startswith(b"%PDF")
    bundle = client.get(f"/r/{out[1]}/evidence.zip")
    with zipfile.ZipFile(io.BytesIO(bundle.data)) as archive:
        assert len([name for name in archive.namelist() if name.startswith("photos/")]) == 2
        key = archive.read("public-key.pem")
    assert client.get("/evidence-key.pem").data == key
    photo = client.get(f"/r/{out[1]}/photos/1.jpg")
    assert photo.mimetype == "image/jpeg" and b"SecretMaker" not in photo.data
    with app.app_context():
        taken = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "referral_evidence_taken")).one()
        assert taken.person_id is None


def test_guessing_is_slowed_down(settings: Settings) -> None:
    from app import create_app

    app = create_app(dataclasses.replace(settings, rate_limits=True))
    client = app.test_client()
    answers = [client.get(f"/r/{new_token()}").status_code for _ in range(32)]
    assert answers[:30] == [404] * 30 and answers[-1] == 429


# ---- the county's list


def test_an_administrator_keeps_the_list(app: Flask, sign_in: SignIn, county: County) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    assert "移送对象名录" in client.page("/me").text
    form = client.page("/addressees/new?authority=fire_rescue")
    url = next(one["action"] for one in form.all("form") if one["id"] == "addressee-form")
    fields = {"authority": "fire_rescue", "region": str(county.region.id), "name": "试验县消防救援大队", "phone": "119"}
    for bad in ({"email": "x"}, {"web_hook": "http://x"}, {"name": " "}):
        assert client.submit(url, fields | bad, page="/addressees/new").status_code == 422
    assert client.submit(url, fields | {"email": "a@example.org"}, page="/addressees/new").status_code == 303
    assert "试验县消防救援大队" in client.page("/addressees").text
    assert client.submit(f"{url}/remove", page=url).status_code == 303
    with app.app_context():
        assert db.session.scalars(select(Addressee)).all() == []


def test_the_limits_show_what_still_wants_checking(sign_in: SignIn) -> None:
    said = sign_in(Role.ADMINISTRATOR).page("/referrals/clocks").text
    assert "待核原文" in said and "本系统默认时限" in said and "R17" in said
    assert sign_in(Role.COORDINATOR).get("/referrals/clocks").status_code == 403


def test_an_ended_one_is_read_only_everywhere(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        by = person_of(county)
        referral = take(sent(by, county.villages[0]), Event.ACCEPT, by, **RECEIVED)
        done = {"name": "李某", "reason": "查无此人", "outcome": Outcome.UNFOUNDED}
        referral_id = take(referral, Event.CLOSE, by, **done).id
        db.session.commit()
    page = sign_in(Role.COORDINATOR).page(f"/referrals/{referral_id}")
    assert "核实不成立" in page.text
    assert [form for form in page.all("form") if "/steps" in form["action"]] == []
    assert parse(sign_in(Role.COORDINATOR).get(f"/referrals/{referral_id}/edit", follow_redirects=True).text)
