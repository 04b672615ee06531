"""Whoever reads the log reads words: each action and thing that features write down has one."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from app.proof.telling import tables_told
from app.proof.words import ACTIONS, TABLES

APP = Path(__file__).resolve().parents[2] / "app"
WRITERS = {"record", "record_many", "system_entry", "note", "_record", "_entry"}


def written_down() -> Iterator[str]:
    """What stands first in the calls that write to the log, and events whose names are put behind a word."""
    for path in APP.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
            said = call.args[0]
            if name in WRITERS and isinstance(said, ast.Constant) and isinstance(said.value, str):
                yield said.value


def test_every_action_that_is_written_down_has_a_word() -> None:
    actions = {action for action in written_down() if "_" in action and " " not in action}
    assert len(actions) > 80, "the calls are still found"
    assert sorted(actions - set(ACTIONS)) == []


def test_every_thing_that_has_a_log_of_its_own_has_a_word() -> None:
    assert {"addressees", "calendar_changes", "referral_links", "premises_imports"} <= set(TABLES)


def test_rows_changed_without_a_record_of_their_own_are_told_by_kind(app: Flask) -> None:
    with app.test_request_context():
        assert tables_told('{"notices:d38afa12":{"c4":"30"},"notices:0":{"c5":"31"},"signals:1":{}}') == "整改单, 提示"
        assert [tables_told(rows) for rows in (None, "", "{", "{}", "7")] == [""] * 5
