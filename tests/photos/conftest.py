from pathlib import Path

import pytest

from app.core.ids import new_id
from app.core.storage import Storage
from app.photos.fonts import FontShelf
from app.photos.intake import Limits, _photo, receive_photo
from app.photos.rules import PhotoMeta
from tests.photos.pictures import PHOTOS


@pytest.fixture
def storage(tmp_path):
    return Storage(f"file://{tmp_path / 'files'}")


@pytest.fixture
def limits():
    return Limits(max_bytes=30 * 1024 * 1024, max_pixels=60_000_000)


@pytest.fixture
def shelf():
    """Whatever fonts this machine has."""
    return FontShelf(Path("static/vendor").absolute())


@pytest.fixture
def real():
    """The path of one of the shared real photos."""

    def path(name):
        if not (PHOTOS / name).is_file():
            pytest.skip("the shared real photos are not on this machine")
        return PHOTOS / name

    return path


@pytest.fixture
def keep(storage, limits):
    """Receive a file and give its (unsaved) record."""

    def kept(path):
        with path.open("rb") as stream:
            received = receive_photo(stream, storage=storage, limits=limits)
        return _photo(received, new_id(), None, PhotoMeta(), "Asia/Shanghai")

    return kept
