"""Places as a phone keeps them: facts to search and to start a visit with, and their page as HTML."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.regions import Level, Region, within
from app.checklists.models import ChecklistVersion
from app.checklists.published import published
from app.checklists.rules import applies
from app.core.database import db
from app.inspections.applies import newest_versions
from app.inspections.phone import place_data
from app.premises import pages, rules
from app.premises.kinds import domains
from app.premises.models import Premises
from app.replies.taken_along import again_data
from app.web import panels
from app.web.i18n import say

BATCH = 25


def places_data(ids: Sequence[UUID], region: Region) -> list[dict[str, Any]]:
    """The places of `ids` that lie in `region`, JSON-ready. The number of reads does not grow with the places."""
    rows = _rows(ids, region)
    if not rows:
        return []
    areas = _areas(rows)
    versions = {version.domain: version for version in newest_versions(list(domains()))}
    histories = panels.render_many("premises.file", rows)
    again = again_data([premises.id for premises in rows])
    return [
        _facts(premises, areas)
        | {"sheets": sheets_of(premises, versions), "html": _page(premises, areas) + str(past)}
        | ({"again": again[premises.id]} if premises.id in again else {})
        for premises, past in zip(rows, histories, strict=True)
    ]


def _rows(ids: Sequence[UUID], region: Region) -> list[Premises]:
    found = db.session.scalars(
        select(Premises)
        .where(Premises.id.in_(ids), within(Premises, region), Premises.merged_into_id.is_(None))
        .options(selectinload(Premises.domain_rows), selectinload(Premises.licences), joinedload(Premises.region))
    )
    by_id = {premises.id: premises for premises in found.unique()}
    return [by_id[one] for one in dict.fromkeys(ids) if one in by_id]


def _areas(rows: Sequence[Premises]) -> dict[UUID, Region]:
    ids = {one for row in rows for one in (row.township_id, row.village_id, row.region_id) if one}
    return {region.id: region for region in db.session.scalars(select(Region).where(Region.id.in_(ids)))}


def _path(premises: Premises, areas: dict[UUID, Region]) -> list[Region]:
    """The areas the place lies in below the county, the widest first."""
    ids = (premises.township_id, premises.village_id, premises.region_id)
    unique = [areas[one] for one in dict.fromkeys(ids) if one in areas]
    return [region for region in unique if region.level is not Level.COUNTY] or unique


def _facts(premises: Premises, areas: dict[UUID, Region]) -> dict[str, Any]:
    visited = premises.last_inspected_at
    return place_data(premises) | {
        "kind_name": pages.kind_name(premises),
        "domain_names": pages.domain_names(premises),
        "region_name": say(premises.region, "name"),
        "place": " ".join(say(region, "name") for region in _path(premises, areas)),
        "address": premises.address,
        "phone": premises.phone,
        "latitude": premises.latitude,
        "longitude": premises.longitude,
        "status": premises.status.value,
        "door_token": premises.door_token,
        "last_visit_ms": round(visited.timestamp() * 1000) if visited else None,
        "search": search_text(premises),
    }


def search_text(premises: Premises) -> str:
    """What a search on the phone looks through, a line each: name, its initials, phone, address."""
    lines = [
        rules.plain(premises.name),
        *rules.initials(premises.name),
        "".join(filter(str.isdigit, premises.phone)),
        rules.plain(premises.address),
    ]
    return "\n".join(line for line in lines if line)


def sheets_of(premises: Premises, versions: dict[str, ChecklistVersion]) -> list[dict[str, Any]]:
    """The checklists of the place and which of their items apply to it (as inspections.applies)."""
    sheets = []
    for domain in premises.domains:
        if domain not in versions:
            continue
        version = published(versions[domain].id)
        items = [
            str(item.id) for item in version.items.values() if applies(item, premises.kind, premises.high_rise)
        ]
        if items:
            sheets.append({"version_id": str(version.version.id), "domain": domain, "item_ids": items})
    return sheets


def _page(premises: Premises, areas: dict[UUID, Region]) -> str:
    page = pages.file_page(premises, _path(premises, areas))
    return render_template("premises/_file.html", page=page, premises=premises)
