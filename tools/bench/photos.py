"""Photos coming in: how many a second, how long beside a bare decode, and how much memory eight large ones take."""

import io
import itertools
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

from flask import Flask
from PIL import Image

from app.core.database import transaction
from app.core.ids import new_id
from app.core.settings import settings
from app.core.storage import storage
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.rules import PhotoMeta
from tools.bench import load, pictures
from tools.bench.places import CACHE, cookie_of, csrf_of, sign_in
from tools.bench.report import Figure
from tools.bench.serving import Memory, workers_of
from tools.bench.visits import COORDINATOR, coordinator, open_visits

PHONES = 8


def measure(app: Flask, port: int, process: subprocess.Popen[bytes], *, quick: bool) -> list[Figure]:
    """The three figures; `app` works on the data that `process` serves at `port`."""
    visits = open_visits(app, PHONES)
    client = sign_in(app, COORDINATOR)
    token = csrf_of(client, visits[0])
    headers = {"Cookie": cookie_of(app, client), "X-CSRFToken": token, "Content-Type": "image/jpeg"}
    return [
        _accepted(port, visits, headers, seconds=1.0 if quick else 10.0),
        _beside_decoding(app, 2 if quick else 15),
        _memory(port, process, visits, headers, quick=quick),
    ]


def _accepted(port: int, visits: list[str], headers: dict[str, str], seconds: float) -> Figure:
    data = pictures.about(300)

    def requests(visit: str) -> Iterator[bytes]:
        while True:
            yield _upload(port, visit, headers, pictures.another(data))

    sources = [requests(visit).__next__ for visit in visits]
    load.rate(port, sources, seconds / 5)
    rate = load.rate(port, sources, seconds)
    note = f"{len(data) / 1000:.0f} KB, {PHONES} phones at once, 2 workers"
    return Figure.at_least(
        "a 300 KB photo accepted over HTTP: hashed, decoded, recorded", rate, 40, "/s", note
    )


def _beside_decoding(app: Flask, turns: int) -> Figure:
    data = pictures.twelve_megapixels()
    path = CACHE / "twelve.jpg"
    CACHE.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    accepted, decoded = [], []
    with coordinator(app) as person:
        for _turn in range(turns + 1):
            begun = time.perf_counter()
            with Image.open(path) as image:
                image.load()
            decoded.append(time.perf_counter() - begun)
            body = io.BytesIO(pictures.another(data))
            begun = time.perf_counter()
            received = receive_photo(body, storage=storage(), limits=Limits.of(settings()))
            with transaction():
                record_photo(received, photo_id=new_id(), by=person.id, meta=PhotoMeta())
            accepted.append(time.perf_counter() - begun)
    ours, bare = statistics.median(accepted[1:]), statistics.median(decoded[1:])
    note = f"{ours * 1000:.0f} ms against {bare * 1000:.0f} ms"
    return Figure.at_most(
        "a 12-megapixel original accepted, against Pillow's bare full decode", ours / bare, 1.5, "×", note
    )


def _memory(
    port: int, process: subprocess.Popen[bytes], visits: list[str], headers: dict[str, str], *, quick: bool
) -> Figure:
    large = pictures.about(300) if quick else pictures.of_thirty_megabytes(CACHE)
    bodies = [
        _upload(port, visit, headers, pictures.another(large)) for visit in itertools.islice(visits, PHONES)
    ]
    statuses: list[int] = []

    def send(body: bytes) -> None:
        connection = load.Connection(port)
        statuses.append(connection.ask(body)[0])
        connection.close()

    with Memory(workers_of(process.pid)) as memory:
        threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if statuses != [201] * PHONES:
        raise RuntimeError(f"not all photos were accepted: {statuses}")
    note = f"{memory.before / 1e6:.0f} MB before"
    return Figure.at_most(
        f"memory of a worker while {PHONES} photos of {round(len(large) / 2**20)} MB arrive at once",
        memory.peak / 1e6,
        250,
        "MB",
        note,
    )


def _upload(port: int, visit: str, headers: dict[str, str], body: bytes) -> bytes:
    return load.request(
        "POST", f"{visit}/photos/{uuid4()}", host=f"127.0.0.1:{port}", headers=headers, body=body
    )
