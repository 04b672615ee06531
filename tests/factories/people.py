"""Invented regions, organisations and people. Call inside an application context; commit yourself."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from flask_security.utils import hash_password
from sqlalchemy import select

from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import Level, Region, new_region
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role

PASSWORD = "invented-Passw0rd"
_hashes: dict[str, str] = {}
_numbers = count(1)


@dataclass(frozen=True)
class County:
    """One county, two townships with two villages each, an organisation each, one person of every role.

    The coordinator and the informant belong to the first township, supervisor and administrator to the county;
    `neighbour` is the coordinator of the second township: nothing of the first is theirs to see.
    """

    region: Region
    townships: tuple[Region, Region]
    villages: tuple[Region, Region, Region, Region]
    agency: Organisation
    hospitals: tuple[Organisation, Organisation]
    people: dict[Role, Person]
    neighbour: Person

    def person(self, role: Role | None) -> Person:
        return self.people[role or Role.COORDINATOR]


def make_county(name: str = "试验县", code: str = "990100") -> County:
    """An invented county; another `code` makes another one beside it."""
    county = _add(new_region(None, Level.COUNTY, code, name, "Test County"))
    north = _add(new_region(county, Level.TOWNSHIP, f"{code}001", "北山镇", "Beishan"))
    south = _add(new_region(county, Level.TOWNSHIP, f"{code}002", "南湾镇", "Nanwan"))
    villages = tuple(
        _add(
            new_region(
                town,
                Level.VILLAGE,
                f"{town.code}{number}",
                f"{town.name_zh[:2]}{number}村",
                f"Village {number}",
            )
        )
        for town in (north, south)
        for number in (1, 2)
    )
    agency = make_organisation(county, f"{name}疾病预防控制中心", "县疾控")
    hospitals = (
        make_organisation(north, "北山镇卫生院", "北卫"),
        make_organisation(south, "南湾镇卫生院", "南卫"),
    )
    people = {
        Role.INFORMANT: make_person(Role.INFORMANT, hospitals[0], "信小一"),
        Role.COORDINATOR: make_person(Role.COORDINATOR, hospitals[0], "协小二"),
        Role.SUPERVISOR: make_person(Role.SUPERVISOR, agency, "督小三"),
        Role.ADMINISTRATOR: make_person(Role.ADMINISTRATOR, agency, "管小四"),
    }
    neighbour = make_person(Role.COORDINATOR, hospitals[1], "邻小五")
    return County(county, (north, south), villages, agency, hospitals, people, neighbour)  # type: ignore[arg-type]


def make_organisation(region: Region, name: str, number_prefix: str, **changes: Any) -> Organisation:
    organisation = Organisation(
        id=new_id(), name_zh=name, name_en="", number_prefix=number_prefix, phone="000-0000001"
    )
    organisation.place_in(region)
    return _add(_with(organisation, changes))


def make_person(role: Role, organisation: Organisation, name: str = "某某某", **changes: Any) -> Person:
    """Somebody with a valid certificate; the password is PASSWORD."""
    number = next(_numbers)
    person = Person(
        id=new_id(),
        login=f"{role.value}{number}",
        name=name,
        password=_password_hash(),
        fs_uniquifier=new_id().hex,
        organisation=organisation,
        roles=[_role(role)],
        certificate_number=f"试{number:04d}",
        certificate_until=clock.today() + timedelta(days=365),
        created_at=clock.now(),
    )
    return _add(_with(person, changes))


def expired(person: Person, on: date | None = None) -> Person:
    """The same person with a certificate that ran out the day before `on` (today)."""
    person.certificate_until = (on or clock.today()) - timedelta(days=1)
    return person


def _role(role: Role) -> RoleRow:
    row = db.session.scalars(select(RoleRow).where(RoleRow.name == role.value)).one_or_none()
    return row or _add(RoleRow(name=role.value))


def _password_hash() -> str:
    """Hashing is slow on purpose; once a session is enough."""
    if PASSWORD not in _hashes:
        _hashes[PASSWORD] = hash_password(PASSWORD)
    return _hashes[PASSWORD]


def _with(row: Any, changes: dict[str, Any]) -> Any:
    for name, value in changes.items():
        if not hasattr(row, name):
            raise TypeError(f"{type(row).__name__} has no {name}")
        setattr(row, name, value)
    return row


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row
