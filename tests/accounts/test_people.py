"""Administrators look after people: add, change, deactivate, reset; nobody locks the door behind them."""

from datetime import date
from uuid import uuid4

import pytest

from app.accounts import services
from app.accounts.models import Person
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import Refused
from app.core.roles import Role
from tests.factories.people import PASSWORD, make_county, make_organisation, make_person
from tests.fixtures.pages import parse


def form_of(person, **changes):
    data = {
        "name": person.name, "phone": person.phone, "organisation": str(person.organisation_id),
        "roles": [role.value for role in person.role_names], "certificate_number": person.certificate_number,
        "certificate_until": person.certificate_until.isoformat(),
    }  # fmt: skip
    return data | changes


def stored(app, person):
    with app.app_context():
        return db.session.get_one(Person, person.id)


def audited(app, action):
    with app.app_context():
        return [row.object_id for row in db.session.query(AuditRecord).filter_by(action=action)]


def add(admin, county, **changes):
    data = {
        "login": "Zhang.San", "name": "张三", "phone": "", "organisation": str(county.hospitals[0].id),
        "roles": ["coordinator"], "certificate_number": "试9001", "certificate_until": "2028-01-31",
    }  # fmt: skip
    return admin.submit("/people/new", data | changes)


def shown_password(answer):
    return next(
        tag.text for tag in parse(answer.get_data(as_text=True)).all("b") if tag["id"] == "first-password"
    )


