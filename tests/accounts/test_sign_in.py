"""Signing in: what a stranger learns (nothing), limits, lockout, where it leads, how it ends."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import Role
from app.core.settings import Settings
from tests.factories.people import PASSWORD, make_person

WRONG = "wrong-Passw0rd"


def sign_in_with(client, login, password, **more):
    return client.submit("/sign-in", {"login": login, "password": password, **more})


def row(app, person):
    with app.app_context():
        return db.session.get_one(Person, person.id)


@pytest.fixture
def coordinator(county):
    return county.person(Role.COORDINATOR)


def test_the_right_password_signs_in_and_the_audit_knows(app, client, coordinator):
    answer = sign_in_with(client, coordinator.login.upper() + " ", PASSWORD)
    assert answer.status_code == 302
    assert answer.location == "/"
    assert client.get("/me").status_code == 200
    with app.app_context():
        signed = db.session.query(AuditRecord).filter_by(action="signed_in").one()
        assert signed.person_id == coordinator.id


def test_a_phone_number_signs_in_when_it_is_one_persons_own(app, client, county, coordinator):
    with app.app_context():
        db.session.get_one(Person, coordinator.id).phone = "13900000001"
        db.session.commit()
    assert sign_in_with(client, "13900000001", PASSWORD).status_code == 302


def test_a_shared_phone_number_signs_nobody_in(app, client, county, coordinator):
    with app.app_context():
        for person in (coordinator, county.neighbour):
            db.session.get_one(Person, person.id).phone = "13900000001"
        db.session.commit()
    assert sign_in_with(client, "13900000001", PASSWORD).status_code == 422


def test_wrong_name_wrong_password_locked_and_deactivated_look_the_same(app, client, county, coordinator):
    with app.app_context():
        organisation = db.session.get_one(Person, coordinator.id).organisation
        gone = make_person(Role.COORDINATOR, organisation, active=False).login
        locked = make_person(
            Role.COORDINATOR, organisation, locked_until=clock.now() + timedelta(minutes=5)
        ).login
        db.session.commit()
    tries = [
        ("nobody.here", WRONG),
        (coordinator.login, WRONG),
        (gone, PASSWORD),
        (gone, WRONG),
        (locked, PASSWORD),
        (locked, WRONG),
    ]
    pages = {_without_the_name(sign_in_with(client, login, password), login) for login, password in tries}
    assert len(pages) == 1
    assert "锁定" in pages.pop()


def _without_the_name(answer, login):
    assert answer.status_code == 422
    import re

    html = answer.get_data(as_text=True).replace(login, "LOGIN")
    return re.sub(
        r'(name="csrf_token" value|name="csrf-token" content|server-time" content|X-CSRFToken": )="?[^">]*',
        "",
        html,
    )


def test_eight_wrong_passwords_lock_the_account_even_for_the_right_one(app, client, coordinator):
    for _ in range(8):
        assert sign_in_with(client, coordinator.login, WRONG).status_code == 422
    assert sign_in_with(client, coordinator.login, PASSWORD).status_code == 422
    with app.app_context():
        assert db.session.query(AuditRecord).filter_by(action="account_locked").count() == 1
    with clock.freeze(clock.now() + timedelta(minutes=16)):
        assert sign_in_with(client, coordinator.login, PASSWORD).status_code == 302
    assert row(app, coordinator).failed_sign_ins == 0


def test_an_empty_password_is_no_guess(app, client, coordinator):
    for _ in range(9):
        assert sign_in_with(client, coordinator.login, "").status_code == 422
    assert row(app, coordinator).failed_sign_ins == 0


@pytest.mark.parametrize("where", ["/me", "/premises?q=%E9%9D%A2"])
def test_signing_in_leads_back_to_the_page(client, coordinator, where):
    answer = sign_in_with(client, coordinator.login, PASSWORD, next=where)
    assert answer.location == where


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://localhost@evil.example/",
        "/\t/evil.example",
        "\t//evil.example",
    ],
)
@pytest.mark.parametrize("place", ["form", "address"])
def test_signing_in_leads_to_no_other_site(client, coordinator, where, place):
    path = (
        "/sign-in" if place == "form" else "/sign-in?next=" + where.replace("\\", "%5C").replace("\t", "%09")
    )
    data = {"login": coordinator.login, "password": PASSWORD} | ({"next": where} if place == "form" else {})
    answer = client.submit(path, data, page="/sign-in")
    assert answer.status_code == 302
    assert "\\" not in answer.location
    assert urlsplit(urljoin("http://localhost/sign-in", answer.location)).netloc == "localhost"


def test_a_sign_in_without_its_token_is_refused(client, coordinator):
    client.get("/sign-in")
    assert client.post("/sign-in", data={"login": coordinator.login, "password": PASSWORD}).status_code == 400
    assert client.get("/me").status_code == 303


def test_json_gives_no_data_no_token_and_no_way_around_csrf(client, coordinator):
    json = {"Accept": "application/json"}
    assert "identity_attributes" not in client.get("/sign-in", headers=json).get_data(as_text=True)
    answer = client.post(
        "/sign-in?include_auth_token", json={"login": coordinator.login, "password": PASSWORD}, headers=json
    )
    assert answer.status_code == 400
    token = client.get("/sign-in").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in?include_auth_token",
        json={"login": coordinator.login, "password": PASSWORD},
        headers=json | {"X-CSRFToken": token},
    )
    assert "token" not in answer.get_data(as_text=True)


def test_signing_out_takes_a_post(client, coordinator):
    sign_in_with(client, coordinator.login, PASSWORD)
    assert client.get("/sign-out").status_code == 405
    client.submit("/sign-out", page="/me")
    assert client.get("/me").status_code == 303


def test_a_signed_in_session_lasts_over_closing_the_browser(client, coordinator):
    answer = sign_in_with(client, coordinator.login, PASSWORD)
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("xuncha="))
    assert "Expires=" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_session_is_prolonged_by_its_use_but_not_written_at_every_tap(client, coordinator):
    start = clock.now()
    with clock.freeze(start):
        sign_in_with(client, coordinator.login, PASSWORD)
        client.get("/me")
    renewed = {}
    for minutes in (10, 40, 45, 80):
        with clock.freeze(start + timedelta(minutes=minutes)):
            cookies = client.get("/me").headers.getlist("Set-Cookie")
        renewed[minutes] = any(cookie.startswith("xuncha=") for cookie in cookies)
    assert renewed == {10: False, 40: True, 45: False, 80: True}


class TestLimits:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_thirty_tries_a_minute_from_one_address_are_enough(self, client, county):
        token = (
            client.get("/sign-in").get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
        )
        data = {"csrf_token": token, "login": "", "password": ""}
        assert {client.post("/sign-in", data=data).status_code for _ in range(30)} == {422}
        answer = client.post("/sign-in", data=data)
        assert answer.status_code == 429
        assert "稍等" in answer.get_data(as_text=True) or "太多" in answer.get_data(as_text=True)


class TestSecondStepAndPasskeys:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, two_factor=True, passkeys=True)

    @pytest.mark.parametrize("path", ["/tf-setup", "/wan-register"])
    def test_their_setup_pages_answer(self, client, coordinator, path):
        sign_in_with(client, coordinator.login, PASSWORD)
        assert client.get(path).status_code == 200

    @pytest.mark.parametrize("path", ["/sign-in", "/wan-signin"])
    def test_their_sign_in_pages_answer(self, client, coordinator, path):
        assert client.get(path).status_code == 200

    def test_a_second_step_is_set_up_and_asked_for(self, app, client, coordinator):
        from flask_security.utils import lookup_identity  # noqa: F401 - the identity mapper must import

        sign_in_with(client, coordinator.login, PASSWORD)
        answer = client.submit("/tf-setup", {"setup": "authenticator"})
        assert answer.status_code == 200
        with app.test_request_context():
            security = app.extensions["security"]
            person = db.session.get_one(Person, coordinator.id)
            assert person.tf_totp_secret is None  # only a confirmed code switches it on
        key = answer.get_data(as_text=True)
        assert "data:image/" in key
        assert security.two_factor

    def test_passkey_names_tell_no_stranger_who_exists(self, client, coordinator):
        answers = [
            client.submit("/wan-signin", {"identity": login}).status_code
            for login in (coordinator.login, "nobody.here")
        ]
        assert answers[0] == answers[1]


def test_a_wrong_password_after_the_lock_has_ended_is_not_written_down_as_a_lock(app, client, coordinator):
    for _ in range(8):
        sign_in_with(client, coordinator.login, WRONG)
    with clock.freeze(clock.now() + timedelta(minutes=16)):
        sign_in_with(client, coordinator.login, WRONG)
    with app.app_context():
        assert db.session.query(AuditRecord).filter_by(action="account_locked").count() == 1


@pytest.mark.parametrize("mode", ["no-cors", "same-origin", "cors"])  # a picture, the worker, a script
def test_what_is_fetched_in_the_background_leaves_the_sign_in_page_alone(client, mode: str) -> None:
    """Followed as a redirect, it would start another session: the token on the page beside it would be worthless,
    and whoever signed in meanwhile would be signed out by the late answer.
    """
    answer = client.get("/me", headers={"Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_a_page_asked_for_after_the_session_ended_leads_to_the_sign_in(client) -> None:
    answer = client.get("/me", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/me"
