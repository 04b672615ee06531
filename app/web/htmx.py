"""Answers for htmx and for plain browsers from the same route."""

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response


def is_htmx() -> bool:
    """Whether htmx asks for a fragment."""
    return request.headers.get("HX-Request") == "true"


def respond(fragment: str, redirect_to: str, **context: Any) -> str | Response:
    """After a success: the fragment for htmx, otherwise 303 to a page."""
    return render_template(fragment, **context) if is_htmx() else redirect(redirect_to, 303)


def go_to(url: str) -> Response:
    """Move the whole page to `url`, also from within an htmx request."""
    if is_htmx():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)
