"""The WSGI entry point: `app` for any production server."""

import gc
import sys

from app import create_app
from app.core.settings import Settings

# Threads change every half millisecond instead of every five: one that holds the database's write lock must not wait
# ten statements long behind others that draw pages.
sys.setswitchinterval(0.0005)

app = create_app(Settings.from_env())

# What was loaded stays for ever, so it is not looked through again and again for what is no longer needed; and one
# sending makes thousands of objects that go by themselves. Before, every eighth moment of a worker went into looking.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
