"""How migrations run: on the application's own engine, in one transaction, on SQLite as on PostgreSQL."""

from typing import Any

from alembic import context
from alembic.migration import MigrationContext
from flask import current_app
from flask_security import AsaList
from sqlalchemy import Connection, Enum

from app.core import ledger, watching
from app.core.database import UTCDateTime, db, transaction

SIMPLE_TYPES = ((UTCDateTime, "sa.DateTime()"), (AsaList, "sa.UnicodeText()"))


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our column types as the plain ones they are kept in, so that old migrations import no code of today."""
    if kind != "type":
        return False
    for ours, plain in SIMPLE_TYPES:
        if isinstance(item, ours):
            return plain
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def skip_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """No file for a revision in which nothing changed."""
    options = context.config.cmd_opts
    if getattr(options, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def run(connection: Connection) -> None:
    """All pending migrations in one transaction: a failing one leaves the database as it was.

    Nobody notes what they change (app/core/watching.py); one that rewrites rows that are bound says so by
    `ledger.bind`. Rows of a database that had no chain are bound as they stand.
    """
    extra = dict(current_app.extensions["migrate"].configure_args)
    extra.setdefault("process_revision_directives", skip_empty)
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render_item,
        transactional_ddl=True,  # SQLite can, too: app.core.database says BEGIN itself
        **extra,
    )
    with context.begin_transaction():
        watching.remove(connection)
        context.run_migrations()
        watching.install(connection)


def start_chain() -> None:
    """Where the last migration has been run."""
    with db.engine.connect() as connection:
        known = MigrationContext.configure(connection).get_current_revision()
    if known == context.script.get_current_head():
        with transaction():
            ledger.begin()


def run_online() -> None:
    """SQLite changes a table by making it anew; its foreign keys are checked after that instead of during it."""
    with db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            run(connection)
            return
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(
            "PRAGMA foreign_keys=OFF"
        )  # has no effect inside a transaction, hence not through SQLAlchemy
        try:
            run(connection)
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"the migration left rows that point nowhere: {broken[:5]}")
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def run_offline() -> None:
    """Print the SQL instead of running it (`flask db upgrade --sql`)."""
    url = db.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, target_metadata=db.metadata, literal_binds=True, render_item=render_item)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
    start_chain()
