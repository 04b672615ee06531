"""The verifier that lies in every export: needs Python alone, believes nothing, names exactly what differs."""

import hashlib
import importlib.util
import io
import json
import random
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask

from app.core.database import db
from app.core.roles import Role
from app.core.settings import project_root
from app.inspections.models import Inspection
from tests.fixtures.signing_in import SignIn
from tests.oversight.factory import Log, make_photo

Files = dict[str, bytes]
PROGRAM = project_root() / "static" / "verify.py"


@pytest.fixture(scope="module")
def verify() -> ModuleType:
    spec = importlib.util.spec_from_file_location("xuncha_verify", PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def test_it_judges_signatures_as_the_library_does(verify: ModuleType) -> None:
    draw = random.Random(11)
    for number in range(24):
        key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        data = draw.randbytes(draw.choice((0, 1, 31, 64, 1000)))
        signature = key.sign(data)
        assert verify.signed_by(raw(key), data, signature)
        assert not verify.signed_by(raw(other), data, signature)
        broken = bytearray(signature)
        broken[draw.randrange(64)] ^= 1 << draw.randrange(8)
        try:
            key.public_key().verify(bytes(broken), data)
            agreed = True
        except InvalidSignature:
            agreed = False
        assert verify.signed_by(raw(key), data, bytes(broken)) is agreed, number
        assert not verify.signed_by(raw(key), data + b"x", signature)


def test_it_knows_the_published_vectors_and_refuses_malleable_signatures(verify: ModuleType) -> None:
    """RFC 8032, 7.1, tests 1 and 2; and S + L, which says the same and is not allowed."""
    first = (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    )
    second = (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    )
    for key, data, signature in (first, second):
        known, signed = bytes.fromhex(key), bytes.fromhex(signature)
        assert verify.signed_by(known, bytes.fromhex(data), signed)
        larger = (int.from_bytes(signed[32:], "little") + verify.ORDER).to_bytes(32, "little")
        assert not verify.signed_by(known, bytes.fromhex(data), signed[:32] + larger)
    for key in (b"", bytes(31), b"\xff" * 32, bytes(32)):
        assert not verify.signed_by(key, b"", b"\x01" * 64)


@pytest.fixture
def export(log: Log, app: Flask, sign_in: SignIn) -> bytes:
    """A ZIP of all photos; one of them is no longer what was received, one is gone."""
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        make_photo(visit, storage_key="originals/aa/bb/" + "a" * 64 + ".jpg")
        make_photo(visit, sha256="b" * 64)
        db.session.commit()
    answer = sign_in(Role.SUPERVISOR).submit("/photo-log/export", {"all": "1"}, page="/photo-log?select=1")
    return bytes(answer.data)


def files_of(packed: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(files: Files, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def judged(verify: ModuleType, path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, list[str]]:
    """The exit code, and the names of the files it found wrong."""
    code = verify.main([str(path), *more])
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines() if "\t" in line]
    return code, [name for words, name in lines if words[:2].isupper() or words.startswith("no list")]


def test_a_clean_export_is_whole_packed_and_unpacked_and_needs_python_alone(export: bytes, tmp_path: Path) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(export)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    for command in ([str(PROGRAM), str(path)], [str(tmp_path / "unpacked" / "verify.py")]):
        alone = [sys.executable, "-I", "-S", *command]
        ran = subprocess.run(alone, capture_output=True, text=True, encoding="utf-8", check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "OK / 完好" in ran.stdout.splitlines()[-1]
        assert "signature holds" in ran.stdout
        assert ran.stdout.count("was already missing") == ran.stdout.count("no longer as received") == 1


def photo(files: Files, number: int = 0) -> str:
    return sorted(name for name in files if name.startswith("photos/"))[number]


def flip(files: Files, name: str) -> list[str]:
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    return [name]


def swap(files: Files) -> list[str]:
    one = photo(files)
    other = next(name for name in (photo(files, i) for i in range(1, 9)) if files[name] != files[one])
    files[one], files[other] = files[other], files[one]
    return sorted([one, other])


def add(files: Files) -> list[str]:
    files["photos/2026-01-01/more.jpg"] = b"\xff\xd8"
    return ["photos/2026-01-01/more.jpg"]


def lose(files: Files, name: str) -> list[str]:
    del files[name]
    return [name]


def cover_up(files: Files) -> list[str]:
    """A photo replaced and all lists made to fit: only the signed head still knows."""
    name = next(name for name in (photo(files, i) for i in range(9)) if [*files.values()].count(files[name]) == 1)
    old, files[name] = hashlib.sha256(files[name]).hexdigest().encode(), b"another"
    new = hashlib.sha256(b"another").hexdigest().encode()
    for listed in ("manifest.json", "manifest.csv", "SHA256SUMS"):
        before = hashlib.sha256(files[listed]).hexdigest().encode()
        files[listed] = files[listed].replace(old, new)
        files["SHA256SUMS"] = files["SHA256SUMS"].replace(before, hashlib.sha256(files[listed]).hexdigest().encode())
    return ["SHA256SUMS", "SHA256SUMS", "manifest.csv", "manifest.json"]


def forge_head(files: Files) -> list[str]:
    said = json.loads(files["export.json"])
    said["photos"] += 1
    files["export.json"] = json.dumps(said).encode()
    return ["export.json"]


DEEDS: dict[str, Callable[[Files], list[str]]] = {
    "a photo changed": lambda files: flip(files, photo(files, 3)),
    "a photo taken out": lambda files: lose(files, photo(files, 2)),
    "two photos swapped": swap,
    "a file added": add,
    "the table changed": lambda files: flip(files, "manifest.csv"),
    "the manifest changed": lambda files: flip(files, "manifest.json"),
    "the sums changed": lambda files: flip(files, "SHA256SUMS"),
    "the verifier changed": lambda files: flip(files, "verify.py"),
    "the head changed": forge_head,
    "the signature taken out": lambda files: lose(files, "export.json.sig"),
    "a photo and its lists changed": cover_up,
}


def test_what_was_tampered_with_is_named_and_nothing_else(
    export: bytes, verify: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for deed, commit in DEEDS.items():
        files = files_of(export)
        expected = commit(files)
        code, found = judged(verify, written(files, tmp_path / "photos.zip"), capsys)
        assert (deed, code, sorted(found)) == (deed, 1, sorted(expected))


def test_a_forgery_under_another_key_fails_against_the_countys_own(
    export: bytes, verify: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, forger = files_of(export), Ed25519PrivateKey.generate()
    (tmp_path / "county.pem").write_bytes(files["public-key.pem"])
    files["public-key.pem"] = forger.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said = json.loads(files["export.json"])
    said["files"]["public-key.pem"] = hashlib.sha256(files["public-key.pem"]).hexdigest()
    files["export.json"] = json.dumps(said).encode()
    files["export.json.sig"] = forger.sign(files["export.json"])
    path = written(files, tmp_path / "photos.zip")
    code, found = judged(verify, path, capsys, "--key", str(tmp_path / "county.pem"))
    assert code == 1 and "export.json" in found


def test_it_checks_the_evidence_of_a_referral_too(
    verify: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There the manifest itself is signed, and names each file (app/referrals/evidence.py)."""
    key, files = Ed25519PrivateKey.generate(), {"sheet.pdf": b"%PDF", "photos/01-abc.jpg": b"\xff\xd8"}
    files["public-key.pem"] = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    listed = [{"name": name, "sha256": hashlib.sha256(data).hexdigest(), "state": "ok"} for name, data in files.items()]
    listed.append({"name": "photos/02-gone.jpg", "sha256": "", "state": "removed"})
    files["manifest.json"] = json.dumps({"files": listed}).encode()
    files["manifest.json.sig"] = key.sign(files["manifest.json"])
    assert judged(verify, written(files, tmp_path / "a.zip"), capsys) == (0, [])
    for name in ("sheet.pdf", "manifest.json"):
        code, found = judged(verify, written({**files, name: b'{"files": []}'}, tmp_path / "a.zip"), capsys)
        assert code == 1 and name in found


def test_names_no_system_can_open_are_missing_files_and_break_nothing(
    verify: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["a\0b", "\ud800", "../outside", "/etc/hostname", "x" * 5000]
    said = {"files": [{"name": name, "sha256": "0" * 64} for name in names]}
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    assert verify.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.count("MISSING / 缺少") == len(names) + 1  # and the signature


def test_a_bit_that_fell_over_a_file_twice_and_a_broken_zip(
    export: bytes, verify: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = photo(files_of(export), 1)
    place = export.index(name.encode()) + len(name) + 60
    path = tmp_path / "photos.zip"
    path.write_bytes(export[:place] + bytes([export[place] ^ 4]) + export[place + 1 :])
    assert judged(verify, path, capsys) == (1, [name])
    path.write_bytes(export)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, b"another")
    code, found = judged(verify, path, capsys)
    assert code == 1 and set(found) == {name}
    for broken in (export[: len(export) // 2], b"", b"PK"):
        path.write_bytes(broken)
        assert verify.main([str(path)]) == 2
    assert verify.main([str(tmp_path / "nowhere")]) == 2


def test_names_cannot_steer_the_screen_nor_hide_in_a_folder(
    verify: ModuleType, export: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody adds files whose names hide the verdict, or that look like what Python leaves behind."""
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(export)) as archive:
        archive.extractall(folder)
    (folder / "photos" / "x__pycache__").mkdir()
    (folder / "photos" / "x__pycache__" / "made-up.jpg").write_bytes(b"made up")
    (folder / "\x1b[8m\nOK").write_bytes(b"")
    code, wrong = judged(verify, folder, capsys)
    assert (code, sorted(wrong)) == (1, ["\\u001b[8m\\u000aOK", "photos/x__pycache__/made-up.jpg"])
