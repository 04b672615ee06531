"""Holds are placed and lifted with reasons on pages; the administrator sees periods, what is due and the runs."""


import io
import json
import zipfile

import pytest
from flask import Flask

from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.photos.models import Photo
from app.retention.models import LegalHold
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.retention.conftest import YEAR, Past, run_after


@pytest.mark.both_databases
def test_a_hold_is_placed_once_shown_on_its_page_and_lifted_with_a_reason(
    app: Flask, sign_in: SignIn, past: Past
) -> None:
    client, path = sign_in(Role.SUPERVISOR), f"/inspections/{past.id}/hold"
    assert client.submit(path, {"act": "place", "reason": " "}, page=path).status_code == 422
    change = {"change_id": str(new_id()), "act": "place", "reason": "行政复议进行中"}
    for _again in range(2):
        assert client.submit(path, change, page=path).status_code in (200, 303)
    client.submit(path, {"change_id": str(new_id()), "act": "place", "reason": "再一次"}, page=path)
    assert "行政复议进行中" in client.get(f"/inspections/{past.id}").text
    assert "行政复议进行中" in sign_in(Role.COORDINATOR).get(f"/inspections/{past.id}").text
    assert "行政复议进行中" in client.get("/holds").text
    assert client.submit(path, {"act": "lift", "reason": ""}, page=path).status_code == 422
    client.submit(path, {"change_id": str(new_id()), "act": "lift", "reason": "已结案"}, page=path)
    assert "行政复议进行中" not in client.get(f"/inspections/{past.id}").text
    with app.app_context():
        row = db.session.query(LegalHold).one()
        assert (row.lifted_reason, row.is_in_force) == ("已结案", False)
        actions = [one.action for one in db.session.query(AuditRecord).filter(AuditRecord.object_id == row.subject_id)]
    assert [one for one in actions if one.startswith("hold_")] == ["hold_placed", "hold_lifted"]


def test_coordinators_and_other_areas_place_no_hold(sign_in: SignIn, county: County, past: Past) -> None:
    path = f"/premises/{past.premises_id}/hold"
    assert sign_in(Role.COORDINATOR).get(path).status_code == 403
    assert sign_in(Role.ADMINISTRATOR).get(path).status_code == 200


def test_the_administrator_sees_periods_what_is_due_and_the_runs(app: Flask, sign_in: SignIn, past: Past) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    assert "flask retention run" in client.get("/retention").text
    with app.app_context():
        run_after(5 * YEAR)
        sha256 = db.session.get_one(Photo, past.photo_ids[0]).sha256
    page = client.get("/retention").text
    assert "网络日志留存不少于六个月" in page
    assert "3" in page
    photo_id = past.photo_ids[0]
    gone = sign_in(Role.SUPERVISOR).get(f"/photo-log/{photo_id}").text
    assert sha256 in gone
    answer = sign_in(Role.SUPERVISOR).get(f"/inspections/photos/{photo_id}/original.jpg")
    assert answer.status_code == 410


def test_an_export_says_that_a_photo_was_deleted(app: Flask, sign_in: SignIn, past: Past) -> None:
    with app.app_context():
        run_after(5 * YEAR)
    client = sign_in(Role.SUPERVISOR)
    chosen = {"photo": [one.hex for one in past.photo_ids]}
    packed = client.submit("/photo-log/export", chosen, page="/photo-log?select=1").data
    with zipfile.ZipFile(io.BytesIO(packed)) as bundle:
        assert [name for name in bundle.namelist() if name.startswith("photos/")] == []
        said = json.loads(bundle.read("manifest.json"))
    assert {one["state"] for one in said} == {"removed"}
