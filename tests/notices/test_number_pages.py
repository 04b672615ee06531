"""What the phone asks and sends, what the scanned paper shows before its content arrived, and the register."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id, new_token
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices import numbers, register, services
from app.notices.kinds import get_kind
from app.notices.models import Notice, NumberReservation, NumberSeries, ReservationState
from tests.factories.people import County, expired
from tests.fixtures.pages import PageClient, csrf_token
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import reads_of
from tests.notices.conftest import Scene
from tests.notices.factory import wish

ADVICE = "xuncha_advice"
JSON = {"Accept": "application/json"}


def ask(client: PageClient, address: str = "/notices/reserve", **body: Any) -> Any:
    token = csrf_token(client.get("/me").text)
    return client.post(address, json=body, headers={"X-CSRFToken": token} | JSON)


def reserved(client: PageClient, count: int = 2) -> list[dict[str, str]]:
    answer = ask(client, kind=ADVICE, count=count, change_id=str(new_id()), device="红米 9A")
    assert answer.status_code == 200
    return answer.get_json()["numbers"]  # type: ignore[no-any-return]


def send(client: PageClient, scene: Scene, kept: dict[str, str], **changes: Any) -> Any:
    """The content of a notice that was issued on the phone under `kept`."""
    data = {
        "csrf_token": csrf_token(client.get("/me").text),
        "notice_id": str(new_id()),
        "kind": ADVICE,
        "findings": [str(i) for i in scene.finding_ids],
        "reserved_number": kept["number"],
        "reserved_token": kept["token"],
        "issued_on_device_at": clock.now().isoformat(),
    }
    return client.post(f"/inspections/{scene.visit_id}/notice", data=data | changes)


def test_a_phone_gets_numbers_with_what_their_codes_say(sign_in: SignIn, app: Flask) -> None:
    client, change = sign_in(Role.COORDINATOR), str(new_id())
    answers = [ask(client, kind=ADVICE, count=3, change_id=change) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    given = [answer.get_json()["numbers"] for answer in answers]
    assert given[0] == given[1] == given[2]
    for row in given[0]:
        assert row["url"] == f"{app.extensions['settings'].public_url}/n/{row['token']}"
        assert (row["kind"], row["state"]) == (ADVICE, "reserved")
    with app.app_context():
        assert len(db.session.scalars(select(NumberReservation)).all()) == 3


@pytest.mark.parametrize(
    "body",
    [
        {"kind": ADVICE, "count": 21},
        {"kind": ADVICE, "count": "x"},
        {"kind": ADVICE, "count": None},
        {"kind": ADVICE, "count": [1]},
        {"kind": "none", "count": 1},
        {"kind": ADVICE, "count": 1, "change_id": "no id"},
        {"kind": ADVICE, "count": 1, "change_id": ""},
        {},
    ],
)
def test_a_broken_wish_for_numbers_is_told(sign_in: SignIn, app: Flask, body: dict[str, Any]) -> None:
    answer = ask(sign_in(Role.COORDINATOR), **{"change_id": str(new_id())} | body)
    assert answer.status_code == 422
    assert answer.get_json()["error"]
    with app.app_context():
        assert db.session.scalars(select(NumberReservation)).all() == []


def test_who_may_not_issue_reserves_nothing(sign_in: SignIn, app: Flask) -> None:
    wanted = {"kind": ADVICE, "count": 1, "change_id": str(new_id())}
    assert ask(sign_in(Role.INFORMANT), **wanted).status_code == 403
    client = sign_in(Role.COORDINATOR)
    assert ask(client, **wanted | {"kind": "health_opinion"}).status_code == 403
    with app.app_context():
        expired(db.session.get_one(Person, sign_in.county.person(Role.COORDINATOR).id))
        db.session.commit()
    assert ask(client, **wanted).status_code == 403


def test_the_owner_who_scans_first_reads_that_the_content_is_on_its_way(
    sign_in: SignIn, client: PageClient, scene: Scene, app: Flask
) -> None:
    phone = sign_in(Role.COORDINATOR)
    kept = reserved(phone)[0]
    early = client.get(f"/n/{kept['token']}")
    assert early.status_code == 200
    page = client.page(f"/n/{kept['token']}")
    for words in (kept["number"], "这份单子是真的，内容正在路上", "北山镇卫生院", "巡查整改建议单"):
        assert words in page.text
    assert not page.all("script")
    assert [link for link in page.all("a") if link["href"] == "tel:000-0000001"]
    assert "青禾小饭馆" not in early.text
    assert "Set-Cookie" not in early.headers
    assert "noindex" in early.headers["X-Robots-Tag"]
    assert "Its content is on the way" in client.page(f"/n/{kept['token']}?lang=en").text
    for rest in ("/notice.pdf", "/photos/1.jpg"):
        assert client.get(f"/n/{kept['token']}{rest}").status_code == 404
    assert send(phone, scene, kept).status_code == 303
    later = client.page(f"/n/{kept['token']}").text
    assert "青禾小饭馆" in later
    assert kept["number"] in later


def test_a_number_given_back_is_like_a_wrong_address(sign_in: SignIn, client: PageClient, app: Flask) -> None:
    phone = sign_in(Role.COORDINATOR)
    kept = reserved(phone, 2)
    tokens = [row["token"] for row in kept]
    for _again in range(2):
        answer = ask(phone, "/notices/reserve/return", tokens=tokens[:1], reason="没用上")
        assert answer.get_json()["numbers"][0]["state"] == "returned"
    wrong = client.get(f"/n/{new_token()}")
    assert client.get(f"/n/{tokens[0]}").data == wrong.data
    assert ask(sign_in(Role.SUPERVISOR), "/notices/reserve/return", tokens=tokens[1:]).status_code == 404
    for tokens_ in ([], "x", None, [1, None], [{}]):
        assert ask(phone, "/notices/reserve/return", tokens=tokens_).status_code == 404


def test_content_sent_again_answers_the_same(sign_in: SignIn, scene: Scene, app: Flask) -> None:
    phone, notice_id = sign_in(Role.COORDINATOR), new_id()
    kept = reserved(phone)[0]
    answers = [send(phone, scene, kept, notice_id=str(notice_id)) for _ in range(3)]
    assert {(answer.status_code, answer.location) for answer in answers} == {(303, f"/notices/{notice_id}")}
    other = send(phone, scene, kept, notice_id=str(notice_id), findings=[str(scene.finding_ids[0])])
    assert other.status_code == 409, "other content under the same id is told, never dropped"


@pytest.mark.parametrize("told", ["", "yesterday", "2026-11-20T09:00", "0001-01-01T00:00:00+14:00", "9" * 30])
def test_a_broken_clock_loses_no_notice(sign_in: SignIn, scene: Scene, app: Flask, told: str) -> None:
    phone = sign_in(Role.COORDINATOR)
    answer = send(phone, scene, reserved(phone)[0], issued_on_device_at=told)
    assert answer.status_code == 303
    with app.app_context():
        notice = db.session.scalars(select(Notice)).one()
        assert notice.content["issued_on"] == clock.today().isoformat()


def test_both_times_are_shown_where_they_differ(sign_in: SignIn, scene: Scene, app: Flask) -> None:
    phone = sign_in(Role.COORDINATOR)
    with clock.freeze(clock.now() - timedelta(days=2)):
        kept = reserved(phone)[0]
        told = clock.now() + timedelta(hours=1)
    answer = send(phone, scene, kept, issued_on_device_at=told.isoformat())
    page = phone.get(answer.location).text
    assert "手机时间" in page
    assert "服务器收到" in page
    with app.app_context():
        notice = db.session.scalars(select(Notice)).one()
        assert notice.content["issued_on"] == clock.local(told).date().isoformat()


def fill(app: Flask, county: County, scene: Scene, reserves: int) -> tuple[UUID, int]:
    """A series with a notice, a withdrawn one, and numbers kept, given back and void."""
    with app.app_context():
        by, now = db.session.get_one(Person, county.person(Role.COORDINATOR).id), clock.now()
        visit = db.session.get_one(Inspection, scene.visit_id)
        first = services.issue_notice(new_id(), wish(visit), by=by, now=now)
        services.withdraw_notice(first, "地址写错", by=by, now=now)
        services.issue_notice(new_id(), wish(visit), by=by, now=now)
        old = numbers.reserve(
            by, get_kind(ADVICE), 2, new_id(), device="旧手机", now=now - timedelta(days=40)
        )
        numbers.release_unused(numbers.LIFE, now)
        kept = numbers.reserve(by, get_kind(ADVICE), reserves, new_id(), device="红米", now=now)
        numbers.return_unused(by, [kept[0].token], "换手机", now)
        assert {row.state for row in old} == {ReservationState.VOID}
        db.session.commit()
        return by.organisation_id, clock.local(now).year


def test_the_register_accounts_for_every_number(
    sign_in: SignIn, app: Flask, county: County, scene: Scene
) -> None:
    organisation, year = fill(app, county, scene, 3)
    client, path = sign_in(Role.SUPERVISOR), f"/notices/register/{organisation}/{ADVICE}/{year}"
    assert path in client.get("/notices/register").text
    assert "编号登记簿" in client.get("/notices").text
    said = client.page(path).text
    for words in ("从 1 到 7", "地址写错", "换手机", "预留后一直没有用", "红米", "旧手机", "青禾小饭馆"):
        assert words in said, words
    for number in range(1, 8):
        assert f"〔{year}〕{number:04d}号" in said
    assert client.get(path.replace(str(year), str(year + 1))).status_code == 404


def test_a_gap_would_show(sign_in: SignIn, app: Flask, county: County, scene: Scene) -> None:
    organisation, year = fill(app, county, scene, 3)
    with app.app_context():
        for series in db.session.scalars(select(NumberSeries)):
            series.last += 2
        db.session.commit()
    said = sign_in(Role.ADMINISTRATOR).page(f"/notices/register/{organisation}/{ADVICE}/{year}").text
    assert "缺 2 个" in said


def test_the_register_is_for_those_who_look_after_it(
    sign_in: SignIn, app: Flask, county: County, scene: Scene
) -> None:
    organisation, year = fill(app, county, scene, 2)
    path = f"/notices/register/{organisation}/{ADVICE}/{year}"
    for role in (Role.COORDINATOR, Role.INFORMANT):
        assert sign_in(role).get(path).status_code == 403
        assert "编号登记簿" not in sign_in(role).get("/notices").text


def test_the_register_reads_as_often_for_any_length(
    sign_in: SignIn, app: Flask, county: County, scene: Scene
) -> None:
    organisation, year = fill(app, county, scene, 2)
    client, path = sign_in(Role.SUPERVISOR), f"/notices/register/{organisation}/{ADVICE}/{year}"
    few = reads_of(client, path)
    keep_more(app, county, 20, 19)
    assert reads_of(client, path) == few
    keep_more(app, county, 15)
    seen = [line.sequence for page in (1, 2) for line in pages(app, county, organisation, year, page)]
    assert seen == list(range(60, 0, -1))
    assert "第 2 页 · 共 2 页" in client.get(f"{path}?page=999").text


def keep_more(app: Flask, county: County, *counts: int) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        for count in counts:
            numbers.reserve(by, get_kind(ADVICE), count, new_id(), now=clock.now())
        db.session.commit()


def pages(app: Flask, county: County, organisation: UUID, year: int, page: int) -> Any:
    with app.app_context():
        region = db.session.get_one(Person, county.person(Role.SUPERVISOR).id).region
        return register.register_page(region, organisation, ADVICE, year, page).lines
