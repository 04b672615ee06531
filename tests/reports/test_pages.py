"""Who reports, who reads, who goes on; the form without scripts; the register in the form's columns."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.accounts.county import set_option
from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.referrals import queries as referrals
from app.referrals.models import Referral
from app.referrals.rules import Event, Outcome
from app.referrals.steps import Step, answer_by_link, take_step
from app.reports.models import Report
from app.reports.register import COLUMNS
from app.reports.rules import State
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.fixtures.signing_in import SignIn
from tests.photos.pictures import encoded
from tests.reports.conftest import WORDS

Make = Callable[..., Report]


def _said(**changes: Any) -> dict[str, Any]:
    said = {"report_id": str(new_id()), "category": "practice", "content": WORDS, "place": "老桥头",
            "discovered_at": "2026-11-20T09:30"}  # fmt: skip
    return said | changes


def test_an_informant_reports_with_photos_without_scripts(sign_in: SignIn, app: Flask) -> None:
    client, said = sign_in(Role.INFORMANT), _said()
    files = {"photos": [(io.BytesIO(encoded("JPEG")), "a.jpg"), (io.BytesIO(b"no photo"), "b.txt")]}
    answer = client.submit("/reports/new", said | files, content_type="multipart/form-data")
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert WORDS in page.text
    assert "b.txt" in page.text  # what was no photo is named
    again = client.submit("/reports/new", said, content_type="multipart/form-data")
    assert again.location == answer.location
    with app.app_context():
        report = db.session.get_one(Report, UUID(said["report_id"]))
        assert report.discovered_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
        (photo,) = report.photos
        path = f"/reports/photos/{photo.photo_id}/small.jpg"
    picture = client.get(path)
    assert picture.data.startswith(b"\xff\xd8")
    assert client.get(path, headers={"If-None-Match": picture.headers["ETag"]}).status_code == 304


def test_what_is_missing_is_said_and_nothing_is_lost(sign_in: SignIn) -> None:
    answer = sign_in(Role.INFORMANT).submit("/reports/new", _said(category="", place="老桥头东"))
    assert answer.status_code == 422
    assert "请选是哪一类" in answer.text
    assert "老桥头东" in answer.text


def test_places_are_proposed_and_chosen(sign_in: SignIn, app: Flask, county: County) -> None:
    with app.app_context():
        premises = make_premises(county.villages[0], name="清风诊所(演示)")
        foreign = make_premises(county.villages[2], name="清风邻镇(演示)")
        db.session.commit()
        ids = premises.id, foreign.id
    client = sign_in(Role.COORDINATOR)
    found = client.get("/reports/places?place=清风")
    assert "清风诊所" in found.text
    assert "清风邻镇" not in found.text
    assert client.submit("/reports/new", _said(premises_id=str(ids[0]), place="")).status_code == 303
    assert client.submit("/reports/new", _said(premises_id=str(ids[1]), place="")).status_code == 422
    assert "清风诊所" in client.get(f"/reports/new?premises={ids[0]}").text
    assert WORDS in client.get("/reports").text
    assert "非法行医" in client.get(f"/premises/{ids[0]}").text


def test_the_coordinator_verifies_passes_on_and_answers_and_the_reporter_reads_it(
    sign_in: SignIn, made: Make
) -> None:
    report = made()
    path, worker, informant = f"/reports/{report.id}", sign_in(Role.COORDINATOR), sign_in(Role.INFORMANT)
    assert "待核实" in worker.get("/").text

    def step(event: str, **words: str) -> Any:
        return worker.submit(f"{path}/{event}", {"change_id": str(new_id())} | words, page="/me")

    assert step("forwarded").status_code == 422
    assert step("found_true", note="现场有牙椅").status_code == 303
    assert step("forwarded", to="卫生健康局").status_code == 303
    assert step("handled").status_code == 422
    assert step("fed_back", note="已由卫生健康局受理").status_code == 303
    assert step("found_true").status_code == 409
    assert "新反馈" in informant.get("/").text
    assert "已由卫生健康局受理" in informant.get(path).text
    assert "新反馈" not in informant.get("/").text
    assert "报告人已看到" in worker.get(path).text


def test_informants_read_their_own_reports_alone(sign_in: SignIn, made: Make, county: County) -> None:
    theirs, own = made(by=county.person(Role.COORDINATOR), content="协管员看到的"), made()
    client = sign_in(Role.INFORMANT)
    assert client.get(f"/reports/{own.id}").status_code == 200
    assert client.get(f"/reports/{theirs.id}").status_code == 404
    assert "协管员看到的" not in client.get("/reports").text
    assert sign_in(person=county.neighbour).get(f"/reports/{own.id}").status_code == 404
    assert sign_in(Role.ADMINISTRATOR).get(f"/reports/{own.id}").status_code == 200


def test_a_category_the_county_switched_off_is_not_offered(sign_in: SignIn, app: Flask, county: County) -> None:
    assert "计划生育" in sign_in(Role.INFORMANT).get("/reports/new").text
    with app.app_context():
        set_option(county.region.id, "reports.category_family", False, by=None, now=clock.now())
        db.session.commit()
    client = sign_in(Role.INFORMANT)
    assert "计划生育" not in client.get("/reports/new").text
    assert client.submit("/reports/new", _said(category="family")).status_code == 422


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_register_has_the_six_columns_of_the_form(sign_in: SignIn, made: Make, kind: str) -> None:
    made(discovered_at=datetime(2026, 11, 2, 1, tzinfo=UTC))
    hostile = {"content": "=HYPERLINK(1)", "place": "", "latitude": 28.4, "longitude": 112.8}
    made(**hostile, discovered_at=datetime(2026, 11, 1, 1, tzinfo=UTC))
    made(content="十月的事", discovered_at=datetime(2026, 10, 1, 1, tzinfo=UTC))
    answer = sign_in(Role.COORDINATOR).get(f"/reports/register.{kind}?first=2026-11-01&last=2026-11-30")
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(answer.data)).active
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[1][:2] == ["机构名称", "北山镇卫生院"]
    assert rows[2] == ["序号", "发现时间", "信息类别", "信息内容", "报告时间", "报告人"] == list(COLUMNS)
    assert rows[3][:4] == ["1", "2026-11-01 09:00", "非法行医(采供血)", "'=HYPERLINK(1)"]
    assert rows[4][3] == f"老桥头：{WORDS}"
    assert rows[4][5] == "信小一"
    assert len(rows) == 5


def test_the_clock_is_seen_until_it_is_passed_on(sign_in: SignIn, made: Make) -> None:
    late = made(discovered_at=datetime(2026, 11, 1, 1, tzinfo=UTC))
    fresh = made(content="刚看到")
    client = sign_in(Role.COORDINATOR)
    assert "应在" in client.get(f"/reports/{late.id}").text
    page = client.get(f"/reports/{fresh.id}").text
    assert "前上报" in page
    assert "24 小时是产品默认" in page


def test_a_report_becomes_a_referral_that_does_not_say_who_reported(sign_in: SignIn, made: Make, app: Flask) -> None:
    report, client = made(), sign_in(Role.COORDINATOR)
    path = f"/reports/{report.id}"
    first = client.submit(f"{path}/referral", {}, page=path)
    assert first.status_code == 303
    assert client.submit(f"{path}/referral", {}, page=path).location == first.location
    page = client.get(first.location, follow_redirects=True).text
    assert WORDS in page
    assert "信小一" not in page


def test_a_report_follows_its_referral_out_and_to_its_end(
    sign_in: SignIn, made: Make, app: Flask, county: County
) -> None:
    report, client = made(), sign_in(Role.COORDINATOR)
    answer = client.submit(f"/reports/{report.id}/referral", {}, page=f"/reports/{report.id}")
    referral_id = UUID(answer.location.rsplit("/", 1)[1])

    def step(event: Event, **said: Any) -> tuple[State, str]:
        with app.app_context():
            by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
            row = referrals.get_referral(referral_id, by)
            row.scene = "外观已拍照，没有进入"
            take_step(row, Step(new_id(), event, name="王某", **said), by=by, now=clock.now())
            db.session.commit()
            kept = db.session.get_one(Report, report.id)
            return kept.state, kept.forwarded_to

    with app.app_context():
        assert db.session.get_one(Report, report.id).state is State.REPORTED  # nothing has gone out yet
    state, told = step(Event.SEND)
    assert state is State.FORWARDED and told
    assert step(Event.RETURN, reason="写明门牌")[0] is State.FORWARDED
    assert step(Event.SEND)[0] is State.FORWARDED
    assert step(Event.ACCEPT)[0] is State.FORWARDED
    assert step(Event.CLOSE, reason="已取缔", outcome=Outcome.DEALT_WITH)[0] is State.HANDLED
    assert "已取缔" in client.page(f"/reports/{report.id}").text


def test_an_authority_closes_its_referral_though_who_reported_has_another_role_now(
    sign_in: SignIn, made: Make, app: Flask, county: County
) -> None:
    report, client = made(), sign_in(Role.COORDINATOR)
    answer = client.submit(f"/reports/{report.id}/referral", {}, page=f"/reports/{report.id}")
    referral_id = UUID(answer.location.rsplit("/", 1)[1])
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        row = referrals.get_referral(referral_id, by)
        row.scene = "外观已拍照，没有进入"
        take_step(row, Step(new_id(), Event.SEND), by=by, now=clock.now())
        by.roles = []
        db.session.commit()
    ends = {"outcome": Outcome.DEALT_WITH, "reason": "已取缔"}
    for event, said in ((Event.ACCEPT, {}), (Event.CLOSE, ends)):
        with app.app_context():
            link = db.session.get_one(Referral, referral_id).link
            assert link is not None
            answer_by_link(link, Step(new_id(), event, name="王某", **said), now=clock.now())
            db.session.commit()
    with app.app_context():
        assert db.session.get_one(Report, report.id).state is State.FORWARDED, "a colleague settles it"
