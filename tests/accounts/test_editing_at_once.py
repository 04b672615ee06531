"""Two administrators edit the same record: the second is told before anything is overwritten."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Organisation, Person
from app.accounts.regions import Region
from app.core.database import db
from app.core.roles import Role
from tests.factories.people import County, make_person
from tests.fixtures.pages import parse

pytestmark = pytest.mark.both_databases


@pytest.fixture
def admins(app: Flask, county: County, sign_in: Any) -> tuple[Any, Any]:
    """Two administrators of the county agency."""
    with app.app_context():
        colleague = make_person(Role.ADMINISTRATOR, db.session.merge(county.agency), "管小七")
        db.session.commit()
    return sign_in(Role.ADMINISTRATOR), sign_in(person=colleague)


def forms(county: County) -> dict[str, tuple[str, dict[str, Any], type, str]]:
    """Each form: its address, what it sends, the record's class and the field that is changed."""
    coordinator, agency, village = county.person(Role.COORDINATOR), county.agency, county.villages[0]
    person = {"name": coordinator.name, "organisation": str(coordinator.organisation_id), "roles": ["coordinator"]}
    office = {"name_zh": agency.name_zh, "region": str(county.region.id), "number_prefix": "县疾控"}
    place = {"name_zh": village.name_zh, "name_en": village.name_en, "code": village.code}
    return {
        "person": (f"/people/{coordinator.id}", person, Person, "name"),
        "organisation": (f"/organisations/{agency.id}", office, Organisation, "name_zh"),
        "region": (f"/regions/{village.id}", place, Region, "name_zh"),
    }


def hidden_in(page: Any) -> dict[str, str]:
    """The hidden fields; those left empty belong to the page's buttons."""
    return {one["name"]: one["value"] for one in page.all("input") if one["type"] == "hidden" and one["value"]}


@pytest.mark.parametrize("kind", ["person", "organisation", "region"])
def test_the_second_is_told_and_may_still_save(
    app: Flask, county: County, admins: tuple[Any, Any], kind: str
) -> None:
    path, fields, model, name = forms(county)[kind]
    mine, theirs = admins
    my_form = hidden_in(mine.page(path)) | fields | {name: "我的名字"}
    their_form = hidden_in(theirs.page(path)) | fields | {name: "他的名字"}
    assert theirs.post(path, data=their_form).status_code == 303
    answer = mine.post(path, data=my_form)
    assert answer.status_code == 409
    page = parse(answer.text)
    assert "刚被别人改过" in page.text
    assert "我的名字" in answer.text  # nothing typed is lost
    assert _now(app, model, path, name) == "他的名字"
    assert mine.post(path, data=my_form | hidden_in(page)).status_code == 303
    assert _now(app, model, path, name) == "我的名字"


@pytest.mark.parametrize("kind", ["person", "organisation", "region"])
def test_the_same_form_twice_is_no_conflict_with_oneself(
    app: Flask, county: County, admins: tuple[Any, Any], kind: str
) -> None:
    path, fields, _model, name = forms(county)[kind]
    form = hidden_in(admins[0].page(path)) | fields | {name: "新名字"}
    assert [admins[0].post(path, data=form).status_code for _again in range(2)] == [303, 303]


def _now(app: Flask, model: type, path: str, name: str) -> str:
    with app.app_context():
        return str(getattr(db.session.get(model, UUID(path.rsplit("/", 1)[1])), name))
