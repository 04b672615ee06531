"""What the outbox of a phone sends, byte for byte as the browser does, for loads without a browser."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Flask

from app.core import clock
from tests.sync.phone import Phone
from tools.bench import load
from tools.bench.places import cookie_of, sign_in

ENCODINGS = "gzip, br"


def now_ms() -> int:
    return round(clock.now().timestamp() * 1000)


class Sender(Phone):
    """A phone with a right clock that is signed in as `login` and whose requests go to the server at `port`.

    `app` works on the data of that server.
    """

    def __init__(self, app: Flask, port: int, login: str) -> None:
        super().__init__()
        client = sign_in(app, login)
        ping = client.get(f"/sync/ping?device={self.id}").json
        assert ping is not None
        self.person_id = UUID(ping["person"]["id"])
        self.host = f"127.0.0.1:{port}"
        self.headers = {
            "Accept": "application/json",
            "Accept-Encoding": ENCODINGS,
            "Cookie": cookie_of(app, client),
            "X-CSRFToken": ping["csrf"],
        }

    def change(
        self, kind: str, visit: UUID | None = None, item: Any = None, after: Any = (), **fields: Any
    ) -> dict[str, Any]:
        made = super().change(kind, visit, item, after, **fields)
        return made | {"device_at": now_ms()}

    def sending(self, changes: Sequence[Mapping[str, Any]]) -> bytes:
        """POST /sync/changes, as static/js/offline/send_changes.js writes it."""
        said = {"device": str(self.id), "sent_at_ms": now_ms(), "changes": changes}
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self.headers | {"Content-Type": "application/json"}
        return load.request("POST", "/sync/changes", host=self.host, headers=headers, body=body)

    def photo(self, photo_id: str, size: int, sha256: str) -> bytes:
        """Head of PUT /sync/photos/<id> of a photo sent whole, as send_photos.js does; its bytes follow."""
        headers = self.headers | {
            "Content-Type": "application/octet-stream",
            "X-Offset": "0",
            "X-Length": str(size),
            "X-SHA256": sha256,
            "Content-Length": str(size),
        }
        return load.request("PUT", f"/sync/photos/{photo_id}", host=self.host, headers=headers)


def fates(head: bytes, body: bytes) -> list[str]:
    """What became of each change of a sending, as the server told."""
    return [result["status"] for result in told(head, body)["results"]]


def told(head: bytes, body: bytes) -> Any:
    """The JSON of an answer, whatever it was packed with."""
    return json.loads(load.unpacked(head, body))


def refuse_others(head: bytes, body: bytes) -> str:
    """For loads of which every change is new: "" when all were received, else what was said instead."""
    return "" if set(fates(head, body)) == {"received"} else body[:300].decode(errors="replace")
