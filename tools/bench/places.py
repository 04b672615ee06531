"""Apps on folders of their own, people who are signed in, and the folder where made counties are kept."""

import hashlib
import re
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from app.accounts.models import Person
from app.core.database import db
from app.core.settings import Settings, project_root
from tools.bench.county import County, Size

SECRET, SALT = "b" * 40, "s" * 20
CACHE = Path(tempfile.gettempdir()) / "xuncha-bench"


def make_app(folder: Path, database_url: str = "") -> Flask:
    """An app that keeps everything in `folder`, its rows elsewhere if so named; without limits on rate."""
    folder.mkdir(parents=True, exist_ok=True)
    return create_app(
        Settings(
            data_dir=folder,
            secret_key=SECRET,
            password_salt=SALT,
            database_url=database_url or f"sqlite:///{folder / 'xuncha.db'}",
            storage_url=f"file://{folder / 'files'}",
            font_dir=project_root() / "static/vendor",
            rate_limits=False,
            testing=True,
        )
    )


def county_app(size: Size) -> Flask:
    """An app on a county of `size`: made once for this state of models and generator, then kept in the cache."""
    folder = CACHE / f"{size.premises}-{size.inspections}-{size.photos}-{version()}"
    done = folder / "made"
    app = make_app(folder)
    if not done.exists():
        with app.app_context():
            db.drop_all()
            db.create_all()
        County(app, size).write()
        done.touch()
    return app


def version() -> str:
    """Changes with the models and the generator, so that an old county is never measured by mistake."""
    root = project_root()
    sources = [
        *sorted(root.glob("app/*/models.py")),
        root / "app/premises/rules.py",
        Path(__file__).with_name("county.py"),
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:10]


def sign_in(app: Flask, login: str) -> FlaskClient:
    """A client with the session of `login`."""
    client = app.test_client()
    with app.app_context():
        person = db.session.scalars(select(Person).where(Person.login == login)).unique().one()
        mark = person.fs_uniquifier
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = mark, True
    return client


def csrf_of(client: FlaskClient, path: str) -> str:
    """The token that `path` hands out; the client's session then holds its secret."""
    return token_in(client.get(path).get_data(as_text=True))


def token_in(html: str) -> str:
    """The token in a page's head."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', html)
    if found is None:
        raise RuntimeError("the page hands out no CSRF token")
    return found.group(1)


def cookie_of(app: Flask, client: FlaskClient) -> str:
    """The session as a Cookie header."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie: Any = client.get_cookie(name)
    return f"{name}={cookie.value}"
