"""The sheet as a reader takes its text out again, and the bundle as its own script and openssl check it."""

import csv
import io
import json
import re
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.settings import Settings, settings
from app.core.storage import storage
from app.notices import services as notices
from app.photos.models import Photo
from app.referrals import evidence, prefill, printing, queries, services
from app.referrals.models import Referral
from app.referrals.paper import PaperPhoto, SheetPaper, render_sheet
from app.referrals.rules import Event
from app.seals import signing
from app.web.role_words import forbidden_in
from tests.factories.people import County
from tests.notices.factory import make_premises, make_visit, wish
from tests.notices.paper_factory import FONTS, photo
from tests.notices.test_paper import HOSTILE
from tests.referrals.conftest import DISCOVERED
from tests.referrals.factory import RECEIVED, make_addressee, sent, take, with_photos

OPENSSL = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public-key.pem", "-rawin", "-in", "manifest.json",
           "-sigfile", "manifest.json.sig"]  # fmt: skip


def words(pdf: bytes) -> str:
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return re.sub(r"[\s\u200b]", "", "".join(pages))


def packed(referral: Referral, folder: Path) -> Path:
    """The bundle, unpacked as a receiver would."""
    data = b"".join(evidence.zip_of(evidence.bundle_of(referral, clock.now())))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def referral(sender: Person, supervisor: Person, county: County) -> Referral:
    make_addressee(supervisor, county.region)
    with clock.freeze(DISCOVERED + timedelta(minutes=18)):
        facts, photos = {"discovered_at": DISCOVERED}, with_photos(sender, 3)
        return sent(sender, county.villages[0], now=clock.now(), photos=photos, facts=facts)


# ---- the sheet


def test_the_sheet_has_the_fields_of_the_form(referral: Referral, sender: Person) -> None:
    said = words(printing.sheet_pdf(referral))
    for text in (
        "案件转交单", referral.number, "违法单位（个人）", "不详", "地址", "集市东头第三间", "负责人", "联系电话",
        "经营项目", "主要违法事实", "祖传治牙", "处理意见", "现场保护情况", "没有进入", "移送人签字", "接收人签字",
        "试验县卫生健康局", "北山镇卫生院", "发现后18分报出", "本系统默认时限，不是法定", "照片说明2",
    ):  # fmt: skip
        assert re.sub(r"\s", "", text) in said, text
    for row in referral.photos:
        assert row.photo.sha256 in said
    assert forbidden_in(said) == [], "a coordinator's paper"


def test_what_the_receiver_answered_stands_on_it(referral: Referral, sender: Person) -> None:
    before = printing.sheet_pdf(referral)
    referral = take(referral, Event.ACCEPT, sender, opinion="立即核实处理", **RECEIVED)
    after = words(printing.sheet_pdf(referral))
    assert "已受理：接收人甲" in after and "立即核实处理" in after
    assert "接收人甲" not in words(before)


def test_it_is_archival_and_the_same_state_gives_the_same_bytes(referral: Referral) -> None:
    with force_locale("zh_Hans_CN"):
        paper = printing.paper_of(referral)
    one, two = (render_sheet(paper, fonts=FONTS) for _ in range(2))
    assert one.is_pdf_a and one.pdf == two.pdf


def plain(text: str) -> SheetPaper:
    photos = tuple(PaperPhoto(n, text, "2026年11月20日 09:00", "ab" * 32, photo() if n % 2 else b"") for n in (1, 2, 3))
    names = ("title", "number", "sender", "receiver", "subject", "address", "facts", "scene", "opinion", "note")
    return SheetPaper(**dict.fromkeys(names, text), photos=photos, papers=(text,), answers=(text,))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", HOSTILE)
def test_user_text_is_never_markup(text: str) -> None:
    rendered = render_sheet(plain(text), fonts=FONTS)
    visible = re.sub(r"[\W_]", "", text, flags=re.ASCII)[:12]
    assert rendered.pdf.startswith(b"%PDF") and visible in re.sub(r"[\W_]", "", words(rendered.pdf), flags=re.ASCII)


def test_a_very_long_story_runs_on_over_pages() -> None:
    rendered = render_sheet(replace(plain("短"), facts="很长的一段情况说明，" * 400, scene="长" * 1500), fonts=FONTS)
    assert len(pypdfium2.PdfDocument(rendered.pdf)) > 2


# ---- the bundle


def test_its_own_script_and_openssl_find_it_whole(referral: Referral, tmp_path: Path) -> None:
    folder = packed(referral, tmp_path)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"sheet.pdf", "manifest.csv", "manifest.json", "manifest.json.sig", "public-key.pem", "verify.py"} <= names
    originals = sorted(folder.glob("photos/*.jpg"))
    assert len(originals) == 3
    checked = run([sys.executable, "-I", "verify.py"], folder)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "wrong 0" in checked.stdout
    signed = run(OPENSSL, folder)
    assert signed.returncode == 0 and "Signature Verified Successfully" in signed.stdout
    assert " ".join(OPENSSL) in (folder / "README.txt").read_text(encoding="utf-8"), "the line that really works"
    assert " ".join(OPENSSL) in checked.stdout
    assert (folder / "public-key.pem").read_bytes() == signing.public_key(settings())


