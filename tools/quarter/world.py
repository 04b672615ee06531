"""The county of the play: a migrated database file, two townships, and visits whose notices the real services issue."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask

from app import create_app
from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice
from app.notices.services import issue_notice
from app.referrals.services import Facts, Opening, open_referral
from tests.factories.people import make_county
from tests.fixtures.databases import close, migrate, settings_for
from tests.notices.factory import make_premises, make_visit, set_due, wish

FOREVER = timedelta(days=3650)


@dataclass
class World:
    """Ids only: every step reads afresh."""

    county_id: UUID
    supervisor_id: UUID
    leads: tuple[UUID, UUID]
    villages: tuple[UUID, UUID]
    admin_id: UUID
    places: int = 0

    def issue(self, luck: random.Random, now: datetime) -> Notice:
        """A visit with one finding, its notice due in one to twenty days."""
        town = luck.randrange(2)
        with transaction():
            by = db.session.get_one(Person, self.leads[town])
            self.places += 1
            place = make_premises(db.session.get_one(Region, self.villages[town]), f"第{self.places}家(演示)")
            visit = make_visit(by, place, ("CAT-10",), photos=0)
            set_due(visit, now.date() + timedelta(days=luck.randrange(1, 21)))
            return issue_notice(new_id(), wish(visit), by=by, now=now)

    def consent(self, notice: Notice) -> None:
        """The owner agreed in writing to electronic sending."""
        with transaction():
            by = db.session.get_one(Person, notice.lead_id)
            row = db.session.get_one(Notice, notice.id)
            handing = Handing(DeliveryMethod.SENT, reason="000-0000009", consent=True)
            record_delivery(new_id(), row, handing, by=by, now=clock.now())

    def refer(self, luck: random.Random, matter: str, found: datetime, now: datetime) -> tuple[UUID, int]:
        """A draft about `matter`, discovered at `found`; its id and whose it is."""
        town = luck.randrange(2)
        with transaction():
            by, region = db.session.get_one(Person, self.leads[town]), db.session.get_one(Region, self.villages[town])
            facts = Facts(found, address="集市东头", facts="门口挂布条", scene="外观已拍照，没有进入")
            return open_referral(new_id(), Opening(matter, region, facts), by=by, now=now).id, town

    def township_of(self, notice: Notice) -> int:
        """0 or 1: whose coordinator leads it."""
        lead = db.session.query(Inspection.lead_id).filter_by(id=notice.inspection_id).scalar()
        return self.leads.index(lead)

    def close(self, app: Flask) -> None:
        close(app)


def build(folder: Path) -> tuple[Flask, World]:
    """A fresh installation in `folder`."""
    url = f"sqlite:///{folder / 'xuncha.db'}"
    migrate(folder, url)
    app = create_app(settings_for(folder, url))
    with app.app_context(), transaction():
        county = make_county()
        people = (county.person(Role.COORDINATOR), county.neighbour, county.person(Role.SUPERVISOR))
        for one, email in zip(people, ("lead0", "lead1", "supervisor"), strict=True):
            one.email, one.certificate_until = f"{email}@example.com", clock.today() + FOREVER
        leads, villages = (people[0].id, people[1].id), (county.villages[0].id, county.villages[2].id)
        return app, World(county.region.id, people[2].id, leads, villages, county.person(Role.ADMINISTRATOR).id)