def test_a_new_person_gets_a_password_once_and_must_choose_their_own(app, admin, county):
    answer = add(admin, county)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    password = shown_password(answer)
    phone = app.test_client()
    assert phone.submit("/sign-in", {"login": "zhang.san", "password": password}).status_code == 302
    first = phone.get("/me")
    assert (first.status_code, first.location) == (303, "/me/password")
    assert phone.get("/me", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/me/password"
    changed = {"password": password, "new_password": "三月的雨下在北山上", "again": "三月的雨下在北山上"}
    assert phone.submit("/me/password", changed).location == "/me"
    assert phone.get("/me").status_code == 200
    with app.app_context():
        person = db.session.query(Person).filter_by(login="zhang.san").one()
        assert person.certificate_until == date(2028, 1, 31)
        assert password not in str([(row.after, row.note) for row in db.session.query(AuditRecord)])
    assert audited(app, "person_added") == [person.id]
    assert audited(app, "password_changed") == [person.id]


def test_until_then_nothing_else_can_be_done(app, admin, county):
    password = shown_password(add(admin, county, roles=["administrator"]))
    phone = app.test_client()
    phone.submit("/sign-in", {"login": "zhang.san", "password": password})
    answer = phone.submit("/people/new", {}, page="/me/password")
    assert answer.status_code == 403


def test_the_same_request_twice_adds_one_person(app, admin, county):
    change = str(uuid4())
    assert add(admin, county, change_id=change).status_code == 200
    again = add(admin, county, change_id=change)
    assert again.status_code == 303
    assert len(audited(app, "person_added")) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "此项必填"),
        ({"login": "13900000001"}, "至少要有一个字母"),
        ({"roles": []}, "至少选择一个角色"),
        ({"phone": "call me"}, "电话号码只能"),
        ({"certificate_number": ""}, "请填写证件编号"),
        ({"name": "𠮷" * 61}, "最多 60 个字"),
        ({"organisation": ""}, "此项必填"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_said_in_words(admin, county, changes, words):
    answer = add(admin, county, **changes)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_a_login_name_is_given_once_in_any_case(admin, county):
    add(admin, county)
    answer = add(admin, county, login="ZHANG.SAN ")
    assert answer.status_code == 422
    assert "已被使用" in answer.get_data(as_text=True)


def test_a_person_is_changed_and_the_audit_shows_both(app, admin, county):
    person = county.person(Role.INFORMANT)
    data = form_of(person, roles=["informant", "coordinator"], organisation=str(county.hospitals[1].id))
    assert admin.submit(f"/people/{person.id}", data).status_code == 303
    changed = stored(app, person)
    assert changed.role_names == {Role.INFORMANT, Role.COORDINATOR}
    assert changed.organisation_id == county.hospitals[1].id
    with app.app_context():
        record = db.session.query(AuditRecord).filter_by(action="person_edited").one()
    assert record.before["roles"] == ["informant"]
    assert record.after["roles"] == ["coordinator", "informant"]
    assert record.address


def test_deactivating_ends_every_session_at_once_and_can_be_taken_back(app, admin, sign_in, county):
    person = county.person(Role.COORDINATOR)
    phone = sign_in(Role.COORDINATOR)
    assert phone.get("/me").status_code == 200
    assert admin.submit(f"/people/{person.id}/deactivate", page=f"/people/{person.id}").status_code == 303
    assert phone.get("/me").status_code == 303
    stranger = app.test_client()
    assert stranger.submit("/sign-in", {"login": person.login, "password": PASSWORD}).status_code == 422
    assert person.name in admin.get("/people?state=deactivated").get_data(as_text=True)
    admin.submit(f"/people/{person.id}/reactivate", page=f"/people/{person.id}")
    assert phone.get("/me").status_code == 303  # old sessions stay ended
    assert stranger.submit("/sign-in", {"login": person.login, "password": PASSWORD}).status_code == 302


def test_a_reset_ends_sessions_and_the_lock_and_the_password_must_be_changed(app, admin, sign_in, county):
    person, phone = county.person(Role.COORDINATOR), sign_in(Role.COORDINATOR)
    answer = admin.submit(f"/people/{person.id}/password", page=f"/people/{person.id}")
    assert phone.get("/me").status_code == 303
    fresh = app.test_client()
    assert fresh.submit("/sign-in", {"login": person.login, "password": PASSWORD}).status_code == 422
    assert (
        fresh.submit("/sign-in", {"login": person.login, "password": shown_password(answer)}).status_code
        == 302
    )
    assert fresh.get("/me").location == "/me/password"
    assert audited(app, "password_reset") == [person.id]


def test_nobody_deactivates_themselves_or_takes_their_own_roles(app, admin, county):
    me = county.person(Role.ADMINISTRATOR)
    answer = admin.submit(f"/people/{me.id}/deactivate", page=f"/people/{me.id}")
    assert answer.status_code == 409
    assert "不能停用自己" in answer.get_data(as_text=True)
    assert admin.submit(f"/people/{me.id}", form_of(me, roles=["supervisor"])).status_code == 409
    assert stored(app, me).active
    assert "/deactivate" not in admin.get(f"/people/{me.id}").get_data(as_text=True)


@pytest.mark.both_databases
def test_the_last_administrator_stays(app, county):
    with app.app_context():
        me = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
        with pytest.raises(Refused), transaction():
            services.deactivate(me, by=None)
        facts = services.PersonFacts(name=me.name, organisation=me.organisation, roles={Role.SUPERVISOR})
        with pytest.raises(Refused), transaction():
            services.edit_person(me, facts, by=None)
        other = make_person(Role.ADMINISTRATOR, me.organisation)
        db.session.commit()
        with transaction():
            services.deactivate(other, by=me)


def test_an_administrator_acts_only_inside_their_own_region(app, township_admin, county):
    outside = [county.neighbour, county.person(Role.ADMINISTRATOR)]
    inside = county.person(Role.COORDINATOR)
    listed = township_admin.get("/people").get_data(as_text=True)
    assert inside.name in listed
    for person in outside:
        assert person.name not in listed
        assert township_admin.get(f"/people/{person.id}").status_code == 404
        for verb in ("deactivate", "reactivate", "password"):
            answer = township_admin.submit(f"/people/{person.id}/{verb}", page=f"/people/{inside.id}")
            assert answer.status_code == 404
    elsewhere = form_of(inside, organisation=str(county.agency.id))
    assert township_admin.submit(f"/people/{inside.id}", elsewhere).status_code == 422
    assert add(township_admin, county, organisation=str(county.hospitals[1].id)).status_code == 422
    assert audited(app, "person_edited") == []


@pytest.mark.parametrize("role", [Role.INFORMANT, Role.COORDINATOR, Role.SUPERVISOR])
@pytest.mark.parametrize("path", ["/people", "/people/new", "/organisations", "/regions"])
def test_only_administrators_see_these_pages(sign_in, role, path):
    assert sign_in(role).get(path).status_code == 403


def test_search_finds_by_part_of_name_login_or_phone(app, admin, county):
    person = county.person(Role.COORDINATOR)
    for text in (person.name[1:], person.login[:6].upper()):
        page = admin.get("/people", query_string={"q": text}, headers={"HX-Request": "true"}).get_data(
            as_text=True
        )
        assert person.name in page
        assert county.person(Role.SUPERVISOR).name not in page
    assert "没有找到" in admin.get("/people?q=%25").get_data(as_text=True)
    assert person.name not in admin.get("/people?role=supervisor").get_data(as_text=True)


def test_a_long_list_comes_in_pages_with_a_constant_number_of_queries(app, admin, county):
    from sqlalchemy import event

    def queries(path):
        seen = []
        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
        assert admin.get(path).status_code == 200
        return len(seen)

    few = queries("/people")
    with app.app_context():
        hospital = db.session.merge(county.hospitals[0])
        for number in range(60):
            make_person(Role.COORDINATOR, hospital, f"某人{number:02d}")
        db.session.commit()
    assert queries("/people") <= few
    assert "page=2" in admin.get("/people").get_data(as_text=True)
    assert admin.get("/people?page=2").status_code == 200


def test_another_countys_people_are_out_of_sight(app, admin):
    with app.app_context():
        other = make_county("别处县", "990200")
        db.session.commit()
    assert admin.get(f"/people/{other.neighbour.id}").status_code == 404
    assert other.neighbour.login not in admin.get("/people").get_data(as_text=True)
    assert make_organisation is not None
