"""What comes with a photo: kept when it makes sense, unknown when not, never a reason to lose the photo."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.photos.models import Purpose, Source
from app.photos.rules import NAME_LENGTH, PhotoMeta, clean_name


def test_everything_a_phone_says_is_read():
    form = {
        "captured_at": "2026-11-29T02:00:00.250Z",
        "clock_offset_ms": "-1500",
        "latitude": "30.5",
        "longitude": "104.01",
        "accuracy_m": "12.5",
        "purpose": "after",
        "source": "camera",
    }
    assert PhotoMeta.from_form(form, original_name="IMG_1.HEIC") == PhotoMeta(
        captured_at=datetime(2026, 11, 29, 2, 0, 0, 250000, tzinfo=UTC),
        clock_offset_ms=-1500,
        latitude=30.5,
        longitude=104.01,
        accuracy_m=12.5,
        purpose=Purpose.AFTER,
        source=Source.CAMERA,
        original_name="IMG_1.HEIC",
    )


def test_nothing_said_is_nothing_known():
    assert PhotoMeta.from_form({}) == PhotoMeta()


@pytest.mark.parametrize(
    "absurd",
    [
        {"latitude": "91", "longitude": "1"},
        {"latitude": "nan", "longitude": "1"},
        {"latitude": "30"},
        {"latitude": "30", "longitude": "inf", "accuracy_m": "1"},
        {"accuracy_m": "5"},
        {"captured_at": "yesterday"},
        {"captured_at": "2026-11-29T10:00:00"},
        {"captured_at": "0001-01-01T00:00:00+14:00"},
        {"clock_offset_ms": "1e400"},
        {"purpose": "<script>", "source": "../../etc"},
    ],
)
def test_absurd_extras_become_unknown(absurd):
    assert PhotoMeta.from_form(absurd) == PhotoMeta()


@given(st.dictionaries(st.sampled_from(sorted(PhotoMeta.__dataclass_fields__)), st.text(max_size=40)))
def test_any_form_is_survived(form):
    PhotoMeta.from_form(form)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\照片 1.jpg", "照片 1.jpg"),
        ("a\0b\r\nc\u202egpj.exe", "abcgpj.exe"),
        ("", ""),
        ("..", ""),
        ("𠮷野家🍜.heic", "𠮷野家🍜.heic"),
    ],
)
def test_names_are_only_names(given_name, shown):
    assert clean_name(given_name) == shown


def test_a_long_name_keeps_its_ending():
    name = clean_name("长" * 10_000 + ".jpeg")
    assert len(name) == NAME_LENGTH
    assert name.endswith("长.jpeg")
