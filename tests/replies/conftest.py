"""An issued notice and the phone of whoever holds its paper."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image

from app.accounts import county as county_options
from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices import queries, services
from app.notices.models import Notice, NoticeFinding
from app.notices.progress import Step
from app.premises.models import Premises
from tests.factories.people import County
from tests.fixtures.pages import PageClient, csrf_token
from tests.notices.conftest import Scene, person, scene
from tests.notices.factory import wish

__all__ = ["person", "scene"]

ENDING = "0009"  # of the phone in tests/notices/factory.py


def jpeg(colour: int = 120, size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo of a phone, with what its EXIF would tell."""
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[1] = "N"
    out = BytesIO()
    Image.new("RGB", size, (colour % 256, 90, 200 - colour % 200)).save(out, "JPEG", exif=exif)
    return out.getvalue()


@dataclass
class Hand:
    """Somebody with the paper and a phone: asks pages, fills in forms, has cookies or not."""

    app: Flask
    client: PageClient
    token: str
    notice_id: UUID

    def path(self, rest: str = "") -> str:
        return f"/n/{self.token}{rest}"

    def token_of(self, rest: str) -> str:
        return csrf_token(self.client.get(self.path(rest)).get_data(as_text=True))

    def unlock(self, digits: str = ENDING, back: str = "") -> Any:
        data = {"csrf_token": self.token_of("/reply/1"), "digits": digits, "back": back or self.path("/reply/1")}
        return self.client.post(self.path("/unlock"), data=data)

    def send(self, place: int = 1, photos: tuple[bytes, ...] = (), form_of: str = "", **said: Any) -> Any:
        data: dict[str, Any] = {"kind": "fixed", "reply_id": str(new_id())} | said
        data["csrf_token"] = self.token_of(form_of or f"/reply/{place}")
        data["photos"] = [(BytesIO(photo), f"{n}.jpg") for n, photo in enumerate(photos)]
        return self.client.post(self.path(f"/reply/{place}"), data=data, content_type="multipart/form-data")


@pytest.fixture
def notice(person: Person, scene: Scene) -> Notice:
    """Issued today: two points by a date, one referred. Inside an application context."""
    with transaction():
        visit = db.session.get_one(Inspection, scene.visit_id)
        return services.issue_notice(new_id(), wish(visit), by=person, now=clock.now())


@pytest.fixture
def issued(app: Flask, scene: Scene, county: County) -> Notice:
    """The same for requests: no context is pushed."""
    with app.app_context(), transaction():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = db.session.get_one(Inspection, scene.visit_id)
        return services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())


@pytest.fixture
def hand(app: Flask, client: PageClient, issued: Notice) -> Hand:
    return Hand(app, client, issued.token, issued.id)


@pytest.fixture
def decide(app: Flask, issued: Notice) -> Callable[[str], None]:
    """The county decides on `replies.lock`."""

    def set_lock(value: str) -> None:
        with app.app_context(), transaction():
            county_options.set_option(issued.county_id, "replies.lock", value, by=None, now=clock.now())

    return set_lock


@pytest.fixture
def set_phone(app: Flask, issued: Notice) -> Callable[[str], None]:
    def change(phone: str) -> None:
        with app.app_context(), transaction():
            db.session.get_one(Premises, issued.premises_id).phone = phone

    return change


def points(notice_id: UUID) -> list[NoticeFinding]:
    """Inside an application context."""
    db.session.expire_all()
    return queries.points_of(notice_id)


def place_of(notice_id: UUID, step: Step) -> int:
    return next(place for place, point in enumerate(points(notice_id), start=1) if point.step is step)
