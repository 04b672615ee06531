"""A paper is signed once; the same bytes come again, until something is better or something was broken."""

import hashlib
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from flask import Flask

from app.accounts.models import Person
from app.core import clock, ledger, orphans
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import Settings
from app.core.storage import storage
from app.notices import printing, services
from app.notices.models import Notice
from app.notices.paper import Layout
from app.notices.rules import digest
from app.seals import certificate, chain, papers, stamping
from app.seals.models import PaperFile
from app.seals.rules import Grade, Standing
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_premises, make_visit, wish
from tests.notices.test_printing import words_in
from tests.seals.authority import ORGANISATION, PASSPHRASE, UNTIL, root, seal_file, time_stamp_server
from tests.seals.checking import look, pdfsig, signatures


def paper(app: Flask, notice_id: UUID, layout: Layout = Layout.A4) -> bytes:
    with app.test_request_context():
        return printing.paper_pdf(db.session.get_one(Notice, notice_id), layout)


def rows(app: Flask) -> list[PaperFile]:
    with app.app_context():
        return list(db.session.scalars(db.select(PaperFile).order_by(PaperFile.made_at, PaperFile.grade)))


def give(app: Flask, **changes: object) -> None:
    """The operator sets something and starts anew."""
    app.extensions["settings"] = replace(app.extensions["settings"], **changes)


@pytest.fixture
def organisation(app: Flask, tmp_path: Path) -> None:
    stamping.resume()
    give(app, seal_file=str(seal_file(tmp_path)), seal_passphrase=PASSPHRASE)


@pytest.mark.parametrize("layout", Layout)
def test_every_paper_bears_a_signature_that_holds(
    app: Flask, notice_id: UUID, organisation: None, layout: Layout, tmp_path: Path
) -> None:
    made = paper(app, notice_id, layout)
    assert look(made, root()).bottom_line
    assert "Signature is Valid." in pdfsig(made, tmp_path)
    said = "".join(words_in(made).replace("\u200b", "").split())
    assert "".join(f"电子签名：{ORGANISATION}".split()) in said
    assert f"核验{app.extensions['settings'].public_url}/check" in said


@pytest.mark.both_databases
def test_the_same_bytes_are_served_again_and_noted(app: Flask, notice_id: UUID, organisation: None) -> None:
    first = paper(app, notice_id)
    assert paper(app, notice_id) == first, "a second signature would have another time in it"
    (row,) = rows(app)
    assert (row.sha256, row.signed_with) == (hashlib.sha256(first).hexdigest(), Grade.ORGANISATION)
    with app.app_context():
        record = db.session.scalars(db.select(AuditRecord).where(AuditRecord.object_id == row.id)).one()
        assert (record.action, record.after["sha256"]) == ("paper_made", row.sha256)
        assert orphans.sweep(storage(), older_than=-1) == [], "it is somebody's"


