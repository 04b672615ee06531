"""A paper is signed so that two other programs believe it, with a time stamp where one is to be had."""

import io
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import typst
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.status import SignatureCoverageLevel

from app.core import clock
from app.core.settings import Settings
from app.seals import certificate, pdf, stamping
from app.seals.certificate import Certificate
from app.seals.rules import Standing
from tests.seals.authority import ORGANISATION, PASSPHRASE, root, seal_file, time_stamp_server
from tests.seals.checking import look, pdfsig

NOW = clock.now().replace(year=2026, month=11, day=22, microsecond=0)


@pytest.fixture(scope="module")
def paper() -> bytes:
    """PDF/A-2a as the notice's typesetter makes it."""
    return typst.compile(b'#set document(title: "N", author: "B")\n= Notice\nWords.', pdf_standards=["a-2a"])


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    stamping.resume()
    return Settings.from_env(
        {
            "XUNCHA_DATA": str(tmp_path),
            "XUNCHA_SEAL_FILE": str(seal_file(tmp_path)),
            "XUNCHA_SEAL_PASSPHRASE": PASSPHRASE,
        }
    )


def certificate_of(settings: Settings) -> Certificate:
    found = certificate.present(settings, NOW)
    assert found.certificate is not None
    return found.certificate


def test_two_programs_believe_the_signature(
    paper: bytes, given: Settings, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    own = certificate_of(given)
    pdf.sign(paper, own, now=NOW, about="warm")
    begun = time.perf_counter()
    signed = pdf.sign(paper, own, now=NOW, about="南卫协建〔2026〕0012号").pdf
    record_property("a signature takes", f"{(time.perf_counter() - begun) * 1000:.0f} ms")
    said = look(signed, root())
    assert said.bottom_line
    assert said.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert said.signer_reported_dt == NOW
    seen = pdfsig(signed, tmp_path)
    assert "Signature is Valid." in seen
    assert "Total document signed" in seen
    assert ORGANISATION in seen
    assert "ETSI.CAdES.detached" in seen


def test_what_the_typesetter_promised_stays_as_it_was(paper: bytes, given: Settings) -> None:
    """No validator of PDF/A-2 is to be had here, so what it would look at is looked at one by one."""
    signed = pdf.sign(paper, certificate_of(given), now=NOW, about="1").pdf
    assert signed.startswith(paper), "a signature is appended"
    before, after = PdfFileReader(io.BytesIO(paper)), PdfFileReader(io.BytesIO(signed))
    assert after.root["/Metadata"].data == before.root["/Metadata"].data
    assert after.root["/MarkInfo"] == before.root["/MarkInfo"]
    assert after.root["/OutputIntents"] == before.root["/OutputIntents"]
    form = after.root["/AcroForm"]
    assert "/NeedAppearances" not in form
    assert "/XFA" not in form
    (field,) = form["/Fields"]
    field = field.get_object()
    assert [float(edge) for edge in field["/Rect"]] == [0, 0, 0, 0], "of no size, so it needs no appearance"
    shown, hidden, unseen, no_view = 4, 2, 1, 32
    assert field["/F"] & shown
    assert not field["/F"] & (hidden | unseen | no_view)
    assert not {"/A", "/AA"} & set(field)


def test_one_changed_byte_is_seen(paper: bytes, given: Settings, tmp_path: Path) -> None:
    signed = bytearray(pdf.sign(paper, certificate_of(given), now=NOW, about="1").pdf)
    place = signed.index(b"/Title")
    signed[place + 8] ^= 1
    assert not look(bytes(signed), root()).intact
    assert "Digest Mismatch" in pdfsig(bytes(signed), tmp_path)


def test_a_time_stamp_says_when_somebody_else_saw_it(paper: bytes, given: Settings) -> None:
    with time_stamp_server(NOW + timedelta(seconds=2)) as server:
        signed = pdf.sign(paper, certificate_of(given), now=NOW, about="1", timestamp_url=server.url)
        assert server.asked == 1
    assert signed.stamped
    said = look(signed.pdf, root())
    assert said.bottom_line
    assert said.timestamp_validity is not None
    assert said.timestamp_validity.valid
    assert said.timestamp_validity.timestamp == server.at


@pytest.mark.parametrize("fault", ["nobody there", "answers rubbish", "stamps something else"])
def test_a_time_stamp_server_that_fails_costs_the_stamp_and_not_the_paper(
    paper: bytes,
    given: Settings,
    fault: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = certificate_of(given)
    with time_stamp_server(NOW) as server:
        url = server.url
        server.broken = fault == "answers rubbish"
        if fault == "nobody there":
            url = "http://127.0.0.1:9/"
        if fault == "stamps something else":
            asked = "pyhanko.sign.timestamps.api.TimeStamper.request_cms"
            real = stamping._stamper(url).request_cms
            monkeypatch.setattr(asked, lambda _self, _digest, kind: real(b"\0" * 32, kind))
        signed = pdf.sign(paper, own, now=NOW, about="1", timestamp_url=url)
        again = pdf.sign(paper, own, now=NOW, about="2", timestamp_url=url)
        assert server.asked <= 1, "the next paper does not wait for it"
    assert not signed.stamped
    assert not again.stamped
    assert look(signed.pdf, root()).bottom_line
    assert [line for line in caplog.messages if "no time stamp" in line]


def test_without_a_setting_a_trial_signs_with_a_marked_certificate_of_its_own(
    paper: bytes, tmp_path: Path
) -> None:
    trial = Settings.from_env({"XUNCHA_DATA": str(tmp_path)})
    seal = certificate.present(trial, NOW)
    assert seal.standing is Standing.DEMONSTRATION
    own = certificate_of(trial)
    assert "演示用" in own.name
    assert "not an official seal" in own.name
    assert own.fingerprint == certificate_of(trial).fingerprint, "it is kept"
    signed = pdf.sign(paper, own, now=NOW, about="1").pdf
    assert look(signed, own.own).bottom_line
    assert "Signature is Valid." in pdfsig(signed, tmp_path)


def test_production_never_makes_one(tmp_path: Path) -> None:
    real = replace(Settings.from_env({"XUNCHA_DATA": str(tmp_path)}), production=True)
    assert certificate.present(real, NOW).standing is Standing.MISSING
    assert not (tmp_path / certificate.FILE).exists()


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        (timedelta(0), Standing.VALID),
        (timedelta(days=900), Standing.EXPIRED),
        (timedelta(days=-900), Standing.NOT_YET),
    ],
)
def test_a_certificate_out_of_its_time_signs_nothing(
    given: Settings, moved: timedelta, expected: Standing
) -> None:
    seal = certificate.present(given, NOW + moved)
    assert seal.standing is expected
    assert seal.signs == (expected is Standing.VALID)


