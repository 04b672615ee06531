"""One request id stands for one request: the same again is answered, anything else under it is told."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Answer
from tests.factories.inspections import item_of, make_visit
from tests.factories.people import County

pytestmark = pytest.mark.both_databases
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visit(app: Flask, county: County) -> dict[str, Any]:
    """The addresses of an open visit and of two of its items."""
    with app.app_context():
        inspection = make_visit(db.session.merge(county.people[Role.COORDINATOR]))
        items = [item_of(inspection, code) for code in ("CAT-09", "CAT-12")]
        db.session.commit()
        page = f"/inspections/{inspection.id}"
        return {"page": page, "items": [f"{page}/items/{item.id}" for item in items]}


class Phone:
    """A signed-in client that sends forms with its token."""

    def __init__(self, client: Any, page: str) -> None:
        self.client, self.token = client, self._token(client, page)

    def _token(self, client: Any, page: str) -> str:
        html = client.get(page).get_data(as_text=True)
        return html.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]

    def send(self, url: str, change: Any, **fields: Any) -> Any:
        return self.client.post(
            url, data={"csrf_token": self.token, "change_id": str(change), **fields}, headers=HTMX
        )


@pytest.fixture
def phone(sign_in: Any, visit: dict[str, Any]) -> Phone:
    return Phone(sign_in(Role.COORDINATOR), visit["page"])


def notes(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Answer.note).where(Answer.note != "")))


def test_another_content_under_the_same_id_is_told_and_changes_nothing(app, phone, visit) -> None:
    url, change = f"{visit['items'][0]}/note", new_id()
    assert phone.send(url, change, note="门口堆着纸箱").status_code == 200
    other = phone.send(url, change, note="门口已清空")
    assert other.status_code == 409
    assert "内容不同" in other.get_data(as_text=True)
    assert "data-message" in other.get_data(as_text=True)
    assert phone.send(url, change, note="门口堆着纸箱").status_code == 200
    assert notes(app) == ["门口堆着纸箱"]


def test_several_values_of_one_field_belong_to_the_content(phone, visit) -> None:
    url, change = f"{visit['items'][0]}/note", new_id()
    assert phone.send(url, change, note="甲", phrases=["0", "1"]).status_code == 200
    assert phone.send(url, change, note="甲", phrases=["0"]).status_code == 409
    assert phone.send(url, change, note="甲", phrases=["0", "1"]).status_code == 200


def test_another_address_under_the_same_id_is_told(app, phone, visit) -> None:
    change = new_id()
    assert phone.send(f"{visit['items'][0]}/answer", change, result="conforms").status_code == 200
    assert phone.send(f"{visit['items'][1]}/answer", change, result="conforms").status_code == 409
    with app.app_context():
        assert len(db.session.scalars(select(Answer)).all()) == 1


def test_another_person_under_the_same_id_is_told(app, phone, visit, sign_in) -> None:
    url, change = f"{visit['items'][0]}/answer", new_id()
    assert phone.send(url, change, result="conforms").status_code == 200
    colleague = Phone(sign_in(Role.SUPERVISOR), visit["page"])
    assert colleague.send(url, change, result="conforms").status_code == 409


def test_a_new_session_with_another_token_sends_the_same_content(phone, visit, sign_in) -> None:
    url, change = f"{visit['items'][0]}/answer", new_id()
    assert phone.send(url, change, result="conforms").status_code == 200
    again = Phone(sign_in(Role.COORDINATOR), visit["page"])
    assert again.token != phone.token
    assert again.send(url, change, result="conforms").status_code == 200


def test_what_was_refused_has_used_no_id(app, phone, visit) -> None:
    url, change = f"{visit['items'][0]}/answer", new_id()
    assert phone.send(url, change, result="perhaps").status_code == 422
    assert phone.send(url, change, result="conforms").status_code == 200


def test_a_change_from_before_contents_were_kept_is_still_answered(app, phone, visit) -> None:
    """Its row carries no hash: nothing is known against the repeat."""
    url, change = f"{visit['items'][0]}/answer", new_id()
    assert phone.send(url, change, result="conforms").status_code == 200
    with app.app_context():
        from app.core.audit import Change

        db.session.get_one(Change, change).digest = b""
        db.session.commit()
    assert phone.send(url, change, result="does_not").status_code == 200
    with app.app_context():
        actions = db.session.scalars(select(AuditRecord.action).where(AuditRecord.change_id == change)).all()
        assert actions == ["answer_saved"]