def test_the_originals_are_the_bytes_that_were_received(referral: Referral, tmp_path: Path) -> None:
    folder = packed(referral, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    by_hash = {row.photo.sha256: storage().read(row.photo.storage_key) for row in referral.photos}
    photos = [entry for entry in manifest["files"] if "photo" in entry]
    assert {entry["sha256"] for entry in photos} == set(by_hash)
    for entry in photos:
        assert (folder / entry["name"]).read_bytes() == by_hash[entry["sha256"]]
    assert b"SecretMaker" in next(iter(by_hash.values())), "evidence keeps its EXIF"
    table = (folder / "manifest.csv").read_text(encoding="utf-8-sig")
    assert "照片说明1" in table and all(entry["sha256"] in table for entry in photos)


@pytest.mark.parametrize("what", ["photo", "paper", "manifest", "gone"])
def test_whatever_is_changed_shows(referral: Referral, tmp_path: Path, what: str) -> None:
    folder = packed(referral, tmp_path)
    files = {"photo": next(folder.glob("photos/*.jpg")), "paper": folder / "sheet.pdf"}
    target = files.get(what, folder / "manifest.json")
    if what == "gone":
        next(folder.glob("photos/*.jpg")).unlink()
    elif what == "manifest":
        target.write_text(target.read_text(encoding="utf-8").replace("照片说明1", "照片说明9"), encoding="utf-8")
    else:
        target.write_bytes(target.read_bytes()[:-1] + b"x")
    checked, signed = run([sys.executable, "-I", "verify.py"], folder), run(OPENSSL, folder)
    assert checked.returncode == (0 if what == "manifest" else 1)
    assert (signed.returncode == 0) is (what != "manifest")


def test_a_damaged_or_missing_original_is_said_not_hidden(referral: Referral, tmp_path: Path) -> None:
    one, two, _three = (row.photo for row in referral.photos)
    storage().put_bytes(one.storage_key, b"other bytes")
    storage().delete(two.storage_key)
    folder = packed(referral, tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [entry["state"] for entry in manifest["files"] if "photo" in entry] == ["damaged", "missing", "ok"]
    assert run([sys.executable, "-I", "verify.py"], folder).returncode == 1
    assert run(OPENSSL, folder).returncode == 0


def test_the_notice_goes_along(context: Flask, sender: Person, county: County, tmp_path: Path) -> None:
    visit = make_visit(sender, make_premises(county.villages[0]), ("CAT-10",))
    notice = notices.issue_notice(new_id(), wish(visit), by=sender, now=clock.now())
    opening = prefill.from_notice(notice, "market_supervision", sender)
    made = services.open_referral(new_id(), opening, by=sender, now=clock.now())
    referral = take(queries.get_referral(made.id, sender), Event.SEND, sender)
    with context.test_request_context():
        folder = packed(referral, tmp_path)
    assert notice.number.replace(" ", "") in words((folder / "notice.pdf").read_bytes())


def test_memory_stays_flat_however_large_the_originals(referral: Referral) -> None:
    bundle = evidence.bundle_of(referral, clock.now())
    big = b"\xff" * (24 * 1024 * 1024)
    for original in bundle.originals:
        storage().put_bytes(original.storage_key, big)
    large = replace(bundle, originals=tuple(replace(one, size=len(big)) for one in bundle.originals))
    del big
    tracemalloc.start()
    total = sum(len(chunk) for chunk in evidence.zip_of(large))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 72 * 1024 * 1024
    assert peak < 12 * 1024 * 1024


# ---- the key


def test_the_key_is_made_once_kept_private_and_can_be_given(app: Flask, settings: Settings, tmp_path: Path) -> None:
    first = signing.public_key(settings)
    path = settings.data_dir / signing.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    signing._key.cache_clear()
    assert signing.public_key(settings) == first
    given = tmp_path / "given" / "key.pem"
    given.parent.mkdir()
    signing._make(given)
    assert signing.public_key(replace(settings, evidence_key=str(given))) != first
    kept = given.read_bytes()
    signing._make(given)
    assert given.read_bytes() == kept, "never written over"


def test_photos_of_the_evidence_are_all_kept(referral: Referral) -> None:
    assert db.session.scalar(select(Photo).where(Photo.id == referral.photos[0].photo_id)) is not None


@pytest.mark.parametrize("text", ["=1+1", " =1+1", "＝1+1", "\r@SUM(A1)"])
def test_what_somebody_wrote_about_a_photo_is_no_formula_in_the_list(text: str) -> None:
    entry = {"name": "photos/1.jpg", "sha256": "", "size": 1, "state": "ok", "photo": {"caption": text}}
    table = evidence._table([entry]).decode("utf-8-sig")
    _head, row = csv.reader(io.StringIO(table, newline=""))
    assert row[5] == f"'{text}"
