"""The WSGI entry point: `app` for any production server."""

import sys

from app import create_app
from app.core.settings import Settings

# Threads change every half millisecond instead of every five: one that holds the database's write lock must not wait
# ten statements long behind others that draw pages.
sys.setswitchinterval(0.0005)

app = create_app(Settings.from_env())
