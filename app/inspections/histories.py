"""The visits of many places at once, for the patrol pack: the panel of the premises page in one read for all."""

from collections.abc import Sequence
from uuid import UUID

from flask import render_template
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.core.database import db
from app.inspections.models import Inspection
from app.premises.models import Premises
from app.web.access import current_person

LATEST = 10  # as many as the page of one place shows


def histories(places: Sequence[Premises]) -> list[str]:
    """The panel of each place. Photos stay on the server: a hundred places of them would fill a phone."""
    visits, region = latest_visits([premises.id for premises in places]), current_person().region
    return [
        render_template(
            "inspections/_panel_file.html",
            visits=[one for one in visits.get(premises.id, ()) if not one.is_open or region.contains(one)],
            photos=(),
            premises=premises,
        )
        for premises in places
    ]


def latest_visits(premises_ids: Sequence[UUID]) -> dict[UUID, list[Inspection]]:
    """The latest visits of each place, the newest first, in one read."""
    rank = func.row_number().over(
        partition_by=Inspection.premises_id, order_by=(Inspection.started_at.desc(), Inspection.id)
    )
    ranked = (
        select(Inspection.id, rank.label("rank")).where(Inspection.premises_id.in_(premises_ids)).subquery()
    )
    rows = db.session.scalars(
        select(Inspection)
        .join(ranked, ranked.c.id == Inspection.id)
        .where(ranked.c.rank <= LATEST)
        .options(joinedload(Inspection.lead))
        .order_by(Inspection.started_at.desc())
    )
    found: dict[UUID, list[Inspection]] = {}
    for row in rows.unique():
        found.setdefault(row.premises_id, []).append(row)
    return found
