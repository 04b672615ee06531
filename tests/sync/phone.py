"""A phone in the hand of a coordinator: records changes as the browser does, and sends them."""

import base64
import hashlib
import io
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from PIL import Image

from app.core import clock
from app.core.ids import new_id
from tests.fixtures.pages import PageClient

_MINUTE = 60_000


def drawn(shade: int = 0) -> str:
    """A small signature as the pad gives it; another `shade`, other bytes."""
    data = io.BytesIO()
    Image.new("RGBA", (60, 30), (10, 20, shade % 256, 255)).save(data, "PNG")
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


def now_ms() -> int:
    return round(clock.now().timestamp() * 1000)


@dataclass
class Phone:
    """`ahead` is how many milliseconds its clock is ahead of the server's, as it knows."""

    client: PageClient | None = None
    id: UUID = field(default_factory=new_id)
    ahead: int = 0
    begun: int = field(default_factory=lambda: now_ms() - 60 * _MINUTE)
    _turn: Any = field(default_factory=count)

    def change(
        self, kind: str, visit: UUID | None = None, item: Any = None, after: Any = (), **fields: Any
    ) -> dict[str, Any]:
        """One change, a second after the last."""
        turn = next(self._turn)
        return {
            "id": str(new_id()),
            "kind": kind,
            "inspection_id": str(visit) if visit else None,
            "item_id": str(item) if item else None,
            "fields": fields,
            "after": [str(one) for one in after],
            "device_at": self.begun + turn * 1000 + self.ahead,
            "offset_ms": self.ahead,
            "seq": turn,
        }

    def begin(self, place: UUID, visit: UUID | None = None) -> dict[str, Any]:
        domains = ["catering", "fire"]
        return self.change("visit_start", visit or new_id(), premises_id=str(place), domains=domains, fellows=[])

    def announce(self, visit: UUID, item: Any, data: bytes, photo: UUID | None = None, **more: Any) -> dict[str, Any]:
        """A photo that will be sent."""
        facts = {"photo_id": str(photo or new_id()), "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        said = {"name": "a.jpg", "type": "image/jpeg", "purpose": "finding", "captured_at": "", "source": "camera"}
        return self.change("photo_announced", visit, item, **{**facts, **said, **more})

    def finish(self, visit: UUID, **fields: Any) -> dict[str, Any]:
        said = {"conclusion": "看过了", "receipt": "signed", "signer_name": "某老板", "signature": drawn()}
        return self.change("finish", visit, **{**said, **fields})

    def send(self, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send and give back what became of each."""
        answer = self.post(changes)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.headers["X-Xuncha"] == "sync"
        results: list[dict[str, Any]] = answer.json["results"]
        return results

    def statuses(self, *changes: dict[str, Any]) -> list[str]:
        return [result["status"] for result in self.send(list(changes))]

    def post(self, changes: list[dict[str, Any]], **more: Any) -> Any:
        assert self.client is not None
        ping = self.client.get(f"/sync/ping?device={self.id}").json
        body = {"device": str(self.id), "sent_at_ms": now_ms() + self.ahead, "changes": changes}
        headers = {"X-CSRFToken": ping["csrf"], "Accept": "application/json"} | more
        return self.client.post("/sync/changes", json=body, headers=headers)


OUTCOME = {"outcome": "by_a_date", "due_on": "", "refer_to": "", "refer_reason": "", "guard": "", "scene": ""}


def whole_visit(phone: Phone, place: UUID, items: dict[str, Any], findings: int = 3) -> list[dict[str, Any]]:
    """A patrol of a restaurant: begun, every item answered, some findings with note, outcome and photo, signed."""
    visit, by_eye = new_id(), [item for item in items.values() if not item.measures]
    bad = [item for item in by_eye if item.severity != "A"][:findings]
    answers = [(item, "does_not" if item in bad else "conforms") for item in by_eye]
    changes = [phone.begin(place, visit)]
    changes += [phone.change("answer", visit, item.id, result=result, sweep=None) for item, result in answers]
    for item in bad:
        changes.append(phone.change("note", visit, item.id, note="后厨地面积水(演示)", phrases=[0]))
        changes.append(phone.change("outcome", visit, item.id, **OUTCOME))
        changes.append(phone.announce(visit, item.id, str(item.id).encode()))
    return [*changes, phone.finish(visit)]
