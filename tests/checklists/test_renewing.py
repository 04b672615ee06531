"""A county that edited a checklist is told of a newer release and takes it over, or does not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Person
from app.checklists import queries, renewing, services
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.core.database import db, transaction
from app.core.errors import NotAllowed, NotFound
from app.core.roles import Role
from tests.factories.people import County, make_person
from tests.fixtures.signing_in import SignIn

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
PAGE = "/checklists/catering/shipped"


def older(code: str, **changes: Any) -> None:
    """Make the release look newer: what was shipped here said something else."""
    item = db.session.query(ChecklistItem).filter_by(code=code).join(ChecklistVersion).filter_by(number=1).one()
    for name, value in changes.items():
        setattr(item, name, value)


@pytest.fixture
def edited(app: Flask, county: County) -> None:
    """Shipped once with other words in two items and without a third; then CAT-05 and CAT-02 were edited here."""
    with app.app_context(), transaction():
        services.load_shipped_checklists(NOW)
        for code in ("CAT-01", "CAT-02"):
            older(code, how_zh="上一版的查法")
        db.session.delete(db.session.query(ChecklistItem).filter_by(code="CAT-03").one())
        db.session.flush()
        db.session.expire_all()
        me = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
        for code in ("CAT-05", "CAT-02"):
            version = queries.current_version("catering")
            rows = {item.code: services.content_of(item) for item in queries.items_of([version.id])[version.id]}
            services.edit_item(version, rows[code] | {"title_zh": "本县的写法"}, by=me, remark="本县", now=NOW)


def said(app: Flask, field: str = "how_zh") -> dict[str, str]:
    with app.app_context():
        version = queries.current_version("catering")
        return {item.code: getattr(item, field) for item in queries.items_of([version.id])[version.id]}


@pytest.mark.usefixtures("edited")
def test_the_page_says_what_is_newer_and_what_was_worded_here(sign_in: SignIn) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    assert "有新的随产品发布版本" in admin.page("/checklists/catering").text
    page = admin.page(PAGE).text
    assert all(code in page for code in ("CAT-01", "CAT-02", "CAT-03"))
    assert "CAT-05" not in page, "the release says nothing new about it"
    assert "新的随产品发布版本" not in admin.page("/checklists/water").text
    assert "没有更新的发布版本" in admin.page("/checklists/water/shipped").text
    reader = sign_in(Role.SUPERVISOR).page(PAGE)
    assert "采用" not in " ".join(one.text for one in reader.all("button"))


@pytest.mark.usefixtures("edited")
def test_one_item_is_taken_over_and_the_rest_stays(sign_in: SignIn, app: Flask) -> None:
    admin, before = sign_in(Role.ADMINISTRATOR), said(app)
    answer = admin.submit(PAGE, {"based_on": 3, "code": "CAT-03"})
    assert answer.location.endswith(PAGE), "two are left"
    now = said(app)
    assert list(now)[:5] == ["CAT-01", "CAT-02", "CAT-03", "CAT-04", "CAT-05"], "where the release has it"
    assert {code: text for code, text in now.items() if code != "CAT-03"} == before
    assert "CAT-03" in admin.page("/checklists/catering/versions").text


@pytest.mark.usefixtures("edited")
def test_all_is_taken_over_as_one_version_and_earlier_ones_stay(sign_in: SignIn, app: Flask) -> None:
    admin, before = sign_in(Role.ADMINISTRATOR), said(app)
    assert admin.submit(PAGE, {"based_on": 3}).location.endswith("/checklists/catering")
    now = said(app)
    assert "上一版的查法" not in now.values()
    assert (said(app, "title_zh")["CAT-05"], len(now)) == ("本县的写法", len(before) + 1)
    with app.app_context():
        third = queries.version_numbered("catering", 3)
        assert {item.code: item.how_zh for item in third.items} == before
        assert queries.current_version("catering").number == 4
        assert renewing.renewal_of("catering") is None
        assert services.load_shipped_checklists(NOW) == []


@pytest.mark.usefixtures("edited")
def test_twice_the_same_is_one_version_and_an_old_page_is_told(sign_in: SignIn, app: Flask) -> None:
    admin = sign_in(Role.ADMINISTRATOR)
    data = {"based_on": 3, "code": "CAT-03", "change_id": "11111111-2222-4333-8444-555555555555"}
    assert [admin.submit(PAGE, data).status_code for _ in range(2)] == [303, 303]
    assert admin.submit(PAGE, {"based_on": 3, "code": "CAT-01"}).status_code == 409
    with app.app_context():
        assert queries.current_version("catering").number == 4


@pytest.mark.usefixtures("edited")
def test_only_what_the_release_changes_and_only_by_the_county(context: Flask, county: County) -> None:
    me = db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id)
    other = make_person(Role.ADMINISTRATOR, db.session.merge(county.hospitals[0]))
    version = queries.current_version("catering")
    for by, code, error in ((me, "CAT-05", NotFound), (other, "CAT-01", NotAllowed)):
        with pytest.raises(error):
            renewing.take_over(version, [code], by=by, remark="x", now=NOW)


def row(code: str, text: str = "") -> dict[str, str]:
    return {"code": code, "text": text}


def by_code(*rows: dict[str, str]) -> dict[str, dict[str, str]]:
    return {one["code"]: one for one in rows}


def test_what_counts_as_newer() -> None:
    before = by_code(row("A"), row("B"), row("C"), row("D"))
    shipped = by_code(row("A", "new"), row("B"), row("C", "new"), row("E"))
    here = by_code(row("A"), row("B", "ours"), row("C", "new"), row("D"))
    assert renewing.renewed_codes(before, here, shipped) == {"A", "D", "E"}


def test_new_items_stand_where_the_release_has_them_and_retired_ones_go() -> None:
    here = [row("X1"), row("A"), row("B", "ours"), row("D"), row("X2")]
    shipped = [row("0"), row("A", "new"), row("A2"), row("B"), row("Z")]
    merged = renewing.merged(here, shipped, {"0", "A", "A2", "D", "Z"})
    assert [one["code"] for one in merged] == ["0", "X1", "A", "A2", "B", "Z", "X2"]
    assert [one["text"] for one in merged if one["code"] in "AB"] == ["new", "ours"]
