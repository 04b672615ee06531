"""A verification of a working installation: nothing where all is honest, the object and its moment where it is not."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pytest
from flask import Flask

from app.core import audit, clock, ledger
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.storage import storage
from app.inspections.digests import content_digest
from app.inspections.models import Answer, Inspection
from app.notices.services import issue_notice
from app.photos.models import Photo
from app.proof import running
from app.proof.checking import Result, Wish, verify
from app.proof.naming import names_of
from app.proof.rules import Kind
from app.proof.telling import told_of
from tests.factories.people import County, make_county
from tests.fixtures.s3 import S3Server
from tests.notices.factory import make_premises, make_visit, wish

pytestmark = pytest.mark.both_databases


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    away = tmp_path.parent / f"{tmp_path.name}-away" / "heads.jsonl"
    return replace(settings, anchors=(f"file://{away}",))


@pytest.fixture
def visit(app: Flask) -> Iterator[Inspection]:
    """A visit with photos and an issued notice."""
    with app.app_context():
        with transaction():
            county: County = make_county()
            made = make_visit(county.neighbour, make_premises(county.villages[2]))
            made.digest = content_digest(made)
            issue_notice(new_id(), wish(made), by=county.neighbour, now=clock.now())
        yield made


def found(wanted: Wish = Wish()) -> Result:  # noqa: B008 - frozen
    db.session.rollback()
    from app.core.settings import settings as ours

    return verify(ours(), storage(), wanted)


def kinds(result: Result) -> list[tuple[Kind, str]]:
    return [(one.kind, one.table) for one in result.found]


def outside(database_url: str, statement: str) -> None:
    """As with another tool. The statement fits both databases."""
    db.session.rollback()
    if database_url.startswith("sqlite"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as other:
            other.execute(statement)
        other.close()
        return
    import psycopg

    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute(statement.encode())


def test_all_is_as_it_was_recorded(app: Flask, visit: Inspection) -> None:
    assert kinds(found()) == []
    runner = app.test_cli_runner()
    for arguments in (
        ["audit", "verify"],
        ["audit", "verify", "--quick"],
        ["audit", "verify", "--since", "2"],
    ):
        said = runner.invoke(args=arguments)
        assert said.exit_code == 0, said.output
        assert said.output.rstrip().endswith("; 0 differences")


def test_a_row_that_was_changed_is_named_in_words(app: Flask, visit: Inspection, database_url: str) -> None:
    seq = ledger.head().seq
    answer = db.session.query(Answer).filter_by(inspection_id=visit.id).first()
    code = answer.item.code
    outside(
        database_url, f"UPDATE answers SET note = '一切正常' WHERE id = '{_key(database_url, answer.id)}'"
    )
    result = found()
    assert kinds(result)[0] == (Kind.ROW_CHANGED, "answers")
    one = result.found[0]
    assert (one.key, one.seq) == (answer.id.hex, seq)
    text = told_of(one, names_of([one])[0].stored)
    assert code in text and "青禾小饭馆(演示)" in text and f"{clock.local(visit.started_at):%Y-%m-%d}" in text
    said = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert said.exit_code == 1 and "changed behind our back" in said.output


def _key(database_url: str, value: Any) -> str:
    return value.hex if database_url.startswith("sqlite") else str(value)


def test_rows_put_in_and_taken_away(visit: Inspection, database_url: str) -> None:
    outside(database_url, "INSERT INTO roles (id, name, description) VALUES (99, 'made_up', '')")
    outside(database_url, "DELETE FROM inspection_sheets WHERE position = 0")
    told = kinds(found())
    assert (Kind.ROW_INSERTED, "roles") in told
    assert (Kind.ROW_REMOVED, "inspection_sheets") in told
    assert len(told) == 2, told


def test_files_are_held_against_their_rows(visit: Inspection) -> None:
    photos = db.session.query(Photo).order_by(Photo.storage_key).all()
    root = Path(storage().url.removeprefix("file://"))
    first = {photo.storage_key: photo for photo in photos}
    (missing, flipped, *_), kept = sorted(first), storage()
    (root / missing).unlink()
    data = bytearray((root / flipped).read_bytes())
    data[len(data) // 2] ^= 1
    (root / flipped).unlink()
    (root / flipped).write_bytes(bytes(data))
    told = {(one.kind, one.key) for one in found().found}
    assert {key for kind, key in told if kind is Kind.FILE_MISSING} == {
        p.id.hex for p in photos if p.storage_key == missing
    }
    assert {key for kind, key in told if kind is Kind.FILE_CHANGED} == {
        p.id.hex for p in photos if p.storage_key == flipped
    }
    assert {one.kind for one in found(Wish(quick=True)).found} == {Kind.FILE_MISSING}
    with transaction():  # deleted after its period: that is no finding
        for photo in db.session.query(Photo).filter(Photo.storage_key.in_([missing, flipped])):
            photo.removed_at = clock.now()
            audit.record("deleted_after_period", photo, by=None)
    kept.delete(flipped)
    assert kinds(found()) == []


def test_an_old_backup_is_known_by_what_was_sent_away(visit: Inspection, database_url: str) -> None:
    for _turn in range(5):
        with transaction():
            audit.record("said_again", db.session.get_one(Inspection, visit.id), by=None)
    sent = running.anchor()
    assert [row.why for row in sent] == [""]
    assert running.anchor() == []  # nothing new
    head = ledger.head()
    outside(database_url, f"DELETE FROM audit_records WHERE seq > {head.seq - 4}")
    outside(database_url, "DELETE FROM anchors")
    shorter = next(one for one in found().found if one.kind is Kind.CHAIN_SHORTER)
    assert json.loads(shorter.detail) | {"place": ""} == {
        "place": "",
        "seq": head.seq - 1,
        "end": head.seq - 4,
    }
    text = told_of(shorter, {})
    assert f"{head.seq - 1}" in text and f"{head.seq - 4}" in text


def test_work_goes_on_while_it_is_verified(visit: Inspection, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written in the middle of it is neither missed nor an alarm."""
    from app.proof import checking

    chain = checking._chain

    def slow(*given: Any) -> Any:
        walked = chain(*given)
        with transaction():
            db.session.get_one(Inspection, visit.id).conclusion = "后来的结论"
            audit.record("inspection_amended", visit, by=None)
        return walked

    monkeypatch.setattr(checking, "_chain", slow)
    assert [kind for kind, _table in kinds(found()) if kind is not Kind.CONTENT_CHANGED] == []
    db.session.rollback()
    assert db.session.get_one(Inspection, visit.id).conclusion == "后来的结论"


