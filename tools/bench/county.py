"""An invented county of any size, written in bulk: what the lists are measured on.

One county, five townships, fifty villages; a supervisor of the county and a coordinator in each township. A visit
has its sheets, two answers with findings and five photos on average; every hundredth visit has all its items
answered, and those are the ones whose page is measured. The same size gives the same county.
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Connection, Index, insert

from app.accounts import services as accounts
from app.accounts.models import Person
from app.accounts.regions import Level, Region, new_region
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.services import load_shipped_checklists
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import derived_id, new_token
from app.core.roles import Role
from app.inspections.applies import applicable_items
from app.inspections.models import (
    Answer,
    Finding,
    Inspection,
    InspectionPhoto,
    Outcome,
    Receipt,
    Result,
    Review,
    Sheet,
)
from app.inspections.models import Status as Stage
from app.notices.models import Notice
from app.notices.models import Status as NoticeStatus
from app.notices.progress import Stage as NoticeStage
from app.photos.models import Photo, Purpose, Source
from app.premises.models import Premises, PremisesDomain, SearchTerm, Status
from app.premises.services import search_rows

TOWNSHIPS, VILLAGES = 5, 10
KINDS = (
    ("restaurant", "饭馆", ("catering", "fire")),
    ("small_eatery", "小吃店", ("catering", "fire")),
    ("hair_beauty", "理发店", ("public_places", "fire")),
    ("lodging", "旅馆", ("public_places", "fire")),
)
GIVEN = "青禾云松石桥河口南北东西安宁长乐福康和平春秋明月清泉金银红叶兰竹梅菊"
STAGES = (
    NoticeStage.CLOSED, NoticeStage.OPENED, NoticeStage.REPLIED, NoticeStage.TO_VERIFY, NoticeStage.REFERRED
)  # fmt: skip
EVERY_FULL = 100  # each hundredth visit has all its items answered
PORTION = 5_000  # rows of one insert


@dataclass(frozen=True)
class Size:
    premises: int
    inspections: int
    photos: int

    def part(self, share: float) -> "Size":
        return Size(*(max(40, round(n * share)) for n in (self.premises, self.inspections, self.photos)))


class County:
    """Writes itself into the database of `app`, which has its tables and nothing else."""

    def __init__(self, app: Flask, size: Size) -> None:
        self.app, self.size, self.dice = app, size, random.Random(20261122)
        self.inspectors: dict[UUID, Person] = {}  # by township

    def write(self) -> None:
        with self.app.app_context():
            with transaction():
                load_shipped_checklists(clock.now())
                self.villages = self._regions()
            self.items = {
                version: db.session.query(ChecklistItem).filter_by(version_id=version.id).all()
                for version in db.session.query(ChecklistVersion)
            }
            self.places = self._places()
            indexes = _take_away_indexes()
            self._insert(Premises, (self._row(place) for place in self.places))
            self._insert(PremisesDomain, self._domains())
            self._insert(SearchTerm, (row for place in self.places for row in search_rows(place)))
            self._visits()
            self._insert(Notice, self._notices())
            _put_back(indexes)

    def _id(self, *parts: object) -> UUID:
        return (
            UUID(int=self.dice.getrandbits(128), version=4)
            if not parts
            else derived_id(ROOT, *map(str, parts))
        )

    def _regions(self) -> list[Region]:
        county = new_region(None, Level.COUNTY, "990100", "演示县", "Demo County")
        villages, townships = [], []
        for t in range(TOWNSHIPS):
            township = new_region(
                county, Level.TOWNSHIP, f"9901{t + 1:02}", f"第{t + 1}镇", f"Township {t + 1}"
            )
            townships.append(township)
            villages += [
                new_region(
                    township,
                    Level.VILLAGE,
                    f"9901{t + 1:02}{v + 1:02}",
                    f"{t + 1}镇{v + 1}村",
                    f"Village {t + 1}-{v + 1}",
                )
                for v in range(VILLAGES)
            ]
        for region in (county, *townships, *villages):
            db.session.add(region)
            db.session.flush()
        self._person("supervisor", county, Role.SUPERVISOR)
        for number, township in enumerate(townships):
            self.inspectors[township.id] = self._person(f"coordinator{number}", township, Role.COORDINATOR)
        return villages

    def _person(self, login: str, region: Region, role: Role) -> Person:
        facts = accounts.OrganisationFacts(
            name_zh=f"{region.name_zh}卫生院", region=region, number_prefix=login[:3]
        )
        body = accounts.add_organisation(facts, by=None)
        person = accounts.PersonFacts(
            name=f"示范{login}",
            organisation=body,
            roles=[role],
            certificate_number=f"演示{login}",
            certificate_until=clock.today() + timedelta(days=900),
        )
        return accounts.add_person(
            person, login=login, password="bench-demo-2026", by=None, must_change=False
        )

    def _places(self) -> list[Premises]:
        now, places = clock.now(), []
        for number in range(self.size.premises):
            kind, word, domains = KINDS[number % len(KINDS)]
            village = self.villages[number % len(self.villages)]
            name = "".join(self.dice.choices(GIVEN, k=3)) + word
            place = Premises(
                id=self._id(),
                name=f"{name}{number}",
                kind=kind,
                address=f"{village.name_zh}{self.dice.randrange(300)}号",
                latitude=28.3 + self.dice.random() * 0.3,
                longitude=112.7 + self.dice.random() * 0.3,
                person_in_charge="示范老板",
                phone=f"0999-{number:07d}",
                status=Status.OPEN,
                door_token=new_token(),
                last_inspected_at=now - timedelta(minutes=number % 400_000),
                created_at=now,
                updated_at=now,
            )
            place.place_in(village)
            place.domain_rows = [PremisesDomain(premises_id=place.id, domain=domain) for domain in domains]
            places.append(place)
        return places

    def _domains(self) -> Iterator[dict[str, Any]]:
        for place in self.places:
            for row in place.domain_rows:
                yield {"premises_id": place.id, "domain": row.domain}

    def _visits(self) -> None:
        sheets = {kind: applicable_items(place, place.domains) for kind, place in self._examples().items()}
        visits = self.visits = [self._visit(number) for number in range(self.size.inspections)]
        rows: dict[type, list[dict[str, Any]]] = {
            m: [] for m in (Sheet, Answer, Finding, Photo, InspectionPhoto)
        }
        self._insert(Inspection, (visit for visit, _place in visits))
        each = self.size.photos / max(1, self.size.inspections)
        taken = 0
        for number, (visit, place) in enumerate(visits):
            answers = self._answers(number, visit, sheets[place.kind], rows)
            wanted = round((number + 1) * each) - taken
            taken += wanted
            for turn in range(wanted):
                self._photo(visit, place, answers[turn % len(answers)], rows)
            if len(rows[Photo]) >= PORTION:
                self._flush(rows)
        self._flush(rows)

    def _examples(self) -> dict[str, Premises]:
        return {place.kind: place for place in reversed(self.places)}

    def _visit(self, number: int) -> tuple[dict[str, Any], Premises]:
        place = self.places[number % len(self.places)]
        begun = clock.now() - timedelta(minutes=3 * number + 5)
        lead = self.inspectors[_known(place.township_id)]
        is_open = number % (EVERY_FULL * 2) == 0
        row = {
            "id": self._id("visit", number),
            "premises_id": place.id,
            "organisation_id": lead.organisation_id,
            "lead_id": lead.id,
            "status": Stage.OPEN if is_open else Stage.FINISHED,
            "started_at": begun,
            "finished_at": None if is_open else begun + timedelta(minutes=40),
            "receipt": None if is_open else Receipt.SIGNED,
            "signer_name": "" if is_open else "示范老板",
            "region_id": place.region_id,
            "county_id": place.county_id,
            "township_id": place.township_id,
            "village_id": place.village_id,
        }
        return row, place

    def _notices(self) -> Iterator[dict[str, Any]]:
        """One for each finished visit: most are closed, the others wait for the owner, for us, or for an authority."""
        today = clock.today()
        for number, (visit, place) in enumerate(self.visits):
            stage = self.dice.choices(STAGES, (70, 17, 6, 4, 3))[0]
            due = today + timedelta(days=self.dice.randrange(-30, 60))
            ours = stage in {NoticeStage.REPLIED, NoticeStage.TO_VERIFY}
            yield {
                "id": self._id(), "inspection_id": visit["id"], "premises_id": place.id, "lead_id": visit["lead_id"],
                "organisation_id": visit["organisation_id"], "kind": "xuncha_advice", "status": NoticeStatus.ISSUED,
                "year": 2026, "sequence": number + 1, "number": f"演卫协建〔2026〕{number + 1:06}号",
                "token": new_token(),
                "content": {"filler": "示" * 600}, "digest": "0" * 64, "stage": stage,
                "due_on": due if stage is NoticeStage.OPENED else None,
                "verify_by": today + timedelta(days=self.dice.randrange(-3, 5)) if ours else None,
                "closed_at": visit["started_at"] if stage is NoticeStage.CLOSED else None,
                "drafted_by_id": visit["lead_id"], "issued_by_id": visit["lead_id"],
                "created_at": visit["started_at"], "issued_at": visit["started_at"], "openings": 0,
                **{name: visit[name] for name in ("region_id", "county_id", "township_id", "village_id")},
            }  # fmt: skip

    def _answers(
        self, number: int, visit: dict[str, Any], sheets: list[Any], rows: dict[type, list[dict[str, Any]]]
    ) -> list[tuple[dict[str, Any], ChecklistItem, str]]:
        full, found = number % EVERY_FULL == 0, []
        for place, (version, items) in enumerate(sheets):
            ids = [str(item.id) for item in items]
            rows[Sheet].append(
                {"inspection_id": visit["id"], "version_id": version.id, "position": place, "item_ids": ids}
            )
            for turn, item in enumerate(items if full else items[:1]):
                bad = turn == 0
                answer = {
                    "id": derived_id(visit["id"], str(item.id)),
                    "inspection_id": visit["id"],
                    "item_id": item.id,
                    "version_id": version.id,
                    "result": Result.DOES_NOT if bad else Result.CONFORMS,
                    "note": "后厨地面积水(演示)" if bad else "",
                    "phrases": [],
                    "readings": [],
                    "answered_at": visit["started_at"] + timedelta(minutes=turn),
                    "answered_by_id": visit["lead_id"],
                }
                rows[Answer].append(answer)
                if bad:
                    rows[Finding].append(_finding(answer, visit))
                    found.append((answer, item, version.domain))
        return found

    def _photo(
        self,
        visit: dict[str, Any],
        place: Premises,
        seen: tuple[dict[str, Any], ChecklistItem, str],
        rows: dict[type, list[dict[str, Any]]],
    ) -> None:
        answer, item, domain = seen
        sha = f"{self.dice.getrandbits(256):064x}"
        at = visit["started_at"] + timedelta(seconds=self.dice.randrange(1800))
        photo_id = self._id()
        rows[Photo].append(_photo_row(photo_id, sha, at, visit, place))
        review = self.dice.choice((Review.WAITING, Review.WAITING, Review.REVIEWED))
        rows[InspectionPhoto].append(
            {
                "photo_id": photo_id,
                "inspection_id": visit["id"],
                "answer_id": answer["id"],
                "premises_id": place.id,
                "inspector_id": visit["lead_id"],
                "domain": domain,
                "severity": item.severity,
                "on_notice": self.dice.random() < 0.5,
                "received_at": at,
                "review": review,
                "remark": "",
                "region_id": place.region_id,
                "county_id": place.county_id,
                "township_id": place.township_id,
                "village_id": place.village_id,
            }
        )

    def _flush(self, rows: dict[type, list[dict[str, Any]]]) -> None:
        for model, found in rows.items():
            self._insert(model, iter(found))
            found.clear()

    @staticmethod
    def _row(place: Premises) -> dict[str, Any]:
        return {
            column.key: getattr(place, column.key)
            for column in Premises.__table__.columns
            if getattr(place, column.key) is not None
        }

    @staticmethod
    def _insert(model: Any, rows: Iterator[dict[str, Any]]) -> None:
        with _hurried() as connection:
            while portion := list(islice(rows, PORTION)):
                connection.execute(insert(model.__table__), portion)


def _take_away_indexes() -> list[Index]:
    """Rows with random ids are written some times faster before there are indexes to keep in order."""
    found = [index for table in db.metadata.sorted_tables for index in table.indexes]
    with _hurried() as connection:
        for index in found:
            index.drop(connection)
    return found


def _put_back(indexes: list[Index]) -> None:
    with _hurried() as connection:
        for index in indexes:
            index.create(connection)


@contextmanager
def _hurried() -> Iterator[Connection]:
    """A connection that need not outlive a pulled plug: the file is made anew when the making was cut short."""
    with db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        for pragma in ("synchronous=OFF", "cache_size=-400000", "foreign_keys=OFF"):
            raw.execute(f"PRAGMA {pragma}")
        with connection.begin():
            yield connection
        for pragma in ("synchronous=FULL", "cache_size=-32000", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")


ROOT = UUID("00000000-0000-4000-8000-00000000be5c")  # namespace of the ids


def _known(value: UUID | None) -> UUID:
    assert value is not None
    return value


def _finding(answer: dict[str, Any], visit: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": derived_id(answer["id"], "finding"),
        "answer_id": answer["id"],
        "inspection_id": visit["id"],
        "outcome": Outcome.BY_DATE,
        "due_on": (visit["started_at"] + timedelta(days=7)).date(),
        "refer_to": "",
        "refer_reason": "",
        "guard": "",
        "scene": "",
    }


def _photo_row(
    photo_id: UUID, sha: str, at: datetime, visit: dict[str, Any], place: Premises
) -> dict[str, Any]:
    return {
        "id": photo_id,
        "sha256": sha,
        "size": 300_000,
        "media_type": "image/jpeg",
        "width": 3000,
        "height": 4000,
        "storage_key": f"originals/{sha[:2]}/{sha[2:4]}/{sha}",
        "original_name": "IMG.jpg",
        "purpose": Purpose.FINDING,
        "source": Source.CAMERA,
        "exif": {"Model": "Demo"},
        "device": "Demo phone",
        "latitude": place.latitude,
        "longitude": place.longitude,
        "received_at": at,
        "uploaded_by_id": visit["lead_id"],
    }
