"""A JPEG that broke off and was closed with an end marker is not whole."""

import io

import pytest
from PIL import Image

from app.photos.decode import BrokenPhoto, examine
from app.photos.scans import end_of_scans
from tests.photos.pictures import PHOTOS, encoded, noise

END = b"\xff\xd9"


@pytest.fixture
def look(tmp_path):
    def at(data):
        path = tmp_path / "upload.jpg"
        path.write_bytes(data)
        return examine(path, max_pixels=60_000_000)

    return at


def gradient(size=(640, 480)):
    return Image.merge("RGB", [Image.linear_gradient("L").resize(size).rotate(turn) for turn in (0, 90, 180)])


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("picture", [noise(), gradient(), noise().convert("L"), noise().convert("CMYK")])
@pytest.mark.parametrize("share", [0.4, 0.7, 0.9, 0.99])
def test_what_is_missing_before_the_end_marker_is_noticed(look, picture, progressive, share):
    data = encoded("JPEG", picture, progressive=progressive, quality=85)
    assert look(data)
    with pytest.raises(BrokenPhoto):
        look(data[: int(len(data) * share)] + END)


@pytest.mark.parametrize("path", sorted(PHOTOS.glob("*.jpg")), ids=lambda path: path.name)
def test_real_photos_are_whole_and_their_halves_are_not(look, path):
    data = path.read_bytes()
    assert look(data)
    with pytest.raises(BrokenPhoto):
        look(data[: end_of_scans(data) * 9 // 10] + END)


def progressive(path):
    out = io.BytesIO()
    Image.open(path).save(out, "JPEG", progressive=True, quality=90)
    return out.getvalue()


@pytest.mark.parametrize("path", sorted(PHOTOS.glob("*.jpg")), ids=lambda path: path.name)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8, 0.97])
def test_progressive_ones_too(look, path, share):
    data = progressive(path)
    assert look(data)
    with pytest.raises(BrokenPhoto):
        look(data[: int(len(data) * share)] + END)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0}])
def test_a_grey_picture_is_whole(look, options):
    assert look(encoded("JPEG", Image.new("RGB", (321, 243), (128, 128, 128)), **options))


def test_what_makers_append_behind_the_picture_does_not_matter(look):
    grey, other = encoded("JPEG", Image.new("RGB", (64, 64), (128, 128, 128))), encoded("JPEG")
    assert look(grey + other + b"SEFT tail")
    with pytest.raises(BrokenPhoto):
        look(other[: len(other) // 2] + END + other)
