"""Key files that are made once: whoever comes second, another process too, finds the first one's."""

import os
from pathlib import Path

from app.core.ids import new_token


def make_once(path: Path, data: bytes) -> None:
    """Write `data` to `path`, readable for its owner alone and whole, unless something is there already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.parent / f".{new_token()}"
    try:
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)  # never over another one
        except FileExistsError:
            return
    finally:
        made.unlink(missing_ok=True)
