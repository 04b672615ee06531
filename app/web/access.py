"""Every route states who may call it; a test reads the statements, the matrix test tries them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.database import stays_as_read
from app.core.errors import N_, NotAllowed
from app.core.roles import STAFF, Role
from app.web.htmx import is_htmx


@dataclass(frozen=True)
class Access:
    """Who may call a route. No roles and a reason: anybody, because of `reason`."""

    roles: frozenset[Role]
    reason: str = ""
    lean: bool = False  # the person is asked for no more than app.accounts.callers.Caller knows

    @property
    def is_public(self) -> bool:
        return not self.roles


def allow(*roles: Role, lean: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only signed-in people with one of `roles`; others are sent to sign in, or told 403."""
    return _guard(Access(frozenset(roles), lean=lean))


def public(reason: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Anybody, and why."""
    return _guard(Access(frozenset(), reason))


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Anybody who signed in."""
    return allow(*STAFF)(view)


def _guard(access: Access) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not access.is_public:
                person = current_person()
                if person is None:
                    return ask_to_sign_in()
                if not person.is_any(*access.roles):
                    raise NotAllowed(N_("Your role does not include this."))
                if not access.lean:
                    stays_as_read(person, *person.roles, person.organisation, person.region)
            return view(*args, **kwargs)

        guarded.access = access  # type: ignore[attr-defined]
        return guarded

    return decorate


def current_person() -> Any:
    """The signed-in Person, in a lean view their Caller, or None."""
    person = current_user._get_current_object()  # noqa: SLF001 - Flask-Login offers no other way
    return person if person is not None and person.is_authenticated else None


def ask_to_sign_in() -> Response:
    """Send the browser to the sign-in page and back afterwards; htmx moves the whole page (HX-Redirect)."""
    back = request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else _page_of_request()
    target = url_for("security.login", next=back)
    if is_htmx() or request.headers.get("Accept", "").startswith("application/json"):
        return Response(status=401, headers={"HX-Redirect": target, "X-Sign-In": target})
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return Response(status=401)  # followed in the background, the sign-in page would start another session
    return redirect(target, 303)


def _page_of_request() -> str:
    """The page the fragment request came from, as a path on this server."""
    from urllib.parse import urlsplit

    page = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/")
    return page.path + (f"?{page.query}" if page.query else "")


def is_lean() -> bool:
    """Whether the view that is asked for needs no more of the person than Caller knows."""
    access = getattr(current_app.view_functions.get(request.endpoint or ""), "access", None) if request else None
    return access is not None and access.lean


def deny_unmarked(app: Flask) -> None:
    """A route that forgot to state its access answers 404 rather than anybody."""
    known_open = {"static"}

    @app.before_request
    def _check() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if view is None or request.endpoint in known_open or (request.endpoint or "").startswith("security."):
            return
        if not hasattr(view, "access"):
            abort(404)
