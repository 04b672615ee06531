"""Reads of checklists: the versions in force, their items, the history."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.accounts.models import Person
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.rules import load_domains
from app.core.database import db
from app.core.errors import NotFound
from app.premises.kinds import Domain


def domain_of(key: str) -> Domain:
    """The domain with this key, else NotFound."""
    for domain in load_domains():
        if domain.key == key:
            return domain
    raise NotFound


def current_version(domain: str) -> ChecklistVersion:
    """The version new inspections use; NotFound while the domain has none."""
    version = current_versions([domain]).get(domain)
    if version is None:
        raise NotFound
    return version


def current_versions(domains: Iterable[str]) -> dict[str, ChecklistVersion]:
    """The version in force of each domain that has one; one query."""
    newest = (
        select(ChecklistVersion.domain, func.max(ChecklistVersion.number).label("number"))
        .where(ChecklistVersion.domain.in_(list(domains)))
        .group_by(ChecklistVersion.domain)
        .subquery()
    )
    query = select(ChecklistVersion).join(
        newest, (ChecklistVersion.domain == newest.c.domain) & (ChecklistVersion.number == newest.c.number)
    )
    return {version.domain: version for version in db.session.scalars(query)}


def items_of(version_ids: Collection[UUID]) -> dict[UUID, list[ChecklistItem]]:
    """The items of each version in their order; one query, however many versions."""
    query = (
        select(ChecklistItem)
        .where(ChecklistItem.version_id.in_(list(version_ids)))
        .order_by(ChecklistItem.version_id, ChecklistItem.position)
    )
    found: dict[UUID, list[ChecklistItem]] = {version_id: [] for version_id in version_ids}
    for item in db.session.scalars(query):
        found[item.version_id].append(item)
    return found


def version_numbered(domain: str, number: int) -> ChecklistVersion:
    """That version of the domain, else NotFound."""
    query = select(ChecklistVersion).where(
        ChecklistVersion.domain == domain, ChecklistVersion.number == number
    )
    version = db.session.scalar(query.options(selectinload(ChecklistVersion.items)))
    if version is None:
        raise NotFound
    return version


def versions_of(domain: str) -> Sequence[ChecklistVersion]:
    """All versions, the newest first."""
    query = select(ChecklistVersion).where(ChecklistVersion.domain == domain)
    return db.session.scalars(query.order_by(ChecklistVersion.number.desc())).all()


def item_counts(version_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many items each version has."""
    query = (
        select(ChecklistItem.version_id, func.count())
        .where(ChecklistItem.version_id.in_(list(version_ids)))
        .group_by(ChecklistItem.version_id)
    )
    return dict(db.session.execute(query).tuples().all())


def publishers(versions: Iterable[ChecklistVersion]) -> dict[UUID, str]:
    """Names of those who published `versions`."""
    ids = {version.published_by_id for version in versions if version.published_by_id}
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).tuples().all())
