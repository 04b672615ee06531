"""Decisions about people, without database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.accounts import rules
from app.accounts.rules import Certificate
from app.core.roles import Role

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "until", "state"),
    [
        ("试0001", TODAY + timedelta(days=61), Certificate.VALID),
        ("试0001", TODAY + timedelta(days=60), Certificate.ENDS_SOON),
        ("试0001", TODAY, Certificate.ENDS_SOON),
        ("试0001", TODAY - timedelta(days=1), Certificate.EXPIRED),
        ("", TODAY + timedelta(days=61), Certificate.MISSING),
        ("试0001", None, Certificate.MISSING),
    ],
)
def test_a_certificate_is_valid_to_its_last_day_and_warned_sixty_days_ahead(number, until, state):
    assert rules.certificate_state(number, until, TODAY, 60) is state


@pytest.mark.parametrize("state", [Certificate.EXPIRED, Certificate.MISSING])
def test_nobody_issues_without_a_valid_certificate(state):
    assert not rules.may_issue(frozenset(Role), state)


def test_an_informant_and_an_administrator_issue_nothing():
    assert not rules.may_issue(frozenset({Role.INFORMANT, Role.ADMINISTRATOR}), Certificate.VALID)
    assert rules.may_issue(frozenset({Role.COORDINATOR}), Certificate.ENDS_SOON)


def test_the_eighth_wrong_password_locks_for_a_quarter_of_an_hour():
    assert [rules.lock_until(tries, NOW) for tries in range(8)] == [None] * 8
    assert rules.lock_until(8, NOW) == NOW + timedelta(minutes=15)
    assert rules.is_locked(NOW + timedelta(minutes=15), NOW)
    assert not rules.is_locked(NOW, NOW)


@pytest.mark.parametrize("login", ["li.si", "王小明", "ab", "zhang-3", "x_y2"])
def test_login_names_people_choose(login):
    assert rules.login_problem(rules.clean_login(login)) == ""


@pytest.mark.parametrize("login", ["", "a", "13800000000", "a b", "<b>", "x" * 41, "_x", "a@b", "李\n四"])
def test_login_names_that_are_refused(login):
    assert rules.login_problem(rules.clean_login(login))


def test_a_login_name_is_the_same_in_any_case_and_width():
    assert rules.clean_login("  ＬiＳi ") == "lisi"


@pytest.mark.parametrize(
    "password", ["short", "x" * 129, "12345678", "aaaaaaaaaa", "Password1!", "lisi-is-great", "a13900000001b"]
)
def test_passwords_that_are_refused(password):
    assert rules.password_problem(password, login="lisi", phone="13900000001")


@pytest.mark.parametrize("password", ["三月的雨下在北山上", "correct horse", "k7mx-3fpw-9hdt"])
def test_passwords_that_will_do(password):
    assert rules.password_problem(password, login="lisi", phone="13900000001") == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "",
        "http:evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(url):
    assert rules.local_path(url, "/me") == "/me"


def test_a_path_on_this_server_is_kept():
    assert rules.local_path("/premises?q=面馆&page=2") == "/premises?q=面馆&page=2"
