"""A visit begins, ends, or was begun by mistake."""

from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select

from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.published import published
from app.checklists.rules import applies
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, NotFound, Refused
from app.inspections.deciding import LONGEST_NOTE, Ending, check_ending
from app.inspections.digests import digest_of, frozen_photos
from app.inspections.models import AnnouncedPhoto, Inspection, InspectionPhoto, Receipt
from app.inspections.models import Status as VisitStatus
from app.inspections.progress import PhotoCount, finding_gaps, photo_counts
from app.inspections.starting import chosen_fellows
from app.premises.models import Premises
from app.sync import again, queries, rules
from app.sync.book import Book, Held, Visit, answered
from app.sync.rules import Status
from app.sync.wire import Change, ids_of, number_of, strings_of, text_of

_VERSIONS = ChecklistVersion.__table__
_NUMBERS = (
    select(_VERSIONS.c.domain, func.max(_VERSIONS.c.number).label("number"))
    .where(_VERSIONS.c.domain.in_(bindparam("domains", expanding=True)))
    .group_by(_VERSIONS.c.domain)
    .subquery()
)
_NEWEST = select(_VERSIONS.c.domain, _VERSIONS.c.id).join(
    _NUMBERS, (_VERSIONS.c.domain == _NUMBERS.c.domain) & (_VERSIONS.c.number == _NUMBERS.c.number)
)
BEGUN_ELSEWHERE = N_("This visit was already begun elsewhere. Reload the page.")


def start(book: Book, change: Change) -> Status:
    """Begin the visit under the phone's id, at the moment the phone says, with the checklists the phone had."""
    assert change.inspection_id is not None
    place = _place(book, change)
    if place is None:
        return Status.WAITING
    known = book.visits.get(change.inspection_id)
    if known is not None:
        if known.row.values["premises_id"] != place["id"] or known.row.values["lead_id"] != book.person.id:
            raise Refused(BEGUN_ELSEWHERE)
        return Status.RECEIVED
    if not book.person.is_inspector:
        raise NotAllowed(N_("Your role does not include this."))
    parent_id = again.parent_of(change)
    sheets = again.sheets_of(change, parent_id, place["id"]) if parent_id else _sheets(change, place)
    if not sheets:
        raise Invalid(N_("This place has no domain yet. Add one on its page, then start again."))
    row = Held(_columns(book, change, place) | {"parent_id": parent_id}, is_new=True)
    visit = Visit(row, knows_sheets=True, knows_fellows=True, is_whole=True)
    for position, (version_id, item_ids) in enumerate(sheets):
        add_sheet(visit, version_id, item_ids, position)
    visit.fellows = _fellows(book, change, place)
    book.visits[visit.id] = visit
    book.note("inspection_started", "inspections", visit.id, change_id=change.id, after={"premises": str(place["id"])})
    return Status.RECEIVED


def _place(book: Book, change: Change) -> dict[str, Any] | None:
    """The file the visit is of, followed if it was merged; None when it has not arrived."""
    wanted = ids_of([change.fields.get("premises_id")])
    place = book.places.get(wanted[0]) if wanted else None
    if place is not None and place["merged_into_id"] is not None:
        kept = place["merged_into_id"]
        if kept not in book.places:
            book.places |= queries.places([kept])
        place = book.places.get(kept)
        if place is None or not book.person.region.contains(SimpleNamespace(**place)):
            raise Refused(N_("This file was merged into one outside your area, so no visit can start here."))
    if place is not None and not book.person.region.contains(SimpleNamespace(**place)):
        raise NotFound
    return place


