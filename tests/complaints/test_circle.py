"""Who sees the case, who sees who complained, and that it lies locked away everywhere."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet, MultiFernet
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import Person
from app.complaints.models import Complaint
from app.complaints.sealing import MissingSetting, NoKey, box, open_sealed, seal
from app.complaints.services import register_feedback
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import Settings
from app.notices.services import issue_notice
from tests.complaints.conftest import MATTER, SECRETS, WHO
from tests.factories.people import County, make_person
from tests.factories.premises import make_premises
from tests.fixtures.databases import settings_for
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_visit, wish

Lodge = Callable[..., Complaint]


def _take_on(client: Any, path: str) -> None:
    answer = client.submit(f"{path}/taken_on", {"change_id": str(new_id())}, page=path)
    assert answer.status_code == 303


def _look(client: Any, path: str) -> Any:
    return client.submit(f"{path}/person", {}, page="/me")


def test_staff_write_it_down_and_get_number_and_code(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    said = {"complaint_id": str(new_id()), "channel": "visit", "matter": MATTER, "name": WHO.name, "phone": WHO.phone}
    answer = client.submit("/complaints/new", said)
    assert answer.status_code == 303
    assert client.submit("/complaints/new", said).location == answer.location
    page = client.page(answer.location)
    assert "查询码" in page.text
    assert client.submit("/complaints/new", said | {"matter": "", "complaint_id": str(new_id())}).status_code == 422
    with app.app_context():
        assert db.session.query(Complaint).count() == 1


def test_the_case_is_for_the_circle_and_the_person_for_the_smallest(
    sign_in: SignIn, lodged: Lodge, county: County, app: Flask
) -> None:
    complaint = lodged()
    path = f"/complaints/{complaint.id}"
    supervisor, coordinator = sign_in(Role.SUPERVISOR), sign_in(Role.COORDINATOR)
    assert MATTER in supervisor.get(path).text
    assert WHO.name in _look(coordinator, path).text  # registered it
    assert _look(supervisor, path).status_code == 403  # does not handle it yet
    assert sign_in(Role.ADMINISTRATOR).get(path).status_code == 404
    assert sign_in(person=county.neighbour).get(path).status_code == 404
    assert sign_in(Role.INFORMANT).get(path).status_code == 403
    _take_on(supervisor, path)
    seen = _look(supervisor, path)
    assert all(word in seen.text for word in (WHO.name, WHO.phone, WHO.address, WHO.words))
    assert seen.headers["Cache-Control"] == "no-store"
    with app.app_context():
        looks = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "complaint_person_looked_at")).all()
        assert {look.person_id for look in looks} == {
            county.person(Role.COORDINATOR).id, county.person(Role.SUPERVISOR).id,
        }  # fmt: skip


def test_another_supervisor_takes_over_and_the_first_looks_no_more(
    sign_in: SignIn, lodged: Lodge, county: County, app: Flask
) -> None:
    with app.app_context():
        other = make_person(Role.SUPERVISOR, county.agency, "督小六")
        db.session.commit()
    path, first = f"/complaints/{lodged().id}", sign_in(Role.SUPERVISOR)
    second = sign_in(person=other)
    _take_on(first, path)
    assert _look(second, path).status_code == 403
    assert second.submit(f"{path}/taken_over", {"change_id": str(new_id())}, page=path).status_code == 303
    assert _look(second, path).status_code == 200
    assert _look(first, path).status_code == 403
    note = {"change_id": str(new_id()), "note": "已处理"}
    assert first.submit(f"{path}/handled", note, page=path).status_code == 403


def test_the_inspector_complained_about_finds_nothing(sign_in: SignIn, lodged: Lodge, county: County) -> None:
    about = county.person(Role.COORDINATOR)
    complaint = lodged(by=county.person(Role.ADMINISTRATOR), about=frozenset({about.id}))
    path, client = f"/complaints/{complaint.id}", sign_in(Role.COORDINATOR)
    assert client.get(path).status_code == 404
    assert _look(client, path).status_code == 404
    assert complaint.number not in client.get("/complaints").text
    supervisor = sign_in(Role.SUPERVISOR)
    _take_on(supervisor, path)
    assert about.name in supervisor.get(path).text
    assigned = {"change_id": str(new_id()), "verifier": str(about.id), "matter": MATTER}
    assert supervisor.submit(f"{path}/assigned", assigned, page=path).status_code == 422


def test_whoever_is_named_later_loses_sight_of_it(sign_in: SignIn, lodged: Lodge, county: County) -> None:
    path, supervisor, worker = f"/complaints/{lodged().id}", sign_in(Role.SUPERVISOR), sign_in(Role.COORDINATOR)
    _take_on(supervisor, path)
    assert worker.get(path).status_code == 200
    named = {"about": str(county.person(Role.COORDINATOR).id)}
    assert supervisor.submit(f"{path}/about", named, page=path).status_code == 303
    assert worker.get(path).status_code == 404
    assert _look(worker, path).status_code == 404


@pytest.mark.both_databases
def test_who_verifies_sees_the_neutral_words_alone(sign_in: SignIn, lodged: Lodge, county: County) -> None:
    path, supervisor = f"/complaints/{lodged(itself=True).id}", sign_in(Role.SUPERVISOR)
    verifier = sign_in(Role.COORDINATOR)
    assert verifier.get(path).status_code == 404
    _take_on(supervisor, path)
    sent = {"change_id": str(new_id()), "verifier": str(county.person(Role.COORDINATOR).id)}
    assert supervisor.submit(f"{path}/assigned", sent, page=path).status_code == 422  # no neutral words yet
    assert supervisor.submit(f"{path}/assigned", sent | {"matter": MATTER}, page=path).status_code == 303
    page = verifier.get(path).text
    assert MATTER in page
    assert not any(secret in page for secret in SECRETS)
    assert _look(verifier, path).status_code == 403
    found = {"change_id": str(new_id()), "note": "有鼠迹"}
    assert verifier.submit(f"{path}/found_true", found, page=path).status_code == 303
    over = {"change_id": str(new_id()), "to": "市场监管所"}
    assert verifier.submit(f"{path}/handed_over", over, page="/me").status_code == 403
    assert supervisor.submit(f"{path}/handed_over", over, page=path).status_code == 303
    answer = {"change_id": str(new_id()), "note": "已移交市场监管所"}
    assert supervisor.submit(f"{path}/answered", answer, page=path).status_code == 303


def test_nothing_readable_lies_in_the_database_or_the_files(lodged: Lodge, app: Flask, settings: Settings) -> None:
    lodged()
    lodged(itself=True)
    with app.app_context():
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.commit()
    for path in settings.data_dir.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            spelt = [form for secret in SECRETS for form in (secret.encode(), json.dumps(secret)[1:-1].encode())]
            assert not any(form in raw for form in spelt), path


def test_the_audit_names_nobody_outside(lodged: Lodge, app: Flask) -> None:
    lodged(itself=True)
    with app.app_context():
        rows = db.session.scalars(select(AuditRecord).where(AuditRecord.object_type == "complaints")).all()
        said = json.dumps([[row.before, row.after, row.note] for row in rows], ensure_ascii=False)
    assert rows
    assert not any(secret in said for secret in SECRETS)


def test_keys_are_rotated_without_losing_anything(app: Flask, lodged: Lodge) -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    sealed = seal(WHO, MultiFernet([Fernet(old)]))
    both = MultiFernet([Fernet(new), Fernet(old)])
    assert open_sealed(sealed, both) == WHO
    assert open_sealed(both.rotate(sealed), MultiFernet([Fernet(new)])) == WHO
    with pytest.raises(NoKey):
        open_sealed(sealed, MultiFernet([Fernet(new)]))
    lodged()
    assert "1 complaints locked" in app.test_cli_runner().invoke(args=["complaints", "rotate"]).output


def test_production_without_a_key_takes_no_complaint(tmp_path: Any) -> None:
    bare = settings_for(tmp_path, "sqlite://", production=True)
    with pytest.raises(NoKey):
        box(bare)
    with pytest.raises(MissingSetting):
        box(settings_for(tmp_path, "sqlite://", complaint_key="no key"))
    assert (tmp_path / "complaint_key").exists() is False
    box(settings_for(tmp_path, "sqlite://"))
    assert (tmp_path / "complaint_key").stat().st_mode & 0o077 == 0


@pytest.mark.both_databases
def test_purging_forgets_who_and_keeps_the_case(sign_in: SignIn, lodged: Lodge, app: Flask) -> None:
    path, client = f"/complaints/{lodged().id}", sign_in(Role.SUPERVISOR)
    _take_on(client, path)
    for event, words in [("handled", "已处理"), ("answered", "已处理")]:
        client.submit(f"{path}/{event}", {"change_id": str(new_id()), "note": words}, page=path)
    run = app.test_cli_runner()
    assert "0 complaints purged" in run.invoke(args=["complaints", "purge"]).output
    with app.app_context():
        row = db.session.query(Complaint).one()
        row.answered_at = clock.now().replace(year=clock.now().year - 2)
        db.session.commit()
    assert "1 complaints purged" in run.invoke(args=["complaints", "purge"]).output
    with app.app_context():
        row = db.session.query(Complaint).one()
        assert (row.sealed, row.matter) == (None, MATTER)
    assert "保存期已满" in _look(client, path).text


def test_feedback_about_a_visit_goes_past_whoever_made_it(sign_in: SignIn, app: Flask, county: County) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = make_visit(by, make_premises(county.villages[0]))
        notice = issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        one = register_feedback(notice.id, "grievance", "态度不好", "13900001234")
        db.session.commit()
        path = f"/complaints/{one.id}"
    assert sign_in(Role.COORDINATOR).get(path).status_code == 404
    supervisor = sign_in(Role.SUPERVISOR)
    assert "对巡查的意见" in supervisor.get(path).text
    _take_on(supervisor, path)
    assert "态度不好" in _look(supervisor, path).text


def test_a_referral_takes_the_neutral_words_along_and_nobodys_name(sign_in: SignIn, lodged: Lodge) -> None:
    path, supervisor = f"/complaints/{lodged().id}", sign_in(Role.SUPERVISOR)
    assert supervisor.submit(f"{path}/referral", {}, page="/me").status_code == 403
    _take_on(supervisor, path)
    answer = supervisor.submit(f"{path}/referral", {}, page=path)
    page = supervisor.get(answer.location, follow_redirects=True).text
    assert MATTER in page
    assert not any(secret in page for secret in SECRETS)
