"""The same sending ten times at once: ten answers that it was received, and one row of everything."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Answer, Inspection
from app.sync.models import SyncChange
from tests.fixtures.signing_in import SignIn
from tests.sync.phone import Phone, whole_visit

pytestmark = pytest.mark.both_databases
AT_ONCE, ROUNDS = 10, 20


@pytest.fixture
def lines(sign_in: SignIn) -> list[tuple[Any, dict[str, str]]]:
    """Ten connections of one phone."""
    found = []
    for _line in range(AT_ONCE):
        client = sign_in(Role.COORDINATOR)
        token = client.get(f"/sync/ping?device={new_id()}").json["csrf"]
        found.append((client, {"X-CSRFToken": token, "Accept": "application/json"}))
    return found


def at_once(lines: list[tuple[Any, dict[str, str]]], changes: list[dict[str, Any]]) -> list[tuple[int, set[str]]]:
    """Status and what became of the changes, of each line."""
    body, gate = json.dumps({"device": str(new_id()), "sent_at_ms": 0, "changes": changes}), Barrier(AT_ONCE)

    def send(line: tuple[Any, dict[str, str]]) -> tuple[int, set[str]]:
        client, headers = line
        gate.wait()
        answer = client.post("/sync/changes", data=body, headers=headers, content_type="application/json")
        return answer.status_code, {result["status"] for result in answer.json["results"]}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, lines))


def test_ten_at_once_are_ten_answers_and_one_row_of_everything(
    app: Flask, lines: list[tuple[Any, dict[str, str]]], place: Any
) -> None:
    phone, sent = Phone(), 0
    for _round in range(ROUNDS):
        changes = whole_visit(phone, place.id, place.items)
        sent += len(changes)
        answers = at_once(lines, changes)
        assert [status for status, _what in answers] == [200] * AT_ONCE
        told = [what for _status, what in answers]
        assert sorted(map(str, told)) == sorted(map(str, [{"received"}, *[{"duplicate"}] * (AT_ONCE - 1)]))
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Inspection)) == ROUNDS
        assert db.session.scalar(select(func.count()).select_from(SyncChange)) == sent


def test_ten_times_one_answer_in_a_running_visit(
    app: Flask, phone: Phone, lines: list[tuple[Any, dict[str, str]]], place: Any
) -> None:
    visit = new_id()
    phone.send([phone.begin(place.id, visit)])
    for item in list(place.items.values())[:ROUNDS]:
        answers = at_once(lines, [phone.change("answer", visit, item.id, result="conforms")])
        assert [status for status, _what in answers] == [200] * AT_ONCE
        assert sum(what == {"received"} for _status, what in answers) == 1
    with app.app_context():
        rows = db.session.scalars(select(Answer)).all()
        assert len(rows) == ROUNDS
        assert all(len(row.heads["result"]) == 1 for row in rows)
