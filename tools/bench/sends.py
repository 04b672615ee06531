"""Whole inspections as phones send them when the signal is back, without and with photos, on both databases."""

import hashlib
import itertools
import random
import statistics
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.core.ids import new_id
from app.inspections.models import AnnouncedPhoto, Answer, Inspection, InspectionPhoto, Status
from app.photos.models import Photo
from tests.sync.phone import OUTCOME
from tools.bench import load, pictures, serving
from tools.bench.places import make_app
from tools.bench.report import Figure
from tools.bench.visits import COORDINATOR, Restaurant, restaurants
from tools.bench.wire import Sender, fates, told

PHONES = 8
PLACES = 40
PHOTOS = 3  # of a visit, each of about 300 KB
# a second on the same two cores: twice the upper and twice the lower number measured on the leading server
TEXT, TEXT_LOWER = 2 * 149, 2 * 71
WHOLE, WHOLE_LOWER = 2 * 54, 2 * 26
ENDING = {
    "conclusion": "逐项看过,已当面说明(演示)",
    "receipt": "refused",  # no drawing: text is text, and three photos are three files, as on the other server
    "signer_name": "",
    "signature": "",
    "refusal_reason": "负责人外出(演示)",
    "witness": "示范村干部甲",
}
NOTES = ("后厨地面积水,约两平方米(演示)", "冷藏柜内生熟未分开(演示)", "通道堆放纸箱,已说明(演示)")


def measure(app: Flask, port: int, *, quick: bool) -> list[Figure]:
    """On SQLite (`app` works on the data served at `port`), then on PostgreSQL where it is installed."""
    figures = _both(app, port, "SQLite", quick=quick)
    with _on_postgres() as served:
        return figures + (_both(*served, "PostgreSQL", quick=quick) if served else [])


def _both(app: Flask, port: int, database: str, *, quick: bool) -> list[Figure]:
    places = restaurants(app, PLACES)
    phones = [Sender(app, port, COORDINATOR) for _phone in range(PHONES)]
    rounds = (1, 24, 8) if quick else (3, 800, 200)
    before, sent = counts(app), Sent()
    text = _rate(Maker(phones, places, sent), port, rounds[:2])
    whole = _rate(Maker(phones, places, sent, pictures.about(300)), port, (rounds[0], rounds[2]))
    refuse_difference(app, before, sent)
    visit = f"{sent.answers_each} answers and {len(NOTES)} notes each, {PHONES} phones at once, 2 workers"
    return [
        Figure.at_least(
            f"text-only inspections received, one request each, {database}",
            text,
            TEXT,
            "/s",
            f"{visit}; target: twice the upper number of the leading server, twice its lower one is {TEXT_LOWER}/s",
        ),
        Figure.at_least(
            f"inspections with {PHOTOS} photos of 300 KB received whole, {database}",
            whole,
            WHOLE,
            "/s",
            f"{PHONES} phones at once, 2 workers; target: likewise, twice the lower one is {WHOLE_LOWER}/s",
        ),
    ]


@contextmanager
def _on_postgres() -> Iterator[tuple[Flask, int] | None]:
    """The product on a PostgreSQL of its own with its usual durability; None, said aloud, where there is none."""
    try:
        with warnings.catch_warnings(action="ignore"):
            from tests.fixtures import postgres
    except ImportError as error:
        print(f"  not measured on PostgreSQL: it is not installed ({error})", flush=True)
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as name, postgres.running() as server:
        url = server.create("bench")
        with serving.product(Path(name), url) as (port, _process):
            app = make_app(Path(name), url)
            yield app, port
            serving.close(app)


# ---- making visits


@dataclass
class Sent:
    """What was sent and must be there afterwards."""

    visits: set[UUID] = field(default_factory=set)
    photos: dict[UUID, str] = field(default_factory=dict)  # id -> SHA-256
    answers: int = 0

    @property
    def answers_each(self) -> int:
        return self.answers // len(self.visits)


@dataclass(frozen=True)
class Picture:
    """A photo to send: the picture they all share with a comment of its own before it."""

    id: UUID
    beginning: bytes
    rest: memoryview

    @property
    def size(self) -> int:
        return len(self.beginning) + len(self.rest)

    def sha256(self) -> str:
        found = hashlib.sha256(self.beginning)
        found.update(self.rest)
        return found.hexdigest()


