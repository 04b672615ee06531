"""The register inside an application context, on both databases where a test asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.core.database import db
from tests.factories.people import County, make_county


@pytest.fixture
def place(context: Flask) -> County:
    """An invented county inside the application's context."""
    county = make_county()
    db.session.commit()
    return county


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database inside the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
