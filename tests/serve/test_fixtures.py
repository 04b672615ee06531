"""The tools the other tests stand on do what they say."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import text

from app.accounts.models import Person
from app.core.database import db
from app.core.roles import Role
from tests.factories.people import County
from tests.fixtures.browsers import LiveServer
from tests.fixtures.pages import PageClient, check_page
from tests.fixtures.signing_in import SignIn

SOUND = '<html lang="zh"><head><title>场所 · 巡查</title></head><body><h1>场所</h1>{}</body></html>'


@pytest.mark.both_databases
@pytest.mark.parametrize("run", [1, 2])
def test_each_test_has_a_migrated_database_of_its_own(context: Flask, county: County, run: int) -> None:
    assert db.session.query(Person).count() == 5


def test_naming_the_database_runs_on_both(context: Flask, database_url: str) -> None:
    version = "select sqlite_version()" if database_url.startswith("sqlite") else "select version()"
    assert db.session.execute(text(version)).scalar()


def test_a_signed_in_client_is_that_person(sign_in: SignIn, county: County) -> None:
    client = sign_in(Role.SUPERVISOR)
    with client:
        client.get("/healthz")
        from app.web.access import current_person

        assert current_person().id == county.people[Role.SUPERVISOR].id


def test_two_clients_do_not_share_a_person(sign_in: SignIn, client: PageClient) -> None:
    sign_in(Role.SUPERVISOR).get("/healthz")
    with client:
        client.get("/healthz")
        from app.web.access import current_person

        assert current_person() is None


@pytest.mark.parametrize(
    ("inside", "complaint"),
    [
        ("<h1>again</h1>", "2 h1"),
        ('<p id="a"></p><p id="a"></p>', "2 times"),
        ('<input name="q">', "no label"),
        ('<form method="post"></form>', "0 CSRF"),
        ('<a href="/" hx-target="#lost">x</a>', "#lost"),
        ('<p style="color:red">x</p>', "inline style"),
        ("<script>1</script>", "inline script"),
        ('<button type="button"><svg></svg></button>', "no words"),
        ('<p onclick="x()">x</p>', "inline handler"),
    ],
)
def test_the_page_fixture_finds(inside: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        check_page(SOUND.format(inside))


def test_the_page_fixture_leaves_a_sound_page_alone() -> None:
    token = '<input type="hidden" name="csrf_token" value="t">'
    check_page(SOUND.format(f'<form method="post">{token}<label>备注 <input name="n"></label></form>'))


def test_the_browser_is_a_phone(page: Page, live_server: LiveServer) -> None:
    page.goto("/healthz")
    facts = (
        "[screen.width, screen.height, devicePixelRatio, navigator.language, navigator.maxTouchPoints > 0]"
    )
    assert page.evaluate(facts) == [360, 740, 2, "zh-CN", True]
