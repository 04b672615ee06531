"""“The rest conforms” over HTTP: what it says, and how the visit goes on."""

from app.core.database import db
from app.core.roles import Role
from app.inspections.queries import items_of
from app.inspections.rules import is_measurement
from tests.factories.inspections import make_visit, make_waterworks, take_photo


def test_it_says_what_it_left_and_the_visit_can_be_finished(app, sign_in, county) -> None:
    with app.app_context():
        by = db.session.merge(county.people[Role.COORDINATOR])
        visit = make_visit(by, make_waterworks(by.region))
        take_photo(visit, "WAT-05", by)
        page = f"/inspections/{visit.id}"
        applying = {item_id for sheet in visit.sheets for item_id in sheet.item_ids}
        measured = sum(is_measurement(item.code) for item in items_of(visit).values() if str(item.id) in applying)
        db.session.commit()
    client = sign_in(Role.COORDINATOR)
    assert client.submit(f"{page}/rest-conforms", {}, page=page).status_code == 303
    after = client.page(page)
    assert f"还有 {measured} 项要填实测值" in after.text
    assert "有 1 项已有记录或照片" in after.text
    assert "撤销" in after.text
    assert any(link["href"] == f"{page}/finish" for link in after.all("a"))

