"""Versions never change; every edit is the next one; supervisors read, the county's administrators edit."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import event

from app.accounts.models import Person
from app.checklists import editing, queries, services
from app.checklists.limits import edited_measures
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.rules import load_domains, load_items
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import Invalid, NotAllowed
from app.core.roles import Role
from tests.factories.people import make_person

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
DOMAINS = [domain.key for domain in load_domains()]
ALL_ITEMS = sum(len(load_items(domain)) for domain in DOMAINS)


def load():
    with transaction():
        return services.load_shipped_checklists(NOW)


@pytest.fixture
def loaded(app, county):
    with app.app_context():
        load()


@pytest.fixture
def admin(sign_in, loaded):
    return sign_in(Role.ADMINISTRATOR)


def form_of(item, **changes):
    data = {name: value for name, value in _plain(item).items() if value not in (None, False)}
    return data | {"remark": "核对原文", "based_on": 1} | changes


def _plain(item):
    from app.checklists.forms import form_data

    return form_data(item)


def item_of(app, domain, code):
    with app.app_context():
        version = queries.current_version(domain)
        return next(item for item in queries.items_of([version.id])[version.id] if item.code == code)


# ---- data layer


@pytest.mark.both_databases
def test_loading_twice_publishes_once(context):
    assert len(load()) == len(DOMAINS)
    assert load() == []
    assert db.session.query(ChecklistItem).count() == ALL_ITEMS
    assert {version.number for version in db.session.query(ChecklistVersion)} == {1}


@pytest.mark.both_databases
def test_newer_shipped_data_become_a_new_version_and_the_old_one_stays(context):
    load()
    item = db.session.query(ChecklistItem).filter_by(code="CAT-01").one()
    old_title, item.title_zh = item.title_zh, "上一版的写法"
    db.session.commit()
    published = load()
    assert [(version.domain, version.number) for version in published] == [("catering", 2)]
    assert queries.version_numbered("catering", 1).items[0].title_zh == "上一版的写法"
    assert queries.version_numbered("catering", 2).items[0].title_zh == old_title


def test_shipped_data_never_overwrite_what_an_administrator_published(context, county):
    load()
    me = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    version = queries.current_version("water")
    with transaction():
        services.retire_item(version, "WAT-01", by=me, remark="本县不适用", now=NOW)
    assert load() == []
    items = queries.items_of([queries.current_version("water").id])
    assert "WAT-01" not in [item.code for rows in items.values() for item in rows]


def test_items_of_many_versions_come_in_one_query_in_their_order(context):
    load()
    versions = queries.current_versions(DOMAINS)
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    items = queries.items_of([version.id for version in versions.values()])
    assert len([text for text in statements if text.startswith("SELECT")]) == 1
    assert [item.code for item in items[versions["fire"].id]] == [item.code for item in load_items("fire")]


def test_a_township_administrator_does_not_edit_the_countys_checklists(context, county):
    load()
    person = make_person(Role.ADMINISTRATOR, db.session.merge(county.hospitals[0]))
    with pytest.raises(NotAllowed), transaction():
        services.retire_item(queries.current_version("water"), "WAT-01", by=person, remark="x", now=NOW)


def test_an_edit_that_changes_nothing_publishes_nothing(context, county):
    load()
    me = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    version = queries.current_version("water")
    row = services.content_of(queries.items_of([version.id])[version.id][0])
    with pytest.raises(Invalid), transaction():
        services.edit_item(version, row, by=me, remark="x", now=NOW)


# ---- rules


def test_comparing_names_what_was_added_retired_and_changed():
    class Item:
        def __init__(self, code, title):
            self.code, self.title = code, title

    changes = editing.compare([Item("A", "1"), Item("B", "1")], [Item("A", "2"), Item("C", "1")], ["title"])
    assert [(change.code, bool(change.before), bool(change.after), change.fields) for change in changes] == [
        ("A", True, True, ("title",)),
        ("C", False, True, ()),
        ("B", True, False, ()),
    ]


@pytest.mark.parametrize(
    ("code", "taken"),
    [("CAT-26", True), ("CAT-X1", True), ("WAT-26", False), ("CAT-", False), ("CAT-26<b>", False)],
)
def test_a_code_begins_like_the_others_of_its_checklist(code, taken):
    row = load_items("catering")[0].as_row() | {"code": code}
    assert (editing.item_problem(row, prefix="CAT")[1] == "") is taken


@pytest.mark.parametrize("name", ["title_zh", "title_en", "basis_en", "advice_zh"])
def test_an_item_needs_both_languages(name):
    row = load_items("catering")[0].as_row() | {name: " "}
    assert editing.item_problem(row, prefix="CAT")[1] == name


def test_phrases_go_into_lines_and_back():
    phrases = [{"zh": "温度计坏了", "en": "Thermometer broken"}, {"zh": "生熟混放", "en": "生熟混放"}]
    assert editing.phrases_from(editing.phrases_text(phrases)) == phrases
    assert editing.phrases_from("只有中文\n\n") == [{"zh": "只有中文", "en": "只有中文"}]


def test_limits_are_edited_as_exact_numbers():
    measures = next(item for item in load_items("catering") if item.code == "CAT-10").as_row()["measures"]
    edited, problem = edited_measures(measures, {"limit-0-0-max": "10.0"})
    assert problem == ""
    assert edited[0]["limits"][0]["max"] == "10.0"
    assert edited[0]["limits"][1] == measures[0]["limits"][1]
    assert edited_measures(measures, {"limit-0-0-max": "ten"})[1]
    assert edited_measures(measures, {"limit-0-0-max": "-1"})[1]
    assert edited_measures(measures, {"limit-0-0-max": "", "limit-0-0-min": ""})[1]
    assert edited_measures(measures, {})[0] == measures


# ---- pages


@pytest.mark.parametrize("role", [Role.INFORMANT, Role.COORDINATOR])
def test_coordinators_and_informants_do_not_open_them(sign_in, loaded, role):
    for path in (
        "/checklists",
        "/checklists/catering",
        "/checklists/catering/versions",
        "/checklists/catering/compare",
    ):
        assert sign_in(role).get(path).status_code == 403


def test_a_supervisor_reads_everything_and_edits_nothing(sign_in, loaded):
    reader = sign_in(Role.SUPERVISOR)
    assert "餐饮" in reader.get("/checklists").get_data(as_text=True)
    for domain in DOMAINS:
        page = reader.get(f"/checklists/{domain}").get_data(as_text=True)
        assert "/items/" not in page
        for item in load_items(domain):
            assert f'id="{item.code}"' in page
    assert reader.get("/checklists/catering/items/CAT-01").status_code == 403
    assert reader.get("/checklists/no-such-domain").status_code == 404
    assert reader.get("/checklists/catering/versions/99").status_code == 404


def test_marks_are_shown_in_words_and_only_doubtful_items_can_be_picked(admin):
    unsure = [
        item for item in load_items("fire") if item.unsure or any(measure.unsure for measure in item.measures)
    ]
    page = admin.get("/checklists/fire?show=to-check").get_data(as_text=True)
    assert page.count('<article class="item') == len(unsure)
    assert "条款未核" in page
    assert "K高" in page
    assert "article not checked" in _english(admin).get("/checklists/fire").get_data(as_text=True)


def _english(client):
    client.set_cookie("lang", "en")
    return client


def test_editing_an_item_publishes_the_next_version_and_keeps_the_old_one(app, admin):
    item = item_of(app, "catering", "CAT-01")
    data = form_of(item, title_zh="经营许可有效", unsure="", unsure_why="")
    answer = admin.submit("/checklists/catering/items/CAT-01", data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with app.app_context():
        old, new = queries.version_numbered("catering", 1), queries.version_numbered("catering", 2)
        assert old.items[0].title_zh == item.title_zh
        assert (new.items[0].title_zh, new.items[0].unsure) == ("经营许可有效", False)
        assert [one.code for one in new.items] == [one.code for one in old.items]
        assert services.content_of(new.items[1]) == services.content_of(old.items[1])
        assert new.remark == "核对原文"
        record = db.session.query(AuditRecord).filter_by(action="checklist_published", object_id=new.id).one()
        assert record.person_id == new.published_by_id
    history = admin.get("/checklists/catering/versions").get_data(as_text=True)
    assert "核对原文" in history
    assert "管小四" in history
    compared = admin.get("/checklists/catering/compare").get_data(as_text=True)
    assert f"<del>{item.title_zh}</del>" in compared
    assert "<ins>经营许可有效</ins>" in compared
    assert "不再使用" in admin.get("/checklists/catering/versions/1").get_data(as_text=True)


def test_an_untouched_form_changes_nothing_of_any_item(app, admin):
    """What the form cannot show must not get lost on the way through it."""
    for domain in DOMAINS:
        for shipped in load_items(domain):
            item = item_of(app, domain, shipped.code)
            answer = admin.submit(f"/checklists/{domain}/items/{shipped.code}", form_of(item))
            assert answer.status_code == 422, shipped.code
            assert "没有任何改动" in answer.get_data(as_text=True), shipped.code


def test_the_same_request_twice_publishes_once(app, admin):
    data = form_of(item_of(app, "catering", "CAT-01"), title_zh="甲", change_id=str(uuid4()))
    assert admin.submit("/checklists/catering/items/CAT-01", data).status_code == 303
    assert admin.submit("/checklists/catering/items/CAT-01", data).status_code == 303
    with app.app_context():
        assert queries.current_version("catering").number == 2


def test_two_administrators_at_once_the_second_sees_what_happened_and_loses_nothing(app, admin):
    item = item_of(app, "catering", "CAT-01")
    admin.submit("/checklists/catering/items/CAT-01", form_of(item, title_zh="甲"))
    answer = admin.submit("/checklists/catering/items/CAT-01", form_of(item, title_zh="乙的写法"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "第 2 版已经发布" in page
    assert "乙的写法" in page
    assert 'name="based_on" value="2"' in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title_en": ""}, "此项必填"),
        ({"remark": ""}, "原因和出处"),
        ({"deadline_days": "366"}, "0 至 365"),
        ({"severity": "Z"}, ""),
        ({"title_zh": "长" * 201}, "最多 200 个字"),
        ({"quantity_zh": "≤ 5", "quantity_en": ""}, "中英文都要"),
    ],
)
def test_what_is_wrong_with_an_item_is_said_in_words(app, admin, changes, words):
    answer = admin.submit(
        "/checklists/catering/items/CAT-01", form_of(item_of(app, "catering", "CAT-01"), **changes)
    )
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_a_wrong_limit_is_named_and_a_right_one_published(app, admin):
    data = form_of(item_of(app, "catering", "CAT-10"))
    wrong = admin.submit("/checklists/catering/items/CAT-10", data | {"limit-0-0-max": "cold"})
    assert wrong.status_code == 422
    assert 'value="cold"' in wrong.get_data(as_text=True)
    assert admin.submit("/checklists/catering/items/CAT-10", data | {"limit-0-0-max": "9"}).status_code == 303
    assert item_of(app, "catering", "CAT-10").measures[0]["limits"][0]["max"] == "9"


def test_an_item_is_added_and_retired(app, admin):
    data = form_of(item_of(app, "schools", "SCH-01"), code="sch-x1", title_zh="新增的一项")
    assert admin.submit("/checklists/schools/items/new", data).status_code == 303
    assert item_of(app, "schools", "SCH-X1").title_zh == "新增的一项"
    again = admin.submit("/checklists/schools/items/new", data | {"based_on": 2})
    assert again.status_code == 422
    assert "已属于另一个项目" in again.get_data(as_text=True)
    page = "/checklists/schools/items/SCH-X1"
    assert admin.submit(f"{page}/retire", {"based_on": 2, "remark": ""}, page=page).status_code == 422
    assert admin.submit(f"{page}/retire", {"based_on": 2, "remark": "不适用"}, page=page).status_code == 303
    assert admin.get(page).status_code == 404
    assert "停用" in admin.get("/checklists/schools/compare").get_data(as_text=True)


def test_the_way_there_stands_on_ones_own_page(sign_in, loaded):
    assert 'href="/checklists"' in sign_in(Role.SUPERVISOR).get("/me").get_data(as_text=True)
    assert 'href="/checklists"' not in sign_in(Role.COORDINATOR).get("/me").get_data(as_text=True)
