"""Who may send is asked anew at every request, however little of the person is read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.callers import find_caller, whole
from app.accounts.models import Organisation, Person, RoleRow
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from tests.factories.people import County
from tests.sync.phone import Phone, now_ms

pytestmark = pytest.mark.both_databases
Change = Callable[[Person], None]


@pytest.fixture
def change_person(app: Flask, county: County) -> Callable[[Change], None]:
    """Change the coordinator, as somebody else does while their phone goes on sending."""
    person_id: UUID = county.people[Role.COORDINATOR].id

    def change(work: Change) -> None:
        with app.app_context():
            work(db.session.get_one(Person, person_id))
            db.session.commit()

    return change


@pytest.fixture
def send(phone: Phone, place: Any) -> Callable[[], Any]:
    """Begin a visit with the token of a ping long ago: the first to notice a change is the sending itself."""
    client: Any = phone.client
    token = client.get("/sync/ping").json["csrf"]

    def begin() -> Any:
        changes = [phone.begin(place.id, new_id())]
        body = {"device": str(phone.id), "sent_at_ms": now_ms(), "changes": changes}
        return client.post("/sync/changes", json=body, headers={"X-CSRFToken": token, "Accept": "application/json"})

    return begin


def _give_role(role: Role) -> Change:
    def give(person: Person) -> None:
        person.roles = [db.session.scalars(select(RoleRow).where(RoleRow.name == role.value)).one()]

    return give


def test_who_was_deactivated_a_moment_ago_is_sent_to_sign_in(
    phone: Phone, send: Callable[[], Any], change_person: Callable[[Change], None]
) -> None:
    assert send().status_code == 200
    change_person(lambda person: setattr(person, "active", False))
    answer = send()
    assert answer.status_code == 401
    assert answer.json["sign_in"].startswith("/sign-in")
    client: Any = phone.client
    assert client.get(f"/sync/photos/{new_id()}").status_code == 401
    change_person(lambda person: setattr(person, "active", True))
    assert send().status_code == 200


def test_a_role_that_was_taken_or_given_counts_at_the_next_sending(
    send: Callable[[], Any], change_person: Callable[[Change], None]
) -> None:
    change_person(_give_role(Role.ADMINISTRATOR))
    assert send().status_code == 403
    change_person(_give_role(Role.SUPERVISOR))
    assert send().status_code == 200
    change_person(lambda person: setattr(person, "roles", []))
    assert send().status_code == 403


def test_who_moves_to_another_organisation_is_not_let_into_the_old_area(
    send: Callable[[], Any], county: County, change_person: Callable[[Change], None]
) -> None:
    other = county.hospitals[1].id

    def move(person: Person) -> None:
        person.organisation = db.session.get_one(Organisation, other)

    change_person(move)
    assert [one["status"] for one in send().json["results"]] == ["refused"]


def test_who_has_to_choose_a_password_does_so_first(
    send: Callable[[], Any], change_person: Callable[[Change], None]
) -> None:
    change_person(lambda person: setattr(person, "must_change_password", True))
    assert send().status_code == 403


def test_an_ended_session_sends_nothing(
    send: Callable[[], Any], change_person: Callable[[Change], None]
) -> None:
    change_person(lambda person: setattr(person, "fs_uniquifier", new_id().hex))
    assert send().status_code == 401


@pytest.mark.parametrize("role", list(Role))
def test_a_caller_is_the_person(app: Flask, county: County, role: Role) -> None:
    with app.app_context():
        person = db.session.get_one(Person, county.people[role].id)
        caller = find_caller(person.fs_uniquifier)
        assert caller is not None
        for name in ("id", "name", "active", "must_change_password", "organisation_id", "role_names", "fs_uniquifier",
                     "is_supervisor", "is_inspector", "is_authenticated"):  # fmt: skip
            assert getattr(caller, name) == getattr(person, name), name
        assert (caller.region.id, caller.region.level) == (person.region.id, person.region.level)
        for row in (county.region, *county.townships, *county.villages):
            assert caller.region.contains(row) == person.region.contains(row)
        assert whole(caller) is person
        assert whole(person) is person
        assert find_caller("nobody") is None
