"""What the bench reports is what it measured. The runs themselves are `make bench`; timed tests have no place here."""

import gzip
import json
import math
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from tests.factories.inspections import make_checklists, make_restaurant
from tests.factories.people import County
from tests.fixtures.browsers import LiveServer
from tools.bench import load, sends
from tools.bench.__main__ import PARTS, _parts
from tools.bench.report import Figure, table, write_json, write_markdown
from tools.bench.visits import Restaurant, with_items
from tools.bench.wire import Sender


@pytest.mark.parametrize(("value", "met"), [(39.999, False), (40.0, True), (41.0, True)])
def test_a_target_is_compared_with_what_was_measured_not_with_what_is_shown(value: float, met: bool) -> None:
    assert Figure.at_least("rate", value, 40, "%").met is met


def test_what_could_not_be_measured_counts_as_missed_and_says_why(tmp_path: Path) -> None:
    figure = Figure.missing("photos", "the server did not start")
    assert not figure.met
    assert math.isnan(figure.value)
    assert "the server did not start" in table([figure])
    write_json([figure], tmp_path / "bench.json")
    assert json.loads((tmp_path / "bench.json").read_text())[0]["value"] is None
    write_markdown(tmp_path / "bench.json", tmp_path / "speed.md", "2026-11-22")
    assert "the server did not start" in (tmp_path / "speed.md").read_text()


def test_what_has_no_target_is_neither_met_nor_missed(tmp_path: Path) -> None:
    figure = Figure.to_know("the other way", 12.34, "%", "for browsers that keep nothing")
    assert table([figure]).splitlines()[1].startswith("·")
    write_json([figure, Figure.at_least("a way", 1, 2, "%")], tmp_path / "bench.json")
    write_markdown(tmp_path / "bench.json", tmp_path / "speed.md", "2026-11-22")
    rows = (tmp_path / "speed.md").read_text().splitlines()[-2:]
    assert rows[0] == "| · | the other way<br>for browsers that keep nothing | 12.34 % | — |"
    assert rows[1] == "| ✗ | a way | 1 % | ≥ 2 % |"


def test_each_part_can_be_asked_for_by_its_name() -> None:
    assert {name for name, _part in _parts(quick=True)} == set(PARTS)


@contextmanager
def _answering(body: bytes, extra: bytes = b"") -> Iterator[int]:
    """A server on a free port that gives every connection's every request this answer."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n" % (len(body), extra) + body
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(connection: socket.socket) -> None:
            with connection:
                while connection.recv(1 << 16):
                    connection.sendall(answer)

        def accept() -> None:
            while True:
                try:
                    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
                except OSError:  # closed: the test is over
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


ASK = load.request("POST", "/", host="x")


def test_an_answer_that_says_no_is_not_counted_as_one() -> None:
    with _answering(b"refused") as port, pytest.raises(RuntimeError, match="refused"):
        load.rate(port, [lambda: ASK], 0.2, lambda _head, body: body.decode())


def test_a_packed_answer_is_unpacked() -> None:
    with _answering(gzip.compress(b"yes"), b"Content-Encoding: gzip\r\n") as port:
        _status, head, body = load.Connection(port).ask(ASK)
    assert load.unpacked(head, body) == b"yes"


def test_every_job_is_done_once_and_a_failed_one_stops_the_rest() -> None:
    done: list[int] = []

    def job(number: int) -> load.Job:
        def carry_out(connection: load.Connection) -> None:
            connection.ask(ASK)
            done.append(number)

        return carry_out

    def fail(_connection: load.Connection) -> None:
        raise RuntimeError("a photo was not received")

    with _answering(b"yes") as port:
        load.seconds_for(port, [job(number) for number in range(20)], 4)
        assert sorted(done) == list(range(20))
        with pytest.raises(RuntimeError, match="not received"):
            load.seconds_for(port, [fail], 4)


@pytest.fixture
def restaurant(app: Flask, county: County) -> Restaurant:
    with app.app_context():
        make_checklists()
        place = with_items(make_restaurant(county.townships[0]))
        db.session.commit()
        return place


def test_what_the_bench_sends_is_received_whole(
    app: Flask, county: County, live_server: LiveServer, port: int, restaurant: Restaurant
) -> None:
    picture = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "JPEG")
    with app.app_context():
        login = county.person(Role.COORDINATOR).login
    phone, sent, before = Sender(app, port, login), sends.Sent(), sends.counts(app)
    for content in (b"", picture.getvalue()):
        maker = sends.Maker([phone], [restaurant], sent, content)
        load.seconds_for(port, [maker.job() for _visit in range(2)], 2)
    assert (len(sent.visits), len(sent.photos)) == (4, 2 * sends.PHOTOS)
    sends.refuse_difference(app, before, sent)
    sent.photos[next(iter(sent.photos))] = "0" * 64
    with pytest.raises(RuntimeError, match="1 photos are not what was sent"):
        sends.refuse_difference(app, before, sent)
    sent.visits.add(new_id())
    with pytest.raises(RuntimeError, match="instead of"):
        sends.refuse_difference(app, before, sent)
