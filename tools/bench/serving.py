"""The real server as a process of its own, and the memory of its workers."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from app.core.database import db
from app.core.settings import project_root
from tools.bench.places import SALT, SECRET

SECONDS_TO_START = 120


@contextmanager
def product(folder: Path, database_url: str = "") -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """`python -m app.serve` on `folder`, as `make serve` starts it; gives its port."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XUNCHA_")}
    environment |= {
        "XUNCHA_DATA": str(folder),
        "XUNCHA_DATABASE_URL": database_url,
        "XUNCHA_SECRET_KEY": SECRET,
        "XUNCHA_PASSWORD_SALT": SALT,
        "XUNCHA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "HOST": "127.0.0.1",
    }
    with _running([sys.executable, "-m", "app.serve"], environment, port) as process:
        yield port, process


def close(app: Flask) -> None:
    """Let go of the connections of an app in this process, so that its database can be stopped."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@contextmanager
def bare(file: Path) -> Iterator[int]:
    """The bare route on `file`; gives its port."""
    port = free_port()
    with _running([sys.executable, "-m", "tools.bench.bare", str(port), str(file)], dict(os.environ), port):
        yield port


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    log = Path(os.devnull).open("wb")  # noqa: SIM115 - closed below
    process = subprocess.Popen(
        command, cwd=project_root(), env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        _wait(process, port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers: the port is open before the workers have loaded the application."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                if probe.recv(16).startswith(b"HTTP/1.1"):
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Memory(threading.Thread):
    """Samples the memory of processes every 20 ms. `peak` is the largest one, in bytes."""

    def __init__(self, processes: Sequence[int], of: Callable[[int], int] | None = None) -> None:
        super().__init__(daemon=True)
        self.processes, self.of = processes, of or resident
        self.before = self.now
        self.peak = self.before
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.02):
            self.peak = max(self.peak, self.now)

    @property
    def now(self) -> int:
        return max(map(self.of, self.processes), default=0)

    def __enter__(self) -> "Memory":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def workers_of(pid: int) -> list[int]:
    """The processes below `pid`."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *workers_of(int(child))]
    return found


def resident(pid: int) -> int:
    """Everything a process has in memory, in bytes: its own, and the code it shares with others."""
    return _status(pid, "VmRSS")


def private(pid: int) -> int:
    """What a process has in memory beside code from files, in bytes."""
    return _status(pid, "RssAnon", "RssShmem")


def _status(pid: int, *names: str) -> int:
    """Sum of these lines of the process's status; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.split(":")[0] in names)
