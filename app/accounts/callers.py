"""Who asks, read as one row: enough to authorise a request of the wire and to sign what it brings.

Phones send an answer at every tap. Reading a whole `Person` with its organisation, region and roles costs as much as
writing the answer, so views that say `allow(…, lean=True)` get this instead. It is read anew at each request like a
`Person`: whoever was deactivated or lost a role is refused at once.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import bindparam, select

from app.accounts.models import Organisation, Person, RoleRow, people_roles
from app.accounts.regions import Level, Region, lies_in
from app.core.database import db
from app.core.roles import INSPECTORS, Role

_PEOPLE, _PLACES, _REGIONS, _ROLES = Person.__table__, Organisation.__table__, Region.__table__, RoleRow.__table__
_OF_SESSION = (
    select(
        _PEOPLE.c.id, _PEOPLE.c.name, _PEOPLE.c.active, _PEOPLE.c.must_change_password, _PEOPLE.c.organisation_id,
        _REGIONS.c.id.label("region_id"), _REGIONS.c.level, _ROLES.c.name.label("role"),
    )
    .join(_PLACES, _PLACES.c.id == _PEOPLE.c.organisation_id)
    .join(_REGIONS, _REGIONS.c.id == _PLACES.c.region_id)
    .outerjoin(people_roles, people_roles.c.person_id == _PEOPLE.c.id)
    .outerjoin(_ROLES, _ROLES.c.id == people_roles.c.role_id)
    .where(_PEOPLE.c.fs_uniquifier == bindparam("mark"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """The top of what somebody may see, as `Region` says it."""

    id: UUID
    level: Level

    def contains(self, row: Any) -> bool:
        return lies_in(row, self)


@dataclass(frozen=True, eq=False)
class Caller(UserMixin):
    """A signed-in person, for reading only. Names are those of `Person`."""

    id: UUID
    name: str
    active: bool
    must_change_password: bool
    organisation_id: UUID
    region: Area
    role_names: frozenset[Role]
    fs_uniquifier: str

    @property
    def is_active(self) -> bool:
        return self.active

    def is_any(self, *roles: Role) -> bool:
        return not self.role_names.isdisjoint(roles)

    @property
    def is_supervisor(self) -> bool:
        return Role.SUPERVISOR in self.role_names

    @property
    def is_inspector(self) -> bool:
        return self.is_any(*INSPECTORS)


def find_caller(mark: str) -> Caller | None:
    """Whose session it is, by `Person.fs_uniquifier`."""
    rows = db.session.execute(_OF_SESSION, {"mark": mark}).all()
    if not rows:
        return None
    row = rows[0]
    return Caller(
        id=row.id,
        name=row.name,
        active=row.active,
        must_change_password=row.must_change_password,
        organisation_id=row.organisation_id,
        region=Area(row.region_id, row.level),
        role_names=frozenset(Role(one.role) for one in rows if one.role is not None),
        fs_uniquifier=mark,
    )


def whole(person: Person | Caller) -> Person:
    """The row itself, for what writes more than a name under something."""
    return person if isinstance(person, Person) else db.session.get_one(Person, person.id)
