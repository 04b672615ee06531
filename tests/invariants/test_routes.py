"""What the route table promises: every route states who may call it, every URL parameter has a type."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule, UnicodeConverter, UUIDConverter

from app.core.roles import Role

TYPED = (UUIDConverter, IntegerConverter, AnyConverter)
WORDS = {"token", "code", "domain", "notice_kind"}  # unguessable, or the name of a row of data: looked up as it is


def own_rules(app: Flask) -> Iterator[Rule]:
    """Our routes: not the static files, not Flask-Security's own pages."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and not rule.endpoint.startswith("security"):
            yield rule


def test_every_route_states_who_may_call_it(app: Flask) -> None:
    silent = [
        rule.endpoint for rule in own_rules(app) if not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    assert not silent, f"@allow, @signed_in or @public is missing on {silent}"


def test_every_access_names_roles_or_a_reason(app: Flask) -> None:
    for rule in own_rules(app):
        access: Any = app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]
        assert access.roles <= set(Role), rule.endpoint
        assert access.roles or len(access.reason) > 10, f"{rule.endpoint} is public without saying why"


def test_every_url_parameter_is_typed(app: Flask) -> None:
    loose = [
        f"{rule.rule}: {name}"
        for rule in own_rules(app)
        for name, converter in rule._converters.items()
        if not isinstance(converter, TYPED)
        and not (isinstance(converter, UnicodeConverter) and name in WORDS)
    ]
    assert not loose, f"use <uuid:…>, <int:…> or a token: {loose}"


def test_reading_and_changing_are_different_routes(app: Flask) -> None:
    """A view that answers both must be a form page; it may not change anything by GET, so DELETE is unused.

    PUT is what the outbox's scripts say when they go on with a photo; no form does.
    """
    odd = [
        rule.rule
        for rule in own_rules(app)
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS", "POST"}
        and not (rule.rule.startswith("/sync/") and rule.methods == {"PUT", "OPTIONS"})
    ]
    assert not odd, "forms without JavaScript send GET and POST only"
