"""Places begun on a visit with the little that was known: listed until somebody completes or merges them."""

from collections.abc import Sequence

from flask import render_template
from sqlalchemy import ColumnElement, and_, func, select, text
from sqlalchemy.orm import joinedload

from app.accounts.regions import Region, within
from app.core.database import db
from app.core.roles import Role
from app.premises.duplicates import likely_duplicates
from app.premises.facts import facts_of
from app.premises.models import Premises
from app.premises.routes import MANAGERS, bp
from app.web import panels
from app.web.access import allow, current_person

SHOWN = 100


@bp.get("/premises/to-complete")
@allow(*MANAGERS)
def to_complete() -> str:
    """What is still to be completed in one's area, the newest first."""
    rows = places_to_complete(current_person().region)
    return render_template("premises/to_complete.html", places=rows, most=SHOWN)


def places_to_complete(region: Region) -> Sequence[Premises]:
    """The newest SHOWN of them."""
    query = select(Premises).where(_marked(region)).options(joinedload(Premises.region))
    return db.session.scalars(query.order_by(Premises.created_at.desc()).limit(SHOWN)).all()


def count_to_complete(region: Region) -> int:
    return db.session.scalar(select(func.count()).where(_marked(region))) or 0


def _marked(region: Region) -> ColumnElement[bool]:
    """The county stands in it for the index, which holds the marked places alone.

    The mark is written as the index has it: SQLAlchemy's "to_complete = 1" would not be recognised by SQLite.
    """
    return and_(text("premises.to_complete"), Premises.county_id == region.county_id, within(Premises, region))


def _link(_page: object) -> str:
    """On the register's page: how many are waiting."""
    person = current_person()
    count = count_to_complete(person.region) if person.is_any(*MANAGERS) else 0
    return render_template("premises/_to_complete_link.html", count=count) if count else ""


def _banner(premises: Premises) -> str:
    """On the file's page: that it is to be completed, and which registered place it may be."""
    person = current_person()
    if not premises.to_complete:
        return ""
    likely = likely_duplicates(facts_of(premises), person.region, besides=premises.id)
    may_merge = person.is_any(Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
    return render_template(
        "premises/_to_complete.html", premises=premises, merging=premises, likely=likely if may_merge else []
    )


panels.add("premises.file", 1, _banner)
panels.add("premises.index", 1, _link)
