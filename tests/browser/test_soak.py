"""`make soak` in small, as a command: the proof itself is tried at every change."""

import re
import subprocess
import sys

from app.core.settings import project_root


def test_a_visit_without_signal_survives_kills_and_a_bad_line() -> None:
    """A new place, three photos, a notice; the browser killed once, the server once."""
    command = [
        sys.executable,
        "-m",
        "tools.soak",
        "--quick",
        "--kills",
        "1",
        "--seed",
        "7",
    ]
    ran = subprocess.run(
        command,
        cwd=project_root(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    last = ran.stdout.rstrip().rpartition("\n")[2]
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = re.fullmatch(r"sent (\d+), retried (\d+), lost 0, doubled 0", last)
    assert found, last
    assert int(found[1]) > 20
    assert int(found[2]) > 0, "the line was not bad enough to prove anything"
