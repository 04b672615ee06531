"""Somebody looks at a month, issues it, corrects it; the paper is signed, checked, and a change behind it is named."""

import io
import json
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock, ledger
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.monthly.models import MonthlyReport
from app.monthly.rules import Month
from app.monthly.services import issue_report
from app.notices.rules import short_digest
from app.premises.models import Premises
from app.proof import running
from app.proof.checking import verify
from app.proof.frozen import papers
from app.proof.heads import Heads
from app.proof.naming import names_of
from app.proof.reading import snapshot
from app.proof.rules import Found, Kind, Level
from app.proof.telling import told_of
from tests.factories.people import County
from tests.fixtures.pages import PageClient
from tests.fixtures.signing_in import SignIn
from tests.monthly.conftest import NOVEMBER, Township, october
from tests.seals.checking import pdfsig

Busy = Callable[[], Premises]
OCTOBER = Month(2026, 10)


def send(client: PageClient, county: County, change: UUID | None = None, **said: str) -> Any:
    fields = {"month": "2026-10", "region": county.townships[0].code, "change_id": str(change or new_id())}
    with clock.freeze(NOVEMBER):
        return client.submit("/monthly", fields | said, page="/me")


def look(client: PageClient, address: str = "/monthly", now: datetime = NOVEMBER) -> tuple[int, str]:
    with clock.freeze(now):
        answer = client.get(address)
    return answer.status_code, answer.text


def reports(app: Flask) -> list[MonthlyReport]:
    with app.app_context():
        return list(db.session.scalars(select(MonthlyReport).order_by(MonthlyReport.edition)))


@pytest.fixture
def issued(app: Flask, county: County, busy: Busy) -> UUID:
    """October, issued by the coordinator."""
    busy()
    with app.app_context(), clock.freeze(NOVEMBER):
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        report = issue_report(new_id(), by.region, OCTOBER, by=by, now=NOVEMBER)
        db.session.commit()
        return report.id


def test_the_last_ended_month_stands_first_and_the_running_one_says_so(
    sign_in: SignIn, county: County, busy: Busy
) -> None:
    busy()
    coordinator = sign_in(Role.COORDINATOR)
    status, page = look(coordinator)
    assert status == 200
    assert "北山镇 · 2026年10月" in page and "定稿2026年10月月报" in page and "覆盖率" in page
    running = look(coordinator, "/monthly?month=2026-11")[1]
    assert "到今天" in running and "定稿2026年" not in running
    assert "这个月没有记录" in running
    assert "2026年10月" in look(coordinator, "/monthly?month=2027-05")[1]  # not begun: the last that ended
    start = look(coordinator, "/")[1]
    assert 'href="/monthly"' in start


def test_everybody_sees_their_own_area(sign_in: SignIn, county: County, busy: Busy) -> None:
    busy()
    neighbour = sign_in(person=county.neighbour)
    assert "南湾镇" in look(neighbour)[1]
    assert look(neighbour, f"/monthly?region={county.townships[0].code}")[0] == 404
    assert send(neighbour, county).status_code == 404
    supervisor = sign_in(Role.SUPERVISOR)
    page = look(supervisor)[1]
    assert all(name in page for name in ("北山镇", "南湾镇", "全部乡镇合计"))
    assert look(supervisor, f"/monthly?region={county.townships[1].code}")[0] == 200
    assert look(sign_in(Role.INFORMANT))[0] == 403
    assert send(sign_in(Role.ADMINISTRATOR), county).status_code == 403


def test_issuing_twice_is_once_and_a_running_month_is_refused(
    app: Flask, sign_in: SignIn, county: County, busy: Busy
) -> None:
    busy()
    client, change = sign_in(Role.COORDINATOR), new_id()
    first, again = send(client, county, change), send(client, county, change)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    refused = send(client, county, month="2026-11")
    assert refused.status_code == 409 and "这个月还没有结束" in refused.text
    assert send(client, county, month="2027-05").status_code == 409
    assert send(client, county, month="2026-1").status_code == 404  # nothing else is issued instead
    (report,) = reports(app)
    assert report.number == f"北卫月报〔2026〕10-{county.townships[0].code}-1号"
    assert report.content["figures"]["visits"] == 1
    with app.app_context():
        record = db.session.scalars(
            select(AuditRecord).where(AuditRecord.action == "monthly_report_issued")
        ).one()
        assert record.after["digest"] == report.digest and record.change_id == change
    page = look(client, first.location)[1]
    assert report.number in page and short_digest(report.digest) in page


def test_a_correction_says_why_names_the_earlier_one_and_takes_its_place(
    app: Flask, sign_in: SignIn, county: County, issued: UUID
) -> None:
    client = sign_in(Role.COORDINATOR)
    same = send(client, county, reason="再看一次")
    assert same.status_code == 409 and "没有需要更正的内容" in same.text
    with app.app_context():
        town = Township(county)
        town.visit(town.place("后来补录(演示)"), october(30))
        db.session.commit()
    assert "定稿后记录有变动" in look(client)[1]
    silent = send(client, county)
    assert silent.status_code == 422 and "请写明为什么更正" in silent.text
    done = send(client, county, reason="补录了一次离线巡查 <b>")
    assert done.status_code == 303
    first, second = reports(app)
    assert (second.edition, second.replaces_id, second.content["replaces"]["number"]) == (
        2,
        first.id,
        first.number,
    )
    page = look(client, done.location)[1]
    assert "补录了一次离线巡查 &lt;b&gt;" in page and first.number in page
    assert "以新版为准" in look(client, f"/monthly/{first.id}")[1]
    check = client.get("/check", query_string={"number": first.number, "code": first.digest}).text
    assert "撤回" in check and second.number in check
    assert look(sign_in(person=county.neighbour), f"/monthly/{first.id}")[0] == 404


