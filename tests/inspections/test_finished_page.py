"""The page of a finished visit reads a constant number of times."""

import pytest
from flask import Flask

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import services
from app.inspections.models import Outcome, Result
from app.photos.models import Purpose
from tests.factories.inspections import item_of, make_checklists, make_restaurant, signed, take_photo
from tests.factories.people import County, make_person
from tests.fixtures.statements import statements


def finished(by, codes: tuple[str, ...], fellows: int, photos: int) -> str:
    others = [make_person(Role.COORDINATOR, by.organisation, f"同行{number}") for number in range(fellows)]
    place = make_restaurant(by.region, name=f"店{new_id().hex[:6]}")
    visit = services.start_inspection(new_id(), place, by=by, fellows=others)
    for code in codes:
        item = item_of(visit, code)
        services.save_answer(visit, item, Result.DOES_NOT, by=by)
        services.save_note(visit, item, "看到的情况", by=by)
        services.save_outcome(visit, item, services.Plan(Outcome.FIXED), by=by)
        for purpose in (Purpose.FINDING, Purpose.AFTER) * photos:
            take_photo(visit, code, by, purpose)
    services.sweep_rest(visit, new_id(), by=by)
    services.finish_inspection(visit, signed(), by=by)
    return f"/inspections/{visit.id}"


@pytest.mark.both_databases
def test_more_findings_photos_and_fellows_cost_no_more_reads(app: Flask, county: County, sign_in) -> None:
    with app.app_context():
        make_checklists()
        by = db.session.merge(county.people[Role.COORDINATOR])
        small = finished(by, ("CAT-05",), fellows=1, photos=1)
        large = finished(by, ("CAT-05", "CAT-07", "CAT-18", "FIR-03"), fellows=4, photos=3)
        db.session.commit()
    reader, counts = sign_in(Role.SUPERVISOR), []
    reader.page(small)  # what the process keeps is read now
    for page in (small, large):
        with statements(app) as seen:
            text = reader.page(page).text
        counts.append(len(seen))
    assert "同行3" in text
    assert counts[0] == counts[1]
    assert counts[0] <= MOST, seen


# the county's decisions, what was found here before, signals, a verification's findings, covers and a hold: one each
MOST = 20
