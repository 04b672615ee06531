"""In which area an imported row lies when it does not say so itself, or says half of it."""

import pytest

from app.accounts.regions import Level, new_region, regions_in
from app.core.database import db
from app.core.roles import Role
from app.premises.import_rows import Judge, Matching
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.premises.test_import import accept_columns, send


def test_a_village_name_of_two_townships_is_the_one_in_the_chosen_area(place: County) -> None:
    """The preview says the area chosen for rows that do not say theirs, also where a row says half of it."""
    for town in place.townships:
        db.session.add(new_region(town, Level.VILLAGE, f"{town.code}77", "同名村"))
    db.session.commit()
    for town in place.townships:
        judge = Judge(regions_in(place.region), [], Matching({"name": 0, "kind": 1, "village": 2}, "", town.code))
        row = judge.judge(["甲店", "商店", "同名村"], 2)
        assert row.facts is not None
        assert row.facts.region.township_id == town.id
        other = judge.judge(["乙店", "商店", place.villages[3].name_zh], 3)
        assert other.facts is not None, "a village elsewhere that is named without doubt is still that one"
        assert other.facts.region.id == place.villages[3].id


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPERVISOR])
def test_going_back_from_the_preview_shows_the_area_that_was_chosen(
    sign_in: SignIn, county: County, role: Role
) -> None:
    client, wanted = sign_in(role), county.villages[1].code
    batch = send(client, "名称,类型\n青禾小饭馆,商店\n".encode())
    accept_columns(client, batch, default_region=wanted)
    back = next(one["href"] for one in client.page(batch).all("a") if "back" in one["class"].split())
    options = [one for one in client.page(back).all("option") if "selected" in one]
    assert wanted in [one["value"] for one in options]
