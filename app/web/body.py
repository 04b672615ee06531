"""A request body that stops half-way must never look like a short one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class KnownLength:
    """WSGI middleware: make Werkzeug hold the body to its Content-Length.

    Granian and gunicorn say `wsgi.input_terminated`, and Werkzeug then trusts the end of the stream. Measured on
    both: a phone that lost its signal after 300,000 of 1,000,000 bytes gave a readable body of 300,000 bytes and no
    error. Without that mark Werkzeug counts, and the missing rest raises ClientDisconnected (400): nothing is kept.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH"):
            environ.pop("wsgi.input_terminated", None)  # its presence alone counts
        return self.application(environ, start_response)
