"""The bad line: a proxy on loopback that cuts requests and answers in mid-body, loses answers and dawdles."""

import asyncio
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LONGEST_HEAD = 64 * 1024  # bytes
CHUNK = 32 * 1024
DAWDLES = (0.05, 1.5)  # seconds


class Mode(StrEnum):
    CLEAN = "clean"
    LOSSY = "lossy"
    DOWN = "down"


class Fate(StrEnum):
    """What happens to a request; the value is how the summary calls it."""

    PASSED = "passed"
    CUT_REQUEST = "cut in the request"
    CUT_ANSWER = "cut in the answer"
    LOST_ANSWER = "answer lost"


HARM = (Fate.CUT_REQUEST, Fate.CUT_ANSWER, Fate.LOST_ANSWER)


@dataclass(frozen=True)
class Request:
    """Head of a request as it goes on: one request for each connection, so that each has its own fate."""

    method: str
    path: str
    head: bytes
    length: int

    @classmethod
    def read(cls, head: bytes) -> "Request":
        first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        fields = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in rest}
        kept = [line for line in rest if not line.lower().startswith(("connection:", "keep-alive:"))]
        text = "\r\n".join([first, *kept, "Connection: close", "", ""])
        method, path, _version = first.split(" ", 2)
        return cls(method, path, text.encode("latin-1"), int(fields.get("content-length", 0)))

    @property
    def is_write(self) -> bool:
        """Part of the outbox's sending."""
        return self.method in {"POST", "PUT"} and self.path.startswith("/sync/")

    @property
    def shape(self) -> str:
        """The same for every run: ids differ from one to the next."""
        return f"{self.method} {UUID.sub('ID', self.path).partition('?')[0]}"


class Line:
    """A proxy from its own `port` to the server's. `counts` says what it did, `sent` the bytes of the outbox."""

    def __init__(self, server_port: int, *, loss: float, seed: int) -> None:
        self.server_port, self.loss, self.seed = server_port, loss, seed
        self.mode = Mode.CLEAN
        self.counts: Counter[str] = Counter()
        self.sent = 0
        self._turns: Counter[str] = Counter()
        self._moments: list[tuple[int, Callable[[], None]]] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._thread.start()
        start = asyncio.start_server(self._connection, "127.0.0.1", 0, limit=LONGEST_HEAD)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def switch(self, mode: Mode) -> None:
        """From now on; going down cuts what is under way, too."""
        self.mode = mode
        if mode is Mode.DOWN:
            self._loop.call_soon_threadsafe(self._cut_all)

    def when(self, sent: int, act: Callable[[], None]) -> None:
        """Call `act` (short) in the middle of the request that brings `sent` to this many bytes."""
        self._moments = sorted([*self._moments, (sent, act)], key=lambda moment: moment[0])

    def close(self) -> None:
        async def stop() -> None:
            self._server.close()
            self._cut_all()
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- one connection, one request

    def _cut_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.DOWN:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            request = Request.read(await reader.readuntil(b"\r\n\r\n"))
            await self._request(request, reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
        finally:
            self._open.discard(writer)
            writer.close()

    async def _request(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        fate, chance = self._draw(request)
        self.counts["requests"] += 1
        self.counts["writes"] += request.is_write
        if self.mode is Mode.LOSSY and chance.random() < self.loss:
            self.counts["delayed"] += 1
            await asyncio.sleep(chance.uniform(*DAWDLES))
        answer = await self._exchange(request, reader, fate, chance)
        is_whole = is_complete(answer)
        if not is_whole and fate is not Fate.CUT_REQUEST:
            fate = Fate.PASSED  # the server itself went away
            self.counts["server away"] += 1
        else:
            self.counts[fate.value] += 1
        self.counts["writes failed"] += request.is_write and (fate is not Fate.PASSED or not is_whole)
        await self._give(writer, answer, fate, chance)

    def _draw(self, request: Request) -> tuple[Fate, random.Random]:
        """The fate of the nth request of this shape: the same for the same seed, however threads take turns."""
        self._turns[request.shape] += 1
        chance = random.Random(f"{self.seed} {request.shape} {self._turns[request.shape]}")
        harmed = chance.random() < self.loss and self.mode is Mode.LOSSY
        return (chance.choice(HARM) if harmed else Fate.PASSED), chance

    async def _exchange(
        self, request: Request, reader: asyncio.StreamReader, fate: Fate, chance: random.Random
    ) -> bytes:
        """Hand the request on as far as its fate lets it come; what the server answered, b"" for nothing."""
        upto = chance.randrange(request.length + 1) if fate is Fate.CUT_REQUEST else request.length
        if fate is Fate.CUT_REQUEST and not request.length:
            return b""
        try:
            back, there = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            return b""
        try:
            there.write(request.head)
            await self._body(request, reader, there, upto)
            return b"" if fate is Fate.CUT_REQUEST else await back.read(-1)
        except OSError:
            return b""
        finally:
            there.transport.abort()

    async def _body(
        self, request: Request, reader: asyncio.StreamReader, there: asyncio.StreamWriter, upto: int
    ) -> None:
        while upto:
            chunk = await reader.read(min(CHUNK, upto))
            if not chunk:
                raise ConnectionResetError("the browser went away")
            there.write(chunk)
            await there.drain()
            upto -= len(chunk)
            if request.is_write:
                self.sent += len(chunk)
                while self._moments and self.sent >= self._moments[0][0]:
                    self._moments.pop(0)[1]()
        await there.drain()

    async def _give(
        self, writer: asyncio.StreamWriter, answer: bytes, fate: Fate, chance: random.Random
    ) -> None:
        """Bring the answer, or what is left of it, to the browser: cut off by a reset or by a quiet end."""
        if fate in {Fate.CUT_REQUEST, Fate.LOST_ANSWER} or not answer:
            writer.transport.abort()
            return
        if fate is Fate.CUT_ANSWER:
            writer.write(answer[: chance.randrange(1, len(answer))])
            await writer.drain()
            if chance.random() < 0.5:
                writer.transport.abort()
            return
        writer.write(answer)
        await writer.drain()


def is_complete(answer: bytes) -> bool:
    """Whether a whole answer stands there: its head, and as many bytes as the head promises."""
    head, gap, body = answer.partition(b"\r\n\r\n")
    if not gap:
        return False
    fields = head.lower()
    if b"\r\ntransfer-encoding: chunked" in fields:
        return body.endswith(b"0\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", fields)
    return length is None or len(body) >= int(length.group(1)) or fields[9:12] == b"304"
