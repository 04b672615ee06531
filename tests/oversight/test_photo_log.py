"""The wall, one photo, review and send back: what supervisors see and may do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.paging import Cursor
from app.core.roles import Role
from app.inspections.models import Inspection, InspectionPhoto, Review
from app.oversight import queries
from tests.factories.people import County
from tests.fixtures.pages import Element, parse
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import statements
from tests.oversight.factory import Log, make_photo


def ids_on(page: Element) -> list[str]:
    return [item["id"].removeprefix("photo-") for item in page.all("li") if item["id"].startswith("photo-")]


def test_the_wall_shows_the_region_by_day_newest_first(log: Log, sign_in: SignIn) -> None:
    page = sign_in(Role.SUPERVISOR).page("/photo-log")
    assert len(ids_on(page)) == 13
    assert ids_on(page)[0] == log.north[0].hex
    days = [item.text for item in page.all("li") if item["class"] == "wall-day"]
    assert len(days) >= 3
    assert all("张" in day and "家" in day for day in days)


def test_a_township_is_one_tap(log: Log, county: County, sign_in: SignIn) -> None:
    page = sign_in(Role.SUPERVISOR).page(f"/photo-log?region={county.townships[1].code}")
    assert ids_on(page) == [one.hex for one in log.south]


def test_older_photos_come_by_a_real_link_that_htmx_repeats(
    log: Log, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = queries.page_of_photos
    monkeypatch.setattr(queries, "page_of_photos", lambda filters, after=None, size=5: original(filters, after, 5))
    client, seen, url = sign_in(Role.SUPERVISOR), [], "/photo-log"
    page = client.page(url)
    seen += ids_on(page)
    while links := [a for a in page.all("a") if "hx-get" in a]:
        assert links[0]["href"] == links[0]["hx-get"]
        page = parse(client.get(links[0]["href"], headers={"HX-Request": "true"}).get_data(as_text=True))
        assert not page.all("html")
        seen += ids_on(page)
    assert len(seen) == len(set(seen)) == 13
    plain = client.page(f"/photo-log?after={Cursor(clock.now(), uuid4())}")
    assert plain.all("h1")


def test_a_coordinator_has_no_photo_log(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    assert client.get("/photo-log").status_code == 403
    assert client.get(f"/photo-log/{log.north[0]}").status_code == 403


def test_an_administrator_looks_but_does_not_decide(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    page = client.page(f"/photo-log/{log.north[0]}")
    assert not [form for form in page.all("form") if "review" in form["action"]]
    client.checks = False
    assert client.submit(f"/photo-log/{log.north[0]}/review", {"decision": "reviewed"}, page="/me").status_code == 403


def test_a_photo_stands_beside_its_facts(log: Log, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        now = clock.now()
        row = make_photo(
            visit,
            now,
            "pink",
            captured_at=now + timedelta(minutes=12),
            taken_at=now - timedelta(days=40),
            clock_offset_ms=12 * 60_000,
            latitude=30.001,
            longitude=120.0,
            accuracy_m=20.0,
            exif_latitude=30.02,
            exif_longitude=120.01,
            device="Test Phone 7",
        )
        db.session.commit()
        photo_id, sha256 = row.photo_id, row.photo.sha256
    text = sign_in(Role.SUPERVISOR).page(f"/photo-log/{photo_id}").text
    for words in ("青禾小饭馆", sha256, "Test Phone 7", "晚 12 分钟", "早 40 天", "比服务器快 12 分钟", "距场所 110 m"):
        assert words in text, words


def test_neighbours_keep_the_choice(log: Log, sign_in: SignIn) -> None:
    page = sign_in(Role.SUPERVISOR).page(f"/photo-log/{log.north[3]}?severity=A")
    by_rel = {a["rel"]: a["href"] for a in page.all("a") if a["rel"]}
    assert by_rel["prev"] == f"/photo-log/{log.north[1]}?severity=A"
    assert by_rel["next"] == f"/photo-log/{log.north[5]}?severity=A"


@pytest.mark.both_databases
def test_reviewed_moves_to_the_next_of_the_choice(log: Log, app: Flask, sign_in: SignIn) -> None:
    client, url = sign_in(Role.SUPERVISOR), f"/photo-log/{log.north[0]}"
    answer = client.submit(f"{url}/review?region=990100001&severity=B", {"decision": "reviewed"}, page=url)
    assert answer.status_code == 303
    assert answer.location == f"/photo-log/{log.north[2]}?region=990100001&severity=B"
    last = client.submit(
        f"/photo-log/{log.north[8]}/review?severity=B&region=990100001", {"decision": "reviewed"}, page=url
    )
    assert last.location.startswith("/photo-log?")
    with app.app_context():
        row = db.session.get_one(InspectionPhoto, log.north[0])
        assert row.review is Review.REVIEWED
        records = db.session.query(AuditRecord).filter_by(action="photo_reviewed", object_id=row.photo_id).all()
        assert [record.before for record in records] == ["waiting"]


def test_sending_back_needs_a_remark_and_reaches_the_coordinator(log: Log, app: Flask, sign_in: SignIn) -> None:
    client, url = sign_in(Role.SUPERVISOR), f"/photo-log/{log.north[1]}"
    empty = client.submit(f"{url}/review", {"decision": "sent_back", "remark": "  "}, page=url)
    assert empty.status_code == 422
    assert "请写明" in empty.get_data(as_text=True) or "退回" in empty.get_data(as_text=True)
    done = client.submit(f"{url}/review", {"decision": "sent_back", "remark": "看不清,请补拍"}, page=url)
    assert done.status_code == 303
    assert "看不清,请补拍" in sign_in(Role.COORDINATOR).page("/").text
    assert "看不清" not in sign_in(person=sign_in.county.neighbour).page("/").text
    wall = client.page("/photo-log?review=sent_back")
    assert ids_on(wall) == [log.north[1].hex]


def test_the_same_tap_twice_is_one_decision(log: Log, app: Flask, sign_in: SignIn) -> None:
    client, url, change = sign_in(Role.SUPERVISOR), f"/photo-log/{log.north[0]}", str(uuid4())
    for _ in range(2):
        data = {"decision": "reviewed", "change_id": change}
        assert client.submit(f"{url}/review", data, page=url).status_code == 303
    with app.app_context():
        assert db.session.query(AuditRecord).filter_by(action="photo_reviewed").count() == 1


def test_a_decision_nobody_knows_is_refused(log: Log, sign_in: SignIn) -> None:
    url = f"/photo-log/{log.north[0]}"
    answer = sign_in(Role.SUPERVISOR).submit(f"{url}/review", {"decision": "burn"}, page=url)
    assert answer.status_code == 422


def test_nonsense_in_the_address_is_left_out(log: Log, sign_in: SignIn) -> None:
    query = "region=%00&from=yesterday&to=9999-99-99&premises=x&inspector=&domain=magic&severity=Z&notice=maybe"
    page = sign_in(Role.SUPERVISOR).page(f"/photo-log?{query}&review=eaten&after=never&place=%00")
    assert len(ids_on(page)) == 13


def test_a_place_is_found_by_its_name(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    page = client.page("/photo-log?place=青禾")
    assert [a["href"] for a in page.all("a") if a.text.startswith("青禾小饭馆") and "premises=" in a["href"]]
    chosen = client.page(f"/photo-log?premises={log.premises_id.hex}")
    assert ids_on(chosen) == [one.hex for one in log.north]
    assert "青禾小饭馆" in chosen.text


@pytest.mark.parametrize(
    "path",
    ["/photo-log", "/photo-log?severity=A", "/photo-log?review=waiting&premises={premises}", "/photo-log/{photo}"],
)
def test_the_number_of_reads_does_not_grow(path: str, log: Log, app: Flask, sign_in: SignIn) -> None:
    path = path.format(premises=log.premises_id, photo=log.north[5])
    client = sign_in(Role.SUPERVISOR)
    client.get(path)
    with statements(app) as few:
        client.get(path)
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        for step in range(70):
            make_photo(visit, clock.now() - timedelta(hours=step), severity="A")
        db.session.commit()
    with statements(app) as many:
        client.get(path)
    assert len(many) <= len(few) <= 20, (len(few), len(many))


@pytest.mark.both_databases
def test_the_supervisors_start_page_shows_the_twelve_newest_photos(log: Log, sign_in: SignIn) -> None:
    strips = [one for one in sign_in(Role.SUPERVISOR).page("/").all("ul") if "wall-strip" in one["class"]]
    assert [len(list(strip.all("li"))) for strip in strips] == [12]


def test_start_pages_of_every_role_have_real_numbers(log: Log, county: County, sign_in: SignIn) -> None:
    assert "13" in sign_in(Role.SUPERVISOR).page("/").text
    coordinator = sign_in(Role.COORDINATOR).page("/").text
    assert "青禾小饭馆(演示)" in coordinator
    assert "继续" in coordinator
    assert "南湾招待所" not in coordinator
    office = sign_in(Role.ADMINISTRATOR).page("/").text
    assert "在册人员" in office
    assert "还没有登记" in sign_in(Role.INFORMANT).page("/").text


def test_places_near_the_phone(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    page = client.page("/?latitude=30.001&longitude=120.0")
    assert "110 m" in page.text
    fragment = client.get("/?latitude=30.001&longitude=120.0", headers={"HX-Request": "true"})
    assert fragment.get_data(as_text=True).lstrip().startswith('<section id="near"')
    assert client.get("/?latitude=north&longitude=1").status_code == 422


def test_a_certificate_that_ends_is_told_sixty_days_ahead(app: Flask, county: County, sign_in: SignIn) -> None:
    with app.app_context():
        person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        person.certificate_until = clock.today() + timedelta(days=60)
        db.session.commit()
    assert "到期" in sign_in(Role.COORDINATOR).page("/").all("main")[0].text
    office = sign_in(Role.ADMINISTRATOR).page("/").text
    assert county.person(Role.COORDINATOR).name in office


@pytest.mark.parametrize("role", Role)
def test_the_start_page_reads_the_same_number_of_times(
    role: Role, log: Log, app: Flask, county: County, sign_in: SignIn
) -> None:
    from tests.factories.premises import make_premises
    from tests.notices.factory import make_visit as make_found

    client = sign_in(role)

    def grow() -> None:
        with app.app_context():
            by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
            for _ in range(3):
                make_found(by, make_premises(county.villages[0]), finished=False)
            db.session.commit()

    grow()
    client.get("/")
    with statements(app) as few:
        client.get("/")
    grow()
    with statements(app) as many:
        client.get("/")
    assert len(many) <= len(few) <= 30, (len(few), len(many))
