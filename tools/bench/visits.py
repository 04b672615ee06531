"""Visits to measure with, made through the product's own services on the demo county."""

import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.storage import storage
from app.inspections import queries, services
from app.inspections.applies import applicable_items
from app.inspections.models import Inspection, Receipt, Result
from app.inspections.progress import findings_with_photos
from app.notices import services as notices
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Purpose
from app.photos.rules import PhotoMeta
from app.premises.facts import Facts
from app.premises.models import Premises
from app.premises.services import register_premises
from tools.bench import pictures

COORDINATOR = "xieguan"
OURS = "试测饭馆"  # what the restaurants are called that are registered here


@contextmanager
def coordinator(app: Flask) -> Iterator[Person]:
    """An application context with the demo's coordinator."""
    with app.app_context():
        yield db.session.scalars(select(Person).where(Person.login == COORDINATOR)).unique().one()


def open_visits(app: Flask, count: int) -> list[str]:
    """Addresses of newly opened visits of restaurants."""
    with coordinator(app) as person:
        ids = [
            _begin(place, person).id
            for place in itertools.islice(itertools.cycle(_restaurants(person)), count)
        ]
    return [f"/inspections/{one}" for one in ids]


def items_of(app: Flask, visit_id: UUID) -> list[UUID]:
    """The items of a visit in the order of its page."""
    with app.app_context():
        visit = db.session.get_one(Inspection, visit_id)
        return [UUID(item) for sheet in visit.sheets for item in sheet.item_ids]


class Item(NamedTuple):
    id: UUID
    severity: str
    measured: bool


class Restaurant(NamedTuple):
    """A place with what is looked at there; `sheets` as the patrol pack has them."""

    id: UUID
    name: str
    sheets: list[dict[str, Any]]
    items: list[Item]


def restaurants(app: Flask, count: int) -> list[Restaurant]:
    """`count` restaurants of the coordinator's township, registered as far as they are not there."""
    with coordinator(app) as person:
        known = _restaurants(person)
        with transaction():
            for number in range(len(known), count):
                register_premises(_facts(person, number), None)
        return [with_items(place) for place in _restaurants(person)[:count]]


def _facts(person: Person, number: int) -> Facts:
    return Facts(
        name=f"{OURS}{number}号(演示)", kind="restaurant", domains=("catering", "fire"), region=person.region,
        address=f"试测路 {number} 号", latitude=28.4 + number / 10_000, longitude=112.8,
    )  # fmt: skip


def with_items(place: Premises) -> Restaurant:
    """The place with today's checklists."""
    found = applicable_items(place, place.domains)
    sheets = [
        {
            "version_id": str(version.id),
            "domain": version.domain,
            "item_ids": [str(item.id) for item in items],
        }
        for version, items in found
    ]
    items = [Item(item.id, item.severity, bool(item.measures)) for _version, items in found for item in items]
    return Restaurant(place.id, place.name, sheets, items)


def notice_with_four_photos(app: Flask) -> UUID:
    """A visit with two findings of two photos each, finished and made into a notice; gives the notice's id."""
    with coordinator(app) as person:
        visit = _begin(_restaurants(person)[0], person)
        items = [
            item for item in queries.items_of(visit).values() if item.severity != "A" and not item.measures
        ][:2]
        for item in items:
            with transaction():
                services.save_answer(visit, item, Result.DOES_NOT, by=person)
                services.save_note(visit, item, "后厨地面积水,约两平方米(演示)", by=person)
            for _turn in range(2):
                _photograph(visit, item, person)
        with transaction():
            services.sweep_rest(visit, new_id(), by=person)
            ending = services.Ending("", Receipt.REFUSED, "", "", "负责人外出(演示)", "示范村干部甲")
            services.finish_inspection(visit, ending, by=person)
        wanted = tuple(finding.id for finding, _photos in findings_with_photos(visit.id))
        with transaction():
            wish = notices.Wish(visit.id, "xuncha_advice", wanted)
            return notices.issue_notice(new_id(), wish, by=person, now=clock.now()).id


def _restaurants(person: Person) -> list[Premises]:
    """Of the person's township, those with the most to look at."""
    query = select(Premises).where(Premises.township_id == person.region.id, Premises.kind == "restaurant")
    return list(db.session.scalars(query.order_by(Premises.name)).unique())


def _begin(place: Premises, person: Person) -> Inspection:
    with transaction():
        return services.start_inspection(new_id(), place, by=person)


def _photograph(visit: Inspection, item: object, person: Person) -> None:
    picture = io.BytesIO(pictures.another(pictures.about(300)))
    received = receive_photo(picture, storage=storage(), limits=Limits(30 << 20, 60_000_000))
    with transaction():
        photo = record_photo(
            received, photo_id=new_id(), by=person.id, meta=PhotoMeta(purpose=Purpose.FINDING)
        )
        services.attach_photo(visit, photo, item, by=person)  # type: ignore[arg-type]