class Maker:
    """Makes the requests of whole visits, from one restaurant after another, each phone in its turn."""

    def __init__(
        self, phones: list[Sender], places: list[Restaurant], sent: Sent, picture: bytes = b""
    ) -> None:
        self.turns = zip(itertools.cycle(phones), itertools.cycle(places))
        self.sent, self.picture = sent, picture

    def job(self) -> load.Job:
        """One visit, ready to be sent."""
        phone, place = next(self.turns)
        visit = new_id()
        self.sent.visits.add(visit)
        pictures_of = self._pictures() if self.picture else []
        changes = self._changes(phone, place, visit, pictures_of)
        hashes = {str(one.id): self.sent.photos[one.id] for one in pictures_of}
        requests = [
            (phone.photo(str(one.id), one.size, hashes[str(one.id)]), one.beginning, one.rest)
            for one in pictures_of
        ]
        return _sending(phone.sending(changes), len(changes), requests, list(hashes.values()))

    def _changes(
        self, phone: Sender, place: Restaurant, visit: UUID, photos: list[Picture]
    ) -> list[dict[str, Any]]:
        by_eye = [item for item in place.items if not item.measured]
        seen = [item for item in by_eye if item.severity != "A"][: len(NOTES)]
        bad = {item.id for item in seen} if photos else set()
        self.sent.answers += len(place.items)
        changes = [phone.change("visit_start", visit, **_start(place))]
        for item in place.items:  # nobody measured on this patrol
            result = "does_not" if item.id in bad else "not_applicable" if item.measured else "conforms"
            changes.append(phone.change("answer", visit, item.id, result=result, sweep=None))
        for item, note in zip(seen, NOTES, strict=True):
            changes.append(phone.change("note", visit, item.id, note=note, phrases=[]))
        for item, photo in zip(seen, photos, strict=False):
            changes.append(phone.change("outcome", visit, item.id, **OUTCOME))
            changes.append(self._announcement(phone, visit, item.id, photo))
        return [*changes, phone.change("finish", visit, **ENDING)]

    def _announcement(self, phone: Sender, visit: UUID, item: UUID, photo: Picture) -> dict[str, Any]:
        return phone.change(
            "photo_announced", visit, item,
            photo_id=str(photo.id), sha256=self.sent.photos[photo.id], size=photo.size, name="IMG_2026.jpg",
            type="image/jpeg", purpose="finding", captured_at="2026-11-22T02:00:00.000Z", source="camera",
            latitude=28.4, longitude=112.8, accuracy_m=12,
        )  # fmt: skip

    def _pictures(self) -> list[Picture]:
        made = []
        for _photo in range(PHOTOS):
            whole = pictures.another(self.picture)
            cut = len(whole) - len(self.picture) + 2
            made.append(Picture(new_id(), whole[:cut], memoryview(self.picture)[2:]))
            self.sent.photos[made[-1].id] = made[-1].sha256()
        return made


def _start(place: Restaurant) -> dict[str, Any]:
    """As static/js/offline/begin.js begins a visit."""
    at = {"latitude": 28.4, "longitude": 112.8, "accuracy_m": random.randrange(5, 50)}
    return {
        "premises_id": str(place.id),
        "domains": [sheet["domain"] for sheet in place.sheets],
        "fellows": [],
        "sheets": [{name: sheet[name] for name in ("version_id", "item_ids")} for sheet in place.sheets],
        **at,
    }


def _sending(
    request: bytes, count: int, photos: list[tuple[bytes, bytes, memoryview]], hashes: list[str]
) -> load.Job:
    """The changes first, then each photo whole, each only when the one before was answered."""

    def send(connection: load.Connection) -> None:
        status, head, body = connection.ask(request)
        if status != 200 or fates(head, body) != ["received"] * count:
            raise RuntimeError(f"a visit was not received: {status} {load.unpacked(head, body)[:300]!r}")
        for photo, sha256 in zip(photos, hashes, strict=True):
            status, head, body = connection.ask(*photo)
            said = told(head, body)
            if status != 200 or not said["received"] or said["sha256"] != sha256:
                raise RuntimeError(f"a photo was not received: {status} {said}")

    return send


def _rate(maker: Maker, port: int, rounds: tuple[int, int]) -> float:
    """Visits received per second: the median of so many rounds of so many visits, after a tenth of one to warm up."""
    turns, count = rounds
    load.seconds_for(port, [maker.job() for _visit in range(max(1, count // 10))], PHONES)
    rates = []
    for _turn in range(turns):
        jobs = [maker.job() for _visit in range(count)]
        rates.append(count / load.seconds_for(port, jobs, PHONES))
    return statistics.median(rates)


# ---- looking whether everything is there


def counts(app: Flask) -> tuple[int, int, int, int]:
    """Visits, answers, photos and expected photos that the server has."""
    with app.app_context():
        models = (Inspection, Answer, InspectionPhoto, AnnouncedPhoto)
        found = [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models]
        db.session.rollback()
    return found[0], found[1], found[2], found[3]


def refuse_difference(app: Flask, before: tuple[int, int, int, int], sent: Sent) -> None:
    """Raise when the server does not have exactly what was sent: each visit finished, each photo with its hash."""
    photos = len(sent.photos)
    expected = tuple(
        old + new for old, new in zip(before, (len(sent.visits), sent.answers, photos, photos), strict=True)
    )
    found = counts(app)
    if found != expected:
        raise RuntimeError(
            f"the server has {found} visits, answers, photos, announcements instead of {expected}"
        )
    with app.app_context():
        finished = select(Inspection.id).where(Inspection.status == Status.FINISHED)
        missing = sent.visits - set(db.session.scalars(finished))
        kept = select(AnnouncedPhoto.photo_id, Photo.sha256).join(Photo, Photo.id == AnnouncedPhoto.photo_id)
        rows = db.session.execute(kept.where(AnnouncedPhoto.arrived_at.is_not(None)))
        hashes = {row.photo_id: row.sha256 for row in rows}
        db.session.rollback()
    wrong = [photo_id for photo_id, sha256 in sent.photos.items() if hashes.get(photo_id) != sha256]
    if missing or wrong:
        raise RuntimeError(
            f"{len(missing)} visits are not finished, {len(wrong)} photos are not what was sent"
        )
