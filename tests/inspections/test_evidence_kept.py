"""A phone keeps evidence pictures only as long as the server, asked each time, lets their reader in."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.inspections.signatures import keep_signature
from tests.factories.inspections import jpeg, make_visit, png_signature
from tests.factories.people import County

VIEWS = ["small", "large", "plain", "original"]


@pytest.fixture
def visit_id(app: Flask, county: County) -> UUID:
    with app.app_context():
        visit = make_visit(db.session.merge(county.people[Role.COORDINATOR]))
        visit.signature_key = keep_signature(png_signature())
        db.session.commit()
        return visit.id


@pytest.fixture
def photo_id(sign_in: Any, visit_id: UUID) -> UUID:
    client, photo_id = sign_in(Role.COORDINATOR), new_id()
    page = client.get(f"/inspections/{visit_id}").get_data(as_text=True)
    token = page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    url = f"/inspections/{visit_id}/photos/{photo_id}"
    assert client.post(url, data=jpeg(), headers={"X-CSRFToken": token}).status_code == 201
    return photo_id


def asked_again(client: Any, url: str) -> tuple[Any, Any]:
    first = client.get(url)
    assert first.status_code == 200
    return first, client.get(url, headers={"If-None-Match": first.headers["ETag"]})


@pytest.mark.parametrize("view", VIEWS)
def test_a_kept_photo_is_asked_for_again_and_not_sent_twice(sign_in: Any, photo_id: UUID, view: str) -> None:
    first, again = asked_again(sign_in(Role.COORDINATOR), f"/inspections/photos/{photo_id}/{view}.jpg")
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("view", VIEWS)
def test_after_signing_out_what_was_kept_is_worth_nothing(app, sign_in, photo_id, view: str) -> None:
    url = f"/inspections/photos/{photo_id}/{view}.jpg"
    tag = sign_in(Role.COORDINATOR).get(url).headers["ETag"]
    asks = {"If-None-Match": tag, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert app.test_client().get(url, headers=asks).status_code == 401
    assert sign_in(person=sign_in.county.neighbour).get(url, headers=asks).status_code == 404


def test_a_signature_is_asked_for_again_too(sign_in: Any, visit_id: UUID) -> None:
    first, again = asked_again(sign_in(Role.COORDINATOR), f"/inspections/{visit_id}/signature.png")
    assert first.mimetype == "image/png"
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert again.status_code == 304


def test_another_place_name_in_the_strip_is_another_picture(app, sign_in, visit_id, photo_id) -> None:
    client, url = sign_in(Role.COORDINATOR), f"/inspections/photos/{photo_id}/large.jpg"
    tag = client.get(url).headers["ETag"]
    with app.app_context():
        db.session.get_one(Inspection, visit_id).premises.name = "改名小馆"
        db.session.commit()
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 200
