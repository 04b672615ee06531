"""One verification at a time. The turn is a lock that its process holds: who dies, or is killed, gives it back."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select

from app.core.clock import local
from app.core.database import db
from app.core.errors import N_, Refused
from app.core.settings import settings
from app.proof.models import AuditCheck

_TURN = 0x7875_6E63_6876  # PostgreSQL's name of the lock


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the turn inside the block. Raises Refused, with the moment the other one began, where it is taken."""
    with _of_database() if db.engine.dialect.name != "sqlite" else _of_folder():
        yield


@contextmanager
def _of_database() -> Iterator[None]:
    """With a connection of its own; the database gives the turn back when that breaks."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_TURN})").scalar():
            raise _running()
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_TURN})")


@contextmanager
def _of_folder() -> Iterator[None]:
    """With a file beside the database that is all on this machine; the system gives the turn back."""
    folder = settings().data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "verifying", os.O_RDWR | os.O_CREAT, 0o640)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _running() from None
        yield
    finally:
        os.close(handle)


def _running() -> Refused:
    since = _since()
    said = f"{local(since):%Y-%m-%d %H:%M:%S}" if since else "?"
    return Refused(
        N_("A verification is running since %(moment)s."), moment=said, hint=N_("Wait until it has ended.")
    )


def _since() -> datetime | None:
    """When the one that runs began: the last to begin holds the turn."""
    began = select(AuditCheck.started_at).where(AuditCheck.ended_at.is_(None))
    return db.session.scalar(began.order_by(AuditCheck.started_at.desc()).limit(1))
