"""A supervisor draws, calls, corrects, reads the result and draws again; nobody else does, and nobody twice."""

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Fellow, Inspection
from app.premises.facts import facts_of
from app.premises.services import change_premises
from app.sampling import rules
from app.sampling.frames import LeftOut
from app.sampling.models import Call, CallSheet, Population, Sample, State
from app.sampling.rules import Method, Plan, Stratum
from tests.factories.people import County
from tests.fixtures.pages import PageClient
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import reads_of
from tests.sampling.conftest import Draws, Visits

SIMPLE = Plan(Method.SIMPLE, number=6)


def asked(county: County, **changes: str) -> dict[str, str]:
    """What the form sends."""
    today = clock.today()
    period = {"first": str(today - timedelta(days=1)), "last": str(today), "region": str(county.region.id)}
    said = period | {"how": "simple", "by": "confidence", "confidence": "95", "margin": "10", "number": ""}
    return said | changes


def sheets_of(app: Flask, sample_id: UUID) -> list[tuple[UUID, UUID]]:
    with app.app_context():
        found = select(CallSheet.id, CallSheet.inspection_id).where(CallSheet.sample_id == sample_id)
        return [tuple(row) for row in db.session.execute(found.order_by(CallSheet.position))]  # type: ignore[misc]


def say(client: PageClient, sample_id: UUID, sheet_id: UUID, **said: str) -> Any:
    path = f"/sampling/{sample_id}/sheets/{sheet_id}"
    return client.submit(path, {"change_id": str(new_id()), "reached": "spoken"} | said, page="/me")


def test_a_supervisor_looks_draws_and_a_repeated_tap_draws_nothing_new(
    sign_in: SignIn, app: Flask, county: County, visits: Visits
) -> None:
    visits(30)
    visits(20, by=county.neighbour, village=2)
    client = sign_in(Role.SUPERVISOR)
    assert client.page("/sampling/new")
    look = client.get("/sampling/preview", query_string=asked(county, how="township"))
    assert look.status_code == 200
    assert "现在抽取 34 次巡查" in look.text, "95 % ± 10 % of 50"
    with app.app_context():
        assert db.session.scalar(select(Sample.id)) is None, "looking draws nothing"
    said = asked(county, how="township") | {"change_id": str(new_id())}
    first = client.submit("/sampling/draw", said, page="/me")
    assert first.status_code == 303
    assert client.submit("/sampling/draw", said, page="/me").location == first.location
    assert client.submit("/sampling/draw", said | {"how": "simple"}, page="/me").status_code == 409
    with app.app_context():
        (sample,) = db.session.scalars(select(Sample)).all()
        assert sample.size == len(db.session.scalars(select(CallSheet)).all()) == 34
        assert [(one["size"], one["drawn"]) for one in sample.strata] == [(30, 20), (20, 14)]
        record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "sample_drawn")).one()
        assert record.after["seed"] == sample.seed
    page = client.get(first.location).text
    assert "50 次巡查中抽 34 次" in page
    assert "50 次巡查中抽 34 次" in client.get("/sampling").text


CANNOT: tuple[tuple[dict[str, str], str], ...] = (
    ({"first": "2026-13-01"}, "请选日期"),
    ({"last": "2001-01-01"}, "结束日期早于开始日期"),
    ({"first": "1999-01-01"}, "一次最多三年"),
    ({"by": "number"}, "请填 1 到 2000 的整数"),
    ({"by": "number", "number": "elf"}, "请填 1 到 2000 的整数"),
    ({"by": "number", "number": "9" * 30}, "请填 1 到 2000 的整数"),
    ({"how": "dice"}, ""),
    ({"region": "x"}, ""),
    ({"confidence": "50"}, ""),
    ({"leave_out": "不存在的店", "reason": "关了"}, "对不上"),
    ({"leave_out": "不存在的店"}, "请写明为什么排除"),
)


def test_what_cannot_be_drawn_is_said_beside_the_form(sign_in: SignIn, county: County, visits: Visits) -> None:
    visits(3)
    client = sign_in(Role.SUPERVISOR)
    for changes, words in CANNOT:
        answer = client.get("/sampling/preview", query_string=asked(county, **changes))
        assert answer.status_code == 422, changes
        assert words in answer.text, changes


def test_nothing_to_draw_from_is_said(sign_in: SignIn, county: County) -> None:
    answer = sign_in(Role.SUPERVISOR).get("/sampling/preview", query_string=asked(county))
    assert answer.status_code == 422
    assert "没有已完成的巡查可抽" in answer.text


