"""Where retention shows itself on lower features' pages: holds, who looked, covers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import render_template

from app.accounts.models import Person
from app.core.roles import Role
from app.inspections.models import Inspection
from app.inspections.queries import photos_of
from app.notices.models import Notice
from app.photos.public import covers_of
from app.retention import holds, looks
from app.retention.models import LegalHold
from app.retention.rules import Subject
from app.web import panels
from app.web.access import current_person


def of_me(person: Person) -> str:
    """The ways to periods and holds."""
    if not person.is_any(*holds.HOLDERS):
        return ""
    return render_template("retention/_panel_me.html", is_administrator=person.is_any(Role.ADMINISTRATOR))


def _hold(subject: Subject, row: Any) -> str:
    return _hold_card(subject, row, holds.hold_on(row.id))


def _hold_card(subject: Subject, row: Any, standing: LegalHold | None) -> str:
    may = current_person().is_any(*holds.HOLDERS)
    if standing is None and not may:
        return ""
    return render_template("retention/_hold.html", subject=subject, subject_id=row.id, standing=standing, may_hold=may)


def of_premises(row: Any) -> str:
    return _hold(Subject.PREMISES, row)


def of_many_premises(rows: Sequence[Any]) -> list[str]:
    standing = holds.holds_on([row.id for row in rows])
    return [_hold_card(Subject.PREMISES, row, standing.get(row.id)) for row in rows]


def of_inspection(row: Inspection) -> str:
    """Its photos can be covered before a notice is issued, too."""
    return _covers([one.photo_id for one in photos_of(row.id)], may=row.is_worked_on_by(current_person())) + _hold(
        Subject.INSPECTION, row
    )


def of_complaint(row: Any) -> str:
    return _hold(Subject.COMPLAINT, row) + _looked(row.id)


def of_referral(row: Any) -> str:
    return _hold(Subject.REFERRAL, row) + _looked(row.id)


def of_notice(notice: Notice) -> str:
    """What the public sees of its photos, who looked at its paper, and its hold."""
    person = current_person()
    told = [UUID(photo["id"]) for finding in notice.content["findings"] for photo in finding["photos"]]
    return _covers(told, may=person.id == notice.lead_id) + _hold(Subject.NOTICE, notice) + _looked(notice.id)


def _covers(ids: Sequence[UUID], *, may: bool) -> str:
    """The way to cover something on these photos, for who was there (`may`) and for supervisors."""
    if not ids or not (may or current_person().is_supervisor):
        return ""
    return render_template("retention/_covers.html", photos=ids, covers=covers_of(ids))


def of_photo(row: Any) -> str:
    """Beside a photo in the log: deleted when, covered where, looked at by whom."""
    person = current_person()
    return render_template(
        "retention/_photo.html",
        row=row,
        boxes=covers_of([row.photo_id]).get(row.photo_id, []),
        may_cover=person.is_supervisor and row.photo.removed_at is None,
    ) + _looked(row.photo_id)


def _looked(object_id: UUID) -> str:
    """Who looked at it, for supervisors and administrators."""
    if not current_person().is_any(*holds.HOLDERS):
        return ""
    rows, more = looks.looks_at(object_id)
    return render_template("retention/_looks.html", rows=rows, more=more) if rows else ""


def add() -> None:
    """Register the panels."""
    panels.add("me.page", 50, of_me)
    panels.add("premises.file", 90, of_premises, of_many_premises)
    panels.add("inspections.record", 90, of_inspection)
    panels.add("notices.page", 90, of_notice)
    panels.add("complaints.page", 90, of_complaint)
    panels.add("referrals.page", 90, of_referral)
    panels.add("oversight.photo", 90, of_photo)
