"""The installation of a soak: the real server on data of its own, killed without warning and started again."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from app.core.settings import Settings, project_root
from tools.bench.places import SALT, SECRET
from tools.bench.serving import free_port

SECONDS_TO_START = 120


class Place:
    """`python -m app.serve` on `folder` behind `public_url`; the demo county fills it at the first start."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.kills = folder, free_port(), 0
        self.log = folder / "server.log"
        self.environment: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._restart: threading.Timer | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, public_url: str) -> None:
        """Start it and wait until it answers. Raises RuntimeError with the end of its log."""
        own = {
            "XUNCHA_DATA": str(self.folder / "data"),
            "XUNCHA_SECRET_KEY": SECRET,
            "XUNCHA_PASSWORD_SALT": SALT,
            "XUNCHA_PUBLIC_URL": public_url,
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
        }
        others = {name: value for name, value in os.environ.items() if not name.startswith("XUNCHA_")}
        self.environment = others | own
        self._launch()
        self.wait()

    def kill(self) -> None:
        """SIGKILL for the server and all its workers, whatever they are doing."""
        self.kills += 1
        self._end(signal.SIGKILL)

    def kill_and_restart(self, after: float) -> None:
        """As an operating system short of memory does it; a service manager starts it again `after` seconds later."""
        self.kill()
        self._restart = threading.Timer(after, self._launch)
        self._restart.start()

    def stop(self) -> None:
        """End it, also when it is dead and about to be started again."""
        if self._restart is not None:
            self._restart.cancel()
            self._restart.join()
        self._end(signal.SIGTERM)

    def wait(self) -> None:
        """Until a worker answers."""
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            if self.answers():
                return
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-2000:]}")

    def answers(self) -> bool:
        import http.client

        probe = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            probe.request("GET", "/healthz")
            return probe.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()

    def settings(self) -> Settings:
        """For an application on the same data, to look at it from inside."""
        return Settings.from_env(self.environment)

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.serve"],
                cwd=project_root(),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its own process group: its workers end with it
            )

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, how)
        try:
            process.wait(70)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