def test_a_table_with_one_more_column_is_checked_as_before(visit: Inspection) -> None:
    """A shape of earlier years is found among today's columns."""
    from app.core import watching
    from app.proof.rows import _places

    one = watching.of("premises")
    fewer = [name for name in one.columns if name not in ("notes", "phone")]
    earlier = replace(one, columns=tuple(fewer))
    columns = sorted(column.name for column in one.table.columns)
    places = _places([earlier.shape, "00000000", one.shape], one, columns)
    assert [columns[place] for place in places[earlier.shape]] == fewer
    assert places.keys() == {earlier.shape, one.shape}


def _locked(server: S3Server) -> str:
    """A place in a bucket that knows locks."""
    files, name = fsspec.filesystem("s3", **server.options), "heads"
    if not files.exists(name):
        files.call_s3("create_bucket", Bucket=name, ObjectLockEnabledForBucket=True)
    return f"s3://{name}/{new_id()}"


def _cannot_be_deleted(place: str, server: S3Server) -> None:
    files = fsspec.filesystem("s3", use_listings_cache=False, **server.options)
    (path,) = files.find(place)
    bucket, _, key = path.partition("/")
    versions = files.call_s3("list_object_versions", Bucket=bucket, Prefix=key)["Versions"]
    with pytest.raises(PermissionError):
        files.call_s3("delete_object", Bucket=bucket, Key=key, VersionId=versions[0]["VersionId"])


@pytest.mark.parametrize("lock", [0, 1])
def test_heads_in_an_object_store_are_read_back(
    app: Flask, visit: Inspection, s3_server: S3Server, lock: int
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the store is the same")
    from app.proof import anchoring

    ours = replace(
        app.extensions["settings"],
        anchors=(_locked(s3_server) if lock else s3_server.place(),),
        anchor_options=s3_server.options,
        anchor_lock_days=lock,
    )
    problem = anchoring.send(ours.anchors[0], ledger.head(), ours, clock.now())
    assert not problem
    if lock:
        _cannot_be_deleted(ours.anchors[0], s3_server)
    told: list[Any] = []
    known = list(anchoring.kept(ours, {}, told.append))
    assert [(one.seq, one.hash) for one in known] == [
        (ledger.head().seq, ledger.head().hash.hex())
    ] and not told
    silent = replace(ours, anchor_options={**s3_server.options, "endpoint_url": "http://127.0.0.1:9"})
    assert list(anchoring.kept(silent, {}, told.append)) == [] and [one.kind for one in told] == [
        Kind.PLACE_SILENT
    ]