def _columns(book: Book, change: Change, place: dict[str, Any]) -> dict[str, Any]:
    latitude, longitude = number_of(change.fields, "latitude", 90), number_of(change.fields, "longitude", 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    accuracy = number_of(change.fields, "accuracy_m", 1_000_000)
    return {
        **dict.fromkeys(column.key for column in Inspection.__table__.columns),
        "id": change.inspection_id,
        "premises_id": place["id"],
        "organisation_id": book.person.organisation_id,
        "lead_id": book.person.id,
        "region_id": place["region_id"],
        "county_id": place["county_id"],
        "township_id": place["township_id"],
        "village_id": place["village_id"],
        "status": VisitStatus.OPEN,
        "started_at": rules.happened_at(change.device_at, change.offset_ms, book.now),
        "device_started_at": rules.moment_of(change.device_at),
        "clock_offset_ms": change.offset_ms,
        "received_at": book.now,
        "latitude": latitude,
        "longitude": longitude,
        "accuracy_m": accuracy if latitude is not None else None,
        **dict.fromkeys(("conclusion", "signer_name", "signature_key", "refusal_reason", "witness", "digest"), ""),
    }


def _sheets(change: Change, place: dict[str, Any]) -> list[tuple[UUID, list[str]]]:
    """The checklists of the chosen domains: those the phone worked with where it names them, else the newest."""
    wanted = [one for one in strings_of(change.fields.get("domains")) if one in place["domains"]] or place["domains"]
    named = [published_or_none(version_id) for version_id in _versions_named(change)]
    versions = {found.version.domain: found.version.id for found in named if found is not None}
    missing = [domain for domain in wanted if domain not in versions]
    if missing:
        versions |= _newest(missing)
    sheets = [
        (versions[domain], list(applying(versions[domain], place["kind"], place["high_rise"])))
        for domain in dict.fromkeys(wanted)
        if domain in versions
    ]
    return [(version_id, items) for version_id, items in sheets if items]


def _versions_named(change: Change) -> list[UUID]:
    """`versions`: ids; or `sheets` as the phone keeps them: {version_id, …}."""
    sheets = change.fields.get("sheets")
    named = [sheet.get("version_id") for sheet in sheets if isinstance(sheet, dict)] if isinstance(sheets, list) else []
    return ids_of(named + strings_of(change.fields.get("versions")))[:20]


def published_or_none(version_id: UUID) -> Any:
    try:
        return published(version_id)
    except NotFound:
        return None


def _newest(domains: Sequence[str]) -> dict[str, UUID]:
    return {row.domain: row.id for row in db.session.execute(_NEWEST, {"domains": list(domains)})}


@lru_cache(maxsize=2048)
def applying(version_id: UUID, kind: str, high_rise: bool) -> tuple[str, ...]:  # noqa: FBT001 - a fact of the place
    """The items of a published version that apply to such a place; neither ever changes."""
    return tuple(str(item.id) for item in published(version_id).items.values() if applies(item, kind, high_rise))


def add_sheet(visit: Visit, version_id: UUID, item_ids: list[str], position: int) -> None:
    """Use a checklist version in the visit."""
    row = {"inspection_id": visit.id, "version_id": version_id, "position": position, "item_ids": item_ids}
    visit.add_sheet(Held(row, is_new=True))


def _fellows(book: Book, change: Change, place: dict[str, Any]) -> list[UUID]:
    chosen = strings_of(change.fields.get("fellows"))
    if not chosen:
        return []
    premises = db.session.get_one(Premises, place["id"])
    return [one.id for one in chosen_fellows(chosen, book.person, premises) if one.id != book.person.id]


def item_of(visit: Visit, item_id: UUID) -> ChecklistItem:
    """The item of an answer, taken into the visit if the phone's checklist was older or other than the visit's.

    A phone may have left before a checklist was published anew, or before the place changed its kind: what was looked
    at is recorded, with the very words it was looked at by. Raises NotFound for an item of no checklist.
    """
    if item_id not in visit.applying:
        visit.read_sheets()
    found = visit.items.get(item_id)
    if found is None:
        version_id = db.session.scalar(select(ChecklistItem.version_id).where(ChecklistItem.id == item_id))
        if version_id is None:
            raise NotFound
        _take_version_in(visit, version_id)
        found = published(version_id).items[item_id]
    if item_id not in visit.applying:
        sheet = visit.sheets[found.version_id]
        visit.applying.add(item_id)
        sheet.values["item_ids"] = [*sheet.values["item_ids"], str(item_id)]
        sheet.is_changed = True
    return found


def known_item(visit: Visit, item_id: UUID) -> ChecklistItem | None:
    """The item of a finished visit, if one of its checklists has it."""
    if item_id not in visit.items:
        visit.read_sheets()
    return visit.items.get(item_id)


def _take_version_in(visit: Visit, version_id: UUID) -> None:
    """In place of the same domain's newer version while nothing was answered there, else beside it."""
    domain = published(version_id).version.domain
    place = queries.places([visit.row.values["premises_id"]])[visit.row.values["premises_id"]]
    items = list(applying(version_id, place["kind"], place["high_rise"]))
    for other in [one for one in visit.sheets if published(one).version.domain == domain]:
        in_use = any(held.values["version_id"] == other for held in visit.answers.values())
        if visit.row.is_new and not in_use:
            position = visit.sheets.pop(other).values["position"]
            visit.items = {key: item for key, item in visit.items.items() if item.version_id != other}
            add_sheet(visit, version_id, items, position)
            return
    add_sheet(visit, version_id, items, len(visit.sheets))


def finish(book: Book, visit: Visit, change: Change, signature_key: str) -> Status:
    """Freeze the visit; what was announced is frozen with it. Raises Invalid naming what is missing."""
    fields = change.fields
    receipt = fields.get("receipt")
    if receipt not in set(Receipt):
        raise Invalid(N_("Say whether it was signed or not."), field="receipt")
    ending = Ending(
        conclusion=text_of(fields, "conclusion", LONGEST_NOTE),
        receipt=Receipt(receipt),
        signer_name=text_of(fields, "signer_name", 80),
        signature_key=signature_key,
        refusal_reason=text_of(fields, "refusal_reason", 400),
        witness=text_of(fields, "witness", 80),
    )
    answers = [visit.answer_row(answer_id) for answer_id in visit.answers]
    check_ending(ending, answered=answered(visit), incomplete=_incomplete(book, visit, answers))
    row = visit.row.values
    row.update({name: getattr(ending, name) for name in ending.__dataclass_fields__})
    finished = rules.happened_at(change.device_at, change.offset_ms, book.now)
    row["finished_at"] = max(finished, row["started_at"])
    row["device_finished_at"], row["finish_received_at"] = rules.moment_of(change.device_at), book.now
    row["status"] = VisitStatus.FINISHED
    row["digest"] = digest_of(visit.as_row(), answers, _photos(book, visit))
    visit.row.is_changed = True
    book.last_seen[row["premises_id"]] = row["finished_at"]
    if row["parent_id"] is not None:
        book.ended_again.append(visit.id)
    book.note("inspection_finished", "inspections", visit.id, change_id=change.id, after={"digest": row["digest"]})
    return Status.RECEIVED


def _incomplete(book: Book, visit: Visit, answers: Sequence[Any]) -> int:
    """How many findings still need something; photos announced in this very sending count."""
    findings = [answer.finding for answer in answers if answer.finding is not None]
    if not findings:
        return 0
    counts = {} if visit.row.is_new else photo_counts(visit.id)
    for photo in book.photos:
        if photo["inspection_id"] == visit.id:
            known = counts.get(photo["answer_id"], PhotoCount())
            after = int(photo["purpose"] == "after")
            counts[photo["answer_id"]] = PhotoCount(known.seen + 1 - after, known.after + after)
    none = PhotoCount()
    gaps = (finding_gaps(one, counts.get(one.answer_id, none)) for one in findings)
    return sum(bool(found) for found in gaps)


def _photos(book: Book, visit: Visit) -> set[tuple[UUID, str]]:
    announced = {(p["photo_id"], p["sha256"]) for p in book.photos if p["inspection_id"] == visit.id}
    return announced if visit.row.is_new else announced | frozen_photos(visit.id)


def discard(book: Book, visit: Visit, change: Change) -> Status:
    """Throw away a visit that was begun by mistake: by its lead, while nothing but taps stands in it.

    The changes themselves stay kept, so that nothing that was recorded is lost. Raises Refused, NotAllowed.
    """
    if book.person.id != visit.row.values["lead_id"]:
        raise NotAllowed(N_("Only the person who began this visit can throw it away."))
    has_photos = any(photo["inspection_id"] == visit.id for photo in book.photos) or _has_photos(visit.id)
    if has_photos or any(not held.is_gone for held in visit.findings.values()):
        raise Refused(N_("Findings or photos stand in this visit, so it is not thrown away. Finish it instead."))
    if not visit.row.is_new:
        rows = Inspection.__table__
        db.session.execute(delete(rows).where(rows.c.id == visit.id))
    del book.visits[visit.id]
    book.gone.add(visit.id)
    before = {"premises": str(visit.row.values["premises_id"]), "answers": answered(visit)}
    book.note("inspection_discarded", "inspections", visit.id, change_id=change.id, before=before)
    return Status.RECEIVED


def _has_photos(visit_id: UUID) -> bool:
    return any(
        db.session.scalar(select(model.inspection_id).where(model.inspection_id == visit_id).limit(1)) is not None
        for model in (InspectionPhoto, AnnouncedPhoto)
    )
