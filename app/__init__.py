"""Xuncha 巡查: patrol records and rectification notices for township health supervision. Wiring only."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core import clock
from app.core.compact import as_json
from app.core.database import db
from app.core.settings import Settings, project_root
from app.core.storage import Storage
from app.web.body import KnownLength

csrf = CSRFProtect()


def create_app(settings: Settings) -> Flask:
    """The application for `settings`."""
    root = project_root()
    app = Flask(
        "xuncha",
        root_path=str(root),
        template_folder=str(root / "templates"),
        static_folder=str(root / "static"),
    )
    app.ensure_sync = _as_it_is  # type: ignore[assignment] # no coroutines here; asked for 18 functions a request
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # half of what a page carries as data is Chinese
    app.extensions["settings"] = settings
    app.config.update(
        SQLALCHEMY_DATABASE_URI=_driver(settings.database_url),
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=settings.photo_max_bytes + 2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        TESTING=settings.testing,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,  # from 5 on each answer takes and gives back megabytes, which costs more than it saves
    )
    _set_up_logs(settings)
    if settings.database_url.startswith("sqlite:///"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    clock.DEFAULT_ZONE = settings.time_zone
    app.extensions["storage"] = Storage(
        settings.storage_url, settings.storage_options, spool=settings.data_dir / "tmp"
    )
    db.init_app(app)
    Migrate(app, db, directory=str(root / "migrations"), render_as_batch=True)
    Compress(app)
    app.wsgi_app = KnownLength(app.wsgi_app)  # type: ignore[method-assign]
    if settings.production:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    _wire(app, settings)
    return app


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def _wire(app: Flask, settings: Settings) -> None:
    from app import bound, features
    from app.accounts import security
    from app.core import orphans
    from app.web import access, assets, failures, filters, i18n, requests, shell

    requests.init(app)
    i18n.init(app)
    filters.init(app)
    assets.init(app)
    security.init(app, settings)
    csrf.init_app(app)
    shell.init(app)
    failures.init(app)
    access.deny_unmarked(app)
    features.register(app)
    bound.watch()
    app.cli.add_command(orphans.group)


def _driver(url: str) -> str:
    """PostgreSQL always through psycopg 3."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)


def _engine_options(url: str) -> dict[str, object]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 30, "check_same_thread": False}, "json_serializer": as_json}
    return {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 10, "json_serializer": as_json}


def _set_up_logs(settings: Settings) -> None:
    root = logging.getLogger("xuncha")
    if root.handlers or settings.testing:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter('{"at":"%(asctime)s","level":"%(levelname)s","log":"%(name)s","line":%(message)s}'))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    root.propagate = False
