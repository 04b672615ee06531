"""Migrations go up and down on both databases and end exactly at the models."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import insert, inspect, select

from app import create_app
from app.core import clock
from app.core.audit import AuditRecord, Change
from app.core.database import db
from app.core.settings import project_root
from tests.fixtures.databases import DATABASES, close, settings_for


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a table."""
    name = "empty"
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.create(name)
    app = create_app(settings_for(tmp_path, url))
    with app.app_context():
        yield app
    close(app)
    if request.param == "postgresql":
        server.drop(name)


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_latest_migration() -> None:
    assert len(ScriptDirectory(str(project_root() / "migrations")).get_heads()) == 1


def test_migrations_go_up_down_and_up_again(empty: Flask) -> None:
    upgrade()
    assert _tables() == set(db.metadata.tables)
    downgrade(revision="base")
    assert not _tables()
    upgrade()
    assert _tables() == set(db.metadata.tables)


def test_migrations_end_at_the_models(empty: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        differences = compare_metadata(context, db.metadata)
    assert not differences, "\n".join(map(str, differences))


def test_changes_carried_out_before_their_content_was_kept_are_known(empty: Flask) -> None:
    upgrade(revision="0002")
    change, person = uuid4(), uuid4()
    row = {"id": uuid4(), "at": clock.now(), "action": "answer_saved", "object_type": "answers", "note": ""}
    row |= {"person_id": person, "change_id": change, "request_id": "", "address": ""}
    with db.engine.begin() as connection:
        connection.execute(insert(AuditRecord.__table__), [row, row | {"id": uuid4(), "change_id": None}])
    upgrade()
    with db.engine.begin() as connection:
        known = connection.execute(select(Change.id, Change.person_id, Change.digest)).all()
    assert known == [(change, person, b"")]
