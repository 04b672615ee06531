"""EXIF: what cameras write is read, garbage does no harm."""

import random
import struct
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.photos.exif import ExifFacts, facts_from, orientation_of, read_exif
from tests.photos.pictures import exif_block

ZONE = "Asia/Shanghai"


def rationals(*pairs, order="<"):
    return struct.pack(f"{order}{2 * len(pairs)}I", *(number for pair in pairs for number in pair))


def gps(latitude, longitude, north=b"N\0", east=b"E\0"):
    return [
        (1, 2, 2, north),
        (2, 5, 3, rationals(*latitude)),
        (3, 2, 2, east),
        (4, 5, 3, rationals(*longitude)),
    ]


def position(**parts):
    facts = facts_from(read_exif(exif_block([], gps_entries=gps(**parts))), ZONE)
    return facts.latitude, facts.longitude


def test_position_time_and_device_of_a_real_camera(real):
    facts = facts_from(read_exif(Image.open(real("DSCN0010.jpg")).info["exif"]), ZONE)
    assert facts == ExifFacts(
        taken_at=datetime(2008, 10, 22, 8, 28, 39, tzinfo=UTC),
        zone_assumed=True,
        latitude=pytest.approx(43.46744833, abs=1e-6),
        longitude=pytest.approx(11.88512667, abs=1e-6),
        device="NIKON COOLPIX P6000",
    )


def test_west_is_negative(real):
    facts = facts_from(read_exif(Image.open(real("iphone_hdr_NO.jpg")).info["exif"]), ZONE)
    assert facts.longitude == pytest.approx(-3.7247528, abs=1e-6)


def test_a_camera_that_names_its_offset_is_believed(real):
    facts = facts_from(read_exif(Image.open(real("HMD_Nokia_8.3_5G.jpg")).info["exif"]), ZONE)
    assert facts.taken_at == datetime(2022, 8, 14, 11, 12, 31, tzinfo=UTC)
    assert not facts.zone_assumed


def test_maker_notes_and_binary_fields_are_not_copied(real):
    fields = read_exif(Image.open(real("DSCN0010.jpg")).info["exif"])
    assert "MakerNote" not in fields
    assert all(isinstance(value, (str, int, float, list)) for value in fields.values())


@pytest.mark.parametrize(
    "impossible",
    [
        {"latitude": ((91, 1), (0, 1), (0, 1)), "longitude": ((1, 1), (0, 1), (0, 1))},
        {"latitude": ((90, 1), (59, 1), (0, 1)), "longitude": ((1, 1), (0, 1), (0, 1))},
        {"latitude": ((30, 1), (61, 1), (0, 1)), "longitude": ((1, 1), (0, 1), (0, 1))},
        {"latitude": ((30, 0), (0, 1), (0, 1)), "longitude": ((1, 1), (0, 1), (0, 1))},
        {"latitude": ((0, 1), (0, 1), (0, 1)), "longitude": ((0, 1), (0, 1), (0, 1))},
        {"latitude": ((4294967295, 1), (0, 1), (0, 1)), "longitude": ((1, 1), (0, 1), (0, 1))},
        {"latitude": ((30, 1), (0, 1), (0, 1)), "longitude": ((1, 1), (0, 1), (0, 1)), "north": b"X\0"},
        {"latitude": ((30, 1), (0, 1), (0, 1)), "longitude": ((1, 1), (0, 1), (0, 1)), "east": b"\0\0"},
    ],
)
def test_an_impossible_position_is_no_position(impossible):
    assert position(**impossible) == (None, None)


def test_a_possible_position_in_the_south_west():
    place = position(
        latitude=((30, 1), (30, 1), (0, 1)), longitude=((104, 1), (0, 1), (36, 1)), north=b"S\0", east=b"W\0"
    )
    assert place == (-30.5, -104.01)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (b"2026:11:29 10:00:00\0", datetime(2026, 11, 29, 2, 0, tzinfo=UTC)),
        (b"2026-11-29T10:00:00\0", datetime(2026, 11, 29, 2, 0, tzinfo=UTC)),
        (b"0000:00:00 00:00:00\0", None),
        (b"2026:13:45 99:00:00\0", None),
        (b"1970:01:01 00:00:00\0", None),
        (b"9999:12:31 23:59:59\0", None),
        (b"    :  :     :  :  \0", None),
    ],
)
def test_moments_as_cameras_write_them(text, taken):
    block = exif_block([], exif_entries=[(0x9003, 2, len(text), text)])
    assert facts_from(read_exif(block), ZONE).taken_at == taken


def test_an_absurd_offset_is_not_believed():
    entries = [(0x9003, 2, 20, b"2026:11:29 10:00:00\0"), (0x9011, 2, 7, b"+99:00\0")]
    facts = facts_from(read_exif(exif_block([], exif_entries=entries)), ZONE)
    assert (facts.taken_at, facts.zone_assumed) == (datetime(2026, 11, 29, 2, 0, tzinfo=UTC), True)


def test_texts_end_at_the_first_nul_and_at_their_limit():
    fields = read_exif(
        exif_block([(0x010F, 2, 12, b"Evil\0<script"), (0x0110, 2, 9000, b"\x1b[31m" + b"x" * 9000)])
    )
    assert fields["Make"] == "Evil"
    assert fields["Model"].startswith("[31mxxx")
    assert len(fields["Model"]) < 200


def test_a_wrong_type_is_left_out():
    wrong = [(0x0112, 2, 2, b"6\0"), (0x010F, 3, 1, b"\6\0"), (0x0110, 7, 4, b"\0\1\2\3")]
    fields = read_exif(exif_block(wrong))
    assert orientation_of(fields) == 1
    assert facts_from(fields, ZONE).device in ("", "6")


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders(order):
    turned = struct.pack(order + "HH", 6, 0)
    assert orientation_of(read_exif(exif_block([(0x0112, 3, 1, turned)], order))) == 6


def test_a_directory_that_names_the_same_bytes_again_and_again_takes_no_memory():
    """The bomb that costs general readers gigabytes: each of 65,535 entries claims a whole megabyte."""
    entries = b"".join(struct.pack("<HHII", tag, 2, 1_000_000, 8) for tag in range(65535))
    bomb = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 65535) + entries + b"A" * 300_000
    tracemalloc.start()
    try:
        read_exif(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@given(st.binary(max_size=400), st.sampled_from([b"", b"II*\0", b"MM\0*", b"Exif\0\0II*\0\x08\0\0\0"]))
def test_any_bytes_are_survived(garbage, start):
    facts_from(read_exif(start + garbage), ZONE)


def test_a_real_block_with_any_bytes_broken_is_survived(real):
    block = Image.open(real("DSCN0010.jpg")).info["exif"]
    dice = random.Random(2026)
    for _round in range(3000):
        broken = bytearray(block[: dice.choice([len(block), 700])])
        for _change in range(dice.randint(1, 40)):
            broken[dice.randrange(len(broken))] = dice.choice([0, 255, dice.randrange(256)])
        fields = read_exif(bytes(broken))
        facts = facts_from(fields, ZONE)
        assert facts.latitude is None or -90 <= facts.latitude <= 90
        assert facts.taken_at is None or facts.taken_at.utcoffset() == timedelta(0)
        assert all("\0" not in value for value in fields.values() if isinstance(value, str))
