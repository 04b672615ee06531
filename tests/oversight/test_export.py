"""The ZIP: what is inside is what was stored, and the lists beside it say so."""

import csv
import hashlib
import io
import tracemalloc
import zipfile
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import Role
from app.core.settings import settings
from app.core.storage import storage
from app.inspections.models import Inspection, InspectionPhoto, Review
from app.oversight import exporting, packing
from app.premises.models import Premises
from tests.fixtures.signing_in import SignIn
from tests.oversight.factory import Log, make_photo

pytestmark = pytest.mark.both_databases
PAGE = "/photo-log?select=1"


def unpack(answer: Any) -> tuple[zipfile.ZipFile, list[dict[str, str]]]:
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    assert packed.testzip() is None
    raw = packed.read("manifest.csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    return packed, list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))


def check_hashes(packed: zipfile.ZipFile, table: list[dict[str, str]]) -> None:
    for line in table:
        data = packed.read(line["文件"])
        assert hashlib.sha256(data).hexdigest() == line["SHA-256"]
        assert str(len(data)) == line["字节数"]
    sums = dict(reversed(line.split("  ")) for line in packed.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == set(packed.namelist()) - {"SHA256SUMS", "export.json", "export.json.sig"}
    for name, digest in sums.items():
        assert hashlib.sha256(packed.read(name)).hexdigest() == digest


def test_the_chosen_photos_arrive_byte_for_byte(log: Log, app: Flask, sign_in: SignIn) -> None:
    chosen = [log.north[1].hex, log.north[4].hex, log.south[0].hex]
    answer = sign_in(Role.SUPERVISOR).submit("/photo-log/export", {"photo": chosen}, page=PAGE)
    packed, table = unpack(answer)
    assert f'xuncha-photos-{clock.today():%Y%m%d}.zip"' in answer.headers["Content-Disposition"]
    assert len(table) == 3
    check_hashes(packed, table)
    with app.app_context():
        record = db.session.query(AuditRecord).filter_by(action="photos_exported").one()
        assert record.after["photos"] == 3


def test_the_whole_choice_is_exported_newest_first(log: Log, sign_in: SignIn) -> None:
    answer = sign_in(Role.SUPERVISOR).submit("/photo-log/export?severity=A", {"all": "1"}, page=PAGE)
    packed, table = unpack(answer)
    assert [line["照片编号"] for line in table] == [str(one) for one in log.north[1::2]]
    check_hashes(packed, table)


def test_photos_of_another_region_do_not_come_along(log: Log, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        region = sign_in.county.townships[0]
        assert exporting.spooled([*log.north, *log.south], region).photos == len(log.north)


def test_nothing_chosen_is_a_clear_message(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    assert client.submit("/photo-log/export", {}, page=PAGE).status_code == 422
    assert client.submit("/photo-log/export", {"photo": "no id"}, page=PAGE).status_code == 422


def test_only_supervisors_export(log: Log, sign_in: SignIn) -> None:
    answer = sign_in(Role.COORDINATOR).submit("/photo-log/export", {"photo": log.north[0].hex}, page="/premises/new")
    assert answer.status_code == 403


def test_a_name_that_is_a_formula_stays_text(log: Log, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        db.session.get_one(Premises, log.premises_id).name = "=HYPERLINK(1)"
        db.session.commit()
    answer = sign_in(Role.SUPERVISOR).submit("/photo-log/export", {"photo": log.north[0].hex}, page=PAGE)
    _, table = unpack(answer)
    assert table[0]["场所"] == "'=HYPERLINK(1)"


def test_a_lost_and_a_damaged_file_are_said_in_the_table(log: Log, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        lost = make_photo(visit, storage_key="originals/aa/bb/" + "a" * 64 + ".jpg").photo_id
        bad = make_photo(visit, sha256="b" * 64).photo_id
        db.session.commit()
    chosen = [lost.hex, bad.hex, log.north[0].hex]
    packed, table = unpack(sign_in(Role.SUPERVISOR).submit("/photo-log/export", {"photo": chosen}, page=PAGE))
    states = {line["照片编号"]: line["文件状态"] for line in table}
    assert states == {str(lost): "missing", str(bad): "damaged", str(log.north[0]): "ok"}
    assert len([name for name in packed.namelist() if name.startswith("photos/")]) == 2


def test_words_of_both_languages_stand_beside_the_keys(log: Log, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        lost = make_photo(visit, storage_key="originals/aa/bb/" + "a" * 64 + ".jpg", severity="A")
        lost.review = Review.SENT_BACK
        lost_id = lost.photo_id
        db.session.commit()
    chosen = [lost_id.hex, log.north[0].hex]
    _, table = unpack(sign_in(Role.SUPERVISOR).submit("/photo-log/export", {"photo": chosen}, page=PAGE))
    by_id = {line["照片编号"]: line for line in table}
    gone, kept = by_id[str(lost_id)], by_id[str(log.north[0])]
    assert (gone["文件状态"], gone["文件状态（说明）"]) == ("missing", "文件丢失 / The file is missing")
    assert (kept["文件状态"], kept["文件状态（说明）"]) == ("ok", "完好 / Whole, as received")
    assert (gone["审看"], gone["审看（说明）"]) == ("sent_back", "退回 / Sent back")
    assert (kept["审看"], kept["审看（说明）"]) == ("waiting", "未审 / Not reviewed")
    assert (gone["等级"], gone["等级（说明）"]) == ("A", "A 关键 / A critical")


def test_every_key_of_the_table_has_its_words() -> None:
    assert set(exporting.REVIEWS) == set(Review)
    assert set(exporting.SEVERITIES) == {"A", "B", "C"}


def test_memory_stays_flat_however_large_the_photos(log: Log, app: Flask) -> None:
    with app.app_context():
        big = storage().put_stream(io.BytesIO(b"\xff\xd8" + bytes(24 << 20)), ".jpg")
        visit = db.session.get_one(Inspection, log.visit_id)
        rows = [make_photo(visit, storage_key=big.key, sha256=big.sha256, size=big.size).photo_id for _ in range(4)]
        db.session.commit()
        spool = exporting.spooled(rows, sign_in_region(rows[0]))
        words = dict.fromkeys(exporting.STATES, "")
        package = packing.Package(spool, ["x"], words, storage(), settings(), clock.now(), {}, "")
    tracemalloc.start()
    total = sum(len(chunk) for chunk in packing.zip_of(package))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 4 * (24 << 20)
    assert peak < 12 << 20, f"{peak >> 20} MB"


def sign_in_region(photo_id: Any) -> Any:
    from app.accounts.regions import Region

    return db.session.get_one(Region, db.session.get_one(InspectionPhoto, photo_id).county_id)
