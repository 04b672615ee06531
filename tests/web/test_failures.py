"""What people see when something is broken: a sentence in their language, a number, and no trace."""

import dataclasses
import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.core.roles import Role
from app.core.settings import MissingSetting, Settings
from app.web.access import public


@pytest.fixture
def without_database(settings: Settings) -> Flask:
    """An application whose PostgreSQL does not run: nothing listens on port 1."""
    return create_app(dataclasses.replace(settings, database_url="postgresql://nobody@127.0.0.1:1/none"))


def test_a_stopped_database_is_told_without_a_trace(without_database: Flask, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR, "xuncha.error"):
        response = without_database.test_client().get("/n/" + "x" * 22)
    text = response.get_data(as_text=True)
    assert response.status_code == 503
    assert "数据库暂时没有响应" in text
    assert "已保存的内容没有丢" in text
    assert "Traceback" not in text
    assert "psycopg" not in text
    assert response.headers["X-Request-ID"] in text
    assert response.headers["X-Request-ID"] in caplog.text


def test_healthz_says_which_part_does_not_answer(without_database: Flask) -> None:
    response = without_database.test_client().get("/healthz")
    assert response.status_code == 503
    assert response.json == {"database": False, "storage": True}


@pytest.fixture
def broken(app: Flask) -> Flask:
    """An application with a route that fails and one whose disk is full, as /dev/full answers every write."""

    @public("a test route")
    def fails() -> None:
        raise RuntimeError("secret inner detail")

    @public("a test route")
    def full() -> None:
        with Path("/dev/full").open("wb", buffering=0) as file:
            file.write(b"x")

    app.add_url_rule("/fails", "fails", fails)
    app.add_url_rule("/full", "full", full)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def test_an_unexpected_failure_shows_a_number_and_no_detail(broken: Flask) -> None:
    response = broken.test_client().get("/fails")
    assert response.status_code == 500
    assert "secret" not in response.get_data(as_text=True)
    assert response.headers["X-Request-ID"] in response.get_data(as_text=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_full_disk_is_told_with_what_to_do(broken: Flask) -> None:
    response = broken.test_client().get("/full", headers={"HX-Request": "true"})
    assert response.status_code == 507
    assert "服务器磁盘已满" in response.get_data(as_text=True)


def test_a_script_gets_the_message_as_json(broken: Flask) -> None:
    response = broken.test_client().get("/fails", headers={"Accept": "application/json"})
    assert set(response.json) == {"error", "hint", "request_id"}


@pytest.mark.parametrize("path", ["/", "/premises", "/sign-in"])
def test_every_page_carries_the_safe_headers(sign_in: Any, path: str) -> None:
    headers = sign_in(Role.COORDINATOR).get(path).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_log_has_one_line_a_request_without_personal_data(client: Any, caplog: Any) -> None:
    with caplog.at_level(logging.INFO, "xuncha.request"):
        client.get("/n/secrettokenofanotice12?name=某某")
    lines = [record.message for record in caplog.records if record.name == "xuncha.request"]
    assert len(lines) == 1
    assert "secrettoken" not in lines[0]
    assert "某某" not in lines[0]


@pytest.mark.parametrize("given", [{}, {"XUNCHA_SECRET_KEY": "x" * 40}])
def test_production_does_not_start_without_its_secrets(given: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(MissingSetting, match="is not set; production does not start without it"):
        Settings.from_env({"XUNCHA_ENV": "production", "XUNCHA_DATA": str(tmp_path), **given})


NUL = "%00"


@pytest.mark.both_databases
def test_a_nul_character_is_no_fault_of_ours(client: Any, sign_in: Any) -> None:
    """PostgreSQL takes none; whoever sends one is told so, and a notice's wrong address looks like every other one."""
    wrong, other = client.get("/n/" + "x" * 22), client.get(f"/n/abc{NUL}")
    assert (other.status_code, other.data) == (404, wrong.data)
    assert client.submit("/sign-in", {"login": "a\0b", "password": "wrong"}).status_code in {400, 422}
    administrator = sign_in(Role.ADMINISTRATOR)
    for address in (f"/people?q=a{NUL}", f"/people?role={NUL}", f"/premises?region={NUL}", f"/d/abc{NUL}"):
        assert administrator.get(address).status_code in {200, 400, 404}


@pytest.mark.both_databases
def test_a_page_number_without_end_shows_the_last_page(sign_in: Any) -> None:
    assert sign_in(Role.ADMINISTRATOR).get(f"/people?page={'9' * 30}").status_code == 200
