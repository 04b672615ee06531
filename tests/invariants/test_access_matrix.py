"""Every role × every route × rows of another region: what may not be seen is not there, and nothing ever breaks.

Walks the route table, so a new route is tried without a new test. Rows for its parameters come from samples.py.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule, UUIDConverter

from app.core.database import db
from app.core.roles import Role
from app.web.role_words import forbidden_in
from tests.factories.people import County, make_county
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn
from tests.invariants.samples import HELD_BY_TOKEN, SAMPLES
from tests.invariants.test_routes import own_rules

GONE = {403, 404}
ANSWERS = {200, 302, 303, 304, 400, 403, 404, 405, 409, 410, 413, 415, 422, 429}


def _calls(app: Flask) -> Iterator[tuple[Rule, str, Any]]:
    """Each route with each of its methods and its access."""
    for rule in own_rules(app):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule, method, app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]


def _url(app: Flask, rule: Rule, rows: dict[str, Any] | None = None) -> str:
    """The address with `rows` in its parameters; what is not there is an id that nothing has."""
    values = {}
    for name, converter in rule._converters.items():
        unknown: Any = uuid4() if isinstance(converter, UUIDConverter) else "0" * 22
        unknown = 987_654 if isinstance(converter, IntegerConverter) else unknown
        values[name] = (rows or {}).get(name, unknown)
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, values, method=None)


def _complaints(app: Flask, client: PageClient, wanted: Any, rows: dict[str, Any] | None = None) -> list[str]:
    """Call every route; `wanted(rule, method, access)` gives the permitted answers, or None to skip."""
    found = []
    for rule, method, access in _calls(app):
        allowed = wanted(rule, method, access)
        if allowed is None:
            continue
        status = client.open(_url(app, rule, rows), method=method).status_code
        if status not in allowed:
            found.append(f"{method} {rule.rule} answers {status}, not one of {sorted(allowed)}")
    return found


@pytest.fixture
def no_csrf(app: Flask) -> None:
    """The guard alone is tried; CSRF has its own test."""
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.usefixtures("no_csrf")
def test_a_stranger_is_asked_to_sign_in_everywhere_else(
    app: Flask, client: PageClient, county: County
) -> None:
    found = _complaints(app, client, lambda _rule, _method, access: None if access.is_public else {303, 401})
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("no_csrf")
def test_public_routes_never_break(app: Flask, client: PageClient, county: County) -> None:
    found = _complaints(
        app, client, lambda _rule, _method, access: ANSWERS | {503} if access.is_public else None
    )
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("no_csrf")
@pytest.mark.parametrize("role", Role)
def test_a_role_meets_a_closed_door_where_it_may_not_go(app: Flask, sign_in: SignIn, role: Role) -> None:
    closed = lambda _rule, _method, access: None if access.is_public or role in access.roles else {403}  # noqa: E731
    found = _complaints(app, sign_in(role), closed)
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("no_csrf")
@pytest.mark.parametrize("role", Role)
def test_unknown_ids_are_not_found_and_nothing_breaks(app: Flask, sign_in: SignIn, role: Role) -> None:
    def wanted(rule: Rule, method: str, access: Any) -> set[int] | None:
        if role not in access.roles:
            return None
        with_row = any(isinstance(kind, UUIDConverter) for kind in rule._converters.values())
        return {404, 422, 400} if with_row and method == "GET" else ANSWERS

    found = _complaints(app, sign_in(role), wanted)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", Role)
def test_nothing_changes_without_the_csrf_token(app: Flask, sign_in: SignIn, role: Role) -> None:
    found = _complaints(
        app, sign_in(role), lambda _rule, method, _access: {400} if method == "POST" else None
    )
    assert not found, "\n".join(found)


def test_every_parameter_has_a_sample(app: Flask) -> None:
    names = {name for rule in own_rules(app) for name in rule._converters}
    numbers = {
        name
        for rule in own_rules(app)
        for name, kind in rule._converters.items()
        if isinstance(kind, IntegerConverter)
    }
    assert not (missing := names - set(SAMPLES) - HELD_BY_TOKEN - numbers), (
        f"add to samples.py: {sorted(missing)}"
    )


@pytest.mark.usefixtures("no_csrf")
@pytest.mark.parametrize("role", Role)
def test_rows_of_another_county_are_not_there(app: Flask, sign_in: SignIn, role: Role) -> None:
    """Somebody of one county, on rows of another: as if they did not exist."""
    with app.app_context():
        other = make_county("邻试县", "990200")
        rows = {name: make(other) for name, make in SAMPLES.items()}
        db.session.commit()

    def wanted(rule: Rule, _method: str, access: Any) -> set[int] | None:
        return GONE if role in access.roles and set(rule._converters) & set(SAMPLES) else None

    found = _complaints(app, sign_in(role), wanted, rows)
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("no_csrf")
def test_rows_of_the_neighbouring_township_are_not_there(app: Flask, sign_in: SignIn, county: County) -> None:
    """The first township's coordinator, on rows of the second."""
    with app.app_context():
        rows = {name: make(county) for name, make in SAMPLES.items()}
        db.session.commit()

    def wanted(rule: Rule, _method: str, access: Any) -> set[int] | None:
        return GONE if Role.COORDINATOR in access.roles and set(rule._converters) & set(SAMPLES) else None

    found = _complaints(app, sign_in(Role.COORDINATOR), wanted, rows)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INFORMANT])
def test_no_page_says_more_than_its_reader_may_do(app: Flask, sign_in: SignIn, role: Role) -> None:
    client, crossing = sign_in(role), []
    for rule, method, access in _calls(app):
        if method != "GET" or role not in access.roles or rule._converters:
            continue
        response = client.get(_url(app, rule), follow_redirects=True)
        if response.mimetype == "text/html" and response.status_code == 200:
            words = forbidden_in(parse(response.get_data(as_text=True)).text, role)
            crossing += [f"{rule.rule} says {', '.join(words)}"] if words else []
    assert not crossing, "\n".join(crossing)
