"""The pages: from one tap to a closed referral, without scripts, and by a link without account."""

import io
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.notices import services as notices
from app.photos.models import Photo
from app.referrals.models import Addressee, Referral
from app.referrals.rules import Event, Outcome, Status
from app.web.role_words import forbidden_in
from tests.factories.people import County
from tests.fixtures.pages import csrf_token, parse
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import reads_of
from tests.notices.factory import make_premises, make_visit, wish
from tests.referrals.conftest import person_of
from tests.referrals.factory import RECEIVED, make_photo, make_referral, sent, take

FORM = {
    "address": "集市东头第三间,蓝色卷帘门", "facts": "门口挂“祖传治牙”布条", "scene": "外观已拍照,没有进入",
    "authority": "health_commission", "urgency": "urgent",
}  # fmt: skip


def the_only(app: Flask) -> Referral:
    with app.app_context():
        return db.session.scalars(select(Referral)).one()


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


def test_lists_and_start_page_ask_as_much_for_one_as_for_many(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        by = person_of(county)
        sent(by, county.villages[0])
        make_referral(by, county.villages[0])
        db.session.commit()
    client, paths = sign_in(Role.SUPERVISOR), ("/referrals", "/referrals?shelf=waiting", "/")
    for path in paths:
        client.page(path)  # caches are warm
    before = {path: reads_of(client, path) for path in paths}
    with app.app_context():
        by = person_of(county)
        for _ in range(9):
            make_referral(by, county.villages[0])
            sent(by, county.villages[0])
        db.session.commit()
    assert {path: reads_of(client, path) for path in paths} == before
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
