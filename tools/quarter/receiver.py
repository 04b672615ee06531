"""A real HTTP receiver on loopback: what arrives, and a channel that is down for a while."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Message:
    """As it arrived. `taken`: answered with 200."""

    path: str
    title: str
    text: str
    taken: bool


@dataclass
class Receiver:
    """`down` holds the first parts of paths that answer 500."""

    down: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    port: int = 0
    _server: ThreadingHTTPServer | None = None

    def start(self) -> "Receiver":
        """Listen on a port of its own until `stop`."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                taken = self.path.split("/")[1] not in receiver.down
                receiver.messages.append(Message(self.path, body["title"], body["message"], taken))
                self.send_response(200 if taken else 500)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def take(self) -> list[Message]:
        """What has arrived since the last time."""
        found, self.messages = self.messages, []
        return found

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
