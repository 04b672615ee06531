"""The WSGI entry point: `app` for any production server."""

from app import create_app
from app.core.settings import Settings

app = create_app(Settings.from_env())
