"""A complaint and its referral: photos the handler chose, steps that follow; the visit it belongs to; who judges."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.complaints import rules, services
from app.complaints.models import Complaint
from app.complaints.photos import keep
from app.complaints.rules import State
from app.complaints.sealing import box
from app.complaints.services import register_feedback
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import Settings
from app.notices.services import issue_notice
from app.referrals import queries as referrals
from app.referrals.models import Referral
from app.referrals.rules import Event, Outcome
from app.referrals.steps import Step, answer_by_link, take_step
from tests.factories.people import County, make_person
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_premises, make_visit, wish
from tests.replies.conftest import jpeg

Lodge = Callable[..., Complaint]


def take_on(client: Any, path: str) -> None:
    assert client.submit(f"{path}/taken_on", {"change_id": str(new_id())}, page=path).status_code == 303


def now_is(app: Flask, complaint_id: UUID) -> tuple[State, str]:
    with app.app_context():
        row = db.session.get_one(Complaint, complaint_id)
        return row.state, row.handed_to


@pytest.mark.both_databases
def test_chosen_photos_go_along_without_exif_and_the_case_follows_the_referral(
    app: Flask, sign_in: SignIn, lodged: Lodge, county: County, settings: Settings
) -> None:
    complaint = lodged()
    path = f"/complaints/{complaint.id}"
    with app.app_context():
        row = db.session.get_one(Complaint, complaint.id)
        photos = [keep(row, jpeg(colour), box(settings)).id for colour in (40, 90)]
        db.session.commit()
    client = sign_in(Role.SUPERVISOR)
    take_on(client, path)
    assert "哪些照片随移送" in client.page(path).text
    answer = client.submit(f"{path}/referral", {"photos": [str(photos[0])]}, page=path)
    assert answer.status_code == 303
    referral_id = UUID(answer.location.rsplit("/", 1)[1])
    assert now_is(app, complaint.id)[0] is State.ACCEPTED  # it has not gone out
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
        referral = referrals.get_referral(referral_id, by)
        (evidence,) = referral.photos
        assert evidence.photo.exif == {} and evidence.photo_id not in photos
        assert db.session.query(AuditRecord).filter_by(action="complaint_photo_looked_at").count() == 1
        referral.address = referral.address or "老街 3 号"
        take_step(referral, Step(new_id(), Event.SEND), by=by, now=clock.now())
        db.session.commit()
        sent_to, link = referral.to_name, referrals.get_referral(referral_id, by).link
        assert link is not None
    assert now_is(app, complaint.id) == (State.HANDED_OVER, sent_to)
    with app.app_context():
        for event, said in ((Event.ACCEPT, {}), (Event.CLOSE, {"outcome": Outcome.DEALT_WITH, "reason": "已查处"})):
            link = db.session.get_one(Referral, referral_id).link
            assert link is not None
            answer_by_link(link, Step(new_id(), event, name="王某", **said), now=clock.now())
            db.session.commit()
    assert now_is(app, complaint.id)[0] is State.HANDLED


def test_an_authority_closes_its_referral_though_the_handler_has_another_role_now(
    app: Flask, sign_in: SignIn, lodged: Lodge, county: County
) -> None:
    complaint = lodged()
    path = f"/complaints/{complaint.id}"
    client = sign_in(Role.SUPERVISOR)
    take_on(client, path)
    referral_id = UUID(client.submit(f"{path}/referral", {}, page=path).location.rsplit("/", 1)[1])
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
        referral = referrals.get_referral(referral_id, by)
        referral.address = referral.address or "老街 3 号"
        take_step(referral, Step(new_id(), Event.SEND), by=by, now=clock.now())
        by.roles = [role for role in by.roles if role.name != Role.SUPERVISOR]
        db.session.commit()
    ends = {"outcome": Outcome.DEALT_WITH, "reason": "已查处"}
    for event, said in ((Event.ACCEPT, {}), (Event.CLOSE, ends)):
        with app.app_context():
            link = db.session.get_one(Referral, referral_id).link
            assert link is not None
            answer_by_link(link, Step(new_id(), event, name="王某", **said), now=clock.now())
            db.session.commit()
    assert now_is(app, complaint.id)[0] is State.HANDED_OVER, "whoever takes it over settles it"


@pytest.mark.both_databases
def test_a_step_taken_meanwhile_is_seen_and_not_taken_again(
    app: Flask, sign_in: SignIn, lodged: Lodge, county: County
) -> None:
    complaint = lodged()
    take_on(sign_in(Role.SUPERVISOR), f"/complaints/{complaint.id}")
    done = services.Step(rules.Event.HANDLED, "已谈话")

    def step() -> None:
        by = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
        services.take_step(complaint.id, done, turn_id=new_id(), by=by, now=clock.now())

    def elsewhere() -> None:
        with app.app_context(), transaction():
            step()

    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("one writer at a time: nothing happens meanwhile")
        with pytest.raises(rules.NotPossible), transaction():
            read = db.session.get_one(Complaint, complaint.id)
            assert read.state is State.ACCEPTED
            with ThreadPoolExecutor(1) as pool:
                pool.submit(elsewhere).result()
            step()


def test_whoever_handles_it_says_which_visit_of_the_place_it_belongs_to(
    app: Flask, sign_in: SignIn, lodged: Lodge, county: County
) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        place, other = make_premises(county.villages[0]), make_premises(county.villages[0], "别家(演示)")
        visit, elsewhere = make_visit(by, place).id, make_visit(by, other).id
        db.session.commit()
        place_id = place.id
    complaint = lodged()
    with app.app_context():
        db.session.get_one(Complaint, complaint.id).premises_id = place_id
        db.session.commit()
    path = f"/complaints/{complaint.id}"
    client = sign_in(Role.SUPERVISOR)
    assert client.submit(f"{path}/visit", {"visit": str(visit)}, page="/me").status_code == 403
    take_on(client, path)
    assert "关联这个场所的一次巡查" in client.page(path).text
    for chosen, status, kept in ((visit, 303, visit), (visit, 303, visit), (elsewhere, 404, visit), ("", 303, None)):
        assert client.submit(f"{path}/visit", {"visit": str(chosen)}, page=path).status_code == status
        with app.app_context():
            assert db.session.get_one(Complaint, complaint.id).inspection_id == kept
    with app.app_context():
        assert db.session.query(AuditRecord).filter_by(action="complaint_visit_linked").count() == 2


@pytest.mark.both_databases
def test_nobody_is_judge_of_themselves_where_the_only_supervisor_was_there(
    app: Flask, sign_in: SignIn, county: County
) -> None:
    with app.app_context():
        boss = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
        notice = issue_notice(
            new_id(), wish(make_visit(boss, make_premises(county.villages[0]))), by=boss, now=clock.now()
        )
        made = register_feedback(notice.id, "grievance", "说话很凶", "13900001234")
        db.session.commit()
        path = f"/complaints/{made.id}"
    admin = sign_in(Role.ADMINISTRATOR)
    assert sign_in(Role.SUPERVISOR).get(path).status_code == 404
    assert sign_in(Role.COORDINATOR).get(path).status_code == 404
    take_on(admin, path)
    assert "说话很凶" in admin.submit(f"{path}/person", {}, page=path).text
    assert admin.submit(f"{path}/handled", {"change_id": str(new_id()), "note": "已谈话"}, page=path).status_code == 303
    with app.app_context():  # a second supervisor comes: the case stays with who has it, new ones are theirs
        make_person(Role.SUPERVISOR, db.session.merge(county.agency), "督小六")
        second = register_feedback(notice.id, "grievance", "又很凶", "13900001234", feedback_id=new_id())
        db.session.commit()
        path_of_second = f"/complaints/{second.id}"
    assert admin.get(path).status_code == 200
    assert admin.get(path_of_second).status_code == 404
