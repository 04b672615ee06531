"""The process beside the server is begun again when it ends or is killed, ever more slowly, and never twice."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.core.beside import Beside

LONG = "import os, time; open('begun', 'a').write(f'{os.getpid()}\\n'); time.sleep(60)"
SHORT = "import os; open('begun', 'a').write(f'{os.getpid()}\\n')"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + LONG


def command(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def begun(folder: Path) -> list[int]:
    file = folder / "begun"
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def is_there(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_is_begun_again_and_stops_with_the_server(tmp_path: Path) -> None:
    kept = Beside(command(LONG), tmp_path, pause=0.01)
    kept.start()
    for turn in (1, 2):
        until(lambda: len(begun(tmp_path)) == turn)  # noqa: B023 - asked at once
        os.kill(begun(tmp_path)[-1], signal.SIGKILL)
    until(lambda: len(begun(tmp_path)) == 3)
    assert [is_there(number) for number in begun(tmp_path)] == [False, False, True]
    kept.stop()
    time.sleep(0.1)
    assert len(begun(tmp_path)) == 3 and not is_there(begun(tmp_path)[-1])


def test_what_ends_again_and_again_is_begun_ever_more_slowly(tmp_path: Path) -> None:
    kept = Beside(command(SHORT), tmp_path, pause=0.1)
    kept.start()
    time.sleep(1.2)  # after 0, 0.1, 0.3, 0.7, 1.5 …
    kept.stop()
    assert 2 <= len(begun(tmp_path)) <= 4


def test_one_that_does_not_listen_is_ended_and_a_missing_one_stops_nobody(tmp_path: Path) -> None:
    kept = Beside(command(STUBBORN), tmp_path)
    kept.start()
    until(lambda: len(begun(tmp_path)) == 1)
    kept.stop(wait=0.2)
    assert not is_there(begun(tmp_path)[0])
    missing = Beside(["/nowhere/at-all"], tmp_path, pause=0.01)
    missing.start()
    time.sleep(0.05)
    missing.stop()
