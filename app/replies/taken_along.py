"""What a phone takes along to look again without signal: the open points of its places, each with its first photo."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import defer

from app.checklists.models import ChecklistItem
from app.checklists.published import published
from app.core.database import db
from app.core.storage import storage
from app.inspections.cards import again_card, blank_card
from app.inspections.models import Inspection, InspectionPhoto
from app.inspections.phone import item_data
from app.inspections.rechecking import Earlier, earlier_of, finding_id_of, with_photos
from app.notices.models import Notice, NoticeFinding, Status
from app.notices.progress import Step
from app.photos.views import View, read_view
from app.premises.kinds import domain_of
from app.premises.models import Premises
from app.replies import verifying
from app.web.access import current_person
from app.web.i18n import say


def open_notices(premises_ids: Sequence[UUID]) -> dict[UUID, list[Notice]]:
    """By place the notices in force with a point that is not closed, the longest waiting first; one read."""
    still_open = select(NoticeFinding.notice_id).where(
        NoticeFinding.notice_id == Notice.id, NoticeFinding.step != Step.CLOSED
    )
    rows = db.session.scalars(
        select(Notice)
        .where(Notice.premises_id.in_(premises_ids), Notice.status == Status.ISSUED, still_open.exists())
        .options(defer(Notice.content))
        .order_by(Notice.issued_at)
    )
    found: dict[UUID, list[Notice]] = {}
    for notice in rows:
        if current_person().region.contains(notice):
            found.setdefault(notice.premises_id, []).append(notice)
    return found


def again_data(premises_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """By place what can be looked at again, JSON-ready; few reads for places without open notices."""
    visits = {
        premises_id: list(dict.fromkeys(notice.inspection_id for notice in notices))
        for premises_id, notices in open_notices(premises_ids).items()
    }
    findings = verifying.open_findings([visit_id for found in visits.values() for visit_id in found])
    sheets = verifying.sheets_of_findings(findings)
    earlier = with_photos(findings)
    return {
        premises_id: [_data(visit_id, sheets[visit_id], earlier) for visit_id in found if visit_id in sheets]
        for premises_id, found in visits.items()
    }


def running_data(visit: Inspection) -> dict[str, Any]:
    """The same of a re-inspection that goes on."""
    assert visit.parent_id is not None
    earlier = {one.finding.id: one for one in earlier_of(visit).values()}
    return _data(visit.parent_id, [(sheet.version_id, sheet.item_ids) for sheet in visit.sheets], earlier)


def _data(visit_id: UUID, sheets: Any, earlier: Mapping[UUID, Earlier]) -> dict[str, Any]:
    items = {UUID(item_id): _item(version_id, item_id) for version_id, ids in sheets for item_id in ids}
    known = {item_id: earlier.get(finding_id_of(visit_id, item_id)) for item_id in items}
    return {
        "parent_id": str(visit_id),
        "sheets": [
            {"version_id": str(version_id), **_domain(version_id), "item_ids": list(ids)} for version_id, ids in sheets
        ],
        "items": {
            str(item_id): item_data(item) | ({"title": say(item, "title"), "again": True} if known[item_id] else {})
            for item_id, item in items.items()
        },
        "html": "".join(
            again_card(items[item_id], found, _address(found)) if found else blank_card(items[item_id])
            for item_id, found in known.items()
        ),
    }


def _item(version_id: UUID, item_id: str) -> ChecklistItem:
    return published(version_id).items[UUID(item_id)]


def _domain(version_id: UUID) -> dict[str, str]:
    domain = published(version_id).version.domain
    return {"domain": domain, "title": say(domain_of(domain), "name")}


def _address(earlier: Earlier) -> Any:
    """The first photo travels along in its small view; no other one is fetched without signal."""
    rows = {row.photo_id: row for row in earlier.photos}
    first = next(iter(rows), None)

    def address(photo_id: UUID, view: str) -> str:
        if photo_id != first:
            return url_for("inspections.photo", photo_id=photo_id, view=view)
        return _inline(rows[photo_id]) if view == View.SMALL else ""

    return address


def _inline(row: InspectionPhoto) -> str:
    picture = read_view(row.photo, View.SMALL, storage=storage())
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def of_place(premises: Premises) -> str:
    """On a place's page: its open notices, each looked at again in one tap."""
    return of_places([premises])[0]


def of_places(places: Sequence[Premises]) -> list[str]:
    """The same for many, in one read."""
    notices = open_notices([place.id for place in places])
    return [
        render_template("replies/_panel_file.html", premises=place, notices=notices.get(place.id, []))
        for place in places
    ]
