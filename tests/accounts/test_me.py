"""One's own page: certificate, password, language."""

from datetime import timedelta

import pytest

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import Role
from tests.factories.people import PASSWORD

NEW = {"new_password": "北山的雨昨天停了", "again": "北山的雨昨天停了"}


@pytest.mark.parametrize("role", list(Role))
def test_everybody_has_their_page(sign_in, county, role):
    page = sign_in(role).get("/me").get_data(as_text=True)
    assert county.person(role).name in page
    assert ("/organisations" in page) == (role is Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    ("days", "words"),
    [(365, "证件有效"), (60, "还有 60 天"), (0, "今天"), (-1, "证件已过期"), (None, "无证件")],
)
def test_the_certificate_says_how_it_stands_and_warns_in_time(app, sign_in, county, days, words):
    with app.app_context():
        person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        person.certificate_until = None if days is None else clock.today() + timedelta(days=days)
        db.session.commit()
    page = sign_in(Role.COORDINATOR).get("/me").get_data(as_text=True)
    assert words in page
    assert ("不能出具文书" in page) == (days != 365)


def test_changing_the_password_keeps_this_phone_and_signs_the_others_out(app, sign_in):
    here, there = sign_in(Role.COORDINATOR), sign_in(Role.COORDINATOR)
    assert here.submit("/me/password", {"password": PASSWORD} | NEW).status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303
    with app.app_context():
        actions = [row.action for row in db.session.query(AuditRecord).where(AuditRecord.person_id.is_not(None))]
    assert actions == ["password_changed"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "wrong"}, "不是您当前的密码"),
        ({"password": ""}, "请输入密码"),
        ({"again": "另一句话另一句话"}, "不一致"),
        ({"new_password": "short", "again": "short"}, "至少要 8 个"),
    ],
)
def test_a_password_that_is_not_taken_says_why(sign_in, changes, words):
    me = sign_in(Role.COORDINATOR)
    answer = me.submit("/me/password", {"password": PASSWORD} | NEW | changes)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert me.get("/me").status_code == 200


def test_guessing_the_present_password_locks_the_account(app, sign_in, county):
    me = sign_in(Role.COORDINATOR)
    for _ in range(8):
        me.submit("/me/password", {"password": "wrong-guess"} | NEW)
    with app.app_context():
        assert db.session.get_one(Person, county.person(Role.COORDINATOR).id).locked_until
    assert me.submit("/me/password", {"password": PASSWORD} | NEW).status_code == 422


def test_the_language_is_chosen_and_leads_back(app, sign_in, county):
    me = sign_in(Role.COORDINATOR)
    answer = me.submit("/language", {"lang": "en", "next": "/me"}, page="/me")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert "Sign out" in me.get("/me").get_data(as_text=True)
    assert me.submit("/language", {"lang": "zh", "next": "//evil.example"}, page="/me").location == "/"
    assert "退出登录" in me.get("/me").get_data(as_text=True)
    with app.app_context():
        assert db.session.get_one(Person, county.person(Role.COORDINATOR).id).locale == "zh_Hans_CN"


def test_a_stranger_chooses_the_language_too_and_signing_in_remembers_a_persons(app, client, county):
    client.submit("/language", {"lang": "en", "next": "/sign-in"}, page="/sign-in")
    assert "Password" in client.get("/sign-in").get_data(as_text=True)
    person = county.person(Role.COORDINATOR)
    with app.app_context():
        db.session.get_one(Person, person.id).locale = "en"
        db.session.commit()
    other_phone = app.test_client()
    other_phone.submit("/sign-in", {"login": person.login, "password": PASSWORD})
    assert "Sign out" in other_phone.get("/me").get_data(as_text=True)