@pytest.mark.parametrize("fault", ["passphrase", "missing", "other file"])
def test_a_certificate_that_cannot_be_read_is_said_and_stops_nothing(
    given: Settings, tmp_path: Path, fault: str
) -> None:
    bad = {
        "passphrase": replace(given, seal_passphrase="wrong"),
        "missing": replace(given, seal_file=str(tmp_path / "none.p12")),
        "other file": replace(given, seal_file=__file__),
    }[fault]
    assert certificate.present(bad, NOW).standing is Standing.UNREADABLE


def test_a_renewed_file_counts_at_once(given: Settings, tmp_path: Path) -> None:
    later = NOW + timedelta(days=900)
    assert not certificate.present(given, later).signs
    time.sleep(0.01)
    seal_file(tmp_path, (NOW, later + timedelta(days=900)))
    assert certificate.present(given, later).signs


def test_a_file_put_in_its_place_with_the_same_time_counts_too(given: Settings, tmp_path: Path) -> None:
    """As `cp -p` or a restored copy does. Until then the old one signs, and stops on its last day."""
    path, last = Path(given.seal_file), NOW + timedelta(days=900)
    before, stat = certificate.present(given, NOW), path.stat()
    assert before.signs and not certificate.present(given, last).signs
    path.rename(tmp_path / "old.p12")
    seal_file(tmp_path, (NOW, last))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    after = certificate.present(given, NOW)
    assert before.certificate and after.certificate
    assert after.certificate.fingerprint != before.certificate.fingerprint
