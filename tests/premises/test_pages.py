"""The register's pages as people use them."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.premises.models import Premises
from tests.factories.people import County
from tests.factories.premises import make_premises
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn


@pytest.fixture
def stored(app: Flask, county: County) -> Callable[..., Premises]:
    """Register and commit a premises in the first village, or in another `region`."""

    def store(name: str = "", region: Any = None, **changes: Any) -> Premises:
        with app.app_context():
            premises = make_premises(db.session.merge(region or county.villages[0]), name, **changes)
            db.session.commit()
            return premises

    return store


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Premises)) or 0


def entered(client: PageClient, **changes: Any) -> MultiDict[str, Any]:
    """What a browser would send from the new-file form."""
    page = client.page("/premises/new")
    hidden = {one["name"]: one["value"] for one in page.all("input") if one["type"] == "hidden"}
    fields: dict[str, Any] = {
        "name": "青禾小饭馆", "kind": "small_eatery", "region": "9901000011", "status": "open", "domains": ["catering"],
    }  # fmt: skip
    data = MultiDict[str, Any](hidden)
    for name, value in (fields | changes).items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def test_an_informant_registers_a_place_and_sees_its_file(sign_in: SignIn, county: County) -> None:
    client = sign_in(Role.INFORMANT)
    data = entered(
        client, phone="13800000000", **{"licences-0-name": "食品经营许可证", "licences-0-until": "2026-01-31"}
    )
    answer = client.post("/premises/new", data=data)
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "青禾小饭馆" in page
    assert "13800000000" in page
    assert "食品经营许可证 · 2026年1月31日 已到期" in page


def test_the_same_form_twice_makes_one_file(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    data = entered(client)
    first, second = (client.post("/premises/new", data=data) for _ in range(2))
    assert (first.status_code, first.location) == (second.status_code, second.location)
    assert count(app) == 1


def test_a_likely_duplicate_is_proposed_before_anything_is_saved(
    sign_in: SignIn, app: Flask, stored: Any
) -> None:
    known = stored("青禾小饭馆(演示)", phone="13800000000")
    client = sign_in(Role.COORDINATOR)
    data = entered(client, phone="138 0000 0000")
    proposed = client.post("/premises/new", data=data)
    assert proposed.status_code == 409
    assert f"/premises/{known.id}" in proposed.text
    assert "电话相同" in proposed.text
    assert count(app) == 1
    data["anyway"] = "1"
    assert client.post("/premises/new", data=data).status_code == 303
    assert count(app) == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "缺少名称"),
        ("name", "长" * 200, "太长了"),
        ("kind", "", "请选择场所类型"),
        ("phone", "没有电话", "这不是电话号码"),
        ("latitude", "北边", "这不是数字"),
        ("latitude", "24.1", "纬度和经度"),
        ("notes", "长" * 10_000, "最多 4000 个"),
        ("staff_certificates", "三个", "请填写整数"),
        ("staff_certificates_until", "明年", "这不是日期"),
        ("licences-0-until", "明年", "这不是日期"),
        ("credit_code", "12345", "18 位"),
        ("region", "9901000021", "辖区"),
    ],
)
def test_every_bad_entry_is_said_in_words(
    sign_in: SignIn, app: Flask, field: str, value: str, words: str
) -> None:
    client = sign_in(Role.COORDINATOR)
    answer = client.post("/premises/new", data=entered(client, **{field: value}))
    assert answer.status_code == 422
    summary = next(one for one in parse(answer.text).walk() if one["class"] == "errors")
    assert words in summary.text
    assert count(app) == 0


def test_full_width_digits_are_numbers(sign_in: SignIn, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    assert (
        client.post("/premises/new", data=entered(client, latitude="24。5", longitude="108,25")).status_code
        == 303
    )
    with app.app_context():
        premises = db.session.scalars(select(Premises)).one()
        assert (premises.latitude, premises.longitude) == (24.5, 108.25)


def test_rows_of_licences_come_and_go_without_javascript(sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    data = entered(client, **{"licences-0-name": "甲证", "add_licence": "1"})
    more = parse(client.post("/premises/new", data=data).text)
    names = [one["name"] for one in more.all("input") if one["name"].endswith("-name")]
    assert names == ["licences-0-name", "licences-1-name"]
    fewer = client.post(
        "/premises/new", data=entered(client, **{"licences-0-name": "甲证", "remove_licence": "licences-0"})
    )
    assert "甲证" not in fewer.text
    row = client.get("/premises/licence-row", headers={"HX-Request": "true"}).text
    assert re.search(r'name="licences-\d+-until"', row)


def test_a_person_changes_a_file_of_their_area(sign_in: SignIn, stored: Any, app: Flask) -> None:
    premises = stored("旧名")
    client = sign_in(Role.COORDINATOR)
    path = f"/premises/{premises.id}/edit"
    data = {"name": "新名", "kind": "shop", "domains": "fire", "region": "990100001", "status": "closed"}
    assert client.submit(path, data).location == f"/premises/{premises.id}"
    with app.app_context():
        changed = db.session.get_one(Premises, premises.id)
        assert (changed.name, changed.status, changed.domains, changed.village_id) == (
            "新名",
            "closed",
            ["fire"],
            None,
        )


def test_a_long_name_wraps_on_its_own_page_and_no_markup_gets_through(sign_in: SignIn, stored: Any) -> None:
    premises = stored("<script>alert(1)</script>长名" + "馆" * 60, notes="<b>😀𠮷</b>")
    page = sign_in(Role.COORDINATOR).get(f"/premises/{premises.id}").text
    assert "<script>alert" not in page
    assert "&lt;b&gt;😀𠮷&lt;/b&gt;" in page


def test_the_list_answers_plain_browsers_and_htmx(sign_in: SignIn, stored: Any) -> None:
    for index in range(35):
        stored(f"面馆{index:02}")
    client = sign_in(Role.COORDINATOR)
    page = client.page("/premises?q=mg")
    rows = [one for one in page.all("li") if one["id"].startswith("premises-")]
    assert len(rows) == 30
    more = next(one for one in page.all("a") if "hx-get" in one)
    next_rows = client.get(more["href"], headers={"HX-Request": "true"}).text
    assert "<html" not in next_rows
    assert next_rows.count('id="premises-') == 5
    fragment = client.get("/premises?q=mg", headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<div id="results">')
    assert "面馆30" in client.get(more["href"]).text, "the link works without JavaScript, too"


@pytest.mark.parametrize(
    "query",
    [
        "after=nonsense",
        "after=.",
        "region=nowhere",
        "status=odd&kind=odd&domain=odd",
        "q=%00%F0%9F%98%80",
        "q=" + "长" * 5000,
    ],
)
def test_nonsense_in_the_address_is_left_out(sign_in: SignIn, query: str) -> None:
    assert sign_in(Role.COORDINATOR).get(f"/premises?{query}").status_code == 200


def test_a_position_that_is_none_is_said_in_words(sign_in: SignIn) -> None:
    answer = sign_in(Role.COORDINATOR).get("/premises?latitude=nan&longitude=5")
    assert answer.status_code == 422
    assert "位置无法使用" in answer.text


def test_near_me_shows_distances(sign_in: SignIn, stored: Any) -> None:
    stored("很近", latitude=24.001, longitude=108.0)
    stored("不远", latitude=24.02, longitude=108.0)
    text = sign_in(Role.COORDINATOR).get("/premises?latitude=24&longitude=108").text
    assert text.index("很近") < text.index("110 m") < text.index("不远") < text.index("2.2 km")


def test_an_empty_register_says_what_to_do(sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    assert "还没有场所" in client.get("/premises").text
    assert "没有找到" in client.get("/premises?q=xyz").text


def test_door_codes_lead_to_the_file_after_signing_in(
    sign_in: SignIn, stored: Any, client: PageClient
) -> None:
    premises = stored("门店")
    path = f"/d/{premises.door_token}"
    assert client.get(path).location == f"/sign-in?next={path}"
    assert client.get("/d/" + "x" * 22).location == "/sign-in?next=/d/" + "x" * 22
    assert sign_in(Role.COORDINATOR).get(path).location == f"/premises/{premises.id}"
    neighbour = sign_in(person=sign_in.county.neighbour)
    wrong, not_theirs = neighbour.get("/d/" + "x" * 22), neighbour.get(path)
    assert wrong.status_code == not_theirs.status_code == 404
    without_id = [re.sub(r"[0-9a-f]{12}|content=\"[^\"]*\"", "", one.text) for one in (wrong, not_theirs)]
    assert without_id[0] == without_id[1], "a wrong code and another's code look the same"


def test_what_was_scanned_or_typed_opens_the_place_or_searches(sign_in: SignIn, stored: Any) -> None:
    premises = stored("门店")
    client = sign_in(Role.COORDINATOR)
    for code in (
        premises.door_token,
        f"https://xuncha.example/d/{premises.door_token}",
        f" {premises.door_token} ",
    ):
        assert client.get("/scan", query_string={"code": code}).location == f"/premises/{premises.id}"
    assert client.get("/scan", query_string={"code": "门店"}).location.startswith("/premises?q=")
    assert client.get("/scan", query_string={"code": "x" * 22}).status_code == 404
    assert "门码" in client.get("/scan").text


def test_a_printed_door_code_is_read_by_a_decoder(sign_in: SignIn, stored: Any, app: Flask) -> None:
    import zxingcpp
    from PIL import Image, ImageDraw

    premises = stored("门店")
    svg = parse(sign_in(Role.COORDINATOR).get("/premises/door-codes").text)
    picture = next(one for one in svg.all("svg") if one["aria-label"] == "门店")
    size = int(float(picture["viewbox"].split()[2]))
    image = Image.new("L", (size * 10, size * 10), 255)
    draw = ImageDraw.Draw(image)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)", picture.all("path")[0]["d"]):
        left, top = int(x) * 10, int(y) * 10
        draw.rectangle([left, top, left + int(length) * 10 - 1, top + 9], fill=0)
    read = zxingcpp.read_barcodes(image)
    assert read[0].text == app.extensions["settings"].public_url + f"/d/{premises.door_token}"


def test_two_files_become_one(sign_in: SignIn, stored: Any, app: Flask) -> None:
    one, two = stored("青禾饭馆"), stored("青禾小饭馆")
    client = sign_in(Role.COORDINATOR)
    chooser = client.get(f"/premises/{one.id}/merge?q=青禾").text
    assert f"other={two.id}" in chooser
    path = f"/premises/{one.id}/merge"
    answer = client.submit(
        path, {"other": two.id, "keep": two.id, "change_id": new_id()}, page=f"{path}?other={two.id}"
    )
    assert answer.location == f"/premises/{two.id}"
    assert client.get(f"/premises/{one.id}").location == f"/premises/{two.id}"
    assert client.get(f"/d/{one.door_token}").location == f"/premises/{two.id}"
    assert sign_in(Role.INFORMANT).get(f"{path}").status_code == 403


def test_another_areas_files_do_not_exist_on_any_page(sign_in: SignIn, stored: Any, county: County) -> None:
    theirs = stored("别人的店", region=county.villages[2])
    mine = stored("我的店")
    client = sign_in(Role.COORDINATOR)
    for path in ("", "/edit", "/merge", "/door-code"):
        assert client.get(f"/premises/{theirs.id}{path}").status_code == 404
    assert client.get(f"/premises/{mine.id}/merge?other={theirs.id}").status_code == 404
    for path in ("/premises", "/premises?q=别人", "/premises/door-codes", "/premises?region=990100002"):
        assert "别人的店" not in client.get(path).text
    assert "别人的店" in sign_in(Role.SUPERVISOR).get("/premises").text


def test_an_upload_that_is_too_large_is_refused_in_words(sign_in: SignIn) -> None:
    client = sign_in(Role.COORDINATOR)
    data = {"file": (io.BytesIO(b"a,b\n" * 2_000_000), "big.csv")}
    answer = client.submit("/premises/import", data)
    assert answer.status_code == 413
    assert "5 MB" in answer.text


def test_two_people_editing_one_file_do_not_overwrite_each_other_unseen(
    sign_in: SignIn, stored: Callable[..., Premises]
) -> None:
    path = f"/premises/{stored('旧名').id}/edit"
    mine, theirs = sign_in(Role.COORDINATOR), sign_in(Role.SUPERVISOR)
    place = {"kind": "shop", "domains": "fire", "region": "990100001", "status": "open"}
    my_form = hidden_in(mine.page(path)) | place | {"name": "我的名字"}
    their_form = hidden_in(theirs.page(path)) | place | {"name": "他的名字"}
    assert theirs.post(path, data=their_form).status_code == 303
    answer = mine.post(path, data=my_form)
    assert answer.status_code == 409
    assert "刚被别人改过" in answer.text
    assert "我的名字" in answer.text
    assert mine.post(path, data=my_form | hidden_in(parse(answer.text))).status_code == 303


def hidden_in(page: Any) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return {one["name"]: one["value"] for one in page.all("input") if one["type"] == "hidden"}
