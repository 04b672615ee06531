"""The command itself, killed without warning while the channel holds its message: shown afterwards, never repeated."""

import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask

from app.core import clock
from app.core.database import db
from app.core.settings import Settings, project_root
from app.notices.models import Notice
from app.reminders import sending
from app.reminders.models import Reminder
from app.reminders.rules import State
from tests.factories.people import County
from tests.reminders.conftest import decide

NAMES = {"data_dir": "XUNCHA_DATA", "secret_key": "XUNCHA_SECRET_KEY", "password_salt": "XUNCHA_PASSWORD_SALT",
         "database_url": "XUNCHA_DATABASE_URL", "storage_url": "XUNCHA_STORAGE_URL"}  # fmt: skip


def test_the_command_is_killed_between_claim_and_answer(
    app: Flask, county: County, notice_id: UUID, settings: Settings, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        with app.app_context():
            decide(
                county, staff=(f"json://127.0.0.1:{silent.getsockname()[1]}/x",), quiet_from="00:00", quiet_to="00:00"
            )
            notice = db.session.get_one(Notice, notice_id)
            long_ago = timedelta(days=8)  # well inside a week, also where midnight passes
            notice.due_on, notice.issued_at = clock.today() - long_ago, clock.now() - 2 * long_ago
            db.session.commit()
        own = {variable: str(getattr(settings, name)) for name, variable in NAMES.items()}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "reminders", "send"]
        process = subprocess.Popen(command, cwd=project_root(), env=os.environ | own, stdout=subprocess.DEVNULL)
        line, _ = silent.accept()
        line.recv(1)  # it is on its way
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        line.close()
    with app.app_context():
        row = db.session.query(Reminder).filter_by(channel="json").one()
        assert row.state is State.CLAIMED
        sent: list[str] = []
        for minutes in (1, 20, 40):
            with clock.freeze(row.tried_at + timedelta(minutes=minutes)):
                sending.run(lambda address, *_: not sent.append(address))
        db.session.expire_all()
        assert db.session.get_one(Reminder, row.id).state is State.UNCERTAIN
        assert not [address for address in sent if "127.0.0.1" in address]
