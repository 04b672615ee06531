"""Browser stories happen in the demo county (tests/fixtures/demo.py), each in a copy of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.roles import Role
from app.core.settings import Settings, project_root
from tests.fixtures.browsers import PATIENCE
from tests.fixtures.databases import settings_for
from tests.fixtures.demo import DemoCounty, copy_files, seed_folder
from tests.navigators.coordinator import Coordinator
from tests.navigators.owner import Owner
from tests.navigators.supervisor import Supervisor

expect.set_options(timeout=PATIENCE)  # a busy machine is slow, not wrong
PHOTOS = project_root().parent / "shared" / "photos"


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seed_folder(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def sqlite_template(demo_folder: Path) -> Path:
    return demo_folder / "xuncha.db"


@pytest.fixture
def settings(tmp_path: Path, database_url: str, port: int, demo_folder: Path) -> Settings:
    copy_files(demo_folder / "files", tmp_path / "files")
    return settings_for(tmp_path, database_url, public_url=f"http://localhost:{port}")


@pytest.fixture
def county(app: Flask) -> DemoCounty:
    return DemoCounty(app)


@pytest.fixture
def photos() -> Path:
    """Real photos of phones and cameras."""
    if not PHOTOS.is_dir():
        pytest.skip(f"the photos for this test are not in {PHOTOS}")
    return PHOTOS


@pytest.fixture
def coordinator(page_as: Callable[..., Page]) -> Coordinator:
    return Coordinator(page_as(Role.COORDINATOR))


@pytest.fixture
def supervisor(page_as: Callable[..., Page]) -> Supervisor:
    return Supervisor(page_as(Role.SUPERVISOR))


@pytest.fixture
def owner(page: Page) -> Owner:
    """A phone that has never seen this product."""
    return Owner(page)
