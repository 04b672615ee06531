"""A process beside the server: begun with it, begun again when it ends or is killed, stopped with it; never two."""

import logging
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger("xuncha.beside")

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds before it begins again, twice as long each time
SOUND = 120.0  # seconds after which it is no longer held against it that it ended before
TIME_TO_END = 30.0  # seconds from being told to stop to being stopped


class Beside:
    """One process and the thread that waits for its end."""

    def __init__(
        self, command: Sequence[str], folder: Path, *, pause: float = FIRST_PAUSE, sound: float = SOUND
    ) -> None:
        self.command, self.folder, self.first_pause, self.sound = list(command), folder, pause, sound
        self._stopped = threading.Event()
        self._beginning = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="beside", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, wait: float = TIME_TO_END) -> None:
        """End it; begin it no more."""
        self._stopped.set()
        with self._beginning:
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _begin(self) -> subprocess.Popen[bytes] | None:
        """None where it is to stop, or the system has no room for it now."""
        with self._beginning:
            if self._stopped.is_set():
                return None
            try:  # in a session of its own, so that Ctrl-C is for the server alone
                self._process = subprocess.Popen(self.command, cwd=self.folder, start_new_session=True)  # noqa: S603 - ours
            except OSError:
                return None
            return self._process

    def _keep(self) -> None:
        pause = self.first_pause
        while not self._stopped.is_set():
            begun, process = time.monotonic(), self._begin()
            status = process.wait() if process else "not begun"
            if self._stopped.is_set():
                return
            if time.monotonic() - begun > self.sound:
                pause = self.first_pause
            log.warning('"the process beside the server ended (%s); again in %.0f s"', status, pause)
            self._stopped.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


@contextmanager
def beside(command: Sequence[str], folder: Path) -> Iterator[None]:
    """Have it run while the block does."""
    kept = Beside(command, folder)
    kept.start()
    try:
        yield
    finally:
        kept.stop()
