"""What the machine refuses a verification is said in one sentence; the service goes on."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.checklists.services import load_shipped_checklists
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import StorageFull
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import settings
from app.proof import checking, running
from app.proof.shelf import Shelf
from app.proof.troubles import CannotVerify
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn


def said(app: Flask) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["audit", "verify"])
    return done.exit_code, done.output


def test_a_full_disk_stops_it_and_says_so(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = checking.shelf

    @contextmanager
    def narrow(folder: Path) -> Iterator[Shelf]:
        with shelf(folder) as made:
            made._db.execute("PRAGMA max_page_count = 1")  # no more than it has
            yield made

    supervisor = sign_in(Role.SUPERVISOR)
    with app.app_context(), transaction():
        load_shipped_checklists(clock.now())  # some hundred rows
    monkeypatch.setattr(checking, "shelf", narrow)
    assert said(app)[0] == 4 and "The disk is full" in said(app)[1]
    page = supervisor.submit("/audit/verify", {"change_id": str(new_id())}, page="/audit")
    assert page.status_code == StorageFull.status and "磁盘已满" in page.text
    assert supervisor.get("/audit").status_code == 200
    monkeypatch.undo()
    assert said(app)[0] == 0


def test_a_folder_that_cannot_be_written(app: Flask, county: County) -> None:
    with app.app_context():
        folder = settings().data_dir / "tmp"
        shutil.rmtree(folder, ignore_errors=True)
        folder.write_text("not a folder")
        assert said(app)[0] == 4 and "cannot be written" in said(app)[1]
        folder.unlink()
        assert said(app)[0] == 0


def test_a_damaged_database_is_called_damaged(app: Flask, sign_in: SignIn, tmp_path: Path) -> None:
    supervisor = sign_in(Role.SUPERVISOR)
    with app.app_context():
        path = tmp_path / "xuncha.db"
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            ((page,),) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'checklist_items'")
            ((size,),) = other.execute("PRAGMA page_size")
        other.close()
        db.engine.dispose()
        with path.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\x77" * size)
        with pytest.raises(CannotVerify, match="damaged"):
            running.run()
        assert said(app)[0] == 4
    assert supervisor.get("/audit").status_code == 200
