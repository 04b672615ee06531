"""Every fixture by name. How to use them stands in tests/README.md."""

from pathlib import Path

import pytest

from tests.fixtures.browsers import browser, live_server, open_context, page, page_as
from tests.fixtures.databases import (
    app,
    context,
    database_url,
    port,
    postgres_template,
    pytest_generate_tests,
    settings,
    sqlite_template,
)
from tests.fixtures.postgres import postgres_server
from tests.fixtures.proof import nothing_overlooked
from tests.fixtures.receiver import receiver
from tests.fixtures.s3 import s3_server
from tests.fixtures.scratch import write_there
from tests.fixtures.signing_in import client, county, sign_in

__all__ = [
    "app",
    "browser",
    "client",
    "context",
    "county",
    "database_url",
    "live_server",
    "nothing_overlooked",
    "open_context",
    "page",
    "page_as",
    "port",
    "postgres_server",
    "postgres_template",
    "pytest_generate_tests",
    "receiver",
    "s3_server",
    "settings",
    "sign_in",
    "sqlite_template",
]

write_there()
BROWSER_TESTS = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for a browser is a browser test, wherever it stands."""
    for item in items:
        if BROWSER_TESTS in item.path.parents or "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test measured (`record_property`) is printed, from every worker."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