@pytest.mark.both_databases
def test_two_who_print_at_once_hold_the_same_paper(app: Flask, notice_id: UUID) -> None:
    met = threading.Barrier(2)
    real, found = papers._make, []

    def together(*said: object) -> papers.Made:
        made = real(*said)  # type: ignore[arg-type]
        met.wait(20)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "_make", together)
        both = [threading.Thread(target=lambda: found.append(paper(app, notice_id))) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join(30)
    assert found[0] == found[1] == paper(app, notice_id)
    assert len(rows(app)) == 1


@pytest.mark.parametrize(
    ("moved", "said"),
    [(timedelta(days=1), Standing.EXPIRED), (timedelta(days=-2000), Standing.NOT_YET)],
)
def test_out_of_its_time_the_certificate_holds_no_paper_up(
    app: Flask,
    sign_in: SignIn,
    notice_id: UUID,
    organisation: None,
    caplog: pytest.LogCaptureFixture,
    moved: timedelta,
    said: Standing,
) -> None:
    with clock.freeze(UNTIL + moved):
        unsigned = paper(app, notice_id, Layout.MM58)
        assert signatures(unsigned) == 0
        assert "电子签名" not in words_in(unsigned)
        assert paper(app, notice_id, Layout.MM58) == unsigned
        page = sign_in(Role.ADMINISTRATOR).get("/seals").text
        start = sign_in(Role.ADMINISTRATOR).get("/").text
    assert [line for line in caplog.messages if said.value in line]
    wanted = {"expired": "文书没有签名：证书已过期", "not_yet": "文书没有签名：证书尚未生效"}[said]
    assert wanted in page
    assert wanted in start, "the administrator need not look for it"
    signed = paper(app, notice_id, Layout.MM58)
    assert look(signed, root()).bottom_line, "in its time again, the paper is signed when it is next printed"
    assert [row.replaced_at is None for row in rows(app)].count(True) == 1


def test_a_key_this_library_does_not_know_holds_no_paper_up(
    app: Flask, notice_id: UUID, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Such as SM2 (国密), which Chinese authorities hand out: the library says so with an error of its own kind."""

    def unknown(*_args: object) -> None:
        raise UnsupportedAlgorithm("Curve 1.2.156.10197.1.301 is not supported")

    given = tmp_path / "sm2.p12"
    given.write_bytes(b"an SM2 key")
    give(app, seal_file=str(given), seal_passphrase="")
    monkeypatch.setattr("app.seals.certificate.pkcs12.load_key_and_certificates", unknown)
    assert signatures(paper(app, notice_id, Layout.MM58)) == 0
    with app.app_context():
        assert certificate.present(app.extensions["settings"], clock.now()).standing is Standing.UNREADABLE


def test_production_without_certificate_prints_unsigned_and_says_so(
    app: Flask, sign_in: SignIn, notice_id: UUID
) -> None:
    give(app, production=True)
    assert signatures(paper(app, notice_id)) == 0
    assert "文书没有签名：未设置证书" in sign_in(Role.ADMINISTRATOR).get("/seals").text
    for role in (Role.COORDINATOR, Role.SUPERVISOR):
        assert "没有签名" not in sign_in(role).get("/").text
        assert sign_in(role).get("/seals").status_code == 403


def test_a_paper_deleted_after_its_period_that_comes_out_the_same_is_kept_again(
    app: Flask, notice_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unsigned and without photos it has the same bytes as before: it is not typeset anew for each reader."""
    monkeypatch.setattr(certificate, "present", lambda *_args: certificate.UNSIGNED)
    first = paper(app, notice_id, Layout.MM58)
    with app.app_context():
        row = db.session.scalars(db.select(PaperFile)).one()
        row.removed_at = clock.now()
        storage().delete(row.storage_key)
        db.session.commit()
    assert paper(app, notice_id, Layout.MM58) == first
    assert [row.removed_at for row in rows(app)] == [None]
    with app.app_context():
        assert orphans.unheld({row.storage_key for row in rows(app)}) == set()


def test_a_trial_says_on_paper_and_in_the_signature_that_it_is_one(app: Flask, notice_id: UUID) -> None:
    made = paper(app, notice_id)
    assert "电子签名为演示用，非正式印章" in words_in(made)
    own = certificate.present(app.extensions["settings"], clock.now()).certificate
    assert own is not None
    assert look(made, own.own).bottom_line


@pytest.mark.parametrize("harm", ["gone", "other bytes"])
def test_a_file_that_was_harmed_is_never_served(app: Flask, notice_id: UUID, harm: str) -> None:
    first = paper(app, notice_id)
    (row,) = rows(app)
    with app.app_context():
        if harm == "gone":
            storage().delete(row.storage_key)
        else:
            storage().put_bytes(row.storage_key, first[:-9] + b"%%EOFFFF\n")
    second = paper(app, notice_id)
    assert words_in(second) == words_in(first)
    assert paper(app, notice_id) == second
    assert len(rows(app)) == 2, "the first one stays known: it may be in somebody's hand"


def test_time_stamps_are_asked_for_and_shown(
    app: Flask, sign_in: SignIn, notice_id: UUID, organisation: None
) -> None:
    with time_stamp_server(clock.now().replace(microsecond=0)) as server:
        give(app, timestamp_url=server.url)
        assert look(paper(app, notice_id), root()).timestamp_validity is not None
        server.broken = True
        assert look(paper(app, notice_id, Layout.MM80), root()).bottom_line
    page = sign_in(Role.ADMINISTRATOR).get("/seals").text
    assert "127.0.0.1 没有正常应答" in page
    assert ORGANISATION in page


def test_secrets_stay_out_of_what_is_printed_of_the_settings() -> None:
    said = repr(
        Settings.from_env({"XUNCHA_SEAL_PASSPHRASE": "hush", "XUNCHA_TIMESTAMP_URL": "http://u:hush@x/"})
    )
    assert "hush" not in said


def test_the_head_of_the_chain_at_its_issue_stands_on_every_paper(
    app: Flask, notice_id: UUID, county: County
) -> None:
    """The first notice has filled the chain; the second one bears its head."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        expected = ledger.head()
        visit = make_visit(by, make_premises(county.villages[0], "后来的店(演示)"), ("CAT-10",), photos=0)
        second = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
        assert chain.printed(None) == "", "papers from before the chain have none"
        assert expected is not None
        assert second.content["chain"]["hash"] == expected.hash.hex()
        assert second.digest == digest(second.content), "the head is part of what its digest covers"
        assert ledger.head() != expected
        second_id = second.id
    for layout in Layout:
        assert f"链头{expected.short}" in "".join(words_in(paper(app, second_id, layout)).split())
