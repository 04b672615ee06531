"""What a county decides itself: typed, audited, read once a request; and the administrators' page of it."""

from datetime import time
from typing import Any

import pytest
from flask import Flask

from app.accounts import county as decisions
from app.accounts.county import Option, option, set_option
from app.accounts.county_options import Kind
from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import Invalid
from app.core.roles import Role
from tests.factories.people import County, make_county, make_person
from tests.fixtures.pages import parse
from tests.fixtures.statements import statements

SAMPLES = (
    Option(
        key="replies.lock", default="phone4", label="Who may reply", help="Asked before a reply.",
        choices={"open": "Anybody with the paper", "phone4": "Whoever knows the phone number"},
        source="DOMAIN · K高",
    ),
    Option(key="replies.on_photo", default=True, label="Accept on the photo"),
    Option(
        key="reminders.days", default=3, least=1, most=30, unit="days", label="Days before", source="CHECKLISTS 3.7",
        unsure=True,
    ),
    Option(key="reminders.sign", default="试验县", longest=10, label="Signature"),
    Option(key="reminders.quiet_from", default=time(21), label="Quiet from"),
    Option(
        key="reminders.to", default=(), label="Send to", secret=True,
        check=lambda lines: "" if all("://" in line for line in lines) else "An address has :// in it.",
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def samples(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """These alone are known. `app` has told its own before: a module tells them once in a process."""
    monkeypatch.setattr(decisions, "_known", {})
    decisions.register(*SAMPLES)


def form(**changes: str) -> dict[str, str]:
    """What the untouched page sends, with `changes`."""
    sent = {
        "replies-lock": "phone4", "replies-on_photo": "y", "reminders-days": "3", "reminders-sign": "试验县",
        "reminders-quiet_from": "21:00", "reminders-to": "",
    }  # fmt: skip
    return sent | {name.replace("__", "-"): value for name, value in changes.items()}


def _hidden(page: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in page.all("input") if one["type"] == "hidden" and one["value"]}


@pytest.mark.both_databases
def test_what_is_not_decided_is_the_default_and_a_decision_holds_for_its_county_only(
    context: Flask, county: County
) -> None:
    other = make_county("邻试县", "990200")
    assert option(county.region.id, "reminders.days") == 3
    assert option(None, "reminders.days") == 3
    set_option(county.region.id, "reminders.days", 5, by=None, now=clock.now())
    assert option(county.region.id, "reminders.days") == 5
    assert option(other.region.id, "reminders.days") == 3


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("replies.lock", "open"),
        ("replies.on_photo", False),
        ("reminders.days", 30),
        ("reminders.sign", "北山"),
        ("reminders.quiet_from", time(22, 30)),
        ("reminders.to", ("mailto://a@example.org", "dingtalk://b")),
    ],
)
def test_every_kind_comes_back_as_it_was_decided(
    context: Flask, county: County, key: str, value: Any
) -> None:
    assert set_option(county.region.id, key, value, by=None, now=clock.now())
    db.session.commit()
    decisions.forget()
    assert option(county.region.id, key) == value
    assert not set_option(county.region.id, key, value, by=None, now=clock.now())  # nothing changes twice


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("replies.lock", "nobody"),
        ("replies.on_photo", "yes"),
        ("reminders.days", 0),
        ("reminders.days", 31),
        ("reminders.days", True),
        ("reminders.sign", "试" * 11),
        ("reminders.quiet_from", "25:00"),
        ("reminders.to", ("nowhere",)),
        ("reminders.to", ("a://" + "b" * 500,)),
    ],
)
def test_what_cannot_be_taken_is_refused(context: Flask, county: County, key: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        set_option(county.region.id, key, value, by=None, now=clock.now())
    assert refused.value.field == key


def test_a_decision_that_no_longer_fits_falls_back_to_the_default(
    context: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_option(county.region.id, "reminders.days", 30, by=None, now=clock.now())
    decisions.register(Option(key="reminders.days", default=3, least=1, most=7, label="Days before"))
    assert option(county.region.id, "reminders.days") == 3


def test_all_decisions_of_a_county_are_one_read(context: Flask, county: County) -> None:
    with statements(context) as seen:
        for one in SAMPLES:
            option(county.region.id, one.key)
    assert len([sql for sql in seen if "county_options" in sql]) == 1


def test_the_audit_has_before_and_after_but_no_secret(context: Flask, county: County) -> None:
    admin = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    set_option(county.region.id, "reminders.days", 5, by=admin, now=clock.now())
    set_option(county.region.id, "reminders.to", ("sms://token@x",), by=admin, now=clock.now())
    db.session.commit()
    days, to = db.session.query(AuditRecord).filter_by(action="county_option_set").order_by(AuditRecord.at)
    assert (days.before, days.after) == (
        {"key": "reminders.days", "value": 3},
        {"key": "reminders.days", "value": 5},
    )
    assert days.person_id == admin.id
    assert to.after["value"].startswith("sha256:")
    assert "token" not in str(to.after)


@pytest.mark.parametrize(
    "wrong", [{"key": "lock"}, {"key": "nothing.lock"}, {"default": "c"}, {"choices": ("a", "b")}]
)
def test_a_wrong_statement_is_told_to_its_writer(wrong: dict[str, Any]) -> None:
    right = {"key": "replies.lock", "default": "a", "choices": {"a": "A"}, "label": "L"}
    with pytest.raises((ValueError, TypeError, Invalid)):
        Option(**(right | wrong))


@pytest.mark.both_databases
def test_a_first_decision_by_somebody_whose_row_is_read_anew(context: Flask, county: County) -> None:
    admin = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    db.session.expire(admin)  # as after a commit: `admin.id` asks the database
    assert set_option(county.region.id, "reminders.days", 5, by=admin, now=clock.now())
    row = db.session.query(decisions.CountyOption).one()
    assert (row.value, row.changed_by_id) == (5, county.person(Role.ADMINISTRATOR).id)


def test_the_page_shows_each_option_in_its_group_with_help_and_source(sign_in: Any) -> None:
    page = sign_in(Role.ADMINISTRATOR).page("/county")
    assert [heading.text for heading in page.all("h2")] == ["业主整改反馈", "提醒"]
    for words in ("Who may reply", "Asked before a reply.", "DOMAIN · K高", "待核实 · CHECKLISTS 3.7"):
        assert words in page.text
    chosen = [one["value"] for one in page.all("input") if one["name"] == "replies-lock" and "checked" in one]
    assert chosen == ["phone4"]
    assert {one.kind for one in decisions.options()} == set(Kind)


@pytest.mark.both_databases
def test_an_administrator_decides_and_it_holds(app: Flask, county: County, sign_in: Any) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    sent = form(replies__lock="open", reminders__days="7", reminders__to="mailto://a@b\n\n sms://c ")
    del sent["replies-on_photo"]
    assert admin.submit("/county", sent).status_code == 303
    with app.app_context():
        assert option(county.region.id, "replies.lock") == "open"
        assert option(county.region.id, "replies.on_photo") is False
        assert option(county.region.id, "reminders.days") == 7
        assert option(county.region.id, "reminders.to") == ("mailto://a@b", "sms://c")
        assert db.session.query(AuditRecord).filter_by(action="county_option_set").count() == 4
    shown = admin.page("/county").text
    assert "sms://…" in shown  # a secret is kept, not shown
    assert "sms://c" not in shown


def test_a_mistake_is_said_at_its_field_and_nothing_is_saved(
    app: Flask, county: County, sign_in: Any
) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    for wrong, said in (
        ({"reminders__days": "99"}, "1 到 30"),
        ({"reminders__days": "three"}, "1 到 30"),
        ({"reminders__to": "nowhere"}, "An address has :// in it."),
        ({"replies__lock": "else"}, ""),
    ):
        answer = admin.submit("/county", form(replies__on_photo="", reminders__sign="改了") | form(**wrong))
        assert answer.status_code == 422
        assert said in parse(answer.text).text
    with app.app_context():
        assert not decisions.decided(county.region.id)


def test_the_second_administrator_is_told(app: Flask, county: County, sign_in: Any) -> None:
    with app.app_context():
        colleague = make_person(Role.ADMINISTRATOR, db.session.merge(county.agency), "管小七")
        db.session.commit()
    mine, theirs = sign_in(Role.ADMINISTRATOR), sign_in(person=colleague)
    first, second = _hidden(mine.page("/county")), _hidden(theirs.page("/county"))
    assert theirs.post("/county", data=second | form(reminders__days="7")).status_code == 303
    answer = mine.post("/county", data=first | form(reminders__days="9"))
    assert answer.status_code == 409
    assert (
        mine.post("/county", data=first | form(reminders__days="9") | _hidden(parse(answer.text))).status_code
        == 303
    )
    with app.app_context():
        assert option(county.region.id, "reminders.days") == 9


def test_a_township_administrator_is_told_who_decides(app: Flask, county: County, sign_in: Any) -> None:
    with app.app_context():
        person = make_person(Role.ADMINISTRATOR, db.session.merge(county.hospitals[0]), "管小六")
        db.session.commit()
    answer = sign_in(person=person).get("/county")
    assert answer.status_code == 403
    assert "县（区）管理员" in answer.text


def test_without_any_option_the_page_says_so(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "_known", {})
    assert "暂时没有可以设置的事项" in sign_in(Role.ADMINISTRATOR).page("/county").text
