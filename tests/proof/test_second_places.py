"""What lies at a second place may be anything: that is said of the place, and the verification goes on."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest
from flask import Flask

from app.core.settings import Settings
from app.core.storage import storage
from app.proof import running
from app.proof.checking import verify
from app.proof.rules import Found, Kind, Level
from app.proof.telling import told_of
from tests.factories.people import County
from tests.fixtures.s3 import S3Server

HASH = "0" * 64
NO_HEADS = (
    "", "x", "{", "null", "[]", "7",
    '"seq"', "[" * 4000, "\ud800", '{"seq": 1}', '{"seq": 1e400, "hash": "", "at": ""}',
    *(
        json.dumps({"seq": seq, "hash": HASH, "at": "2026-01-01T00:00:00"})
        for seq in (2**63, 10**30, -1, 0, 1.5, "1", None, True, [1], float("inf"), float("nan"))
    ),
    *(json.dumps({"seq": 1, "hash": digest, "at": ""}) for digest in (None, 7, "abc", "G" * 64, [HASH])),
)  # fmt: skip
MALFORMED = len(NO_HEADS) - 1  # an empty line is nothing


@pytest.fixture
def away(tmp_path: Path) -> Path:
    return tmp_path.parent / f"{tmp_path.name}-away" / "heads.jsonl"


@pytest.fixture
def settings(settings: Settings, away: Path) -> Settings:
    return replace(settings, anchors=(f"file://{away}",))


@pytest.fixture
def sent(app: Flask, county: County) -> Iterator[None]:
    """The head was sent once."""
    with app.app_context():
        assert [row.why for row in running.anchor()] == [""]
        yield


def found(ours: Settings) -> list[Found]:
    return list(verify(ours, storage()).found)


def told_as_odd(result: list[Found], place: str) -> None:
    """One warning about that place and nothing else."""
    (one,) = result
    assert (one.kind, one.key, one.found, one.level) == (Kind.PLACE_ODD, place, str(MALFORMED), Level.WARNING)
    assert place in told_of(one, {}) and str(MALFORMED) in told_of(one, {})


@pytest.mark.both_databases
def test_lines_of_a_file_that_are_no_heads_are_told_of_the_place(
    sent: None, settings: Settings, away: Path
) -> None:
    ours = away.read_bytes()
    away.write_bytes("\n".join(NO_HEADS).encode("utf-8", "surrogatepass") + b"\n" + ours)
    told_as_odd(found(settings), settings.anchors[0])
    away.write_bytes(away.read_bytes() + b'{"seq": 99999, "hash": "' + HASH.encode() + b'", "at": 7}\n')
    kinds = [one.kind for one in found(settings)]
    assert kinds == [Kind.PLACE_ODD, Kind.CHAIN_SHORTER]  # what stands behind them is still read


def test_objects_of_a_store_that_are_no_heads(sent: None, settings: Settings, s3_server: S3Server) -> None:
    files, place = fsspec.filesystem("s3", **s3_server.options), s3_server.place()
    ours = replace(settings, anchors=(place,), anchor_options=s3_server.options)
    for number, text in enumerate(NO_HEADS):
        files.pipe_file(
            f"{place.removeprefix('s3://')}/{number:03d}.json", text.encode("utf-8", "surrogatepass")
        )
    told_as_odd(found(ours), place)
    files.pipe_file(f"{place.removeprefix('s3://')}/long.json", b" " * 9999)
    assert [one.found for one in found(ours)] == [str(MALFORMED + 1)]


def test_a_line_without_end_is_read_in_parts(sent: None, settings: Settings, away: Path) -> None:
    away.write_bytes(b"9" * 3_000_000)
    result: list[Any] = found(settings)
    assert [one.kind for one in result] == [Kind.PLACE_CUT, Kind.PLACE_ODD]


@pytest.mark.both_databases
def test_a_place_that_was_cut_short_is_told(sent: None, settings: Settings, away: Path) -> None:
    """Somebody who can reach the file takes the newest heads away, so that nothing contradicts an old backup."""
    assert found(settings) == []
    away.write_bytes(b"")
    (one,) = found(settings)
    assert (one.kind, one.key, one.level) == (Kind.PLACE_CUT, settings.anchors[0], Level.WARNING)
    assert f"no. {one.found}" in told_of(one, {}) or f"第 {one.found} 条" in told_of(one, {})
