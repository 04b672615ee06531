"""Who may come along on a visit that begins without signal."""

from typing import Any

from sqlalchemy import or_, select

from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import Region, within
from app.core.database import db
from app.core.roles import INSPECTORS

MOST = 400


def colleagues_data(person: Person) -> list[dict[str, Any]]:
    """Everybody who may come along to some place of the person's area, with the area that is theirs.

    The phone offers those whose area holds the place, as inspections.queries.colleagues does; the server looks again
    when the visit arrives. Own organisation first.
    """
    home = person.region
    above = {home.id, home.county_id, home.township_id, home.village_id} - {None}
    rows = db.session.execute(
        select(Person.id, Person.name, Organisation.id.label("body"), Organisation.region_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .join(Region, Region.id == Organisation.region_id)
        .where(
            or_(Region.id.in_(above), within(Region, home)),
            Person.active,
            Person.id != person.id,
            Person.roles.any(RoleRow.name.in_([role.value for role in INSPECTORS])),
        )
        .order_by(Organisation.id != person.organisation_id, Person.name)
        .limit(MOST)
    ).all()
    return [
        {"id": str(row.id), "name": row.name, "area": str(row.region_id), "own": row.body == person.organisation_id}
        for row in rows
    ]
