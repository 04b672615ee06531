"""Registers from elsewhere: real files in the encodings that are about, judged row by row, written once."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from app.accounts.regions import regions_in
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import AppError
from app.core.roles import Role
from app.premises import importing
from app.premises.import_rows import Judge, Known, Matching
from app.premises.models import ImportBatch, Premises
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn

SAVED = datetime(2027, 6, 30)  # noqa: DTZ001 - a workbook knows no zones
HEADER = "单位名称,类别,乡镇,村,地址,负责人,联系电话,有效期至\n"
GOOD = (
    HEADER
    + "青禾小饭馆,小餐饮,北山镇,北山1村,1号,某甲,13800000000,2027-06-30\n"
    + "龘靐旅社,旅馆,北山,,2号,某乙,0771-1234567,长期\n"
)


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_usual_encoding_is_understood(encoding: str, ending: str) -> None:
    text = GOOD.replace("龘靐", "龙门") if encoding == "gbk" else GOOD.replace("龘", "𠮷")
    table = importing.read_table(text.replace("\n", ending).encode(encoding))
    assert table.header[0] == "单位名称"
    assert table.rows[0][0] == "青禾小饭馆"
    assert table.rows[1][0] in {"龙门旅社", "𠮷靐旅社"}
    assert table.first_row == 2


def test_semicolons_tabs_quotes_and_line_breaks_inside_cells() -> None:
    table = importing.read_table('名称;地址\n"甲;乙";"1号\n二楼"\n'.encode())
    assert table.rows == [["甲;乙", "1号\n二楼"]]
    assert importing.read_table("名称\t地址\n甲\t1号".encode()).rows == [["甲", "1号"]]


def test_a_title_above_the_header_and_empty_rows_are_passed_over() -> None:
    table = importing.read_table(
        ("南河镇场所台账,,\n,,\n名称,电话,类型\n甲,13800000000,商店\n,,\n,,\n").encode("gbk")
    )
    assert table.header == ["名称", "电话", "类型"]
    assert (table.rows, table.first_row) == ([["甲", "13800000000", "商店"]], 4)


def test_a_workbook_is_read_as_people_see_it() -> None:
    table = importing.read_table(
        workbook(
            ["单位名称", "联系电话", "有效期至", "备注", "高层建筑"],
            ["甲店", 13800000000, SAVED, "=1+1", True],
            ["乙店", 1.38e10, date(2027, 6, 30), 0.5, None],
        )
    )
    assert table.rows[0] == ["甲店", "13800000000", "2027-06-30", "", "是"], (
        "a formula without a saved value is empty"
    )
    assert table.rows[1] == ["乙店", "13800000000", "2027-06-30", "0.5", ""]


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 90_000_000)
    return buffer.getvalue()


def entity_bomb() -> bytes:
    """A workbook whose sheet grows a thousand million times when its entities are expanded."""
    book = io.BytesIO(workbook(["名称"], ["甲"]))
    out = io.BytesIO()
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    sheet = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="str"><v>&a9;</v></c></row></sheetData></worksheet>'
    )
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, sheet if "sheet1" in name else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        ("名称,电话\n".encode(), "no rows"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 50, "neither"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)), "neither"),
        (b"\xff\xfe\x00", "neither"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
        (b"PK\x03\x04" + b"nothing" * 100, "cannot be opened"),
        (workbook(["名称"], ["甲"])[:-400], "cannot be opened"),
        (bomb(), "far too much"),
        (entity_bomb(), "cannot be opened"),
        (b"a" * (5 * 1024 * 1024 + 1), "too large"),
        (("名称,电话\n" + "甲,1\n" * 20_001).encode(), "more than 20000 rows"),
        (('名称,电话\n"甲' + "长" * 200_000).encode(), "broken"),
    ],
    ids=range(14),
)
def test_what_is_no_register_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(AppError, match=words):
        importing.read_table(data)


def test_a_sheet_that_claims_a_million_columns_stays_small() -> None:
    book = Workbook()
    book.active.append(["名称", "电话"])
    book.active.append(["甲", "1"])
    book.active.cell(2, 16_000).value = "far away"
    buffer = io.BytesIO()
    book.save(buffer)
    assert len(importing.read_table(buffer.getvalue()).header) <= importing.MOST_COLUMNS


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["序号", "单位名称", "业态", "手机号码"], {"name": 1, "kind": 2, "phone": 3}),
        (["Name", "Type", "Phone", "Township"], {"name": 0, "kind": 1, "phone": 2, "township": 3}),
        (["商户名称(全称)", "统一社会信用代码(18位)", "联系电话1"], {"name": 0, "credit_code": 1, "phone": 2}),
        (["许可证号", "许可证有效期至", "经度", "纬度"],
         {"licence_number": 0, "licence_until": 1, "longitude": 2, "latitude": 3}),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_their_headings(header: list[str], expected: dict[str, int]) -> None:
    assert importing.guess_columns(header) == expected


def test_the_templates_can_be_read_back_and_every_column_is_recognised() -> None:
    for data in (importing.template_csv(), importing.template_xlsx()):
        table = importing.read_table(data)
        assert set(importing.guess_columns(table.header)) == set(importing.COLUMNS)
        assert table.rows[0][0].startswith("青禾小饭馆")
    assert load_workbook(io.BytesIO(importing.template_xlsx())).sheetnames[0] == "场所"


class TestRows:
    """One row, understood or not."""

    @pytest.fixture
    def judge(self, place: County) -> Any:
        def make(**row: str) -> Any:
            columns = {name: index for index, name in enumerate(row)}
            judge = Judge(
                regions_in(place.townships[0]), known, Matching(columns, "", place.townships[0].code)
            )
            return judge.judge(list(row.values()), 7)

        known = [Known(place.agency.id, "青禾小饭馆", "13800000000", "", place.villages[0].id)]
        return make

    @pytest.mark.parametrize(
        ("text", "kind"),
        [("小餐饮", "small_eatery"), ("restaurant", "restaurant"), ("宾馆", "lodging"), ("个体诊所", "clinic"),
         ("学校食堂", "canteen_school"), ("理发店", "hair_beauty"), ("村卫生室", "village_clinic")],
    )  # fmt: skip
    def test_kinds_by_any_usual_name(self, judge: Any, text: str, kind: str) -> None:
        assert judge(name="甲", kind=text).facts.kind == kind

    def test_areas_by_name_short_name_or_code(self, judge: Any, place: County) -> None:
        for village in ("北山1村", "北山1", "北山1村村委会", "9901000011"):
            assert (
                judge(name="甲", kind="商店", township="北山镇", village=village).facts.region.id
                == place.villages[0].id
            )
        assert judge(name="甲", kind="商店", township="北山").facts.region.id == place.townships[0].id
        assert judge(name="甲", kind="商店").facts.region.id == place.townships[0].id, "the default"

    @pytest.mark.parametrize(
        "text", ["2027-06-30", "2027/6/30", "2027.6.30", "2027年6月30日", "20270630", "2027-06-30 00:00:00"]
    )
    def test_dates_as_people_write_them(self, judge: Any, text: str) -> None:
        row = judge(name="甲", kind="商店", licence_number="1", licence_until=text)
        assert row.facts.licences[0].until == date(2027, 6, 30)

    @pytest.mark.parametrize(
        ("row", "field", "message"),
        [
            ({"name": ""}, "name", "missing"),
            ({"kind": "飞船"}, "kind", "飞船"),
            ({"kind": ""}, "kind", "what kind"),
            ({"township": "南湾镇"}, "township", "not in your area"),
            ({"village": "月亮村"}, "village", "not in your area"),
            ({"phone": "1.38E+10"}, "phone", "Excel shortened"),
            ({"phone": "没有"}, "phone", "not a phone"),
            ({"licence_until": "明年"}, "licence_until", "not a date"),
            ({"licence_until": "2027-02-30"}, "licence_until", "not a date"),
            ({"domains": "餐饮、魔法"}, "domains", "魔法"),
            ({"latitude": "北", "longitude": "1"}, "latitude", "not a number"),
            ({"latitude": "nan", "longitude": "1"}, "latitude", "not a number"),
            ({"status": "飘浮"}, "status", "飘浮"),
            ({"staff_certificates": "几个"}, "staff_certificates", "not a number"),
            ({"credit_code": "91"}, "credit_code", "credit code"),
            ({"notes": "长" * 5_000}, "notes", "too long"),
        ],
    )
    def test_each_problem_in_words(self, judge: Any, row: dict[str, str], field: str, message: str) -> None:
        judged = judge(**{"name": "甲店", "kind": "商店"} | row)
        assert judged.facts is None
        told = [(problem.field, problem.message % dict(problem.params)) for problem in judged.problems]
        assert any(where == field and message in words for where, words in told), told

    def test_likely_duplicates_of_the_register(self, judge: Any) -> None:
        assert judge(name="青禾小饭馆", kind="商店").reasons == ("name",)
        assert judge(name="青禾饭馆", kind="商店", phone="138 0000 0000").reasons == ("phone",)
        assert judge(name="松岭水厂", kind="水厂", phone="13800000000").is_good, (
            "one owner may run two places"
        )


def send(client: PageClient, data: bytes, name: str = "台账.csv") -> str:
    """Upload and give the address of the batch."""
    page = client.page("/premises/import")
    hidden = {one["name"]: one["value"] for one in page.all("input") if one["type"] == "hidden"}
    answer = client.post("/premises/import", data={**hidden, "file": (io.BytesIO(data), name)})
    assert answer.status_code == 303, answer.text
    return str(answer.location).removesuffix("/columns")


def accept_columns(client: PageClient, batch: str, **changes: str) -> Any:
    page = client.page(f"{batch}/columns")
    chosen = {
        select["name"]: next((one["value"] for one in select.all("option") if "selected" in one), "-1")
        for select in page.all("select")
    }
    return client.submit(
        f"{batch}/columns", {name: value for name, value in (chosen | changes).items() if value != ""}
    )


def numbers(page: str) -> list[str]:
    """The counts at the top of the preview: in order, doubles, problems."""
    stats = [one for one in parse(page).walk() if "stat" in one["class"].split() and one.tag == "a"]
    return [one.all("b")[0].text for one in stats]


def stored(app: Flask) -> list[Premises]:
    with app.app_context():
        return list(db.session.scalars(select(Premises).order_by(Premises.name)).all())


MIXED = (
    HEADER
    + "青禾小饭馆,小餐饮,北山镇,北山1村,1号,某甲,13800000000,2027-06-30\n"
    + "无类店,飞船,北山镇,,2号,某乙,,\n"
    + "松岭水厂,水厂,北山镇,,3号,某丙,0771-1234567,\n"
    + "松岭水厂,水厂,北山镇,,4号,某丁,,\n"
)


@pytest.mark.both_databases
def test_a_gbk_register_from_file_to_finished(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    batch = send(client, MIXED.encode("gbk"))
    assert accept_columns(client, batch).location == batch
    preview = client.get(batch).text
    assert numbers(preview) == ["2", "1", "1"]
    assert "不认识场所类型“飞船”" in preview
    doubles = client.get(f"{batch}?view=duplicates").text
    assert "与本文件第 4 行相同" in doubles
    refused = client.submit(batch, {"mode": "all", "duplicates": "skip"})
    assert refused.status_code == 409
    assert "1 行" in refused.text
    assert stored(app) == []
    done = client.submit(batch, {"mode": "valid", "duplicates": "skip"})
    assert done.location == f"{batch}/done"
    page = client.get(done.location).text
    assert "不认识场所类型" in page
    assert [one.name for one in stored(app)] == ["松岭水厂", "青禾小饭馆"]
    assert "青禾小饭馆" in client.get("/premises?q=qhx").text
    with app.app_context():
        kept = db.session.scalars(select(ImportBatch)).one()
        assert kept.rows == []
        assert kept.summary["created"] == 2
        count = (
            select(func.count()).select_from(AuditRecord).where(AuditRecord.action == "premises_registered")
        )
        assert db.session.scalar(count) == 2


def test_an_import_sent_twice_is_written_once(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    batch = send(client, GOOD.encode())
    accept_columns(client, batch)
    token = {
        one["name"]: one["value"] for one in client.page(batch).all("input") if one["name"] == "csrf_token"
    }
    answers = [client.post(batch, data=token | {"mode": "all"}) for _ in range(2)]
    assert [one.location for one in answers] == [f"{batch}/done"] * 2
    assert len(stored(app)) == 2
    assert client.get(batch).location == f"{batch}/done"


def test_doubles_of_the_register_are_left_out_filled_or_created(
    sign_in: SignIn, app: Flask, county: County
) -> None:
    with app.app_context():
        make_premises(county.villages[0], "青禾小饭馆")
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    row = HEADER + "青禾小饭馆,小餐饮,北山镇,,河口9号,某甲,13800000000,2027-06-30\n"
    for choice, files, address in (("skip", 1, ""), ("fill", 1, "河口9号"), ("create", 2, "河口9号")):
        batch = send(client, row.encode())
        accept_columns(client, batch)
        client.submit(batch, {"mode": "all", "duplicates": choice})
        found = stored(app)
        assert (len(found), found[0].address or found[-1].address) == (files, address)


def test_one_double_can_be_created_in_spite(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    accept_columns(client, batch := send(client, MIXED.encode()))
    client.submit(batch, {"mode": "valid", "duplicates": "skip", "create": "5"})
    assert [one.name for one in stored(app)] == ["松岭水厂", "松岭水厂", "青禾小饭馆"]


def test_an_excel_register_with_numbers_dates_and_markup(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(Role.SUPERVISOR)
    data = workbook(
        ["某县场所台账", None, None, None],
        ["单位名称", "类别", "联系电话", "许可证有效期至", "乡镇"],
        ["<b>甲店</b>", "商店", 13800000000, SAVED, "南湾镇"],
        ["=cmd|' /C calc'!A0", "商店", None, None, "北山镇"],
    )
    batch = send(client, data, "台账.xlsx")
    accept_columns(client, batch)
    preview = client.get(f"{batch}?view=good").text
    assert "&lt;b&gt;甲店" in preview
    client.submit(batch, {"mode": "valid"})
    found = stored(app)
    assert [(one.name, one.phone) for one in found] == [("<b>甲店</b>", "13800000000")]
    with app.app_context():
        again = db.session.get_one(Premises, found[0].id)
        assert (again.licences[0].until, again.region.name_zh) == (date(2027, 6, 30), "南湾镇")


def test_columns_are_corrected_by_the_person(sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    batch = send(client, "甲列,乙列\n青禾小饭馆,13800000000\n".encode())
    missing = accept_columns(client, batch)
    assert missing.status_code == 422
    assert "请选择名称所在的列" in missing.text
    twice = accept_columns(client, batch, **{"column-name": "0", "column-phone": "0"})
    assert "被选了两次" in twice.text
    good = accept_columns(client, batch, **{"column-name": "0", "column-phone": "1", "default_kind": "shop"})
    assert good.status_code == 303
    assert numbers(client.get(batch).text) == ["1", "0", "0"]


def test_a_bad_file_is_answered_on_the_same_page(sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    for data, name, words in (
        (b"\x89PNG\0\0", "photo.csv", "不是 CSV"),
        (b"", "empty.csv", "空"),
        (bomb(), "b.xlsx", "过大"),
    ):
        answer = client.submit("/premises/import", {"file": (io.BytesIO(data), name)})
        assert answer.status_code == 422
        assert words in answer.text
    assert "请先选择文件" in client.submit("/premises/import", {}).text


def test_an_upload_belongs_to_who_sent_it(sign_in: SignIn) -> None:
    batch = send(sign_in(Role.COORDINATOR), GOOD.encode())
    assert sign_in(Role.SUPERVISOR).get(batch).status_code == 404
    assert sign_in(Role.INFORMANT).get("/premises/import").status_code == 403


def test_templates_are_offered(sign_in: SignIn) -> None:
    client = sign_in(Role.ADMINISTRATOR)
    for kind in ("csv", "xlsx"):
        answer = client.get(f"/premises/import/template.{kind}")
        assert "attachment" in answer.headers["Content-Disposition"]
        assert importing.read_table(answer.data).rows
