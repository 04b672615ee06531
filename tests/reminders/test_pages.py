"""Everybody's own list, its number on the start page, and the administrators' log."""

from uuid import UUID

from flask import Flask
from sqlalchemy import event

from app.accounts.county import forget, option
from app.core.database import db
from app.core.roles import Role
from app.notices.models import Notice
from app.notices.progress import Event
from app.reminders import sending
from app.reminders.models import Reminder
from app.web.role_words import forbidden_in
from tests.factories.people import County
from tests.fixtures.pages import parse
from tests.fixtures.signing_in import SignIn
from tests.reminders.conftest import decide, issue, on
from tests.reminders.test_sending import turn


def form_of(html: str) -> dict[str, str]:
    """What a browser would send back."""
    tree, found = parse(html), {}
    for one in tree.all("input"):
        if one["type"] not in {"radio", "checkbox"} or "checked" in one:
            found[one["name"]] = one["value"]
    return found | {one["name"]: one.text.strip() for one in tree.all("textarea")}


def remind(app: Flask, days: int) -> None:
    with app.app_context(), on(days):
        sending.run(lambda *_: True)


def test_a_coordinator_reads_it_and_puts_it_away(
    app: Flask, county: County, notice_id: UUID, sign_in: SignIn
) -> None:
    remind(app, -1)
    client = sign_in(Role.COORDINATOR)
    with on(-1):
        assert 'href="/reminders"' in client.get("/").get_data(as_text=True)
        page = client.get("/reminders").get_data(as_text=True)
        assert "还有 1 天" in page
        assert not forbidden_in(parse(page).text)
        with app.app_context():
            row = db.session.query(Reminder).one()
        app.config["WTF_CSRF_ENABLED"] = False
        assert sign_in(Role.SUPERVISOR).post(f"/reminders/{row.id}/done").status_code == 404
        for _ in range(2):
            assert client.post(f"/reminders/{row.id}/done").status_code == 303
        assert "还有 1 天" not in client.get("/reminders").get_data(as_text=True)
    remind(app, -1)
    with on(-1):
        assert "还有 1 天" not in client.get("/reminders").get_data(as_text=True)


def test_what_has_moved_on_is_gone_at_once_and_a_later_one_takes_the_place_of_an_earlier_one(
    app: Flask, county: County, notice_id: UUID, sign_in: SignIn
) -> None:
    for days in (-3, -1, 0, 1):
        remind(app, days)
    client = sign_in(Role.SUPERVISOR)
    mine = sign_in(Role.COORDINATOR)
    with on(1):
        assert mine.get("/reminders").get_data(as_text=True).count("reminder-") == 1
        assert "已过 1 天" in client.get("/reminders").get_data(as_text=True)
    with app.app_context(), on(1):
        turn(notice_id, Event.REPLIED)
    with on(1):
        assert "已过 1 天" not in client.get("/reminders").get_data(as_text=True)
    remind(app, 1)
    with app.app_context():
        assert not db.session.query(Reminder).filter_by(done_at=None, channel="app").count()


def test_the_log_names_channels_and_never_their_addresses(
    app: Flask, county: County, notice_id: UUID, sign_in: SignIn
) -> None:
    with app.app_context(), on(0):
        decide(county, staff=("json://secret-token@127.0.0.1/x", "wecombot://another-secret"))
        sending.run(lambda address, *_: "wecombot" in address)
    client = sign_in(Role.ADMINISTRATOR)
    page = client.get("/reminders/log").get_data(as_text=True)
    assert "wecombot" in page
    assert "secret" not in page
    with app.app_context():
        number = db.session.get_one(Notice, notice_id).number
    assert number in page
    failed = client.get("/reminders/log?state=failed").get_data(as_text=True)
    assert "json" in failed
    assert "wecombot" not in failed
    assert sign_in(Role.COORDINATOR).get("/reminders/log").status_code == 403


def test_county_settings_show_no_address_and_keep_it_when_saved_again(
    app: Flask, county: County, sign_in: SignIn
) -> None:
    with app.app_context():
        decide(county, staff=("wecombot://a-secret-key",))
    app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(Role.ADMINISTRATOR)
    page = client.get("/county").get_data(as_text=True)
    assert "a-secret-key" not in page
    fields = form_of(page)
    line = fields["reminders-staff"]
    assert line.startswith("wecombot://…")

    def kept() -> tuple[str, ...]:
        with app.app_context():
            forget()
            return tuple(option(county.region.id, "reminders.staff"))

    assert client.post("/county", data=fields | {"reminders-staff": f"{line}\nfeishu://token"}).status_code == 303
    assert kept() == ("wecombot://a-secret-key", "feishu://token")
    fields = form_of(client.get("/county").get_data(as_text=True))
    assert client.post("/county", data=fields | {"reminders-staff": "json://…000000"}).status_code == 422
    assert client.post("/county", data=fields | {"reminders-staff": ""}).status_code == 303
    assert kept() == ()


def test_the_list_is_read_in_as_many_statements_however_long_it_is(
    app: Flask, county: County, notice_id: UUID, sign_in: SignIn
) -> None:
    client, counts, seen = sign_in(Role.COORDINATOR), [], []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    for more in (0, 4):
        for _ in range(more):
            issue(app, county)
        remind(app, 0)
        seen.clear()
        with on(0):
            assert client.get("/reminders").get_data(as_text=True).count("reminder-") == 1 + more
        counts.append(len(seen))
    assert counts[0] == counts[1]
