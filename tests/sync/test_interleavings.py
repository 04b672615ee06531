"""Two phones, any edits, any order of sending, repeats and losses: the visit ends as in any other order."""

from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.accounts.models import Person
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import queries
from app.inspections.models import Inspection
from app.sync.conflicts import conflicts_of
from app.sync.receiving import Sending, receive
from app.sync.wire import Ids, read_change
from tests.factories.people import County
from tests.sync.phone import OUTCOME, now_ms

BY_EYE, MEASURED = ("CAT-09", "FIR-07"), "CAT-15"
VALUES: dict[str, tuple[dict[str, Any], ...]] = {
    "answer": ({"result": "conforms"}, {"result": "does_not"}, {"result": None}),
    "note": ({"note": "甲", "phrases": [0]}, {"note": "乙", "phrases": []}),
    "outcome": (OUTCOME, {**OUTCOME, "outcome": "referred", "refer_reason": "请看"}),
    "readings": ({}, {}, {}),  # filled in by the item's measure
}
FIELDS = {"answer": "result", "note": "note", "outcome": "outcome", "readings": "readings"}
PHONE, ITEM = st.integers(0, 1), st.integers(0, 2)
EDIT = st.tuples(st.just("edit"), PHONE, ITEM, st.sampled_from(sorted(VALUES)), st.integers(0, 2))
SEND = st.tuples(st.just("send"), PHONE, st.integers(0, 4), st.integers(0, 99))
READ = st.tuples(st.just("read"), PHONE)
CHOOSE = st.tuples(st.just("choose"), PHONE, st.integers(0, 3))
STEPS = st.lists(st.one_of(EDIT, EDIT, EDIT, SEND, READ, CHOOSE), min_size=1, max_size=18)


