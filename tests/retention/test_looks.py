"""Who looked at which evidence is written after the answer, once for some minutes, and shown beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.core import clock
from app.core.database import db, transaction
from app.core.roles import Role
from app.retention.looks import KEY, WATCHED, write
from app.retention.models import Look
from app.retention.rules import What
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.oversight.factory import Log
from tests.retention.conftest import THEN, YEAR, Past, run_after


def _looks(app: Flask) -> list[tuple[What, Any]]:
    with app.app_context():
        return [(look.what, look.object_id) for look in db.session.query(Look).order_by(Look.at, Look.what)]


def _get(client: Any, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    response.close()  # as a server does when the answer is out
    return response


@pytest.mark.both_databases
def test_looks_within_some_minutes_are_one_and_small_pictures_none(app: Flask, sign_in: SignIn, past: Past) -> None:
    client, photo_id = sign_in(Role.SUPERVISOR), past.photo_ids[0]
    with clock.freeze(THEN):
        for view in ("small", "large", "large", "plain", "original"):
            _get(client, f"/inspections/photos/{photo_id}/{view}.jpg")
    assert sorted(_looks(app)) == [(What.ORIGINAL, photo_id), (What.PHOTO, photo_id)]
    with clock.freeze(THEN + timedelta(minutes=11)):
        _get(client, f"/inspections/photos/{photo_id}/large.jpg")
    assert len(_looks(app)) == 3
    text = client.get(f"/photo-log/{photo_id}").text
    assert "127.0.0.1" in text
    assert "127.0.0.1" not in sign_in(Role.COORDINATOR).get(f"/inspections/{past.id}").text


def test_an_answer_that_is_not_given_is_no_look(app: Flask, sign_in: SignIn, county: County, past: Past) -> None:
    photo_id = past.photo_ids[0]
    response = sign_in(person=county.neighbour).get(f"/inspections/photos/{photo_id}/large.jpg")
    assert response.status_code == 404
    response.close()
    assert not _looks(app)


def test_a_paper_fetched_in_parts_is_looked_at_too(app: Flask, sign_in: SignIn, issued: Any) -> None:
    notice_id, _token, _photo_id = issued
    response = sign_in(Role.SUPERVISOR).get(f"/notices/{notice_id}/a4.pdf", headers={"Range": "bytes=0-"})
    assert response.status_code == 206
    response.close()
    assert _looks(app) == [(What.NOTICE_FILE, notice_id)]


def test_the_public_way_to_evidence_is_one_for_colleagues_too(app: Flask, sign_in: SignIn, issued: Any) -> None:
    """Whoever is signed in and takes the owner's address, or looks at what the public sees, has looked."""
    notice_id, token, photo_id = issued
    for path in (f"/n/{token}/notice.pdf", f"/n/{token}/photos/1.jpg", f"/n/{token}/photos/1.jpg"):
        _get(sign_in(Role.SUPERVISOR), path)
    assert sorted(_looks(app)) == [(What.NOTICE_FILE, notice_id), (What.PHOTO, photo_id)]
    _get(app.test_client(), f"/n/{token}/notice.pdf")  # the owner is none of ours
    with clock.freeze(clock.now() + timedelta(minutes=11)):
        _get(sign_in(Role.SUPERVISOR), f"/photos/{photo_id}/covered.jpg")
    assert len(_looks(app)) == 3


@pytest.mark.both_databases
def test_two_servers_that_saw_the_same_look_lose_none_of_the_others(
    app: Flask, sign_in: SignIn, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process writes between our reading and our writing does not take the whole batch along."""
    client, ids = sign_in(Role.SUPERVISOR), past.photo_ids
    answers = [client.get(f"/inspections/photos/{one}/large.jpg") for one in ids]
    same = app.extensions[KEY].seen[0]

    @contextmanager
    def after_the_other() -> Iterator[None]:
        with app.app_context(), transaction():
            write([same])
        with transaction():
            real = db.session.scalars
            monkeypatch.setattr(db.session, "scalars", lambda *_args: iter(()))  # read before the other wrote
            try:
                yield
            finally:
                monkeypatch.setattr(db.session, "scalars", real)

    monkeypatch.setattr("app.retention.looks.transaction", after_the_other)
    answers[0].close()
    assert {object_id for _what, object_id in _looks(app)} == set(ids)


def test_what_comes_meanwhile_is_written_together(app: Flask, sign_in: SignIn, past: Past) -> None:
    client, ids = sign_in(Role.SUPERVISOR), past.photo_ids
    open_answers = [client.get(f"/inspections/photos/{one}/large.jpg") for one in ids]
    assert len(app.extensions[KEY].seen) == 3
    open_answers[0].close()
    assert len(_looks(app)) == 3
    assert not app.extensions[KEY].seen


def test_looks_wait_for_a_database_that_is_busy(
    app: Flask, sign_in: SignIn, past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, ids = sign_in(Role.SUPERVISOR), past.photo_ids

    def busy(_some: Any) -> None:
        raise OperationalError("", {}, Exception("database is locked"))

    with monkeypatch.context() as patched:
        patched.setattr("app.retention.looks.write", busy)
        for one in ids[:2]:
            _get(client, f"/inspections/photos/{one}/large.jpg")
    assert _looks(app) == []
    _get(client, f"/inspections/photos/{ids[2]}/large.jpg")
    assert {object_id for _what, object_id in _looks(app)} == set(ids)


def test_every_watched_answer_exists(app: Flask) -> None:
    rules = {rule.endpoint: set(rule.arguments) for rule in app.url_map.iter_rules()}
    for endpoint, watched in WATCHED.items():
        for one in watched:
            assert one.parameter in rules[endpoint] | {""}, endpoint


def test_looks_go_after_their_period_but_not_while_something_is_on_hold(
    app: Flask, sign_in: SignIn, past: Past
) -> None:
    client, photo_id = sign_in(Role.SUPERVISOR), past.photo_ids[0]
    with clock.freeze(THEN):
        _get(client, f"/inspections/photos/{photo_id}/large.jpg")
        path = f"/premises/{past.premises_id}/hold"
        client.submit(path, {"act": "place", "reason": "诉讼中"}, page=path)
    with app.app_context():
        assert run_after(2 * YEAR).gone.total() == 0
    client.submit(path, {"act": "lift", "reason": "诉讼结束"}, page=path)
    with app.app_context():
        assert run_after(2 * YEAR).gone["looks"] == 1


def test_an_export_is_a_look(app: Flask, sign_in: SignIn, log: Log) -> None:
    client = sign_in(Role.SUPERVISOR)
    response = client.submit("/photo-log/export", {"photo": log.north[0].hex}, page="/photo-log?select=1")
    assert response.status_code == 200
    assert response.data.startswith(b"PK")
    response.close()
    assert [what for what, _object in _looks(app)] == [What.PHOTOS_ZIP]
