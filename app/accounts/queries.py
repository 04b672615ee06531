"""Reads about people, organisations and regions; all of them stay inside a region's subtree."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person, RoleRow
from app.accounts.regions import LEVELS, Region, within
from app.core.database import db
from app.core.errors import NotFound
from app.core.roles import Role

PEOPLE_ON_A_PAGE = 50


def people_in(
    region: Region, *, text: str = "", role: str = "", active: bool = True, page: int = 1
) -> list[Person]:
    """People of the subtree whose name, login or phone contains `text`; one more than a page shows, if there are."""
    query = (
        _people(region)
        .where(Person.active.is_(active), *_matching(text, role))
        .order_by(
            Organisation.county_id,
            Organisation.township_id.nulls_first(),
            Organisation.name_zh,
            Person.name,
            Person.login,
        )
        .limit(PEOPLE_ON_A_PAGE + 1)
        .offset((max(page, 1) - 1) * PEOPLE_ON_A_PAGE)
    )
    return list(db.session.scalars(query).unique())


def count_people(region: Region) -> dict[bool, int]:
    """How many are active (True) and deactivated (False)."""
    query = (
        select(Person.active, func.count())
        .join(Organisation, Person.organisation_id == Organisation.id)
        .where(within(Organisation, region))
        .group_by(Person.active)
    )
    return {True: 0, False: 0} | {bool(active): count for active, count in db.session.execute(query)}


def person_in(region: Region, person_id: UUID) -> Person:
    """The person of the subtree; NotFound for another region's just as for nobody."""
    person = db.session.scalars(_people(region).where(Person.id == person_id)).unique().one_or_none()
    if person is None:
        raise NotFound
    return person


def _people(region: Region) -> Select[Person]:
    return (
        select(Person)
        .join(Organisation, Person.organisation_id == Organisation.id)
        .where(within(Organisation, region))
    )


def _matching(text: str, role: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    words = text.strip().lower()
    if words:
        conditions.append(
            or_(
                func.lower(Person.name).contains(words, autoescape=True),
                Person.login.contains(words, autoescape=True),
                Person.phone.contains(words, autoescape=True),
            )
        )
    if role:
        conditions.append(Person.roles.any(RoleRow.name == role))
    return conditions


def other_active_administrators(person: Person) -> int:
    """How many active administrators there are besides `person`.

    All their rows stay locked until the transaction ends, so that two of them cannot remove each other at once.
    """
    query = (
        select(Person.id)
        .where(Person.active.is_(True), Person.roles.any(RoleRow.name == Role.ADMINISTRATOR.value))
        .order_by(Person.id)
        .with_for_update()
    )
    return sum(person_id != person.id for person_id in db.session.scalars(query))


def organisations_in(region: Region) -> list[Organisation]:
    """Organisations of the subtree, the widest region first."""
    rows = db.session.scalars(
        select(Organisation).where(within(Organisation, region)).options(joinedload(Organisation.region))
    )
    return sorted(rows, key=lambda row: (LEVELS.index(row.region.level), row.region.code, row.name_zh))


def organisation_in(region: Region, organisation_id: UUID) -> Organisation:
    """The organisation of the subtree, else NotFound."""
    query = select(Organisation).where(Organisation.id == organisation_id, within(Organisation, region))
    row = db.session.scalar(query)
    if row is None:
        raise NotFound
    return row


def people_per_organisation(organisations: Sequence[Organisation]) -> dict[UUID, int]:
    """How many active people each has."""
    query = (
        select(Person.organisation_id, func.count())
        .where(Person.active.is_(True), Person.organisation_id.in_([row.id for row in organisations]))
        .group_by(Person.organisation_id)
    )
    return dict(db.session.execute(query).tuples().all())


def region_in(region: Region, region_id: UUID) -> Region:
    """The region of the subtree, else NotFound."""
    row = db.session.scalar(select(Region).where(Region.id == region_id, within(Region, region)))
    if row is None:
        raise NotFound
    return row
