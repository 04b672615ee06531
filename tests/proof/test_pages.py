"""The page of the log: who may read it, what it says of the last verification, and the banner on what was altered."""

import sqlite3
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.county import CountyOption, set_option
from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.digests import content_digest
from app.inspections.models import Answer, InspectionPhoto
from app.notices.services import issue_notice
from app.proof import running
from app.proof.models import AuditCheck
from app.proof.naming import names_of
from app.proof.rules import Found, Kind
from tests.factories.people import County, make_county
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_premises, make_visit, wish


@dataclass(frozen=True)
class Told:
    """A visit, its notice, one of its photos, and an answer with its code."""

    app: Flask
    visit: UUID
    notice: UUID
    photo: UUID
    answer: UUID
    code: str

    def alter(self) -> None:
        """The answer is changed with another tool, and a verification finds it."""
        path = self.app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        with sqlite3.connect(path) as other:
            other.execute("UPDATE answers SET note = '一切正常' WHERE id = ?", [self.answer.hex])
        other.close()
        self.verify()

    def verify(self) -> None:
        with self.app.app_context():
            running.run()


@pytest.fixture
def told(app: Flask, county: County) -> Told:
    with app.app_context():
        with transaction():
            by = db.session.get_one(Person, county.neighbour.id)
            visit = make_visit(by, make_premises(db.session.get_one(Region, county.villages[2].id)))
            visit.digest = content_digest(visit)
            notice = issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        photo = db.session.query(InspectionPhoto).filter_by(inspection_id=visit.id).first()
        answer = db.session.query(Answer).filter_by(inspection_id=visit.id).first()
        assert photo is not None and answer is not None
        return Told(app, visit.id, notice.id, photo.photo_id, answer.id, answer.item.code)


def test_all_is_well_and_the_events_are_listed(told: Told, sign_in: SignIn) -> None:
    told.verify()
    supervisor = sign_in(Role.SUPERVISOR)
    page = supervisor.get("/audit").text
    assert "没有不符" in page and "开具整改单" in page
    only = supervisor.get(f"/audit?type=notices&object={told.notice}").text.split('id="events"')[1]
    assert "开具整改单" in only and "核验留痕" not in only
    assert (
        "开具整改单"
        not in supervisor.get("/audit?action=signed_in")
        .text.split("<h2>做了什么</h2>")[1]
        .split("</details>")[1]
    )
    assert sign_in(Role.COORDINATOR).get("/audit").status_code == 403


def test_what_was_altered_says_so_on_its_pages(told: Told, sign_in: SignIn) -> None:
    supervisor, visit = sign_in(Role.SUPERVISOR), f"/inspections/{told.visit}"
    assert "与留痕不符" not in supervisor.get(visit).text
    told.alter()
    shown = supervisor.get(visit).text
    assert "与留痕不符" in shown and "被绕过系统改动" in shown and told.code in shown
    assert "被绕过系统改动" in supervisor.get("/audit").text
    assert "记录与原来不符" in supervisor.get("/").text
    assert "与留痕不符" not in supervisor.get(f"/notices/{told.notice}").text  # the paper was frozen before
    theirs = sign_in(person=sign_in.county.neighbour).get(visit).text
    assert "与留痕不符" in theirs and "被绕过系统改动" not in theirs


def test_verify_now_finds_it_too_and_clears_nothing_it_cannot_see(told: Told, sign_in: SignIn) -> None:
    told.alter()
    with told.app.app_context(), transaction():  # some time ago
        for check in db.session.query(AuditCheck):
            check.started_at = clock.now().replace(year=2025)
    supervisor, form = sign_in(Role.SUPERVISOR), {"change_id": str(new_id())}
    assert supervisor.submit("/audit/verify", form, page="/audit").status_code == 303
    assert (
        supervisor.submit("/audit/verify", form, page="/audit").status_code == 303
    )  # the same again is not done again
    with told.app.app_context():
        assert db.session.query(AuditCheck).count() == 2
    page = supervisor.get("/audit").text
    assert "快速核验" in page and "被绕过系统改动" in page
    again = supervisor.submit("/audit/verify", {"change_id": str(new_id())}, page="/audit")
    assert again.status_code == 409 and "刚刚核验过" in again.text


def test_another_county_is_not_shown(told: Told, sign_in: SignIn) -> None:
    told.alter()
    with told.app.app_context(), transaction():
        other = make_county("另一县", "990200").person(Role.SUPERVISOR)
    page = sign_in(person=other).get("/audit").text
    assert "青禾小饭馆" not in page and "开具整改单" not in page.split("</details>")[1]
    assert "青禾小饭馆" in sign_in(Role.SUPERVISOR).get("/audit").text


@pytest.mark.parametrize(
    "asked", ["before=9" + "9" * 30, "before=-1", "day=9999-12-31", "day=0001-01-01", "type=%00", "object=x"]
)
def test_whatever_stands_in_the_address_gives_a_page(sign_in: SignIn, asked: str) -> None:
    assert sign_in(Role.SUPERVISOR).get(f"/audit?{asked}").status_code == 200


def test_what_was_done_to_people_and_settings_belongs_to_their_county(app: Flask) -> None:
    """Of two counties in one installation neither reads who of the other's people was touched."""
    with app.app_context():
        with transaction():
            county = make_county()
            set_option(county.region.id, "retention.audit", 400, by=None, now=clock.now())
        person, option = county.person(Role.COORDINATOR), db.session.query(CountyOption).one()
        role = f"{person.id.hex}/{db.session.get_one(Person, person.id).roles[0].id}"
        found = [
            Found(Kind.ROW_CHANGED, table, key)
            for table, key in (("people", person.id.hex), ("people_roles", role), ("county_options", option.id.hex))
        ]
        home = db.session.get_one(Person, person.id).region.id
        assert [name.region_id for name in names_of(found)] == [home, home, county.region.id]