def test_the_paper_is_signed_bears_the_chain_and_is_confirmed(
    app: Flask, sign_in: SignIn, issued: UUID, tmp_path: Path
) -> None:
    client = sign_in(Role.SUPERVISOR)
    pdf = client.get(f"/monthly/{issued}/report.pdf")
    assert pdf.mimetype == "application/pdf" and pdf.data == client.get(f"/monthly/{issued}/report.pdf").data
    assert "Signature is Valid" in pdfsig(pdf.data, tmp_path)
    (report,) = reports(app)
    head = report.content["chain"]
    printed = _words(pdf.data, tmp_path)
    head_text = f"{head['seq']}-{head['hash'][:16]}"
    for said in (report.number, short_digest(report.digest), head_text, "信息报告率", "Coverage"):
        assert re.sub(r"\s", "", said) in printed, said
    answer = client.get("/check", query_string={"number": report.number, "code": short_digest(report.digest)})
    assert answer.status_code == 200 and "卫生监督协管巡查月报" in answer.text


def test_the_figures_are_had_as_a_table(app: Flask, sign_in: SignIn, issued: UUID) -> None:
    book = sign_in(Role.COORDINATOR).get(f"/monthly/{issued}/report.xlsx")
    sheet = load_workbook(io.BytesIO(book.data)).active
    rows = {str(row[0]).strip("　"): row[1] for row in sheet.iter_rows(values_only=True)}
    assert (rows["巡查户次"], rows["覆盖率"], rows["发现问题"]) == (1, "100 %", 2)


def _words(pdf: bytes, folder: Path) -> str:
    (folder / "report.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", folder / "report.pdf", "-"], capture_output=True, text=True, check=True
    )
    return re.sub(r"\s", "", done.stdout)


def outside(app: Flask, statement: str, *values: Any) -> None:
    """As with another tool: nothing notes it."""
    with (
        closing(sqlite3.connect(app.extensions["settings"].database_url.removeprefix("sqlite:///"))) as other,
        other,
    ):
        other.execute(statement, values)


def found_in(app: Flask) -> list[Found]:
    """Of the report alone: factories make up what other digests say."""
    result = verify(app.extensions["settings"], app.extensions["storage"])
    ours = ("monthly_reports", "audit_records", "paper_files")
    return [one for one in result.found if one.table in ours and one.level is Level.DIFFERENCE]


def test_what_was_changed_behind_it_is_named(app: Flask, sign_in: SignIn, issued: UUID) -> None:
    client = sign_in(Role.SUPERVISOR)
    assert client.get(f"/monthly/{issued}/report.pdf").status_code == 200
    with app.app_context():
        assert found_in(app) == []
        said = db.session.get_one(MonthlyReport, issued).content
        said = json.dumps(said | {"figures": said["figures"] | {"visits": 99}}, ensure_ascii=False)
        db.session.rollback()
        outside(app, "UPDATE monthly_reports SET content = ? WHERE id = ?", said, issued.hex)
        found = found_in(app)
        assert [(one.kind, one.table) for one in found] == [(Kind.ROW_CHANGED, "monthly_reports")]
        names = names_of(found)
        assert "月报〔2026〕10" in told_of(found[0], names[0].stored)
        assert (names[0].object_type, names[0].object_id) == ("monthly_reports", issued)
        db.session.rollback()
        running.run()
    assert "与留痕不符" in look(client, f"/monthly/{issued}", clock.now())[1]


def test_frozen_content_is_held_against_its_digest(app: Flask, issued: UUID) -> None:
    """Also where the row was bound anew by somebody who knows the rules: content and digest must fit each other."""
    outside(app, "UPDATE monthly_reports SET digest = ? WHERE id = ?", "e" * 64, issued.hex)
    with app.app_context():
        told: list[Found] = []
        with snapshot() as seen:
            papers(seen, Heads(seen, 10_000), told.append)
        assert (Kind.CONTENT_CHANGED, "monthly_reports") in {(one.kind, one.table) for one in told}


def test_the_head_on_a_report_is_one_more_that_is_known(app: Flask, issued: UUID) -> None:
    """Cutting the tail of the chain off, with everything after the report, is found by the paper."""
    with app.app_context():
        head = db.session.get_one(MonthlyReport, issued).content["chain"]
        assert head["seq"] < ledger.head().seq
        db.session.rollback()
        outside(app, "DELETE FROM audit_records WHERE seq >= ?", head["seq"])
        assert Kind.CHAIN_SHORTER in {one.kind for one in found_in(app)}


def test_pages_of_issued_reports_are_listed_by_key(app: Flask, sign_in: SignIn, county: County) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        month = OCTOBER
        for _ in range(22):
            now = datetime(2026, 11, 3, 1, tzinfo=UTC)
            issue_report(new_id(), by.region, month, by=by, now=now)
            month = month.before
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    first = look(client)[1]
    assert first.count('id="monthly-') == 20
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward
    assert look(client, onward.group(1).replace("&amp;", "&"))[1].count('id="monthly-') == 2
    assert look(client, "/monthly?after=nonsense~x", NOVEMBER + timedelta(days=1))[0] == 200