def test_left_out_visits_stand_with_their_reason_and_are_never_drawn(
    sign_in: SignIn, app: Flask, county: County, visits: Visits, drawn: Draws
) -> None:
    kept, gone = visits(8), visits(2, village=1)
    own = visits(3, by=county.person(Role.SUPERVISOR), village=3)
    left_out = LeftOut([f"https://x/inspections/{gone[0]}", "回访小吃1(演示)"], "正在诉讼", own=True)
    sample_id = drawn(Plan(Method.SIMPLE, number=100), left_out=left_out)
    assert {visit for _sheet, visit in sheets_of(app, sample_id)} == set(kept)
    page = sign_in(Role.ADMINISTRATOR).get(f"/sampling/{sample_id}/check").text
    assert "正在诉讼" in page
    assert "督小三参加过的巡查" in page
    with app.app_context():
        assert db.session.get_one(Sample, sample_id).excluded == 1 + 2 + len(own), "named twice, kept twice"


def test_calls_are_made_one_after_the_other_and_say_what_holds_of_all(
    sign_in: SignIn, app: Flask, visits: Visits, drawn: Draws
) -> None:
    visits(60)
    sample_id = drawn(SIMPLE)
    client, sheets = sign_in(Role.SUPERVISOR), sheets_of(app, sample_id)
    assert "还没有答复" in client.get(f"/sampling/{sample_id}").text
    begin = client.get(f"/sampling/{sample_id}/next").location
    assert begin.endswith(str(sheets[0][0]))
    page = client.page(begin)
    assert [link["href"] for link in page.all("a") if link["href"].startswith("tel:")] == ["tel:000-0000007"]
    following = say(client, sample_id, sheets[0][0], visited="yes", as_recorded="yes", satisfied="no")
    assert following.location.endswith(str(sheets[1][0]))
    say(client, sample_id, sheets[1][0], reached="no_answer")
    say(client, sample_id, sheets[2][0], reached="wrong_number")
    say(client, sample_id, sheets[3][0], visited="yes", as_recorded="yes", satisfied="yes")
    say(client, sample_id, sheets[4][0], visited="not_known")
    last = say(client, sample_id, sheets[5][0], visited="no")
    assert last.location.endswith(str(sample_id)), "the one nobody answered is left in peace for a while"
    text = client.get(f"/sampling/{sample_id}").text
    assert "回访 3 次，2 次确认：占全部巡查的" in text
    assert "抽中的巡查有 2 次没能问到" in text
    assert "2 人作答，1 人答“是”" in text
    assert "1 个待回访" in client.get("/").text
    assert "号码不对" in client.get(f"/sampling/{sample_id}?state=wrong_number").text


def test_a_number_changed_after_the_visit_stands_beside_the_call(
    sign_in: SignIn, app: Flask, visits: Visits, drawn: Draws, county: County
) -> None:
    visits(1)
    sample_id = drawn(SIMPLE)
    ((sheet_id, visit_id),) = sheets_of(app, sample_id)
    path = f"/sampling/{sample_id}/sheets/{sheet_id}"
    assert "改过电话" not in sign_in(Role.SUPERVISOR).page(path).text
    with app.app_context(), transaction():
        person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        place = db.session.get_one(Inspection, visit_id).premises
        change_premises(place, replace(facts_of(place), phone="000-0000099"), person)
    text = sign_in(Role.SUPERVISOR).page(path).text
    assert "000-0000099" in text and "原号码：000-0000007" in text and person.name in text


def test_the_same_call_sent_twice_is_one_and_a_filled_sheet_is_only_corrected(
    sign_in: SignIn, app: Flask, visits: Visits, drawn: Draws
) -> None:
    visits(6)
    sample_id = drawn(SIMPLE)
    client, (sheet_id, _visit) = sign_in(Role.SUPERVISOR), sheets_of(app, sample_id)[0]
    same = {"change_id": str(new_id()), "visited": "yes", "as_recorded": "yes", "satisfied": "yes"}
    assert say(client, sample_id, sheet_id, **same).status_code == 303
    assert say(client, sample_id, sheet_id, **same).status_code == 303
    assert say(client, sample_id, sheet_id, visited="no").status_code == 409
    assert say(client, sample_id, sheet_id, visited="no", corrects="1").status_code == 422, "why?"
    assert say(client, sample_id, sheet_id, visited="no", corrects="1", note="听错了").status_code == 303
    with app.app_context():
        calls = db.session.scalars(select(Call).where(Call.sheet_id == sheet_id).order_by(Call.at, Call.id)).all()
        assert [call.visited for call in calls] == ["yes", "no"]
        assert calls[1].corrects_id == calls[0].id
        sheet = db.session.get_one(CallSheet, sheet_id)
        assert (sheet.visited, sheet.tries, sheet.state) == ("no", 1, State.DONE)
    page = client.get(f"/sampling/{sample_id}/sheets/{sheet_id}").text
    assert "听错了" in page
    assert "来过：是" in page


