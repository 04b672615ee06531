"""Measure WSGI servers on the three things this product asks of one; the figures stand in docs/decisions/0002.

    pip install gunicorn==27.0.1 waitress==3.0.2 psutil
    python tools/measure_servers.py granian gunicorn waitress

Speed is read with `wrk` when it is installed. Memory is the resident size of the largest process of the server,
sampled every 20 ms while eight bodies of 30 MB arrive at once. A stop counts as clean when a request that was
being answered and an upload that was under way when SIGTERM came both end with 200.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from flask import Flask, request

PORT = 8961
BODY_BYTES = 30 * 1024 * 1024
UPLOADS = 8
APP = f"{Path(__file__).stem}:app"

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "hello"


@app.get("/slow")
def slow() -> str:
    time.sleep(2)
    return "slow"


@app.post("/upload")
def upload() -> str:
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as target:
        while block := request.stream.read(1 << 16):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


@app.post("/form")
def form() -> str:
    return str(len(request.files["photo"].stream.read(16)))


SERVERS = {
    "granian": ["-m", "granian", "--interface", "wsgi", "--port", str(PORT), "--workers", "2",
                "--blocking-threads", "8", "--workers-kill-timeout", "30", "--no-log", APP],
    "granian-bp": ["-m", "granian", "--interface", "wsgi", "--port", str(PORT), "--workers", "2",
                   "--blocking-threads", "8", "--workers-kill-timeout", "30", "--no-log",
                   "--backpressure", "8", APP],
    "gunicorn": ["-m", "gunicorn", "--worker-class", "gthread", "--bind", f"127.0.0.1:{PORT}", "--workers", "2",
                 "--threads", "8", "--log-level", "critical", APP],
    "waitress": ["-m", "waitress", "--listen", f"127.0.0.1:{PORT}", "--threads", "16", APP],
}  # fmt: skip


def start(name: str) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    process = subprocess.Popen([sys.executable, *SERVERS[name]], cwd=here, env=os.environ | {"PYTHONPATH": here},
                               stderr=subprocess.DEVNULL)  # fmt: skip
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", PORT), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            time.sleep(1)
            return process
    raise SystemExit(f"{name} does not listen")


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    head = psutil.Process(process.pid)
    return [head, *head.children(recursive=True)]


def largest_mb(process: subprocess.Popen[bytes]) -> float:
    sizes = []
    for member in family(process):
        try:
            sizes.append(member.memory_info().rss)
        except psutil.Error:
            continue
    return max(sizes, default=0) / 1e6


class Peak(threading.Thread):
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.process, self.done, self.value = process, threading.Event(), 0.0

    def run(self) -> None:
        while not self.done.wait(0.02):
            self.value = max(self.value, largest_mb(self.process))


def send(path: str, results: list[Any], pause: float = 0.0, *, multipart: bool = False) -> None:
    """One body in blocks of 64 KB; `pause` seconds after each block make it a slow phone."""
    head = (
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n' if multipart else b""
    )
    tail = b"\r\n--x--\r\n" if multipart else b""
    block = b"\xa5" * (1 << 16)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(len(head) + BODY_BYTES + len(tail)))
        connection.putheader("Content-Type", "multipart/form-data; boundary=x" if multipart else "image/jpeg")
        connection.endheaders()
        connection.send(head)
        for _ in range(BODY_BYTES // len(block)):
            connection.send(block)
            time.sleep(pause)
        connection.send(tail)
        answer = connection.getresponse()
        answer.read()
        results.append(answer.status)
    except OSError as error:
        results.append(type(error).__name__)


def get(path: str, results: list[Any]) -> None:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        connection.request("GET", path)
        results.append(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        results.append(type(error).__name__)


def speed() -> str:
    if not shutil.which("wrk"):
        return "wrk missing"
    out = subprocess.run(["wrk", "-t1", "-c16", "-d6s", "--latency", f"http://127.0.0.1:{PORT}/"],
                         capture_output=True, text=True, check=True).stdout  # fmt: skip
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    p99 = re.search(r"99%\s+(\S+)", out)
    return f"{float(rate[1]):.0f}/s p99 {p99[1]}" if rate and p99 else out


def memory(
    process: subprocess.Popen[bytes], path: str, *, pause: float = 0.0, multipart: bool = False
) -> str:
    before, peak, results = largest_mb(process), Peak(process), list[Any]()
    peak.start()
    began = time.monotonic()
    arguments = {"target": send, "args": (path, results, pause), "kwargs": {"multipart": multipart}}
    threads = [threading.Thread(**arguments) for _ in range(UPLOADS)]
    for thread in threads:
        thread.start()
    waits = []
    while any(thread.is_alive() for thread in threads):
        asked = time.monotonic()
        get("/", [])
        waits.append(time.monotonic() - asked)
        time.sleep(0.05)
    peak.done.set()
    ok = results.count(200)
    return (f"{before:.0f} -> {peak.value:.0f} MB, {time.monotonic() - began:.1f} s, {ok}/{UPLOADS} ok, "
            f"another page meanwhile at worst {max(waits) * 1000:.0f} ms")  # fmt: skip


def stop(process: subprocess.Popen[bytes]) -> str:
    answered, uploaded = list[Any](), list[Any]()
    threads = [threading.Thread(target=get, args=("/slow", answered)),
               threading.Thread(target=send, args=("/upload", uploaded, 0.005))]  # fmt: skip
    for thread in threads:
        thread.start()
    time.sleep(0.7)
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    began = time.monotonic()
    process.wait(60)
    return f"slow answer {answered}, upload {uploaded}, gone {time.monotonic() - began:.1f} s after the last"


def main() -> None:
    for name in sys.argv[1:] or list(SERVERS):
        process = start(name)
        try:
            print(f"{name}\n  speed            {speed()}", flush=True)
            print("  8 x 30 MB        " + memory(process, "/upload"), flush=True)
            print("  8 x 30 MB form   " + memory(process, "/form", multipart=True), flush=True)
            print("  8 x 30 MB slow   " + memory(process, "/upload", pause=0.01), flush=True)
            print("  SIGTERM          " + stop(process), flush=True)
        finally:
            if process.poll() is None:
                process.kill()
            time.sleep(1)


if __name__ == "__main__":
    main()
