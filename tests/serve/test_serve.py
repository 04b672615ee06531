"""The real server process: it starts, says what is wrong in one line, and finishes what is in flight."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app import create_app
from app.core.database import transaction
from app.demo import data, seeding
from app.premises.services import register_premises
from tests.factories.people import make_county
from tests.factories.premises import some_facts
from tests.fixtures.databases import close, settings_for

ROOT = Path(__file__).resolve().parents[2]
START = 40  # seconds
SECRETS = {"XUNCHA_ENV": "production", "XUNCHA_SECRET_KEY": "k" * 40, "XUNCHA_PASSWORD_SALT": "s" * 20}

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Start the server as production, so that no demo data is made."""
    started: list[subprocess.Popen[str]] = []

    def begin(**changes: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("XUNCHA_")}
        environment |= (
            SECRETS | {"XUNCHA_DATA": str(tmp_path), "PORT": str(port), "HOST": "127.0.0.1"} | changes
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "app.serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        with suppress(ProcessLookupError):  # its workers, too: a killed head leaves them behind
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _connect(process: subprocess.Popen[str], port: int) -> socket.socket:
    end = time.monotonic() + START
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=START)
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(process.communicate()[0]) from None
            time.sleep(0.05)


def _health(process: subprocess.Popen[str], port: int) -> bytes:
    """The answer of /healthz: the port listens a moment before its workers do."""
    with _connect(process, port) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(4096)


def _children(process: subprocess.Popen[str]) -> int:
    parents = subprocess.run(["ps", "-A", "-o", "ppid="], capture_output=True, text=True, check=True).stdout.split()
    return parents.count(str(process.pid))


def test_it_serves_and_finishes_what_is_in_flight(start: Start, port: int) -> None:
    process = start()
    assert b"200 OK" in _health(process, port)
    with _connect(process, port) as upload:
        upload.sendall(
            b"POST /language HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n" + b"a" * 1000
        )
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        upload.sendall(b"a" * 1000)
        assert upload.recv(4096).startswith(b"HTTP/1.1 ")
    assert process.wait(START) == 0


def test_a_second_start_repeats_nothing_of_the_first(start: Start, port: int) -> None:
    """Told by the processor's time, which other work on the machine changes little."""
    spent = []
    for _ in range(2):
        process = start()
        assert b"200 OK" in _health(process, port)
        process.send_signal(signal.SIGTERM)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert process.wait(START) == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime - before.ru_utime)
    assert spent[1] < spent[0]


def test_told_to_stop_while_its_workers_are_starting_it_stops(start: Start) -> None:
    process = start()
    end = time.monotonic() + START
    while _children(process) < 3:  # both workers are there, and still read the program; the third compares photos
        assert time.monotonic() < end
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    process.wait(START)


def test_a_missing_secret_stops_the_start_with_one_line(start: Start) -> None:
    process = start(XUNCHA_SECRET_KEY="")
    out = process.communicate(timeout=START)[0]
    assert process.returncode != 0
    assert len(out.splitlines()) == 1
    assert "XUNCHA_SECRET_KEY" in out


def test_a_taken_port_stops_the_start_with_one_line(start: Start, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        out = start().communicate(timeout=START)[0]
    assert len(out.splitlines()) == 1
    assert f"make serve PORT={port + 1}" in out


def test_a_port_that_is_no_number_says_so(start: Start) -> None:
    assert "PORT=http" in start(PORT="http").communicate(timeout=START)[0]


def test_real_work_does_not_begin_among_the_invented(start: Start, tmp_path: Path, sqlite_template: Path) -> None:
    (tmp_path / "xuncha.db").write_bytes(sqlite_template.read_bytes())
    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'xuncha.db'}"))
    with app.app_context(), transaction():
        known = seeding.place_id(data.PREMISES[0][0])
        register_premises(some_facts(make_county().villages[0]), None, premises_id=known)
    close(app)
    process = start()
    out = process.communicate(timeout=START)[0]
    assert process.returncode != 0
    assert "invented county" in out.splitlines()[-1]
    assert "Traceback" not in out
