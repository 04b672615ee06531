"""Passkeys and the second step, switched on by settings, on a phone-size browser with a real key store."""

import base64
import hashlib
import hmac
import struct
from dataclasses import replace

import pytest

from app.accounts.models import Passkey, Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import Role
from app.core.settings import Settings
from tests.factories.people import PASSWORD

KEY_STORE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, two_factor=True, passkeys=True)


@pytest.fixture
def login(county):
    return county.person(Role.COORDINATOR).login


def sign_in_by_password(page, login, password=PASSWORD):
    page.goto("/sign-in?next=/me")
    page.fill("#login", login)
    page.fill("#password", password)
    page.get_by_role("button", name="登录", exact=True).click()


def code_for(key: str) -> str:
    """The six digits an authenticator app shows now (RFC 6238)."""
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    digest = hmac.new(secret, struct.pack(">Q", int(clock.now().timestamp()) // 30), hashlib.sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def is_written_down(app, action):
    with app.app_context():
        return db.session.query(AuditRecord).filter_by(action=action).count() == 1


def test_a_passkey_is_added_and_signs_in_without_name_or_password(app, page, login):
    store = page.context.new_cdp_session(page)
    store.send("WebAuthn.enable")
    store.send("WebAuthn.addVirtualAuthenticator", {"options": KEY_STORE})
    sign_in_by_password(page, login)
    page.goto("/wan-register")
    page.fill("#name", "我的手机")
    page.get_by_role("button", name="添加通行密钥").click()
    page.get_by_text("我的手机").wait_for()
    page.goto("/me")
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("link", name="用通行密钥登录").click()
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_url(lambda url: "/wan-signin" not in url)
    page.goto("/me")
    assert login in page.inner_text("main")
    assert is_written_down(app, "passkey_added")


def test_the_second_step_is_set_up_then_asked_for_until_an_administrator_resets_it(
    app, page, open_context, login, sign_in
):
    sign_in_by_password(page, login)
    page.goto("/tf-setup")
    page.get_by_role("button", name="用身份验证应用设置").click()
    key = page.inner_text("b.num").replace("-", "")
    page.fill("#code", code_for(key))
    page.get_by_role("button", name="启用").click()
    page.get_by_role("button", name="停用").wait_for()
    assert is_written_down(app, "second_step_set")

    other = open_context().new_page()
    sign_in_by_password(other, login)
    other.get_by_text("验证码").first.wait_for()
    half = other.request.get("/me", max_redirects=0)
    assert half.status == 303  # the password alone opens nothing
    other.fill("#code", code_for(key))
    other.get_by_role("button", name="登录").click()
    other.wait_for_url("**/me")

    with app.app_context():
        person = db.session.query(Person).filter_by(login=login).one()
    sign_in(Role.ADMINISTRATOR).submit(f"/people/{person.id}/password", page=f"/people/{person.id}")
    with app.app_context():
        person = db.session.query(Person).filter_by(login=login).one()
        assert (person.tf_primary_method, person.tf_totp_secret) == (None, None)
        assert db.session.query(Passkey).count() == 0
