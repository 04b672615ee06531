"""The server of `make soak` ends with the soak, whatever state it was in."""

import threading
from pathlib import Path

from tools.soak.place import Place


def test_a_killed_server_is_not_started_again_when_all_is_over(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.kill_and_restart(after=3600)
    place.stop()
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
