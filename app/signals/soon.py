"""Soon after something arrived it is looked at, in the background of the server and with little of its time.

The answer is never kept waiting: a request that may have brought photos or visits only sets a flag. One thread of each
process wakes a moment later, catches up (running.py) and rests nineteen times as long as it worked. What it does not
come to, `flask signals compute` does.
"""

import json
import logging
import threading

from flask import Flask, Response, request

from app.signals import running

log = logging.getLogger("xuncha.signals")
DELAY = 2.0  # seconds: the rest of a sending comes along
REST = 19.0  # times what a batch took
FEW = 5  # photos and visits at a time: some hundredths of a second
LONGEST_REST = 30.0  # seconds
BRINGS = frozenset(
    {"inspections", "sync", "notices", "notice_public"}
)  # blueprints whose requests may bring something


class Watch:
    """The flag and the thread of one process."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.flag = threading.Event()
        self.never = threading.Event()  # only waited for
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something may have arrived."""
        self.flag.set()
        if not self._is_awake():
            with self.lock:
                if not self._is_awake():
                    self.thread = threading.Thread(target=self._watch, name="signals", daemon=True)
                    self.thread.start()

    def _is_awake(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    def _rest(self, took: float) -> None:
        self.never.wait(min(LONGEST_REST, took * REST))

    def _watch(self) -> None:
        while True:
            self.flag.wait()
            self.never.wait(DELAY)
            self.flag.clear()
            try:
                with self.app.app_context():
                    running.run(pause=self._rest, batch=FEW)
            except Exception as error:  # noqa: BLE001 - the next request, or the command, tries again
                log.warning(json.dumps({"event": "signals_failed", "fault": type(error).__name__}))


def init(app: Flask) -> None:
    """Watch what the app receives; not in tests, which call `running.run()` themselves."""
    watch = Watch(app)
    app.extensions["signals"] = watch

    @app.after_request
    def _arrived(response: Response) -> Response:
        changes = request.method in {"POST", "PUT"} and response.status_code < 400
        if changes and request.blueprint in BRINGS and not app.testing:
            watch.wake()
        return response
