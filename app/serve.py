"""`python -m app.serve`: bring the database up to date, say how to sign in, serve.

PORT (8000) and HOST (0.0.0.0, because phones connect) come from the environment beside the XUNCHA_ settings; why
Granian serves stands in docs/decisions/0002-wsgi-server.md.
"""

import importlib
import importlib.util
import os
import signal
import socket
import sys
from types import ModuleType

from flask import Flask

from app.core.beside import beside
from app.core.settings import project_root

WORKERS = 2
THREADS_A_WORKER = 32  # a phone with a weak signal holds one for as long as its photo travels
SECONDS_TO_FINISH = 60  # what is in flight when the server is told to stop


def main() -> None:
    port, host = _port(), os.environ.get("HOST", "0.0.0.0")  # noqa: S104 - phones on the same network connect
    _stop_if_taken(host, port)
    phone = None if host in {"127.0.0.1", "localhost"} else lan_address()
    # a QR code must open on another device, so the address in it is this machine's, not localhost
    os.environ.setdefault("XUNCHA_PUBLIC_URL", f"http://{phone or 'localhost'}:{port}")
    app = _prepared_app()
    print(f"\n  Xuncha 巡查  http://localhost:{port}")
    if phone:
        print(f"  phone on the same network  http://{phone}:{port}")
    for line in _sign_in_hints(app):
        print(f"  {line}")
    print("  stop with Ctrl-C; what is in flight is finished first\n", flush=True)
    with beside(_comparing(), project_root()):
        _run(host, port)


def _comparing() -> list[str]:
    """What compares new photos with earlier ones beside the server (docs/decisions/0008-photo-reuse.md)."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "photos", "likeness"]
    return [*command, "--beside", str(os.getpid())]


def _prepared_app() -> Flask:
    """Migrate and load the shipped checklists; fill the empty database of a trial with invented data."""
    from flask_migrate import upgrade

    from app import create_app
    from app.calendar.services import fill
    from app.checklists.services import load_shipped_checklists
    from app.complaints.options import require_key
    from app.core import clock
    from app.core.database import transaction
    from app.core.settings import Settings

    settings = Settings.from_env()
    app = create_app(settings)
    with app.app_context():
        app.extensions["storage"].sweep()  # what a killed process left half-received
        demo = None if settings.production else _demo()
        with clock.freeze(demo.first_day(clock.now()) if demo and _is_untouched() else clock.now()):
            upgrade()
            if settings.production:
                _stop_among_invented()
            with transaction():
                fill(clock.now())
        if demo and (_is_empty() or demo.is_unfinished()):
            print("  adding invented demo data …", flush=True)
            demo.seed(app)
        else:
            with transaction():
                load_shipped_checklists(clock.now())
        require_key(settings)
    return app


def _stop_among_invented() -> None:
    """No real work among invented places and people, whose password everybody can read."""
    demo = _demo()
    if demo is not None and demo.is_there():
        sys.exit(
            "xuncha: this database holds the invented county of a trial. Give real work an empty one:"
            " another XUNCHA_DATA (and XUNCHA_DATABASE_URL, if it is set)."
        )


def _sign_in_hints(app: Flask) -> list[str]:
    demo = None if app.extensions["settings"].production else _demo()
    if demo is None:
        return []
    with app.app_context():
        return list(demo.sign_in_hints())


def _is_untouched() -> bool:
    """Whether the database is still to be made."""
    from sqlalchemy import inspect

    from app.core.database import db

    return not inspect(db.engine).has_table("people")


def _is_empty() -> bool:
    from sqlalchemy import select

    from app.accounts.models import Person
    from app.core.database import db

    found = db.session.scalar(select(Person.id).limit(1))
    db.session.remove()
    return found is None


def _demo() -> ModuleType | None:
    """The package with the invented data; None where an installation left it out."""
    if importlib.util.find_spec("app.demo") is None:
        return None
    return importlib.import_module("app.demo")


def _run(host: str, port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.register_at_fork(after_in_child=_stop_while_starting)
    Granian(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS_A_WORKER,
        workers_kill_timeout=SECONDS_TO_FINISH,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


def _stop_while_starting() -> None:
    """A worker told to stop before it serves just ends; it inherits a handler that would leave it running."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the head as well, which then sends SIGTERM


def lan_address() -> str | None:
    """This machine's address towards the network, or None without one. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address reserved for documentation
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if address.startswith("127.") else address


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        sys.exit(f"xuncha: PORT={text} is no port number (1 to 65535).")
    return int(text)


def _stop_if_taken(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"xuncha: cannot listen on {host}:{port} ({error.strerror}). Try: make serve PORT={port + 1}"
            )


if __name__ == "__main__":
    main()
