"""Two verifications at once: the second says since when the first runs; one that died is in nobody's way."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.core import clock
from app.core.database import db, transaction
from app.core.errors import Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.proof import alone, running, services
from app.proof.checking import EVERYTHING
from app.proof.models import AuditCheck
from tests.fixtures.signing_in import SignIn

pytestmark = pytest.mark.both_databases
BEGUN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)  # 13:06 in China


@contextmanager
def another(app: Flask) -> Iterator[int]:
    """The number of another process that verifies and takes its time."""
    with app.app_context():
        with transaction():
            services.begin_check(new_id(), EVERYTHING, by=None, now=BEGUN)
        db.session.remove()
    hears, tells = os.pipe()
    number = os.fork()
    if number == 0:
        try:
            with app.app_context():
                db.engine.dispose(close=False)
                with alone.only_one():
                    os.write(tells, b".")
                    signal.pause()
        finally:
            os._exit(1)
    os.read(hears, 1)
    try:
        yield number
    finally:
        for handle in (hears, tells):
            os.close(handle)


def kill(number: int) -> None:
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)


def test_the_second_says_since_when_the_first_runs(app: Flask, sign_in: SignIn) -> None:
    supervisor = sign_in(Role.SUPERVISOR)
    with another(app) as number:
        try:
            with app.app_context(), pytest.raises(Refused, match="2026-03-04 13:06:07"):
                running.run()
            said = app.test_cli_runner().invoke(args=["audit", "verify"])
            assert (said.exit_code, "running since 2026-03-04 13:06:07" in said.output) == (3, True)
            page = supervisor.submit("/audit/verify", {"change_id": str(new_id())}, page="/audit")
            assert page.status_code == 409 and "2026-03-04 13:06:07" in page.text and "正在核验" in page.text
        finally:
            kill(number)
    with app.app_context():
        assert db.session.query(AuditCheck).count() == 1  # what was refused left nothing
        check, _result, _names = running.run()  # the other one died half-way
        assert check.ended_at is not None and check.started_at <= clock.now()


def test_one_that_ends_or_fails_gives_the_turn_back(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(RuntimeError), alone.only_one():
            raise RuntimeError
        with alone.only_one(), pytest.raises(Refused), alone.only_one():
            pass
        with alone.only_one():
            pass
