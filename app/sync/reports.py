"""Information reports written without network, and the photos they announce.

A report has no visit: its own id stands where a visit's would, so that the phone keeps, sends and tidies it like one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core import audit
from app.core.database import db
from app.core.errors import AppError, NotFound, Refused
from app.premises.models import Premises
from app.reports.models import Report, ReportPhoto
from app.reports.rules import LONGEST_CONTENT, LONGEST_PLACE
from app.reports.services import Told, make_report
from app.sync import announcing, queries, rules
from app.sync.book import Book
from app.sync.book import Told as Said
from app.sync.rules import Status
from app.sync.wire import Change, ids_of, number_of, text_of


def register_new(book: Book, changes: Sequence[Change]) -> None:
    """Make the new reports among these changes and expect their photos, each for itself; `book.settled` says how."""
    new = [change for change in changes if change.kind == "report_new"]
    photos = [change for change in changes if change.kind == "photo_announced"]
    if not new and not photos:
        return
    known = queries.known_changes([change.id for change in (*new, *photos)])
    for change in new:
        if change.id not in known and change.id not in book.settled:
            _settle(book, change, _make)
    reports = _reports([change.inspection_id for change in photos if change.inspection_id])
    for change in photos:
        if change.inspection_id in reports and change.id not in known and change.id not in book.settled:
            _settle(book, change, _expect)


def may_be_awaited(changes: Sequence[Change], results: Sequence[Said]) -> bool:
    """Whether a photo found nothing to belong to among visits: then it may belong to a report."""
    waits = {told.id for told in results if told.status is Status.WAITING}
    return bool(waits) and any(change.kind == "photo_announced" and change.key in waits for change in changes)


def _settle(book: Book, change: Change, work: Any) -> None:
    try:
        with db.session.begin_nested():
            work(book, change)
    except AppError as error:
        book.settled[change.id] = Said(change.key, Status.REFUSED, error.message, error.hint, error.params)
    else:
        book.keep(change, Status.RECEIVED)
        book.settled[change.id] = Said(change.key, Status.RECEIVED)


def _reports(ids: Sequence[UUID]) -> set[UUID]:
    return set(db.session.scalars(select(Report.id).where(Report.id.in_(set(ids))))) if ids else set()


def _make(book: Book, change: Change) -> None:
    assert change.inspection_id is not None
    make_report(change.inspection_id, _told(book, change), by=book.person, now=book.now, change_id=change.id)


def _told(book: Book, change: Change) -> Told:
    """What the phone knows. A place that is not the reporter's to name is left out; its name stays as words."""
    fields = change.fields
    latitude, longitude = number_of(fields, "latitude", 90), number_of(fields, "longitude", 180)
    located = latitude is not None and longitude is not None
    premises = _premises(book, fields)
    named = text_of(fields, "premises_name", LONGEST_PLACE) if premises is None else ""
    place = " ".join(part for part in (named, text_of(fields, "place", LONGEST_PLACE)) if part)
    return Told(
        category=text_of(fields, "category", 40),
        content=text_of(fields, "content", LONGEST_CONTENT),
        discovered_at=_moment(fields.get("discovered_at"), change, book.now),
        premises=premises,
        place=place[:LONGEST_PLACE],
        latitude=latitude if located else None,
        longitude=longitude if located else None,
        accuracy_m=number_of(fields, "accuracy_m", 1_000_000) if located else None,
        recorded_at=rules.happened_at(change.device_at, change.offset_ms, book.now),
        device_at=rules.moment_of(change.device_at),
        clock_offset_ms=change.offset_ms,
    )


def _premises(book: Book, fields: dict[str, Any]) -> Premises | None:
    found = ids_of([fields.get("premises_id")])
    row = db.session.get(Premises, found[0]) if found else None
    return row if row is not None and book.person.region.contains(row) else None


def _moment(raw: object, change: Change, now: datetime) -> datetime | None:
    """When the reporter saw it, by the phone's clock and what is known of it."""
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    return rules.believed(moment.astimezone(UTC), change.offset_ms, now)


def _expect(book: Book, change: Change) -> None:
    """The photo counts as announced; its bytes come like those of a visit. Raises NotFound, Invalid, Refused."""
    report = db.session.get(Report, change.inspection_id)
    if report is None or report.reporter_id != book.person.id:
        raise NotFound
    said = announcing.read_announcement(change)
    known = db.session.get(ReportPhoto, said["photo_id"])
    if known is not None:
        if (known.report_id, known.sha256) != (report.id, said["sha256"]):
            raise Refused(announcing.OTHER)
        return
    row = ReportPhoto(
        photo_id=said["photo_id"], report_id=report.id, person_id=book.person.id, sha256=said["sha256"],
        size=said["size"], meta=said["meta"], announced_at=book.now, arrived_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("report_photo_announced", row, by=book.person.id, after={"report": str(report.id)})
