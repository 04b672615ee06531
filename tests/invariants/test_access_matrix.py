"""Every role × every route × rows of another region: what may not be seen is not there, and nothing ever breaks.

Walks the route table, so a new route is tried without a new test. Rows for its parameters come from samples.py.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule, UUIDConverter

from app.core.database import db
from app.core.roles import Role
from app.web.role_words import forbidden_in
from tests.factories.people import County, make_county
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn
from tests.invariants.samples import HELD_BY_TOKEN, OWN, SHARED, make_rows
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
        unknown: Any = "0" * 22
        if isinstance(converter, UUIDConverter):
            unknown = uuid4()
        elif isinstance(converter, AnyConverter):
            unknown = min(converter.items)
        elif isinstance(converter, IntegerConverter):
            unknown = 987_654
        values[name] = (rows or {}).get(name, unknown)
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def _has_row(rule: Rule) -> bool:
    return any(isinstance(kind, UUIDConverter) for kind in rule._converters.values())


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
        return {404, 422, 400} if _has_row(rule) and method == "GET" else ANSWERS

    found = _complaints(app, sign_in(role), wanted)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", Role)
def test_nothing_changes_without_the_csrf_token(app: Flask, sign_in: SignIn, role: Role) -> None:
    """The owner's page has no session to ride on: there the unguessable token in the address is the key."""

    def wanted(rule: Rule, method: str, _access: Any) -> set[int] | None:
        held = set(rule._converters) & HELD_BY_TOKEN
        return {400} if method == "POST" and not held else None

    found = _complaints(app, sign_in(role), wanted)
    assert not found, "\n".join(found)


@pytest.fixture
def rows(app: Flask, county: County) -> dict[str, Any]:
    """Real rows of the second township."""
    with app.app_context():
        rows = make_rows(county)
        db.session.commit()
        return rows


def test_every_parameter_has_a_sample(app: Flask, rows: dict[str, Any]) -> None:
    names = {
        name
        for rule in own_rules(app)
        for name, kind in rule._converters.items()
        if not isinstance(kind, AnyConverter | IntegerConverter)
    }
    assert not (missing := names - set(rows) - set(SHARED) - HELD_BY_TOKEN), (
        f"add to samples.py: {sorted(missing)}"
    )


@pytest.mark.usefixtures("no_csrf")
@pytest.mark.parametrize("role", Role)
def test_rows_of_another_county_are_not_there(app: Flask, sign_in: SignIn, role: Role) -> None:
    """Somebody of one county, on rows of another: as if they did not exist."""
    with app.app_context():
        rows = make_rows(make_county("邻试县", "990200"))
        db.session.commit()

    def wanted(rule: Rule, _method: str, access: Any) -> set[int] | None:
        return GONE if role in access.roles and _has_row(rule) else None

    found = _complaints(app, sign_in(role), wanted, rows)
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("no_csrf")
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INFORMANT])
def test_rows_of_the_neighbouring_township_are_not_there(
    app: Flask, sign_in: SignIn, rows: dict[str, Any], role: Role
) -> None:
    """People of the first township, on rows of the second."""

    def wanted(rule: Rule, _method: str, access: Any) -> set[int] | None:
        return GONE if role in access.roles and _has_row(rule) else None

    found = _complaints(app, sign_in(role), wanted, rows)
    assert not found, "\n".join(found)


def _reader(sign_in: SignIn, county: County, role: Role) -> PageClient:
    """Somebody of `role` who may see the second township."""
    return sign_in(person=county.neighbour) if role is Role.COORDINATOR else sign_in(role)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR])
def test_those_who_may_see_a_row_see_it(
    app: Flask, sign_in: SignIn, county: County, rows: dict[str, Any], role: Role
) -> None:
    """Or else the closed doors above would prove nothing."""

    def wanted(rule: Rule, method: str, access: Any) -> set[int] | None:
        if method != "GET" or role not in access.roles or not _has_row(rule):
            return None
        others = role is not Role.COORDINATOR and set(rule._converters) & OWN
        return GONE if others else {200, 302, 303, 409}

    found = _complaints(app, _reader(sign_in, county, role), wanted, rows | SHARED)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INFORMANT])
def test_no_page_says_more_than_its_reader_may_do(
    app: Flask, sign_in: SignIn, county: County, rows: dict[str, Any], role: Role
) -> None:
    client, crossing = _reader(sign_in, county, role), []
    for rule, method, access in _calls(app):
        if method != "GET" or role not in access.roles:
            continue
        response = client.get(_url(app, rule, rows | SHARED), follow_redirects=True)
        if response.mimetype == "text/html" and response.status_code == 200:
            words = forbidden_in(parse(response.get_data(as_text=True)).text, role)
            crossing += [f"{rule.rule} says {', '.join(words)}"] if words else []
    assert not crossing, "\n".join(crossing)
