"""Load over HTTP by the barest client there is, so that the client's own work does not hide a difference."""

import socket
import threading
import time
from collections.abc import Callable, Mapping

Source = Callable[[], bytes]  # the next request, whole


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
    """A kept connection; `ask` gives status, head and body as they travelled."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def ask(self, message: bytes) -> tuple[int, bytes, bytes]:
        self.socket.sendall(message)
        return self.answer()

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


def rate(port: int, sources: list[Source], seconds: float) -> float:
    """Requests answered with 2xx per second, one connection for each of `sources`. Anything else is an error."""
    counts, failures = [0] * len(sources), list[str]()
    end = time.perf_counter() + seconds

    def run(place: int, source: Source) -> None:
        connection = Connection(port)
        try:
            while time.perf_counter() < end:
                status, _head, body = connection.ask(source())
                if not 200 <= status < 300:
                    failures.append(f"{status}: {body[:300]!r}")
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