@dataclass
class Hand:
    """A phone: what it knows, what it has not sent, what it may send again."""

    clock: int
    heads: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    queue: list[dict[str, Any]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def record(self, kind: str, item: str, fields: dict[str, Any]) -> None:
        key = (item, FIELDS.get(kind, fields.get("field", "")))
        self.clock += 1000
        id_ = f"{new_id().hex[:31]}0"  # the last digit tells the two visits of a run apart
        change = {"id": str(UUID(id_)), "kind": kind, "item_id": item, "fields": fields, "seq": self.clock}
        change |= {"after": list(self.heads.get(key, [])), "device_at": self.clock, "offset_ms": 0}
        self.heads[key] = [change["id"]]
        self.queue.append(change)


def mirrored(value: Any) -> Any:
    """The same change in the other visit: every id of a change ends on 1."""
    if isinstance(value, list):
        return [one[:-1] + "1" for one in value]
    return {**value, "id": value["id"][:-1] + "1", "after": mirrored(value["after"])}


class Story:
    def __init__(self, county: County, place: Any) -> None:
        self.person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        self.items = [str(place.items[code].id) for code in (*BY_EYE, MEASURED)]
        measure = place.items[MEASURED].measures[0]
        condition = next((limit["condition"] for limit in measure["limits"] if limit.get("condition")), "")
        self.measured = {"key": measure["key"], "condition": condition or "", "detection": _is_detection(measure)}
        self.visits = [self.begin(place.id), self.begin(place.id)]
        start = now_ms() - 3_600_000
        self.hands = [Hand(start), Hand(start + 500)]
        self.all: list[dict[str, Any]] = []

    def begin(self, place: UUID) -> UUID:
        visit, start = new_id(), {"premises_id": str(place), "domains": ["catering", "fire"]}
        begin = {"id": str(new_id()), "kind": "visit_start", "fields": start, "device_at": now_ms() - 7_200_000}
        self.deliver(visit, [begin])
        return visit

    def deliver(self, visit: UUID, changes: list[dict[str, Any]]) -> None:
        ids = Ids()
        read = [read_change({**change, "inspection_id": str(visit)}, ids) for change in changes]
        told = receive(Sending(read, self.person, None))
        bad = [one for one in told if one.status.value in {"refused", "waiting", "late"}]
        assert not bad, bad

    def value(self, kind: str, item: str, which: int) -> dict[str, Any]:
        if kind != "readings":
            return VALUES[kind][which % len(VALUES[kind])]
        if item != self.items[2]:
            return {"instrument": f"仪器{which}"}
        key = self.measured["key"]
        said = {f"condition-{key}": self.measured["condition"], "instrument": "仪", "point": "点"}
        if self.measured["detection"]:
            return {**said, f"detected-{key}": ("yes", "no", "")[which]}
        return {**said, f"value-{key}": ("0.000001", "999999", "")[which]}

    def play(self, step: tuple[Any, ...]) -> None:
        hand = self.hands[step[1]]
        if step[0] == "edit":
            item = self.items[step[2]]
            hand.record(step[3], item, self.value(step[3], item, step[4]))
        elif step[0] == "send":
            self.send(hand, step[2], Random(step[3]))
        elif step[0] == "read":
            self.read(hand)
        else:
            self.choose(hand, step[2])

    def send(self, hand: Hand, count: int, chance: Random) -> None:
        """Some of what waits, in any order, with repeats of what was sent before and of itself."""
        chance.shuffle(hand.queue)
        batch, hand.queue = hand.queue[:count], hand.queue[count:]
        again = chance.sample(hand.sent, min(len(hand.sent), chance.randint(0, 3)))
        hand.sent += batch
        self.all += batch
        everything = batch + again + batch[:1]
        chance.shuffle(everything)
        self.deliver(self.visits[0], everything)

    def read(self, hand: Hand) -> None:
        """The server's heads; what this phone wrote meanwhile stands before them."""
        stored = queries.answers_of(db.session.get_one(Inspection, self.visits[0]))
        for item, answer in stored.items():
            for name, ids in (answer.heads or {}).items():
                own = [c for c in hand.queue if (c["item_id"], _field(c)) == (str(item), name)]
                past = {id_ for change in own for id_ in change["after"]}
                heads = [id_ for id_ in [*ids, *(change["id"] for change in own)] if id_ not in past]
                hand.heads[str(item), name] = heads
        db.session.rollback()

    def choose(self, hand: Hand, which: int) -> None:
        found = conflicts_of(self.visits[0])
        if found:
            conflict = found[which % len(found)]
            item, name = str(conflict.answer.item_id), conflict.field
            hand.heads[item, name] = list(conflict.answer.heads[name])
            hand.record("choose", item, {"field": name, "value": conflict.sides[-1].change.value})
        db.session.rollback()

    def state(self, visit: UUID) -> dict[str, Any]:
        db.session.expire_all()
        stored = queries.answers_of(db.session.get_one(Inspection, visit))
        return {str(item): _said(answer) for item, answer in stored.items()}


def _is_detection(measure: dict[str, Any]) -> bool:
    return any(limit.get("expected") for limit in measure["limits"])


def _field(change: dict[str, Any]) -> str:
    return FIELDS.get(change["kind"]) or change["fields"]["field"]


def _said(answer: Any) -> list[Any]:
    finding = answer.finding
    names = ("outcome", "due_on", "refer_to", "refer_reason", "refer_on", "guard", "scene")
    heads = {name: sorted(id_[:-1] for id_ in ids) for name, ids in answer.heads.items()}
    return [
        answer.result, answer.note, answer.phrases, answer.readings, answer.sweep_id, answer.answered_at, heads,
        [getattr(finding, name) for name in names] if finding else None,
    ]  # fmt: skip


@settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS, order=st.randoms(use_true_random=False))
def test_any_order_of_sending_ends_in_the_same_visit(
    context: Flask, county: County, place: Any, steps: list[tuple[Any, ...]], order: Random
) -> None:
    story = Story(county, place)
    for step in steps:
        story.play(step)
    for hand in story.hands:
        story.send(hand, len(hand.queue), order)
    other = [mirrored(change) for change in story.all]
    order.shuffle(other)
    for start in range(0, len(other), 3):
        story.deliver(story.visits[1], other[start : start + 3])
    assert story.state(story.visits[0]) == story.state(story.visits[1])
