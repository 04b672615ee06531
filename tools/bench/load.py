"""Load over HTTP by the barest client there is, so that the client's own work does not hide a difference."""

import gzip
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping

import brotli  # type: ignore[import-untyped]

Source = Callable[[], bytes]  # the next request, whole
Check = Callable[[bytes, bytes], str]  # head and body of an answer; what is wrong with it, or ""


def request(
    method: str, path: str, *, host: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """A connection, kept unless the server ends it; `ask` gives status, head and body as they travelled."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, *message: bytes | memoryview) -> tuple[int, bytes, bytes]:
        for part in message:
            self.socket.sendall(part)
        status, head, body = self.answer()
        if b"connection: close" in head.lower():
            self.close()
            self._open()
        return status, head, body

    def answer(self) -> tuple[int, bytes, bytes]:
        head = self._until(b"\r\n\r\n")
        low = head.lower()
        status = int(head[9:12])
        if b"transfer-encoding: chunked" in low:
            return status, head, self._chunks()
        length = (
            int(low.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]) if b"content-length:" in low else 0
        )
        return status, head, self._exactly(length)

    def close(self) -> None:
        self.socket.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            self._more()
        found, _, self.rest = self.rest.partition(mark)
        return found + mark

    def _exactly(self, length: int) -> bytes:
        while len(self.rest) < length:
            self._more()
        found, self.rest = self.rest[:length], self.rest[length:]
        return found

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            parts.append(self._exactly(size))
            self._until(b"\r\n")
        self._until(b"\r\n")
        return b"".join(parts)

    def _more(self) -> None:
        block = self.socket.recv(1 << 16)
        if not block:
            raise ConnectionError("the server closed the connection")
        self.rest += block


def unpacked(head: bytes, body: bytes) -> bytes:
    """The body as it was before it was compressed for the way."""
    low = head.lower()
    if b"content-encoding: br" in low:
        return bytes(brotli.decompress(body))
    return gzip.decompress(body) if b"content-encoding: gzip" in low else body


def all_good(_head: bytes, _body: bytes) -> str:
    return ""


def rate(port: int, sources: list[Source], seconds: float, check: Check = all_good) -> float:
    """Requests answered with 2xx per second, one connection for each of `sources`. Anything else is an error.

    So is an answer in which `check` finds something.
    """
    counts, failures = [0] * len(sources), list[str]()
    end = time.perf_counter() + seconds

    def run(place: int, source: Source) -> None:
        connection = Connection(port)
        try:
            while time.perf_counter() < end:
                status, head, body = connection.ask(source())
                problem = check(head, body) if 200 <= status < 300 else repr(body[:300])
                if problem:
                    failures.append(f"{status}: {problem}")
                    return
                counts[place] += 1
        except OSError as error:
            failures.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(sources)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    return sum(counts) / (time.perf_counter() - begun)


Job = Callable[[Connection], None]  # raises when something is not as it should be


def seconds_for(port: int, jobs: Iterable[Job], clients: int) -> float:
    """How long `clients` kept connections take to carry out all jobs, each taking the next when it has done one."""
    waiting, failures = deque(jobs), list[Exception]()

    def run() -> None:
        connection = Connection(port)
        try:
            while waiting and not failures:
                waiting.popleft()(connection)
        except IndexError:  # another took the last one
            return
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _client in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - begun