def test_an_answer_without_its_question_is_asked_for(sign_in: SignIn, app: Flask, visits: Visits, drawn: Draws) -> None:
    visits(6)
    sample_id = drawn(SIMPLE)
    sheet_id = sheets_of(app, sample_id)[0][0]
    answer = say(sign_in(Role.SUPERVISOR), sample_id, sheet_id, note="说了很多")
    assert answer.status_code == 422
    assert "请点选那天有没有人来过" in answer.text
    assert "说了很多" in answer.text


def test_whoever_took_part_in_a_visit_does_not_call_about_it(
    sign_in: SignIn, app: Flask, county: County, visits: Visits, drawn: Draws
) -> None:
    """Neither as the lead nor as somebody who came along; others do."""
    supervisor = county.person(Role.SUPERVISOR)
    visits(1, by=supervisor)
    (along,) = visits(1, village=1)
    with app.app_context():
        db.session.add(Fellow(inspection_id=along, person_id=supervisor.id))
        db.session.commit()
    sample_id = drawn(Plan(Method.SIMPLE, number=2))
    client = sign_in(Role.SUPERVISOR)
    assert client.get(f"/sampling/{sample_id}/next").location.endswith(str(sample_id))
    for sheet_id, _visit in sheets_of(app, sample_id):
        assert "您参加过这次巡查" in client.get(f"/sampling/{sample_id}/sheets/{sheet_id}").text
        assert say(client, sample_id, sheet_id, visited="yes").status_code == 403


def test_drawn_again_it_is_identical_until_somebody_changes_what_is_kept(
    sign_in: SignIn, app: Flask, visits: Visits, drawn: Draws
) -> None:
    visits(40)
    sample_id = drawn(SIMPLE)
    client, path = sign_in(Role.SUPERVISOR), f"/sampling/{sample_id}/check"
    assert "完全一致" in client.get(path).text
    visits(2)
    assert "有 2 次巡查在抽取之后才送达" in client.get(path).text
    with app.app_context():
        kept = db.session.get_one(Population, sample_id).packed
        sheet = db.session.scalars(select(CallSheet).where(CallSheet.sample_id == sample_id).limit(1)).one()
        other = db.session.scalars(select(Inspection.id).where(Inspection.id != sheet.inspection_id)).all()
        drawn_ones = set(db.session.scalars(select(CallSheet.inspection_id)))
        swapped = next(one for one in other if one not in drawn_ones)
        db.session.execute(update(CallSheet).where(CallSheet.id == sheet.id).values(inspection_id=swapped))
        db.session.commit()
    assert "不一致" in client.get(path).text
    for broken in (b"", b"no zlib", Population.of(sample_id, b"only,one\n").packed, kept[:-9]):
        with app.app_context():
            db.session.execute(update(Population).values(packed=broken))
            db.session.commit()
        page = client.get(path)
        assert page.status_code == 200
        assert "✗ 已变化" in page.text


PLANS = (
    SIMPLE,
    Plan(Method.SYSTEMATIC, number=7),
    Plan(Method.STRATIFIED, Stratum.TOWNSHIP, number=9),
    Plan(Method.STRATIFIED, Stratum.DOMAIN, number=9),
    Plan(Method.STRATIFIED, Stratum.INSPECTOR, number=9),
)


