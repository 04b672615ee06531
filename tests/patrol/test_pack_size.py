"""A pack of three hundred places is a small download; how fast it is made, `make bench` measures."""

from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.notices.services import issue_notice
from app.patrol.choosing import MOST
from app.patrol.places import BATCH
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_premises, make_visit, wish


def test_three_hundred_places_with_their_history_stay_small(app: Flask, county: County, sign_in: SignIn) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        villages = (county.villages[n % 2] for n in range(MOST + 10))
        rows = [make_premises(village, latitude=30, longitude=110) for village in villages]
        for row in rows[::6]:
            visit = make_visit(by, row, photos=0)
            issue_notice(new_id(), wish(visit), by=by, now=clock.now())
        db.session.commit()
    client, size = sign_in(Role.COORDINATOR), 0
    ids = client.get(f"/patrol/pack.json?area={county.townships[0].code}").get_json()["ids"]
    assert len(ids) == MOST
    for start in range(0, MOST, BATCH):
        answer = client.get(f"/patrol/premises.json?ids={','.join(ids[start : start + BATCH])}")
        assert len(answer.get_json()["premises"]) == len(ids[start : start + BATCH])
        size += len(answer.get_data())
    assert size / MOST < 8 * 1024  # bytes of a place before compression
