"""The notices of many places at once, for the patrol pack: the panel of the premises page in one read for all."""

from collections.abc import Sequence
from uuid import UUID

from flask import render_template
from sqlalchemy import func, select
from sqlalchemy.orm import defer

from app.core.database import db
from app.notices.models import Notice, Status
from app.premises.models import Premises

LATEST = 10  # as many as the page of one place shows


def of_many(places: Sequence[Premises]) -> list[str]:
    """The panel of each place."""
    notices = latest_notices([premises.id for premises in places])
    return [render_template("notices/_panel_file.html", notices=notices.get(premises.id, [])) for premises in places]


def latest_notices(premises_ids: Sequence[UUID]) -> dict[UUID, list[Notice]]:
    """The latest notices of each place, the newest first, without their content, in one read."""
    rank = func.row_number().over(partition_by=Notice.premises_id, order_by=(Notice.issued_at.desc(), Notice.id))
    ranked = (
        select(Notice.id, rank.label("rank"))
        .where(Notice.premises_id.in_(premises_ids), Notice.status != Status.DRAFT)
        .subquery()
    )
    rows = db.session.scalars(
        select(Notice)
        .join(ranked, ranked.c.id == Notice.id)
        .where(ranked.c.rank <= LATEST)
        .options(defer(Notice.content))
        .order_by(Notice.issued_at.desc())
    )
    found: dict[UUID, list[Notice]] = {}
    for row in rows:
        found.setdefault(row.premises_id, []).append(row)
    return found
