"""The pack without its places: who it is for, what it holds, and what every visit needs."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask_babel import get_locale

from app.accounts.models import Person
from app.calendar import days
from app.checklists.published import published
from app.checklists.rules import load_authorities
from app.core import clock
from app.core.errors import AppError
from app.inspections import pages as visits
from app.inspections import queries, rules
from app.inspections.applies import newest_versions
from app.inspections.models import Inspection
from app.inspections.phone import sheet_data, visit_data
from app.notices import rules as notice_rules
from app.notices.kinds import all_kinds
from app.notices.services import certificate_of
from app.patrol import worker
from app.patrol.choosing import MOST, Chosen, open_visits
from app.patrol.company import colleagues_data
from app.patrol.places import BATCH
from app.premises.kinds import domains, kinds
from app.replies.taken_along import running_data
from app.web.i18n import say

MOST_VISITS = 20  # running visits taken along with their answers
LEAST_NUMBERS = 5  # of each kind, kept free on a phone
STALE_MS = 12 * 3600 * 1000
BACK, AHEAD = timedelta(days=31), rules.LONGEST_DEADLINE + timedelta(days=31)  # of the working-day calendar


def pack_data(chosen: Chosen, person: Person) -> dict[str, Any]:
    """Everything of a pack but its places and checklists, JSON-ready."""
    running = open_visits(person)
    return {
        "made_at_ms": round(clock.now().timestamp() * 1000),
        "person": {"id": str(person.id), "name": person.name},
        "language": str(get_locale()),
        "version": worker.version(),
        "choice": choice_data(chosen),
        "ids": [str(one) for one in chosen.ids],
        "most": MOST,
        "batch": BATCH,
        "stale_ms": STALE_MS,
        "checklists": _checklists(running),
        "authorities": [{"key": one.key, "name": say(one, "name")} for one in load_authorities()],
        "outcomes": {severity: visits.outcome_choices(severity) for severity in ("A", "B", "C")},
        "domains": [{"key": one.key, "name": say(one, "name")} for one in domains().values()],
        "kinds": [
            {"key": one.key, "name": say(one, "name"), "domains": one.domains} for one in kinds().values()
        ],
        "calendar": calendar(),
        "notice_kinds": issuable_kinds(person),
        "colleagues": colleagues_data(person),
        "least_numbers": LEAST_NUMBERS,
        "visits": [_visit(one, person) for one in running[:MOST_VISITS]],
    }


def sheet(version_id: UUID) -> dict[str, Any]:
    """A checklist for the phone, which also decides what applies to a place that is not registered yet."""
    data, items = sheet_data(version_id), published(version_id).items
    for item in items.values():
        data["items"][str(item.id)] |= {"kinds": item.kinds, "conditions": item.conditions}
    return data


def choice_data(chosen: Chosen) -> dict[str, Any]:
    """What was chosen, as the page shows it and asks for it again."""
    choice = chosen.choice
    return {
        "own": choice.own,
        "overdue": choice.overdue,
        "area": choice.area.code if choice.area else "",
        "area_name": say(choice.area, "name") if choice.area else "",
        "near": list(choice.near) if choice.near else None,
        "named": [str(one) for one in choice.named],
        "found": chosen.found,
    }


def calendar() -> dict[str, Any]:
    """The days on which nobody works, this year and the next (CHECKLISTS 6.5), and which of them is provisional."""
    today = clock.today()
    first, last = min(date(today.year, 1, 1), today - BACK), max(date(today.year + 1, 12, 31), today + AHEAD)
    known = days.for_phone(first, last)
    return {
        "version": days.snapshot().version,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "free": known["free_days"],
        "provisional": known["provisional_years"],
    }


def issuable_kinds(person: Person) -> list[dict[str, Any]]:
    """The kinds of notice this person may issue today, the default one first; none without a valid certificate."""
    state, found = certificate_of(person, clock.now()), []
    for kind in sorted(all_kinds().values(), key=lambda one: not one.default):
        try:
            notice_rules.check_issuer(kind, person.role_names, state)
        except AppError:
            continue
        domains_of = sorted(kind.domains) if kind.domains is not None else None
        found.append({"key": kind.key, "title": say(kind, "title"), "domains": domains_of})
    return found


def _checklists(running: list[Inspection]) -> list[dict[str, Any]]:
    """The newest version of every domain, and older ones that a running visit was begun with."""
    wanted = [version.id for version in newest_versions(list(domains()))]
    wanted += [sheet.version_id for visit in running for sheet in visit.sheets]
    found = []
    for version_id in dict.fromkeys(wanted):
        version = published(version_id).version
        found.append({"version_id": str(version.id), "domain": version.domain, "number": version.number})
    return found


def _visit(inspection: Inspection, person: Person) -> dict[str, Any]:
    """A running visit as the phone stores it, so that it can be continued without having been opened there."""
    visit = queries.get_inspection(inspection.id, person)
    data = visit_data(visits.inspection_page(visit, person))
    return {
        "id": data["id"],
        "premises_id": data["premises"]["id"],
        "premises": data["premises"] | {"person_in_charge": visit.premises.person_in_charge},
        "sheets": data["sheets"],
        "started_at": data["started_at"],
        "base": data["answers"],
        "photos": data["photos"],
        **({"parent_id": str(visit.parent_id), "again": _again(visit)} if visit.parent_id else {}),
    }


def _again(visit: Inspection) -> dict[str, Any]:
    found = running_data(visit)
    return {"items": found["items"], "html": found["html"]}
