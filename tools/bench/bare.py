"""The yardstick: a bare Flask route that does one durable SQLite commit, served like the product.

`python -m tools.bench.bare PORT FILE` serves it.
"""

import os
import sqlite3
import sys
import threading

from flask import Flask, request

app = Flask(__name__)
_own = threading.local()


def _connection() -> sqlite3.Connection:
    """One for each thread, with the product's pragmas: WAL, synchronous=FULL."""
    found = getattr(_own, "connection", None)
    if found is None:
        found = _own.connection = sqlite3.connect(os.environ["BARE_FILE"], isolation_level=None)
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            found.execute(f"PRAGMA {pragma}")
        found.execute("CREATE TABLE IF NOT EXISTS answers (id INTEGER PRIMARY KEY, result TEXT, at TEXT)")
    return found


@app.post("/answer")
def answer() -> str:
    connection = _connection()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO answers (result, at) VALUES (?, datetime())", (request.form["result"],))
    connection.execute("COMMIT")
    return "ok"


if __name__ == "__main__":
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from app.serve import THREADS_A_WORKER, WORKERS

    os.environ["BARE_FILE"] = sys.argv[2]
    _connection()
    Granian(
        "tools.bench.bare:app",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS_A_WORKER,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()