def test_anybody_draws_the_exported_list_again_with_python_alone(
    sign_in: SignIn, county: County, visits: Visits, drawn: Draws, tmp_path: Path
) -> None:
    visits(25)
    visits(12, by=county.neighbour, village=2)
    client, table, script = sign_in(Role.ADMINISTRATOR), tmp_path / "population.csv", tmp_path / "redraw.py"
    script.write_bytes(client.get("/sampling/redraw.py").data)
    for plan in PLANS:
        table.write_bytes(client.get(f"/sampling/{drawn(plan)}/population.csv").data)
        done = subprocess.run([sys.executable, "-I", script, table], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done
        assert done.stdout == f"population unchanged\ndrawn {plan.number} of 37: identical\n"
        text = table.read_text(encoding="utf-8-sig")
        assert str(county.neighbour.id) not in text, "the list is no list of people's visits"
    first, second = text.split("\n\n")
    table.write_text(f"{first.replace('seed,', 'seed,0')}\n\n{second}", encoding="utf-8")
    assert subprocess.run([sys.executable, "-I", script, table], capture_output=True, check=False).returncode == 1


def test_the_workbook_holds_the_same_as_the_table(sign_in: SignIn, visits: Visits, drawn: Draws) -> None:
    gone = visits(12)[0]
    left_out = LeftOut([str(gone)], "\x01=1+1\x08")  # no workbook takes these, no spreadsheet may compute this
    sample_id = drawn(Plan(Method.SYSTEMATIC, number=3), left_out=left_out)
    client = sign_in(Role.SUPERVISOR)
    book = load_workbook(io.BytesIO(client.get(f"/sampling/{sample_id}/population.xlsx").data))
    text = client.get(f"/sampling/{sample_id}/population.csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    listed = [[str(cell or "") for cell in row] for row in book["population"].iter_rows(values_only=True)]
    assert listed == rows[rows.index([]) + 1 :]
    assert dict(rows[: rows.index([])])["method"] == "systematic"


def test_nothing_is_shown_by_person(
    sign_in: SignIn, app: Flask, county: County, visits: Visits, drawn: Draws
) -> None:
    visits(5)
    visits(5, by=county.neighbour, village=2)
    by_person = drawn(Plan(Method.STRATIFIED, Stratum.INSPECTOR, number=4))
    by_town = drawn(Plan(Method.STRATIFIED, Stratum.TOWNSHIP, number=4))
    client = sign_in(Role.SUPERVISOR)
    text = client.get(f"/sampling/{by_person}").text
    assert county.neighbour.name not in text
    assert "<table" not in text
    assert "分布在 2 人的巡查中" in text
    assert "北山镇" in client.get(f"/sampling/{by_town}").text
    assert "第 2 次" in client.get(f"/sampling/{by_town}").text, "who draws again is seen"


def test_others_have_no_door(sign_in: SignIn, app: Flask, visits: Visits, drawn: Draws, county: County) -> None:
    visits(6)
    sample_id = drawn(SIMPLE)
    for role in (Role.COORDINATOR, Role.INFORMANT):
        assert sign_in(role).get(f"/sampling/{sample_id}").status_code == 403
        assert "抽查" not in sign_in(role).page("/").text
    reader = sign_in(Role.ADMINISTRATOR)
    sheet_id = sheets_of(app, sample_id)[0][0]
    assert reader.get(f"/sampling/{sample_id}/sheets/{sheet_id}").status_code == 200
    assert say(reader, sample_id, sheet_id, visited="yes").status_code == 403


def test_pages_read_as_often_for_one_as_for_many(sign_in: SignIn, visits: Visits, drawn: Draws) -> None:
    visits(3)
    few = drawn(Plan(Method.SIMPLE, number=1))
    client = sign_in(Role.SUPERVISOR)
    paths: tuple[Callable[[UUID], str], ...] = (
        lambda _one: "/sampling", lambda one: f"/sampling/{one}", lambda one: f"/sampling/{one}/check",
        lambda _one: "/",
    )  # fmt: skip
    for path in paths:
        client.get(path(few))
    before = [reads_of(client, path(few)) for path in paths]
    visits(60, village=1)
    many = [drawn(Plan(Method.STRATIFIED, Stratum.TOWNSHIP, number=50)) for _ in range(4)][-1]
    after = [reads_of(client, path(many)) for path in paths]
    assert all(late <= early + (1 if n == 3 else 0) for n, (early, late) in enumerate(zip(before, after, strict=True)))
    assert max(after[:3]) <= 16, after


@pytest.mark.both_databases
def test_both_databases_draw_and_count_alike(context: Flask, county: County) -> None:
    """The whole way through the services on SQLite and on PostgreSQL."""
    from app.sampling import pages, queries, services
    from app.sampling.frames import Frame, prepare
    from app.sampling.models import Answer, Reached
    from app.sampling.services import Said
    from tests.sampling.conftest import finished, make_premises

    by, caller = county.person(Role.COORDINATOR), county.person(Role.SUPERVISOR)
    place = make_premises(county.villages[0], name="两库小吃(演示)")
    for _ in range(20):
        finished(by, place)
    db.session.commit()
    person = db.session.get_one(Person, caller.id)
    frame = Frame(new_id(), person.region, clock.today() - timedelta(days=1), clock.today(), Stratum.DOMAIN)
    prepared = prepare(frame, Plan(Method.STRATIFIED, Stratum.DOMAIN, number=5), LeftOut(own=True), by=person)
    sample = services.keep_sample(prepared, "5eed", by=person, now=clock.now())
    db.session.commit()
    for visited in (Answer.YES, Answer.YES, Answer.NO):
        sheet_id = queries.next_sheet(sample.id, person, clock.now())
        assert sheet_id is not None
        services.keep_call(
            sheet_id, Said(Reached.SPOKEN, visited), call_id=new_id(), by=person, now=clock.now()
        )
    db.session.commit()
    view = pages.sample_view(sample, {}, person)
    assert (view.done, view.results[0].yes, view.results[0].no) == (3, 2, 1)
    assert pages.draw_again(sample).is_identical
    lines = queries.lines_of(sample.id)
    assert rules.digest_of(lines) == sample.population_digest
