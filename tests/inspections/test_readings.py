"""The instrument and the point of measuring are written once in a visit."""

import pytest
from playwright.sync_api import Page, expect

from app.core.database import db
from app.core.roles import Role
from app.inspections import services
from tests.factories.inspections import item_of, make_visit
from tests.fixtures.statements import statements


@pytest.fixture
def visit(app, county) -> str:
    """The page of a visit in which a core temperature was measured."""
    with app.app_context():
        by = db.session.merge(county.people[Role.COORDINATOR])
        inspection = make_visit(by)
        reading = {"measure": "core", "name_zh": "中心温度", "value": "75", "unit_zh": "℃", "verdict_zh": "符合"}
        where = {"conforms": True, "instrument": "探针温度计 T-7", "point": "灶台 1"}
        services.save_readings(inspection, item_of(inspection, "CAT-12"), [reading | where], by=by)
        db.session.commit()
        return f"/inspections/{inspection.id}"


def test_the_next_measure_has_the_last_instrument_and_point(sign_in, visit: str) -> None:
    page = sign_in(Role.COORDINATOR).page(visit)
    values = {field["id"]: field["value"] for field in page.all("input") if field["id"]}
    assert values["instrument-CAT-10"] == "探针温度计 T-7"
    assert values["point-CAT-10"] == "灶台 1"


def test_what_is_carried_over_is_read_once(app, sign_in, visit: str) -> None:
    client = sign_in(Role.COORDINATOR)
    client.page(visit)
    with statements(app) as seen:
        client.page(visit)
    assert len([text for text in seen if text.startswith("SELECT answers.readings")]) == 1


def test_in_the_browser_a_new_instrument_stands_at_every_measure_not_yet_taken(page_as, visit: str) -> None:
    phone: Page = page_as(Role.COORDINATOR)
    phone.goto(visit)
    expect(phone.locator("html[data-scripts=ready]")).to_be_attached()
    phone.evaluate("for (const more of document.querySelectorAll('details')) more.open = true")
    expect(phone.locator("#instrument-CAT-10")).to_have_value("探针温度计 T-7")
    phone.locator("#point-CAT-13").fill("冷柜 2")
    phone.locator("#point-CAT-13").press("Tab")
    expect(phone.locator("#point-CAT-10")).to_have_value("冷柜 2")
    expect(phone.locator("#point-CAT-12")).to_have_value("灶台 1")  # measured there
