"""A draft is thrown away once; whoever taps twice lands on the visit twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices import services
from app.notices.models import Notice
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.notices.conftest import Scene
from tests.notices.factory import wish

pytestmark = pytest.mark.both_databases


@pytest.fixture
def draft_id(app: Flask, county: County, scene: Scene) -> UUID:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = db.session.get_one(Inspection, scene.visit_id)
        draft = services.draft_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
        return draft.id


def _discarded(app: Flask) -> tuple[int, int]:
    """Notices left, and how often the audit says that one was thrown away."""
    with app.app_context():
        told = select(func.count()).where(AuditRecord.action == "notice_draft_discarded")
        return db.session.scalar(select(func.count()).select_from(Notice)), db.session.scalar(told)


def test_the_second_tap_lands_where_the_first_did(
    app: Flask, sign_in: SignIn, scene: Scene, draft_id: UUID
) -> None:
    client = sign_in(Role.COORDINATOR)
    for _tap in range(2):
        answer = client.submit(f"/notices/{draft_id}/discard", page="/me")
        assert (answer.status_code, answer.location) == (303, f"/inspections/{scene.visit_id}")
    assert _discarded(app) == (0, 1)


def test_two_taps_at_once_land_on_the_visit(app: Flask, sign_in: SignIn, scene: Scene, draft_id: UUID) -> None:
    client = sign_in(Role.COORDINATOR)
    page = client.get("/me").get_data(as_text=True)
    token = page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])

    def tap(_turn: int) -> Any:
        phone = app.test_client()
        phone.set_cookie(cookie.key, cookie.value, domain=cookie.domain or "localhost")
        answer = phone.post(f"/notices/{draft_id}/discard", data={"csrf_token": token})
        return answer.status_code, answer.location

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(tap, range(6))) == {(303, f"/inspections/{scene.visit_id}")}
    assert _discarded(app) == (0, 1)


def test_what_never_was_a_draft_of_ones_own_area_is_not_found(sign_in: SignIn, draft_id: UUID) -> None:
    sign_in(Role.COORDINATOR).submit(f"/notices/{draft_id}/discard", page="/me")
    neighbour = sign_in(person=sign_in.county.neighbour)
    assert neighbour.submit(f"/notices/{draft_id}/discard", page="/me").status_code == 404
    assert neighbour.submit(f"/notices/{new_id()}/discard", page="/me").status_code == 404
