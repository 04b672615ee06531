"""Which items a place is looked at for: the newest checklists of its domains, less what cannot apply to it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.rules import applies
from app.core.database import db
from app.premises.models import Premises


def newest_versions(domains: Sequence[str]) -> list[ChecklistVersion]:
    """The newest version of each domain with its items, in the order of `domains`."""
    newest = (
        select(ChecklistVersion.domain, func.max(ChecklistVersion.number).label("number"))
        .where(ChecklistVersion.domain.in_(domains))
        .group_by(ChecklistVersion.domain)
        .subquery()
    )
    found = db.session.scalars(
        select(ChecklistVersion)
        .join(newest, (ChecklistVersion.domain == newest.c.domain) & (ChecklistVersion.number == newest.c.number))
        .options(selectinload(ChecklistVersion.items))
    ).all()
    return sorted(found, key=lambda version: list(domains).index(version.domain))


def applicable_items(
    premises: Premises, domains: Sequence[str]
) -> list[tuple[ChecklistVersion, list[ChecklistItem]]]:
    """Per domain the version and the items that apply to `premises`; domains without items are left out."""
    sheets = [
        (version, [item for item in version.items if applies(item, premises.kind, premises.high_rise)])
        for version in newest_versions(domains)
    ]
    return [(version, items) for version, items in sheets if items]
